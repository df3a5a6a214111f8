//! The file that claims a predecessor: a chain link or a recovery seal, under one name.

use coldcase_model::json::Tape;

use super::link::{ChainLink, MOST_BYTES};
use super::seal::RecoverySeal;
use crate::contract::{Document, DocumentError};

/// What a `chain-link-*.json` file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The successor goes on after a whole log.
    Link(Box<ChainLink>),
    /// The successor goes on after a torn one.
    Seal(Box<RecoverySeal>),
}

impl Claim {
    /// Reads either. Only a seal has a `kind`.
    pub fn parse(json: &[u8]) -> Result<Self, DocumentError> {
        let is_seal = {
            let mut tape = Tape::default();
            Document::read(json, &mut tape, MOST_BYTES)?.value().get("kind").is_some()
        };
        if is_seal {
            RecoverySeal::parse(json).map(|seal| Self::Seal(Box::new(seal)))
        } else {
            ChainLink::parse(json).map(|link| Self::Link(Box::new(link)))
        }
    }
}

/// The predecessor's session that such a file's name claims; none if it is no such name.
pub fn claimed_predecessor(name: &str) -> Option<&str> {
    name.strip_prefix("chain-link-")?.strip_suffix(".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_claims_all_between_its_ends() {
        assert_eq!(claimed_predecessor("chain-link-a-b.json.json"), Some("a-b.json"));
        assert_eq!(claimed_predecessor("chain-link-.json"), Some(""));
        for name in [".chain-link-a.json", "chain-link-a.tmp", "evidence-a-0.jsonl", "chain-link.json"] {
            assert_eq!(claimed_predecessor(name), None, "{name}");
        }
    }

    #[test]
    fn a_kind_makes_a_seal() {
        assert_eq!(Claim::parse(br#"{"kind":"x"}"#), Err(DocumentError::Missing { member: "version" }));
        let missing = DocumentError::Missing { member: "predecessor_session" };
        assert_eq!(Claim::parse(br#"{"version":1}"#), Err(missing));
    }
}
