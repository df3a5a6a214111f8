//! The strict reading of a line: keys in the writer's order, each in the writer's spelling, nothing else.
//!
//! Borrows from the line and allocates nothing. Left out: what is wrong with a line that is refused; see `diagnose`.

use std::ops::Range;

use coldcase_model::json::unescape_into;
use sha2::{Digest, Sha256};

use super::project::{Fields, GENESIS, project};
use crate::hex;
use crate::sha256;
use crate::spelling::{LastSecond, Stamp, Strictness, string, value};

/// A string of a line, still spelled as JSON.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Text<'l> {
    /// What stands between the quotes.
    pub(crate) content: &'l [u8],
    /// Whether a backslash stands in it.
    pub(crate) escaped: bool,
}

/// An entry as it stands in its line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'l> {
    pub(crate) version: u8,
    pub(crate) seq: u64,
    pub(crate) ts: &'l [u8],
    pub(crate) stamp: Stamp,
    pub(crate) session: Text<'l>,
    pub(crate) chain_kind: Text<'l>,
    pub(crate) writer: Text<'l>,
    pub(crate) trace: Text<'l>,
    pub(crate) kind: Text<'l>,
    pub(crate) event_kind: Text<'l>,
    pub(crate) transport: Text<'l>,
    pub(crate) summary: Text<'l>,
    pub(crate) detail: &'l [u8],
    pub(crate) raw_ref: Text<'l>,
    /// The text of `prev_hash`.
    pub(crate) prev_hash: &'l [u8],
    /// The same as bytes; none for the first entry of a session.
    pub(crate) prev: Option<[u8; 32]>,
    /// The hash that the line states.
    pub(crate) hash: [u8; 32],
}

/// Memory that a thread reuses from line to line.
#[derive(Debug, Default)]
pub(crate) struct Room {
    open: Vec<bool>,
    second: LastSecond,
    decoded: Vec<u8>,
    projected: Vec<u8>,
}

/// What the hash of a well-spelled line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashCheck {
    /// The line has the hash that it states.
    Agrees,
    /// It does not.
    Differs,
    /// A hashed string holds a zero byte, which also separates the parts: two entries share this hash.
    Ambiguous,
}

