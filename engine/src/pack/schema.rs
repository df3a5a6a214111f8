//! The YAML shape of a pack. Unknown keys are errors; what a value must satisfy is checked in `compile`.
//!
//! The same values are written in a compact format when packs are built into the program, and read back at its start.

use coldcase_model::{Category, Direction, References, Severity, Surface};
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

use super::chain::ChainFile;
use super::validator::Validator;

/// A pack file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    /// Lower case, digits and dashes.
    pub(super) pack: String,
    /// The pack's version.
    pub(super) version: String,
    /// What it holds.
    pub(super) title: String,
    /// Pieces that its regexes share.
    #[serde(default)]
    pub(super) fragments: BTreeMap<String, String>,
    /// Its rules.
    #[serde(default)]
    pub(super) rules: Vec<RuleFile>,
    /// Its chains of calls.
    #[serde(default)]
    pub(super) chains: Vec<ChainFile>,
}

/// A rule as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) id: RuleId,
    pub(super) title: String,
    pub(super) gain: String,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) confidence: f32,
    pub(super) added: String,
    /// Where the format or the attack is described: the vendor's page, the paper.
    pub(super) source: Option<String>,
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
    /// What becomes of a match that a validator refuses; without it the match is dropped.
    pub(super) unless_valid: Option<UnlessValid>,
    pub(super) entropy: Option<f32>,
    /// Whether its findings give way to those of other rules about the same bytes.
    #[serde(default)]
    pub(super) yields: bool,
    /// What must stand round a match, and what speaks for it or against it.
    #[serde(default)]
    pub(super) near: Vec<FeatureFile>,
    /// How sure of a match its features must leave it.
    #[serde(default)]
    pub(super) least: f32,
    #[serde(default)]
    pub(super) allow: Vec<String>,
    /// Patterns of secrets that public documentation prints.
    #[serde(default)]
    pub(super) examples: Vec<String>,
    pub(super) references: References,
    #[serde(rename = "match")]
    pub(super) matches: Vec<String>,
    pub(super) no_match: Vec<String>,
    /// Texts that are found at a lower severity: examples, and values whose check fails.
    #[serde(default)]
    pub(super) lesser: Vec<String>,
    /// Texts that it should match one day.
    #[serde(default)]
    pub(super) todo_match: Vec<String>,
    /// Texts that it should leave alone one day.
    #[serde(default)]
    pub(super) todo_no_match: Vec<String>,
}

/// A rule's id, and where its pack states it.
#[derive(Debug, Clone)]
pub(super) struct RuleId {
    pub(super) value: String,
    /// From 1.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
}

impl RuleId {
    /// Whether it is two or more dotted words of lower-case letters, digits and dashes.
    pub(super) fn is_dotted(&self) -> bool {
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        self.value.contains('.') && self.value.split('.').all(is_word)
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.value, self.line, self.column).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let Spanned { value, defined, .. } = Spanned::<String>::deserialize(deserializer)?;
            return Ok(Self { value, line: defined.line(), column: defined.column() });
        }
        let (value, line, column) = Deserialize::deserialize(deserializer)?;
        Ok(Self { value, line, column })
    }
}

/// How a match is reported that a validator refuses.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlessValid {
    /// The most that it can be trusted.
    pub(super) confidence: f32,
    /// How bad it is; one step below the rule's own unless it is set.
    pub(super) severity: Option<Severity>,
}

/// Which way an event must go for a rule to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    /// As written.
    #[default]
    Sensitive,
    /// Any case.
    Insensitive,
}

/// Something that may stand round a match.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeatureFile {
    /// Words of which one is there, in any case.
    #[serde(default)]
    pub(super) any: Vec<String>,
    /// Or a pattern that matches there.
    pub(super) regex: Option<String>,
    /// How the pattern treats case.
    #[serde(default)]
    pub(super) case: Case,
    /// How far away.
    pub(super) within: Within,
    /// On which side.
    #[serde(default)]
    pub(super) side: NearSide,
    /// What its presence adds to the confidence; without it the feature must be there.
    pub(super) weight: Option<f32>,
}

/// How far from a match a feature may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// So many bytes before the match's start or after its end.
    Bytes(usize),
    /// Anywhere in the part that the match starts in.
    Part,
}

impl Within {
    pub(super) const fn bytes(self) -> Option<usize> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Part => None,
        }
    }
}

impl Serialize for Within {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bytes(bytes) => serializer.collect_str(bytes),
            Self::Part => serializer.serialize_str("part"),
        }
    }
}

impl<'de> Deserialize<'de> for Within {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "part" => Ok(Self::Part),
            bytes => bytes.parse().map(Self::Bytes).map_err(|_| {
                serde::de::Error::custom(format!("`within` is a number of bytes or `part`, not {bytes:?}"))
            }),
        }
    }
}

/// On which side of a match a feature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NearSide {
    /// Before it, in it or after it.
    #[default]
    Either,
    /// Before its start.
    Before,
    /// After its end.
    After,
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
