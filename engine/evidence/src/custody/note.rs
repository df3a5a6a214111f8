//! Signed notes: a text, and under it the signatures of those who vouch for it, each on a line.
//!
//! Source: C2SP, signed-note and tlog-checkpoint. Ed25519 signatures only (type 0x01); other types and other keys
//! are passed over, as the specification wants it. Left out: what a text means; a checkpoint's lines are the
//! caller's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::keys::{PublicKey, SecretKey, SignatureCheck};

/// Longer notes are refused.
const MOST: usize = 1 << 20;
/// More signatures are refused, as Go's `sumdb/note` does.
const MOST_SIGNATURES: usize = 100;
/// What a signature line starts with: a dash of the width of an m, and a space.
const DASH: &str = "\u{2014} ";
/// The type of an Ed25519 signature in a key's id.
const ED25519: u8 = 1;

/// Why a note cannot be made or does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// A name that is empty, or holds white space, a plus or a control character.
    #[error("a key's name is not empty, and has no white space and no plus")]
    Name,
    /// A text that is empty, does not end in a line break, or holds another control character.
    #[error("a note's text ends in a line break and has no other control characters")]
    Text,
    /// Longer than a mebibyte, or with more than a hundred signatures.
    #[error("a note too long to be one")]
    TooLarge,
    /// No blank line, no signature, or a signature line of another form.
    #[error("not a signed note")]
    Malformed,
    /// No signature by the key that was asked for.
    #[error("the note is not signed by this key")]
    NotSigned,
    /// The signature by that key does not hold.
    #[error("the note's signature by this key does not hold")]
    BadSignature,
}

/// Makes a note of a text.
pub fn sign_note(text: &str, name: &str, key: &SecretKey) -> Result<String, NoteError> {
    if !is_name(name) {
        return Err(NoteError::Name);
    }
    if !is_text(text) {
        return Err(NoteError::Text);
    }
    let id = key_id(name, &key.public());
    let signature = STANDARD.encode([&id[..], &key.sign(text.as_bytes())].concat());
    let note = format!("{text}\n{DASH}{name} {signature}\n");
    if note.len() > MOST { Err(NoteError::TooLarge) } else { Ok(note) }
}

/// The text of a note that this key signed under this name.
///
/// Every line is read before any is judged, and every signature that claims the key must hold.
pub fn check_note<'n>(note: &'n [u8], name: &str, key: &PublicKey) -> Result<&'n str, NoteError> {
    if note.len() > MOST {
        return Err(NoteError::TooLarge);
    }
    if !is_name(name) {
        return Err(NoteError::Name);
    }
    let note = std::str::from_utf8(note).map_err(|_| NoteError::Malformed)?;
    // Signature lines are never blank, so the last blank line is the one before them.
    let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
    let text = note.get(..=text.len()).ok_or(NoteError::Malformed)?;
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
    if !is_text(text) {
        return Err(NoteError::Malformed);
    }
    let id = key_id(name, key);
    let mut claims = Vec::new();
    for (at, line) in lines.split('\n').enumerate() {
        if at == MOST_SIGNATURES {
            return Err(NoteError::TooLarge);
        }
        let (signer, signature) = signature_line(line).ok_or(NoteError::Malformed)?;
        if signer == name
            && let Some(signature) = signature.strip_prefix(&id)
        {
            claims.push(<[u8; 64]>::try_from(signature).map_err(|_| NoteError::BadSignature)?);
        }
    }
    if claims.is_empty() {
        return Err(NoteError::NotSigned);
    }
    let good = claims.iter().all(|signature| key.check(text.as_bytes(), signature) == SignatureCheck::Good);
    if good { Ok(text) } else { Err(NoteError::BadSignature) }
}

/// What tells keys of one name apart.
fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let hashed = [name.as_bytes(), &[b'\n', ED25519], &key.to_bytes()].concat();
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(hashed));
    [a, b, c, d]
}

/// A line's name, and its key id with the signature.
fn signature_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    (is_name(name) && signature.len() > 4).then_some((name, signature))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(|sign: char| sign.is_whitespace() || sign.is_ascii_control() || sign == '+')
}

fn is_text(text: &str) -> bool {
    text.ends_with('\n') && !text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

#[cfg(test)]
mod tests;
