//! The YAML shape of a policy, and the three that are built in. Unknown keys are errors.

use coldcase_model::{Action, Category, Digest, Direction, Severity, Surface};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::yaml::{self, Misread};

/// Why a policy was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not YAML of the right shape.
    #[error("policy {name}{}: {message}", yaml::told(*place))]
    Shape {
        /// The policy's file or name.
        name: String,
        /// Line and column, from 1, where they are known.
        place: Option<(u64, u64)>,
        /// What is wrong there.
        message: String,
    },
    /// A version that this build does not read.
    #[error("policy {name} has version {version}; this build reads version 1")]
    Version {
        /// The policy's file or name.
        name: String,
        /// What it states.
        version: u32,
    },
}

/// A policy: clauses of which the strictest that applies decides.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(super) file: PolicyFile,
    digest: Digest,
}

/// A policy file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    /// Its name.
    policy: String,
    /// The schema's version.
    version: u32,
    /// What happens to an event of which not everything could be scanned.
    pub(super) not_scanned: Action,
    /// What happens to an event of which the recording itself left bytes out.
    #[serde(default = "allow")]
    pub(super) not_recorded: Action,
    /// The clauses.
    pub(super) clauses: Vec<Clause>,
}

const fn allow() -> Action {
    Action::Allow
}

/// An action, and the findings that it is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clause {
    pub(super) action: Action,
    #[serde(default)]
    pub(super) when: When,
}

/// What a finding must satisfy; what is left out is satisfied by every finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct When {
    pub(super) category: Vec<Category>,
    pub(super) min_severity: Option<Severity>,
    pub(super) min_confidence: Option<f32>,
    pub(super) surface: Vec<Surface>,
    pub(super) not_surface: Vec<Surface>,
    pub(super) direction: Option<Direction>,
    /// Rule ids; one that ends in `.` stands for all that start with it.
    pub(super) rule: Vec<String>,
    /// Rules that the clause is not for, written as in `rule`.
    pub(super) not_rule: Vec<String>,
    /// Only findings of less than a genuine value, of rules whose own severity is at least this.
    pub(super) lowered_from: Option<Severity>,
    /// Only findings that a decoding uncovered which no protocol asks for (`true`), or only all others (`false`).
    pub(super) disguised: Option<bool>,
}

impl Policy {
    /// The names of the built-in policies.
    pub const BUILTIN: [&str; 3] = ["observe", "balanced", "strict"];

    /// The built-in policy with this name.
    pub fn builtin(name: &str) -> Option<Self> {
        let text = match name {
            "observe" => include_str!("../../policies/observe.yaml"),
            "balanced" => include_str!("../../policies/balanced.yaml"),
            "strict" => include_str!("../../policies/strict.yaml"),
            _ => return None,
        };
        Self::parse(name, text).ok()
    }

    /// The policy that is in force when none is named.
    #[expect(clippy::expect_used, reason = "a test holds that every built-in policy parses")]
    pub fn balanced() -> Self {
        Self::builtin("balanced").expect("the built-in policy parses")
    }

    /// Reads a policy; `name` is for messages.
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyError> {
        let file: PolicyFile = yaml::read(text).map_err(|Misread { place, message }| PolicyError::Shape {
            name: name.to_owned(),
            place,
            message,
        })?;
        if file.version != 1 {
            return Err(PolicyError::Version { name: name.to_owned(), version: file.version });
        }
        Ok(Self { file, digest: Digest(Sha256::digest(text.as_bytes()).into()) })
    }

    /// Its name, as stated in it.
    pub fn name(&self) -> &str {
        &self.file.policy
    }

    /// The SHA-256 of its text.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_policy_parses_and_carries_its_name() {
        for name in Policy::BUILTIN {
            assert_eq!(Policy::builtin(name).expect("parses").name(), name);
        }
    }

    #[test]
    fn an_unknown_key_or_version_is_refused() {
        let text = "policy: p\nversion: 2\nnot_scanned: warn\nclauses: []\n";
        assert!(matches!(Policy::parse("p", text), Err(PolicyError::Version { version: 2, .. })));
        let text = "policy: p\nversion: 1\nnot_scanned: warn\nclauses: []\ncolour: red\n";
        assert!(matches!(Policy::parse("p", text), Err(PolicyError::Shape { .. })));
    }

    #[test]
    fn the_default_policy_stops_lowered_and_disguised_values_that_leave() {
        let policy = Policy::balanced();
        assert!(policy.file.clauses.iter().any(|clause| clause.when.lowered_from == Some(Severity::High)));
        assert!(policy.file.clauses.iter().any(|clause| clause.when.disguised == Some(true)));
    }
}
