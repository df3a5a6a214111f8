//! Fingerprints, by which an operator pins a root key.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{PublicKey, hex};

/// SHA-256 over the 32 bytes of a public key, written `sha256:` and 64 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads a fingerprint as it is written; none if it is written otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text.strip_prefix("sha256:")?.as_bytes()).map(Self)
    }

    /// The fingerprint of a key.
    pub fn of(key: &PublicKey) -> Self {
        Self(Sha256::digest(key.to_bytes()).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretKey;

    #[test]
    fn a_fingerprint_reads_as_it_is_written_and_no_other_way() {
        let print = Fingerprint::of(&SecretKey::from_seed(&[1; 32]).public());
        let text = print.to_string();
        assert_eq!(Fingerprint::parse(&text), Some(print));
        for wrong in
            [text.to_uppercase(), text.replace("sha256:", ""), format!("{text}0"), format!(" {text}")]
        {
            assert_eq!(Fingerprint::parse(&wrong), None, "{wrong}");
        }
    }
}
