//! The name of a run: a base and 128 random bits, so that no two runs ever share a chain.

use std::fmt;

use crate::hex;

/// The session that a log records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session(String);

/// Why a text cannot name a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// No text.
    #[error("a session needs a name")]
    Empty,
    /// The name would not fit a file name with what is put round it.
    #[error("a session's name may take {} bytes", Session::LONGEST)]
    TooLong,
    /// A sign that parts folders, or a control character.
    #[error("a session's name cannot hold {0:?}")]
    Sign(char),
    /// The mark that parts base and run.
    #[error("the base of a session's name cannot hold `.run.`")]
    RunMark,
}

impl Session {
    /// Bytes of a name. With `evidence-`, a sequence number of 20 digits and `.jsonl` it fits 255 bytes, the limit
    /// of common file systems.
    pub const LONGEST: usize = 255 - "evidence--.jsonl".len() - 20;

    /// A new run of `base`. The 16 bytes must be random: they keep this run apart from all others.
    pub fn mint(base: &str, random: &[u8; 16]) -> Result<Self, SessionError> {
        if base.contains(".run.") {
            return Err(SessionError::RunMark);
        }
        if base.is_empty() {
            return Err(SessionError::Empty);
        }
        Self::named(&format!("{base}.run.{}", hex::encode(random)))
    }

    /// A session under this very name. The caller sees to it that no log has it yet: one that has would fork.
    pub fn named(name: &str) -> Result<Self, SessionError> {
        if name.is_empty() {
            return Err(SessionError::Empty);
        }
        if name.len() > Self::LONGEST {
            return Err(SessionError::TooLong);
        }
        // Only the slashes and NUL harm a log; a line feed would harm a head's note, and the rest a terminal.
        match name.chars().find(|sign| matches!(sign, '/' | '\\') || sign.is_control()) {
            Some(sign) => Err(SessionError::Sign(sign)),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file of the shard whose first entry has this number.
    pub(super) fn shard(&self, seq: u64) -> String {
        format!("evidence-{}-{seq}.jsonl", self.0)
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_base_and_its_random_bytes() {
        let session = Session::mint("proxy", &[0xA5; 16]).unwrap();
        assert_eq!(session.as_str(), "proxy.run.a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
        assert_eq!(session.shard(10_000), format!("evidence-{session}-10000.jsonl"));
    }

    #[test]
    fn what_cannot_be_a_file_name_is_refused() {
        let mint = |base: &str| Session::mint(base, &[0; 16]).err();
        assert_eq!(mint(""), Some(SessionError::Empty));
        assert_eq!(mint("a.run.b"), Some(SessionError::RunMark));
        for sign in ['/', '\\', '\0', '\n', '\u{85}'] {
            assert_eq!(mint(&format!("a{sign}b")), Some(SessionError::Sign(sign)));
        }
        assert_eq!(mint(&"é".repeat(92)), Some(SessionError::TooLong));
        for base in ["-", "..", "7", "x y", "séance", &"é".repeat(91)] {
            let longest = Session::mint(base, &[0; 16]).unwrap().shard(u64::MAX);
            assert!(longest.len() <= 255, "{longest}");
        }
        assert_eq!(Session::named(""), Err(SessionError::Empty));
    }
}
