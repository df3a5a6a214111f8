//! Heads: signed statements of how far a log had come, kept outside its folder.
//!
//! A prefix of a log looks like a whole log. A head that is kept elsewhere shows the difference, and unlike a
//! checkpoint it names session, number and time in what it signs.
//!
//! Left out: signing a note, and Merkle trees; the hash in a note is that of a chain, so a witness can stamp it
//! but cannot prove that one note goes on from another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coldcase_model::json::{Tape, Value};

use super::Session;
use super::members::Members;
use crate::hex;
use crate::keys::{KeyIndex, KeyRing, PublicKey, SecretKey, SignatureCheck, Signed};
use crate::spelling;

/// How far a log had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The session.
    pub session: Session,
    /// The number of the last entry, a checkpoint.
    pub seq: u64,
    /// That entry's hash.
    pub hash: [u8; 32],
    /// The writer's time, spelled as in the log.
    pub ts: String,
    /// The public key that the head names as its signer.
    pub key: [u8; 32],
    /// The signature; [`Head::check`] tells whose it is.
    pub signature: [u8; 64],
}

/// Why a line of a file of heads cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// The last line lacks its line feed, as a crash leaves it.
    #[error("line {line} of the heads is torn: {bytes} bytes without a line feed")]
    Torn {
        /// The line, counted from 1.
        line: u64,
        /// Its bytes.
        bytes: usize,
    },
    /// Another version than 1.
    #[error("line {line} of the heads is of a version that is not known")]
    Version {
        /// The line, counted from 1.
        line: u64,
    },
    /// Not a head, or not spelled as one is written.
    #[error("line {line} of the heads is no head as this program writes it")]
    Foreign {
        /// The line, counted from 1.
        line: u64,
    },
}

/// Longer lines are no heads: a session's name takes 219 bytes, six times as many if all are escaped.
const LONGEST: usize = 4096;

impl Head {
    pub(super) fn sign(session: &Session, seq: u64, hash: [u8; 32], ts: String, key: &SecretKey) -> Self {
        let session = session.clone();
        let mut head = Self { session, seq, hash, ts, key: key.public().to_bytes(), signature: [0; 64] };
        head.signature = key.sign(&head.statement());
        head
    }

    /// Who signed it: the key that it names, if that one is trusted and the signature holds.
    pub fn check(&self, keys: &KeyRing) -> Signed {
        let named = keys.find(&self.key).and_then(|index| Some((index, keys.key(index)?)));
        named.map_or(Signed::Nobody, |(index, key)| self.check_under(index, key))
    }

    fn check_under(&self, index: KeyIndex, key: &PublicKey) -> Signed {
        match key.check(&self.statement(), &self.signature) {
            SignatureCheck::Good => Signed::By(index),
            SignatureCheck::LenientOnly => Signed::LenientOnly(index),
            SignatureCheck::Bad => Signed::Nobody,
        }
    }

    /// The head's line in its file, with its line feed.
    pub fn line(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(512);
        Members::begin(&mut line)
            .number("v", 1)
            .text("session", self.session.as_str().as_bytes())
            .number("seq", self.seq)
            .text("hash", &hex::encode32(&self.hash))
            .text("ts", self.ts.as_bytes())
            .text("key", &hex::encode32(&self.key))
            .text("signature", hex::encode(&self.signature).as_bytes())
            .end();
        line.push(b'\n');
        line
    }

    /// The signed bytes. The first line keeps them apart from whatever else the key signs; the session is spelled
    /// as JSON, so that no session can look like the lines after it.
    fn statement(&self) -> Vec<u8> {
        let mut text = b"coldcase-head-v1\n".to_vec();
        spelling::encode(self.session.as_str().as_bytes(), &mut text);
        let rest = format!("\n{}\n{}\n{}\n", self.seq, hex::encode(&self.hash), self.ts);
        text.extend_from_slice(rest.as_bytes());
        text
    }
}

/// Reads a file of heads, one a line. What is no head, spelled as it was written, is an error in its place.
pub fn read_heads(text: &[u8]) -> Vec<Result<Head, HeadError>> {
    let mut tape = Tape::default();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.zip(1..).map(|(line, number)| read(line, number, &mut tape)).collect()
}

fn read(line: &[u8], number: u64, tape: &mut Tape) -> Result<Head, HeadError> {
    let foreign = HeadError::Foreign { line: number };
    let Some(json) = line.strip_suffix(b"\n") else {
        return Err(HeadError::Torn { line: number, bytes: line.len() });
    };
    if json.len() > LONGEST {
        return Err(foreign);
    }
    let root = tape.parse(json).map_err(|_| foreign)?;
    if root.get("v").and_then(Value::u64).is_some_and(|version| version != 1) {
        return Err(HeadError::Version { line: number });
    }
    let head = fields(root).ok_or(foreign)?;
    // There is one spelling for each head, so whatever else the line holds makes it another line.
    if head.line() == line { Ok(head) } else { Err(foreign) }
}

fn fields(root: Value<'_, '_>) -> Option<Head> {
    let ts = root.get_str("ts")?.into_owned();
    Some(Head {
        session: Session::named(&root.get_str("session")?).ok()?,
        seq: root.get("seq")?.u64()?,
        hash: hex::decode(root.get_str("hash")?.as_bytes())?,
        ts: spelling::is_writer_time(ts.as_bytes()).then_some(ts)?,
        key: hex::decode(root.get_str("key")?.as_bytes())?,
        signature: hex::decode(root.get_str("signature")?.as_bytes())?,
    })
}

/// The body of a note that others can stamp: an origin, the count of entries, the hash in base64.
///
/// Source: C2SP, tlog-checkpoint. The session holds no line feed, so the lines are what they seem.
pub fn head_note(head: &Head) -> String {
    let count = u128::from(head.seq) + 1;
    format!("coldcase/{}\n{count}\n{}\n", head.session, STANDARD.encode(head.hash))
}

#[cfg(test)]
mod tests;
