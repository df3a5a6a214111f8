//! The rules of what the fold concludes about listings: findings of category `tool_drift`.

use std::sync::{Arc, LazyLock};

use coldcase_model::{Category, ChangeClass, Confidence, References, RuleInfo, Severity};

/// What is concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Instruction,
    Destination,
    Parameter,
    Widened,
    Collision,
    LookAlike,
    Shadow,
    Unstable,
    Unfollowed,
}

struct Text {
    rule: Rule,
    id: &'static str,
    title: &'static str,
    gain: &'static str,
    severity: Severity,
    confidence: f32,
    owasp: &'static [&'static str],
    atlas: &'static [&'static str],
}

const TEXTS: [Text; 9] = [
    Text {
        rule: Rule::Instruction,
        id: "drift.instruction-introduced",
        title: "A change of a tool's definition gives orders to the model",
        gain: "Steers the agent by a tool that was harmless when it was approved.",
        severity: Severity::High,
        confidence: 0.8,
        owasp: &["LLM01:2025", "LLM03:2025", "ASI04"],
        atlas: &["AML.T0051.001", "AML.T0110"],
    },
    Text {
        rule: Rule::Destination,
        id: "drift.destination-introduced",
        title: "A change of a tool's definition names a place where data goes",
        gain: "Gets data out by a tool that was harmless when it was approved.",
        severity: Severity::High,
        confidence: 0.7,
        owasp: &["LLM02:2025", "LLM03:2025", "ASI04"],
        atlas: &["AML.T0057", "AML.T0110"],
    },
    Text {
        rule: Rule::Parameter,
        id: "drift.new-parameter",
        title: "A tool takes a parameter that it did not take before",
        gain: "May ask for data that the tool had no need of.",
        severity: Severity::Low,
        confidence: 0.4,
        owasp: &["LLM03:2025", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::Widened,
        id: "drift.capability-widened",
        title: "A tool can do more than before, or is new",
        gain: "Gives the agent means that nobody approved.",
        severity: Severity::Low,
        confidence: 0.4,
        owasp: &["LLM06:2025", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::Collision,
        id: "drift.name-collision",
        title: "Two servers of one session have a tool of the same name",
        gain: "May draw calls away from the server that they are meant for.",
        severity: Severity::Medium,
        confidence: 0.4,
        owasp: &["LLM03:2025", "ASI02", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::LookAlike,
        id: "drift.look-alike-name",
        title: "A tool's name looks like that of another server's tool",
        gain: "Draws calls away from the server that they are meant for.",
        severity: Severity::Medium,
        confidence: 0.6,
        owasp: &["LLM03:2025", "ASI02", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::Shadow,
        id: "drift.shadow-server",
        title: "A server that the baseline does not have",
        gain: "Gives the agent tools that nobody approved.",
        severity: Severity::Medium,
        confidence: 0.9,
        owasp: &["LLM03:2025", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::Unstable,
        id: "drift.unstable-server",
        title: "A server changes its tools again and again",
        gain: "Wears out whoever reviews changes.",
        severity: Severity::Medium,
        confidence: 0.5,
        owasp: &["LLM03:2025", "ASI04"],
        atlas: &["AML.T0110"],
    },
    Text {
        rule: Rule::Unfollowed,
        id: "drift.not-followed",
        title: "More definitions or changes than are followed or shown",
        gain: "May hide a change among very many.",
        severity: Severity::Low,
        confidence: 0.9,
        owasp: &["LLM03:2025", "LLM10:2025"],
        atlas: &["AML.T0110"],
    },
];

static RULES: LazyLock<Vec<(Rule, Arc<RuleInfo>)>> = LazyLock::new(|| {
    let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let info = |text: &Text| RuleInfo {
        id: text.id.into(),
        title: text.title.into(),
        gain: text.gain.into(),
        pack: "drift".into(),
        category: Category::ToolDrift,
        severity: text.severity,
        lowered_from: None,
        confidence: Confidence(text.confidence),
        references: References { owasp: list(text.owasp), atlas: list(text.atlas), ..References::default() },
    };
    TEXTS.iter().map(|text| (text.rule, Arc::new(info(text)))).collect()
});

impl Rule {
    /// What findings say of it.
    pub(super) fn info(self) -> Option<Arc<RuleInfo>> {
        RULES.iter().find(|(rule, _)| *rule == self).map(|(_, info)| info.clone())
    }

    /// The rule for a change of a class; nothing is concluded from words that mean nothing.
    pub(super) const fn of(class: ChangeClass) -> Option<Self> {
        match class {
            ChangeClass::Editorial => None,
            ChangeClass::CapabilityWidened => Some(Self::Widened),
            ChangeClass::NewParameter => Some(Self::Parameter),
            ChangeClass::InstructionIntroduced => Some(Self::Instruction),
            ChangeClass::DestinationIntroduced => Some(Self::Destination),
        }
    }
}
