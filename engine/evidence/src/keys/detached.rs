//! Detached signatures of files: Ed25519 over the bytes, in base64 on one line, as Pipelock writes them beside a bundle.
//!
//! Left out: who the signer is. A signature says that a trusted key made it, and the caller says which keys are trusted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{KeyRing, PublicKey, SecretKey, Signed};

/// Why a file's signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetachedProblem {
    /// Not base64 of 64 bytes.
    #[error("the signature is not base64 of 64 bytes")]
    NotASignature,
    /// None of the trusted keys made it, or the file was changed since.
    #[error("the signature is not one of a trusted key over these bytes")]
    NotTrusted,
    /// Only lenient verifiers would take it.
    #[error("the signature is one that no honest signer makes: strict verifiers refuse it")]
    LenientOnly,
}

/// The longest text that is looked at.
const MOST: usize = 256;

/// The text of a signature over a file's bytes.
pub fn sign_file(key: &SecretKey, bytes: &[u8]) -> String {
    format!("{}\n", STANDARD.encode(key.sign(bytes)))
}

/// Which trusted key signed a file, by the text of its signature.
pub fn who_signed_file(
    trusted: &KeyRing,
    bytes: &[u8],
    signature: &[u8],
) -> Result<PublicKey, DetachedProblem> {
    let signature = signature_bytes(signature)?;
    match trusted.who_signed(bytes, &signature) {
        Signed::By(index) => trusted.key(index).cloned().ok_or(DetachedProblem::NotTrusted),
        Signed::LenientOnly(_) => Err(DetachedProblem::LenientOnly),
        Signed::Nobody => Err(DetachedProblem::NotTrusted),
    }
}

/// The bytes that the text of a signature spells. Whether a key made them for a file is not looked at.
pub fn signature_bytes(text: &[u8]) -> Result<[u8; 64], DetachedProblem> {
    if text.len() > MOST {
        return Err(DetachedProblem::NotASignature);
    }
    let bytes = STANDARD.decode(text.trim_ascii()).map_err(|_| DetachedProblem::NotASignature)?;
    bytes.try_into().map_err(|_| DetachedProblem::NotASignature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whose_who_signed_it() {
        let (key, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let ring = KeyRing::new([key.public()]);
        let signature = sign_file(&key, b"pack: p\n");
        let check = |ring: &KeyRing, bytes: &[u8], text: &str| who_signed_file(ring, bytes, text.as_bytes());
        assert_eq!(check(&ring, b"pack: p\n", &signature), Ok(key.public()));
        assert_eq!(check(&ring, b"pack: q\n", &signature), Err(DetachedProblem::NotTrusted));
        assert_eq!(
            check(&KeyRing::new([other.public()]), b"pack: p\n", &signature),
            Err(DetachedProblem::NotTrusted)
        );
        assert_eq!(check(&KeyRing::default(), b"pack: p\n", &signature), Err(DetachedProblem::NotTrusted));
        for text in ["", "AAAA", "?", &"A".repeat(300)] {
            assert_eq!(check(&ring, b"pack: p\n", text), Err(DetachedProblem::NotASignature), "{text}");
        }
    }
}
