//! A rule on its way from its source to a pack: what every importer makes, before texts hold it.

use coldcase_model::{Category, Severity, Surface};

use crate::account::{Change, ChangeKind, Outcome, Place, Reason, RuleAccount};
use crate::dialect::Refused;
use crate::limits::MOST_CHANGES;

/// A rule as it is to stand in the pack.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Which rule of the source it comes from, by its number.
    pub(crate) of: usize,
    pub(crate) id: String,
    pub(crate) title: String,
    /// What an attacker gains, where it is not what the category says.
    pub(crate) gain: Option<&'static str>,
    pub(crate) category: Category,
    pub(crate) severity: Severity,
    pub(crate) confidence: f32,
    /// The page that describes the format.
    pub(crate) reference: Option<String>,
    pub(crate) surfaces: Vec<Surface>,
    pub(crate) direction: &'static str,
    pub(crate) regex: String,
    /// Texts of which every match holds one, where the engine finds none in the pattern.
    pub(crate) literals: Vec<String>,
    pub(crate) secret: usize,
    pub(crate) entropy: Option<f32>,
    pub(crate) validators: Vec<&'static str>,
    pub(crate) near: Vec<Near>,
    pub(crate) least: f32,
    pub(crate) allow: Vec<String>,
    /// Texts of the source that the rule is to match, and that it is to leave alone.
    pub(crate) examples: Vec<String>,
    pub(crate) counterexamples: Vec<String>,
    /// What to write before or behind texts that are made, so that what must stand near does.
    pub(crate) company: Vec<String>,
}

/// What must stand round a match, or must not.
#[derive(Debug, Clone)]
pub(crate) struct Near {
    pub(crate) any: Vec<String>,
    pub(crate) regex: Option<String>,
    pub(crate) within: usize,
    /// What it takes from the confidence; `None` for what must be there.
    pub(crate) weight: Option<f32>,
}

/// The farthest that the engine looks round a match.
pub(crate) const FARTHEST: usize = 64 << 10;

impl Draft {
    /// A rule that looks everywhere, of a pattern that is the secret.
    pub(crate) fn new(of: usize, id: String, title: &str, regex: String) -> Self {
        Self {
            of,
            id,
            title: title.trim().to_owned(),
            gain: None,
            category: Category::Dlp,
            severity: Severity::High,
            confidence: 0.7,
            reference: None,
            surfaces: Vec::new(),
            direction: "any",
            regex,
            literals: Vec::new(),
            secret: 0,
            entropy: None,
            validators: Vec::new(),
            near: Vec::new(),
            least: 0.0,
            allow: Vec::new(),
            examples: Vec::new(),
            counterexamples: Vec::new(),
            company: Vec::new(),
        }
    }

    /// No finding where a pattern that does not ask for the edges of a text stands in the match.
    pub(crate) fn not_with(&mut self, regex: String) {
        self.least = self.confidence / 2.0;
        self.near.push(Near { any: Vec::new(), regex: Some(regex), within: 0, weight: Some(-1.0) });
    }

    /// Asks for more entropy than this, as the sources do; the engine asks for at least so much.
    pub(crate) fn more_entropy_than(&mut self, least: f32) {
        self.entropy = (least > 0.0).then(|| least.next_up());
    }
}

/// A chain of calls as it is to stand in the pack.
#[derive(Debug, Clone)]
pub(crate) struct ChainDraft {
    /// Which rule of the source it comes from, by its number.
    pub(crate) of: usize,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) events: u64,
    pub(crate) seconds: u64,
    pub(crate) steps: Vec<StepDraft>,
}

/// A step of it: deeds of which a call has one, and deeds that it has not.
#[derive(Debug, Clone)]
pub(crate) struct StepDraft {
    pub(crate) any: &'static [&'static str],
    pub(crate) not: &'static [&'static str],
}