/// Reads a line without its newline. What is refused is refused at the byte that the error names; a line that
/// could go on to be a right one is refused at its end.
pub(crate) fn read<'l>(line: &'l [u8], room: &mut Room) -> Result<Entry<'l>, usize> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.expect(br#"{"v":"#)?;
    let version = cursor.version()?;
    cursor.expect(br#","seq":"#)?;
    let seq = cursor.number()?;
    cursor.expect(br#","ts":""#)?;
    let (ts, stamp) = cursor.time(&mut room.second)?;
    cursor.expect(br#","session_id":""#)?;
    let session = cursor.text()?;
    let (mut chain_kind, mut writer) = (Text::default(), Text::default());
    if version == 3 {
        cursor.expect(br#","chain_kind":"recorder"#)?;
        chain_kind.content = b"recorder";
        cursor.expect(br#"","writer_instance_id":""#)?;
        writer = cursor.some_text()?;
    }
    let trace = cursor.optional(br#","trace_id":""#)?;
    cursor.expect(br#","type":""#)?;
    let kind = cursor.text()?;
    let event_kind = if version == 1 { Text::default() } else { cursor.optional(br#","event_kind":""#)? };
    cursor.expect(br#","transport":""#)?;
    let transport = cursor.text()?;
    cursor.expect(br#","summary":""#)?;
    let summary = cursor.text()?;
    cursor.expect(br#","detail":"#)?;
    let detail = cursor.value(&mut room.open)?;
    let raw_ref = cursor.optional(br#","raw_ref":""#)?;
    cursor.expect(br#","prev_hash":""#)?;
    let (prev_hash, prev) = cursor.link()?;
    cursor.expect(br#","hash":""#)?;
    let (_, hash) = cursor.digest()?;
    cursor.expect(b"}")?;
    if cursor.at < line.len() {
        return Err(cursor.at);
    }
    Ok(Entry {
        version,
        seq,
        ts,
        stamp,
        session,
        chain_kind,
        writer,
        trace,
        kind,
        event_kind,
        transport,
        summary,
        detail,
        raw_ref,
        prev_hash,
        prev,
        hash,
    })
}

impl<'l> Entry<'l> {
    /// Whether the line has the hash that it states.
    pub(crate) fn check_hash(&self, room: &mut Room) -> HashCheck {
        self.project(room);
        let digest = Sha256::digest(&room.projected).into();
        self.compare(&digest, room)
    }

    /// The same for two lines, which costs less than one after the other.
    pub(crate) fn check_hashes(two: [&Self; 2], rooms: &mut [Room; 2]) -> [HashCheck; 2] {
        let [first, second] = rooms;
        let [one, other] = two;
        one.project(first);
        other.project(second);
        let [digest, other_digest] = sha256::pair(&mut first.projected, &mut second.projected);
        [one.compare(&digest, first), other.compare(&other_digest, second)]
    }

    /// Puts the hashed bytes into the room.
    fn project(&self, room: &mut Room) {
        project(&self.fields(&mut room.decoded), &mut room.projected);
    }

    fn compare(&self, digest: &[u8; 32], room: &Room) -> HashCheck {
        // Only a decoded string can hold a zero byte: raw ones are refused when the line is read.
        if memchr::memchr(0, &room.decoded).is_some() {
            HashCheck::Ambiguous
        } else if *digest == self.hash {
            HashCheck::Agrees
        } else {
            HashCheck::Differs
        }
    }

    /// The hashed parts, with escapes resolved into `decoded`.
    pub(crate) fn fields<'a>(&'a self, decoded: &'a mut Vec<u8>) -> Fields<'a> {
        decoded.clear();
        let texts = [
            self.session,
            self.writer,
            self.trace,
            self.kind,
            self.event_kind,
            self.transport,
            self.summary,
            self.raw_ref,
        ];
        let places = texts.map(|text| text.resolve(decoded));
        let decoded: &'a [u8] = decoded;
        let part = |text: Text<'l>, place: &Option<Range<usize>>| -> &'a [u8] {
            place.clone().map_or(text.content, |place| decoded.get(place).unwrap_or_default())
        };
        let [session, writer, trace, kind, event_kind, transport, summary, raw_ref] = &places;
        Fields {
            version: self.version,
            seq: self.seq,
            ts: self.ts,
            session: part(self.session, session),
            chain_kind: self.chain_kind.content,
            writer: part(self.writer, writer),
            trace: part(self.trace, trace),
            kind: part(self.kind, kind),
            event_kind: part(self.event_kind, event_kind),
            transport: part(self.transport, transport),
            summary: part(self.summary, summary),
            detail: self.detail,
            raw_ref: part(self.raw_ref, raw_ref),
            prev_hash: self.prev_hash,
        }
    }
}

impl<'l> Text<'l> {
    /// Where in `decoded` the text now stands; nowhere if it needs no decoding.
    fn resolve(self, decoded: &mut Vec<u8>) -> Option<Range<usize>> {
        self.escaped.then(|| {
            let start = decoded.len();
            unescape_into(self.content, decoded, |_, _| {});
            start..decoded.len()
        })
    }

    /// The text itself.
    pub(crate) fn decode(self) -> std::borrow::Cow<'l, [u8]> {
        if self.escaped { coldcase_model::json::unescape(self.content).into() } else { self.content.into() }
    }
}

struct Cursor<'l> {
    line: &'l [u8],
    at: usize,
}

impl<'l> Cursor<'l> {
    fn rest(&self) -> &'l [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn expect(&mut self, literal: &[u8]) -> Result<(), usize> {
        let rest = self.rest();
        if rest.starts_with(literal) {
            self.at += literal.len();
            return Ok(());
        }
        let same = rest.iter().zip(literal).take_while(|(byte, wanted)| byte == wanted).count();
        Err(self.at + same)
    }

    fn version(&mut self) -> Result<u8, usize> {
        match self.rest().first() {
            Some(digit @ b'1'..=b'3') => {
                self.at += 1;
                Ok(digit - b'0')
            }
            _ => Err(self.at),
        }
    }

    /// A number as the encoder writes it: no sign, no leading zero, at most 2^64 - 1.
    fn number(&mut self) -> Result<u64, usize> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = self.rest().get(..digits).unwrap_or_default();
        let read = text.iter().try_fold(0u64, |value, digit| {
            value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))
        });
        let leading = digits > 1 && text.first() == Some(&b'0');
        let value = read.filter(|_| digits > 0 && !leading).ok_or(self.at)?;
        self.at += digits;
        Ok(value)
    }

    fn time(&mut self, second: &mut LastSecond) -> Result<(&'l [u8], Stamp), usize> {
        /// `2026-03-01T10:00:00.123456789Z`
        const LONGEST: usize = 30;
        let rest = self.rest();
        let window = rest.get(..LONGEST + 1).unwrap_or(rest);
        let Some(len) = memchr::memchr(b'"', window) else {
            // Cut short if it could still end rightly, else too long.
            return Err(if rest.len() <= LONGEST { self.line.len() } else { self.at });
        };
        let text = rest.get(..len).unwrap_or_default();
        let stamp = second.stamp(text).ok_or(self.at)?;
        self.at += len + 1;
        Ok((text, stamp))
    }

    /// A string and its closing quote.
    #[inline]
    fn text(&mut self) -> Result<Text<'l>, usize> {
        let found = string(self.line, self.at, Strictness::Field)?;
        let content = self.line.get(self.at..found.end).unwrap_or_default();
        self.at = found.end + 1;
        Ok(Text { content, escaped: found.escaped })
    }

    /// A string that the encoder leaves out when it is empty.
    fn some_text(&mut self) -> Result<Text<'l>, usize> {
        let start = self.at;
        let text = self.text()?;
        if text.content.is_empty() { Err(start) } else { Ok(text) }
    }

    #[inline]
    fn optional(&mut self, key: &[u8]) -> Result<Text<'l>, usize> {
        let rest = self.rest();
        if !rest.starts_with(key) {
            // Cut inside the key, so nothing can follow.
            return if key.starts_with(rest) { Err(self.line.len()) } else { Ok(Text::default()) };
        }
        self.at += key.len();
        self.some_text()
    }

    fn value(&mut self, open: &mut Vec<bool>) -> Result<&'l [u8], usize> {
        let end = value(self.line, self.at, open)?;
        let bytes = self.line.get(self.at..end).unwrap_or_default();
        self.at = end;
        Ok(bytes)
    }

    /// A link: the word for the start, or a digest.
    fn link(&mut self) -> Result<(&'l [u8], Option<[u8; 32]>), usize> {
        if self.rest().first() == GENESIS.first() {
            let start = self.at;
            self.expect(b"genesis\"")?;
            return Ok((self.line.get(start..start + GENESIS.len()).unwrap_or_default(), None));
        }
        self.digest().map(|(text, bytes)| (text, Some(bytes)))
    }

    /// A digest and its closing quote.
    fn digest(&mut self) -> Result<(&'l [u8], [u8; 32]), usize> {
        let rest = self.rest();
        let Some(text) = rest.get(..64) else {
            let right = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
            return Err(self.at + right);
        };
        let bytes = hex::decode(text).ok_or(self.at)?;
        self.at += text.len();
        self.expect(b"\"")?;
        Ok((text, bytes))
    }
}

#[cfg(test)]
mod tests;
