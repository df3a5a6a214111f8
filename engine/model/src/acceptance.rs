//! What a user has accepted: a finding's fingerprint, and the entry of a baseline that speaks of it.
//!
//! A fingerprint is made where the bytes still are, and keyed, so that it tells nothing of them. Conclusions about a session
//! have none: they are about how it went, not about a value.

use std::fmt;

use crate::Severity;

/// What a finding is about, and where, in 16 bytes that only the holder of the baseline's key can make again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint that 32 lower-case hex digits spell.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let digits = text.as_bytes();
        let is_spelled = digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 32 || !is_spelled {
            return None;
        }
        for (at, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *at = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An entry of a baseline, as it stands on the day of the run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Acceptance {
    /// Which findings it speaks of.
    pub fingerprint: Fingerprint,
    /// The rule that drew them.
    pub rule: String,
    /// How bad they may be: what is worse was not accepted.
    pub severity: Severity,
    /// Why they were accepted.
    pub reason: String,
    /// By whom.
    pub author: String,
    /// On which day, as `2026-03-01`.
    pub accepted: String,
    /// The last day on which it holds.
    pub expires: String,
    /// Days from the one on which it was accepted to the day of the run.
    pub age_days: u64,
    /// Whether it holds on the day of the run.
    pub in_force: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written_and_not_otherwise() {
        let print = Fingerprint([0xA5; 16]);
        assert_eq!(Fingerprint::from_hex(&print.to_string()), Some(print));
        for broken in ["", "a5", &"A5".repeat(16), &"g5".repeat(16), &"+5".repeat(16), &"a5".repeat(17)] {
            assert_eq!(Fingerprint::from_hex(broken), None, "{broken}");
        }
    }
}
