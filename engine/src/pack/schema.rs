//! The YAML shape of a pack. Unknown keys are errors; what a value must satisfy is checked in `compile`.

use coldcase_model::{Category, Direction, References, Severity, Surface};
use serde::{Deserialize, Serialize};

use super::validator::Validator;

/// A pack file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    /// Lower case, digits and dashes.
    pub(super) pack: String,
    /// The pack's version.
    pub(super) version: String,
    /// What it holds.
    #[expect(dead_code, reason = "required of every pack; shown from its text")]
    pub(super) title: String,
    /// Its rules.
    pub(super) rules: Vec<RuleFile>,
}

/// A rule as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) gain: String,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) confidence: f32,
    #[expect(dead_code, reason = "required of every rule; shown from the pack's text")]
    pub(super) added: String,
    #[serde(default)]
    pub(super) surfaces: Vec<Surface>,
    #[serde(default)]
    pub(super) direction: DirectionFile,
    /// Texts of which every match holds one, for a regex that spells none out.
    #[serde(default)]
    pub(super) literals: Vec<String>,
    #[serde(default)]
    pub(super) case: Case,
    pub(super) regex: String,
    #[serde(default)]
    pub(super) secret: usize,
    #[serde(default)]
    pub(super) validators: Vec<Validator>,
    pub(super) entropy: Option<f32>,
    pub(super) keywords: Option<KeywordsFile>,
    #[serde(default)]
    pub(super) allow: Vec<String>,
    pub(super) references: References,
    #[serde(rename = "match")]
    pub(super) matches: Vec<String>,
    pub(super) no_match: Vec<String>,
}

/// Which way an event must go for a rule to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DirectionFile {
    /// Both ways.
    #[default]
    Any,
    /// Only what leaves the agent.
    Egress,
    /// Only what reaches it.
    Ingress,
}

impl DirectionFile {
    pub(super) const fn only(self) -> Option<Direction> {
        match self {
            Self::Any => None,
            Self::Egress => Some(Direction::Egress),
            Self::Ingress => Some(Direction::Ingress),
        }
    }
}

/// How literals and the regex treat case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    /// As written.
    #[default]
    Sensitive,
    /// Any case.
    Insensitive,
}

/// Words of which one must stand near a match.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeywordsFile {
    pub(super) any: Vec<String>,
    /// Bytes before the match's start or after its end.
    pub(super) within: usize,
}

/// What the outside sees of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleView<'p> {
    /// The rule's dotted name.
    pub id: &'p str,
    /// What it recognises.
    pub title: &'p str,
    /// The pack that holds it.
    pub pack: &'p str,
    /// What it is about.
    pub category: Category,
    /// How bad a true finding is.
    pub severity: Severity,
}

/// `{+}` joins two halves in a test text, so that a pack's file holds no whole credential.
pub(super) fn joined(text: &str) -> String {
    text.replace("{+}", "")
}
