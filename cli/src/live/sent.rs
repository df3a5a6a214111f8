//! What becomes of a line: what goes on to the receiver, and what goes back to the sender, from the fates of its messages.

use bytes::Bytes;
use coldcase_model::Direction;
use coldcase_readers::McpLine;

use super::answer::{self, Why};
use super::fold::Fate;
use super::framing::split_end;
use super::glimpse::{Glimpse, LONGEST_ID};

/// What becomes of a line.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// What goes on to the receiver.
    pub(super) onward: Option<Bytes>,
    /// What goes back to the sender.
    pub(super) back: Option<Vec<u8>>,
}

/// An error to whoever waits for one, of a line that was not read.
pub(super) fn unread(direction: Direction, glimpse: &Glimpse, why: &Why) -> Sent {
    let line = |id: &[u8]| {
        let mut line = answer::error(id, why);
        line.push(b'\n');
        line
    };
    let is_egress = direction == Direction::Egress;
    // Where it cannot be told whether it asks or answers: what a client sends mostly asks.
    let is_request = glimpse.has_method() || is_egress && !glimpse.is_answer();
    match glimpse.id() {
        Some(id) if is_request => Sent { back: Some(line(id)), onward: None },
        Some(id) if is_harmless(id) => Sent { onward: Some(line(id).into()), back: None },
        // Source: JSON-RPC 2.0, section 5: an id that cannot be told is null. Servers that write what is no message
        // to standard output are not answered: many do, and expect nothing.
        None if is_egress && is_request => Sent { back: Some(line(b"null")), onward: None },
        Some(_) | None => Sent::default(),
    }
}

/// Whether an id may go on although the message round it was not judged as one: a number, or a text in which nothing is
/// said.
fn is_harmless(id: &[u8]) -> bool {
    let is_sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"\"-+._:".contains(byte);
    id.len() <= 64 && id.iter().all(is_sign)
}

/// The error that takes the place of an answer, if its id may go on.
fn in_place(id: Option<&[u8]>, id_is_clean: bool, why: &Why) -> Option<Vec<u8>> {
    let id = id.filter(|id| id_is_clean && id.len() <= LONGEST_ID)?;
    Some(answer::error(id, why))
}

pub(super) fn single(line: &Bytes, text: &Bytes, read: &McpLine, fates: Vec<Fate>) -> Sent {
    let (Some(message), Some(fate)) = (read.messages.first(), fates.into_iter().next()) else {
        return Sent::default();
    };
    let (_, end) = split_end(line);
    let ended = |mut bytes: Vec<u8>| {
        bytes.extend_from_slice(if end.is_empty() { b"\n" } else { end });
        bytes
    };
    let id = message.id.map(|id| id.of(text));
    match fate {
        Fate::Pass => Sent { onward: Some(line.clone()), back: None },
        Fate::Strip(bytes) => Sent { onward: Some(ended(bytes).into()), back: None },
        Fate::Stop { why, .. } if message.has_method => {
            Sent { onward: None, back: id.map(|id| ended(answer::error(id, &why))) }
        }
        Fate::Stop { why, id_is_clean } => {
            Sent { onward: in_place(id, id_is_clean, &why).map(|bytes| ended(bytes).into()), back: None }
        }
    }
}

pub(super) fn batch(line: &Bytes, text: &Bytes, read: &McpLine, fates: Vec<Fate>) -> Sent {
    if fates.iter().all(|fate| matches!(fate, Fate::Pass)) {
        return Sent { onward: Some(line.clone()), back: None };
    }
    let (mut onward, mut back) = (Vec::new(), Vec::new());
    for (message, fate) in read.messages.iter().zip(fates) {
        let id = message.id.map(|id| id.of(text));
        match fate {
            Fate::Pass => onward.push(message.span.of(text).to_vec()),
            Fate::Strip(bytes) => onward.push(bytes),
            Fate::Stop { why, .. } if message.has_method => {
                back.extend(id.map(|id| answer::error(id, &why)));
            }
            Fate::Stop { why, id_is_clean } => onward.extend(in_place(id, id_is_clean, &why)),
        }
    }
    let line = |items: Vec<Vec<u8>>| {
        (!items.is_empty()).then(|| {
            let mut line = answer::batch(&items);
            line.push(b'\n');
            line
        })
    };
    Sent { onward: line(onward).map(Bytes::from), back: line(back) }
}
