//! The decision: the strictest action of all clauses that apply to any finding, and why.

use std::sync::{Arc, LazyLock};

use coldcase_model::{Action, Finding, NotScanned, ScanCoverage, ViewKind};

use super::schema::{Policy, When};

/// The reason of nearly every verdict, made once.
static CLEAN: LazyLock<Arc<str>> = LazyLock::new(|| "nothing found".into());

impl Policy {
    /// Decides about an event, from its findings and from what of it was not scanned.
    pub fn decide(&self, findings: &[Finding], coverage: &ScanCoverage) -> (Action, Arc<str>) {
        if findings.is_empty() && coverage.not_scanned.is_empty() {
            return (Action::Allow, CLEAN.clone());
        }
        let worst = findings
            .iter()
            .map(|finding| (self.action_for(finding), finding))
            .max_by_key(|(action, finding)| (*action, finding.rule.severity));
        let found = worst.map(|(action, finding)| (action, reason(finding, findings.len())));
        let unseen = (!coverage.not_scanned.is_empty())
            .then(|| (self.action_for_unseen(&coverage.not_scanned), unseen_reason(&coverage.not_scanned)));
        match (found, unseen) {
            (Some(found), Some(unseen)) if unseen.0 > found.0 => unseen,
            (Some(found), _) => found,
            (None, Some(unseen)) => unseen,
            (None, None) => (Action::Allow, CLEAN.clone()),
        }
    }

    /// What a live proxy would have seen is another matter than what no engine could have scanned.
    fn action_for_unseen(&self, not_scanned: &[(NotScanned, u64)]) -> Action {
        let action = |(why, _): &(NotScanned, u64)| match why {
            NotScanned::NotRecorded => self.file.not_recorded,
            _ => self.file.not_scanned,
        };
        not_scanned.iter().map(action).max().unwrap_or(Action::Allow)
    }

    fn action_for(&self, finding: &Finding) -> Action {
        let applying = self.file.clauses.iter().filter(|clause| clause.when.holds(finding));
        applying.map(|clause| clause.action).max().unwrap_or(Action::Allow)
    }
}

impl When {
    fn holds(&self, finding: &Finding) -> bool {
        let rule = &finding.rule;
        let listed =
            |id: &String| if id.ends_with('.') { rule.id.starts_with(id.as_str()) } else { *rule.id == **id };
        (self.category.is_empty() || self.category.contains(&rule.category))
            && self.min_severity.is_none_or(|least| rule.severity >= least)
            && self.min_confidence.is_none_or(|least| finding.confidence.0 >= least)
            && (self.surface.is_empty() || self.surface.contains(&finding.surface))
            && !self.not_surface.contains(&finding.surface)
            // A clause for one direction also holds for an event whose direction is unknown: fail closed.
            && self.direction.is_none_or(|only| finding.direction.is_none_or(|direction| direction == only))
            && (self.rule.is_empty() || self.rule.iter().any(listed))
            && !self.not_rule.iter().any(listed)
            && self.lowered_from.is_none_or(|least| rule.lowered_from.is_some_and(|own| own >= least))
            && self.disguised.is_none_or(|wanted| wanted == finding.views.iter().copied().any(disguises))
    }
}

/// Whether a value hides behind this coding, rather than being carried by it: JSON, percent signs and entities write
/// what a syntax reserves, compression is agreed on, and markup, line breaks and look-alikes are undone in any text.
const fn disguises(view: ViewKind) -> bool {
    match view {
        ViewKind::Base64 | ViewKind::Hex | ViewKind::Base32 | ViewKind::Base32Hex => true,
        ViewKind::Ascii85 | ViewKind::Z85 | ViewKind::Base85 => true,
        ViewKind::CharCodes | ViewKind::Rot13 | ViewKind::Reversed => true,
        ViewKind::SpelledOut | ViewKind::Leetspeak | ViewKind::Invisible | ViewKind::BidiOverride => true,
        ViewKind::JsonUnescape | ViewKind::Percent | ViewKind::HtmlEntities | ViewKind::CodeEscapes => false,
        ViewKind::Gzip | ViewKind::Zlib | ViewKind::Deflate | ViewKind::QuotedPrintable => false,
        ViewKind::Utf16Le | ViewKind::Utf16Be | ViewKind::UnicodeFold | ViewKind::Accents => false,
        ViewKind::Markup | ViewKind::Markdown | ViewKind::Wrapped | ViewKind::JoinedStrings => false,
    }
}

fn reason(finding: &Finding, count: usize) -> Arc<str> {
    let rule = &finding.rule;
    let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
    format!("{} in {} [{}, {}]{more}", rule.title, finding.surface, rule.id, rule.severity).into()
}

fn unseen_reason(not_scanned: &[(NotScanned, u64)]) -> Arc<str> {
    let all: Vec<String> = not_scanned.iter().map(|(why, bytes)| format!("{bytes} bytes, {why}")).collect();
    format!("not everything could be scanned: {}", all.join("; ")).into()
}
