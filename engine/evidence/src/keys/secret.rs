//! A private key: read, spelled for its file, and used to sign.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};

use super::file::{Half, read};
use super::{KeyError, PublicKey};

/// A private key. Its bytes are wiped when it goes.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Reads a key as a file spells it: 32 bytes of seed, or 64 of seed and public key.
    pub fn parse(text: &[u8]) -> Result<Self, KeyError> {
        match read(text)? {
            (Half::Public, _) => Err(KeyError::Public),
            (_, bytes) => match bytes.as_slice() {
                seed if seed.len() == 32 => {
                    Ok(Self::from_seed(seed.try_into().map_err(|_| KeyError::Unknown)?))
                }
                both => {
                    let both = both.try_into().map_err(|_| KeyError::Unknown)?;
                    SigningKey::from_keypair_bytes(both).map(Self).map_err(|_| KeyError::HalvesDiffer)
                }
            },
        }
    }

    /// The key that a seed makes. The seed must be random and known to no one else.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.0.verifying_key().as_bytes())
            .unwrap_or_else(|_| unreachable!("the key of a seed is a point of large order"))
    }

    /// Signs bytes as they are.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The private key's file, as Pipelock reads it too: a line that names the kind, a line of base64.
    pub fn private_file(&self) -> String {
        format!("pipelock-ed25519-private-v1\n{}\n", STANDARD.encode(self.0.to_keypair_bytes()))
    }

    /// The public key's file.
    pub fn public_file(&self) -> String {
        format!("pipelock-ed25519-public-v1\n{}\n", STANDARD.encode(self.0.verifying_key().as_bytes()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}
