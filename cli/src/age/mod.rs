//! Encryption to public keys, in the format of the tool `age`, which decrypts what is written here.
//!
//! `recipient` reads a public key, `file` writes a file to some. Source: age-encryption.org/v1 (C2SP, "age").
//!
//! Left out: decryption, passphrases, SSH keys, keys of plugins, armor. The crate `age` has all that, and would bring ninety-eight
//! packages for it, translations of its messages among them; the primitives for this part are in the tree already.

mod file;
mod recipient;

pub(crate) use file::seal;
pub(crate) use recipient::Recipient;
