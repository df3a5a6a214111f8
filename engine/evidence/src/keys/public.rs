//! A public key, and the one question put to it.

use std::fmt;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use super::KeyError;
use super::file::{Half, read};
use crate::hex;

/// A public key that no one can sign under without its private half.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It holds.
    Good,
    /// Common verifiers take it, a strict one does not: no honest signer makes such a signature.
    LenientOnly,
    /// It does not hold.
    Bad,
}

impl PublicKey {
    /// Reads a key as a file or an argument spells it.
    pub fn parse(text: &[u8]) -> Result<Self, KeyError> {
        match read(text)? {
            (Half::Private, _) => Err(KeyError::Private),
            (_, bytes) => Self::from_bytes(bytes.as_slice().try_into().map_err(|_| KeyError::Private)?),
        }
    }

    /// Takes the 32 bytes of a key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(key)) }
    }

    /// The key's 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The key in lower-case hex.
    pub fn hex(&self) -> String {
        hex::encode(self.0.as_bytes())
    }

    /// What a signature over these bytes is worth.
    ///
    /// Source: RFC 8032, section 5.1.7, with the additional refusals of small-order points.
    pub fn check(&self, message: &[u8], signature: &[u8; 64]) -> SignatureCheck {
        let signature = Signature::from_bytes(signature);
        if self.0.verify_strict(message, &signature).is_ok() {
            SignatureCheck::Good
        } else if self.0.verify(message, &signature).is_ok() {
            SignatureCheck::LenientOnly
        } else {
            SignatureCheck::Bad
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.hex())
    }
}

/// As people tell keys apart: the first and the last four digits.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.hex();
        write!(f, "{}…{}", hex.get(..4).unwrap_or_default(), hex.get(60..).unwrap_or_default())
    }
}
