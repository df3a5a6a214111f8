//! The signature of a bundle: detached, Ed25519 over the file's bytes, in base64.

use coldcase_evidence::{KeyRing, PublicKey, who_signed_file};

use crate::error::ImportError;
use crate::source::Source;

/// Which of the trusted keys signed a bundle.
pub fn check_bundle(bundle: &Source, signature: &[u8], trusted: &KeyRing) -> Result<PublicKey, ImportError> {
    who_signed_file(trusted, &bundle.bytes, signature)
        .map_err(|problem| ImportError::Signature { file: bundle.name.clone(), problem: problem.to_string() })
}
