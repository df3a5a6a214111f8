//! Ed25519 keys: how files spell them, which are refused, and which of several trusted ones made a signature.

mod detached;
mod file;
mod public;
mod repeated;
mod ring;
mod secret;

pub use detached::{DetachedProblem, sign_file, signature_bytes, who_signed_file};
pub use file::KeyError;
pub use public::{PublicKey, SignatureCheck};
pub(crate) use repeated::RepeatedKey;
pub use ring::{KeyIndex, KeyRing, Signed};
pub use secret::SecretKey;

#[cfg(test)]
mod vectors;