/// The rules of a source while it is read, each with its account.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "drafts of rules are what it is about")]
pub(crate) struct Drafts {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) chains: Vec<ChainDraft>,
    pub(crate) accounts: Vec<RuleAccount>,
}

impl Drafts {
    /// Opens the account of a rule; it stands as left out until a draft of it is settled.
    pub(crate) fn open(&mut self, rule: &str, place: Place) -> usize {
        self.accounts.push(RuleAccount {
            rule: rule.to_owned(),
            place,
            outcome: Outcome::LeftOut,
            became: Vec::new(),
            changes: Vec::new(),
            reason: None,
            detail: String::new(),
            texts: None,
        });
        self.accounts.len() - 1
    }

    /// Notes a change of a rule, once. Of very many, each kind is noted without what it is about.
    pub(crate) fn change(&mut self, of: usize, change: ChangeKind, detail: &str) {
        let Some(account) = self.accounts.get_mut(of) else { return };
        let detail = if account.changes.len() < MOST_CHANGES { detail } else { "and more" };
        if !account.changes.iter().any(|known| known.change == change && known.detail == detail) {
            account.changes.push(Change { change, detail: detail.to_owned() });
        }
    }

    /// Leaves a rule out.
    pub(crate) fn leave_out(&mut self, of: usize, reason: Reason, detail: impl Into<String>) {
        let detail = detail.into();
        let Some(account) = self.accounts.get_mut(of) else { return };
        if !account.became.is_empty() {
            // One of several that the rule became.
            account.outcome = Outcome::Changed;
            return self.change(of, ChangeKind::Branch, &format!("{}: {detail}", reason.code()));
        }
        account.outcome = Outcome::LeftOut;
        account.reason = Some(reason);
        account.detail = detail;
    }

    /// Leaves a rule out of whose id the source has another after it, and keeps that one only.
    pub(crate) fn leave_replaced(&mut self, of: usize, by: &Place) {
        let detail = format!("{}:{} has the same id and replaces it, as in its source", by.file, by.line);
        self.leave_out(of, Reason::Duplicate, detail);
    }

    /// Leaves a rule out whose pattern cannot be taken.
    pub(crate) fn refuse(&mut self, of: usize, refused: Refused) {
        self.leave_out(of, refused.reason, refused.detail);
    }
}

/// A name in the form of one word of an id.
pub(crate) fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => out.push(c),
            _ if out.ends_with('-') || out.is_empty() => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "rule".to_owned() } else { out.to_owned() }
}

/// A name of dotted words in the form of an id.
pub(crate) fn dotted(name: &str) -> String {
    name.split('.').map(slug).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        assert_eq!(slug("AWS Access ID"), "aws-access-id");
        assert_eq!(slug("--(x)  y_z--"), "x-y-z");
        assert_eq!(slug("忽略"), "rule");
        assert_eq!(dotted("kingfisher.weak_password.1"), "kingfisher.weak-password.1");
    }

    #[test]
    fn very_many_changes_of_a_rule_are_told_together() {
        let mut drafts = Drafts::default();
        let of = drafts.open("rule", Place::default());
        for number in 0..1000 {
            drafts.change(of, ChangeKind::AllowPattern, &format!("pattern {number}"));
        }
        drafts.change(of, ChangeKind::Member, "bogus");
        let changes = &drafts.accounts[of].changes;
        assert_eq!(changes.len(), MOST_CHANGES + 2);
        assert!(changes[MOST_CHANGES..].iter().all(|change| change.detail == "and more"));
    }

    #[test]
    fn more_than_is_at_least_the_next_number() {
        let mut draft = Draft::new(0, "a.b".to_owned(), "t", "x".to_owned());
        draft.more_entropy_than(3.0);
        assert!(draft.entropy.is_some_and(|least| least > 3.0 && least < 3.000_001));
        draft.more_entropy_than(0.0);
        assert_eq!(draft.entropy, None);
    }
}
