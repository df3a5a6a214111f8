//! The rules by which taint and what leaves over several events become findings.

use std::sync::{Arc, LazyLock};

use coldcase_model::{
    Category, Confidence, EventHead, Excerpt, Finding, FindingId, References, RuleInfo, Severity, Span,
    Surface,
};

/// What a finding of taint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Rule {
    /// The action uses what an injection brought, and changes or sends something.
    InjectedAction,
    /// The action uses what an injection brought, and only looks at something.
    InjectedRead,
    /// The action comes shortly after an injection.
    ActionAfterInjection,
    /// A secret that came in leaves.
    SecretCarriedOut,
    /// A secret leaves in pieces.
    SecretSplit,
    /// More that nobody could have guessed leaves for one host than its use explains.
    Budget,
    /// Requests at even intervals.
    Beacon,
}

type Row = (&'static str, &'static str, &'static str, Severity, f32, [&'static [&'static str]; 3]);

const ROWS: [Row; 7] = [
    (
        "taint.injected-action",
        "The agent does what injected content names",
        "Content from outside steers the agent: it uses a place, an address or words that came with the injection.",
        Severity::High,
        0.9,
        [&["LLM01:2025", "ASI01"], &["AML.T0051.001"], &[]],
    ),
    (
        "taint.injected-read",
        "The agent looks at what injected content names",
        "Content from outside steers where the agent looks; more injected content may wait there.",
        Severity::Low,
        0.6,
        [&["LLM01:2025", "ASI01"], &["AML.T0051.001"], &[]],
    ),
    (
        "taint.action-after-injection",
        "The agent acts shortly after injected content, before anyone speaks to it",
        "The action may be what the content asked for; no bytes link the two.",
        Severity::Low,
        0.4,
        [&["LLM01:2025", "ASI01"], &["AML.T0051.001"], &[]],
    ),
    (
        "taint.secret-carried-out",
        "A secret that an earlier event brought leaves",
        "A credential that the agent read is sent to another place.",
        Severity::High,
        0.8,
        [&["LLM02:2025"], &["AML.T0086"], &["T1041", "T1552"]],
    ),
    (
        "taint.secret-split",
        "A credential leaves in pieces",
        "No single request has the credential, so that no filter of requests sees it.",
        Severity::High,
        0.8,
        [&["LLM02:2025"], &["AML.T0086"], &["T1030", "T1048"]],
    ),
    (
        "exfil.slow-leak",
        "Much that nobody could have guessed leaves for one host in short values",
        "Data may leave bit by bit in parameters, header fields or names, below what a look at one request would see.",
        Severity::Medium,
        0.4,
        [&["LLM02:2025"], &["AML.T0086"], &["T1030", "T1048"]],
    ),
    (
        "exfil.beacon",
        "Requests to one host at even intervals",
        "A program that waits for orders asks for them like this; so does one that polls.",
        Severity::Low,
        0.2,
        [&[], &[], &["T1071"]],
    ),
];

static INFOS: LazyLock<Vec<Arc<RuleInfo>>> =
    LazyLock::new(|| ROWS.iter().map(|row| Arc::new(info(row))).collect());

fn info((id, title, gain, severity, confidence, [owasp, atlas, attack]): &Row) -> RuleInfo {
    let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    RuleInfo {
        id: (*id).into(),
        title: (*title).into(),
        gain: (*gain).into(),
        pack: "taint".into(),
        category: if id.starts_with("exfil.") { Category::Exfil } else { Category::Taint },
        severity: *severity,
        lowered_from: None,
        confidence: Confidence(*confidence),
        references: References {
            owasp: owned(owasp),
            atlas: owned(atlas),
            attack: owned(attack),
            cwe: Vec::new(),
        },
    }
}

impl Rule {
    const fn index(self) -> usize {
        match self {
            Self::InjectedAction => 0,
            Self::InjectedRead => 1,
            Self::ActionAfterInjection => 2,
            Self::SecretCarriedOut => 3,
            Self::SecretSplit => 4,
            Self::Budget => 5,
            Self::Beacon => 6,
        }
    }

    /// A finding at an event, as sure as what it rests on.
    pub(in crate::session) fn finding(self, head: &EventHead, surface: Surface, sure: f32) -> Finding {
        // The list has a row for each rule; a test says so.
        let rule = INFOS.get(self.index()).cloned().unwrap_or_else(|| Arc::new(info(&ROWS[0])));
        Finding {
            id: FindingId::default(),
            event: head.id,
            confidence: Confidence(rule.confidence.0 * sure),
            rule,
            direction: head.direction,
            surface,
            pointer: Excerpt::default(),
            span: Span::new(0, 0),
            views: Vec::new(),
            source: head.source,
            excerpt: Excerpt::default(),
            fingerprint: None,
            acceptance: None,
        }
    }

    /// A finding where another one of the event shows the secret that it is about.
    pub(in crate::session) fn finding_at(self, head: &EventHead, findings: &[Finding]) -> Finding {
        let finding = self.finding(head, Surface::Body, 1.0);
        match findings.iter().find(|known| known.rule.category == Category::Dlp) {
            None => finding,
            // Another conclusion: that the secret was accepted where it stands says nothing of its way out.
            Some(at) => Finding {
                rule: finding.rule,
                confidence: finding.confidence,
                fingerprint: None,
                acceptance: None,
                ..at.clone()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_row() {
        let rules = [
            (Rule::InjectedAction, "taint.injected-action"),
            (Rule::InjectedRead, "taint.injected-read"),
            (Rule::ActionAfterInjection, "taint.action-after-injection"),
            (Rule::SecretCarriedOut, "taint.secret-carried-out"),
            (Rule::SecretSplit, "taint.secret-split"),
            (Rule::Budget, "exfil.slow-leak"),
            (Rule::Beacon, "exfil.beacon"),
        ];
        for (rule, id) in rules {
            assert_eq!(&*INFOS[rule.index()].id, id);
        }
    }
}
