//! One line of input as an entry. What is not understood is refused, since a log cannot be corrected later.

use std::io::{self, BufRead, Read};

use coldcase_evidence::{Detail, DetailError, EntryKind, Record};
use coldcase_model::json::{self, Kind, Tape, Value};

/// Longer lines are refused before they fill the memory; the log takes a mebibyte of an entry.
const MOST_BYTES: u64 = 16 << 20;

/// Why a line cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// Cannot be read at all.
    #[error("cannot be read")]
    Read(#[from] io::Error),
    /// Over the limit.
    #[error("is over {MOST_BYTES} bytes")]
    TooLong,
    /// Bytes that are no text.
    #[error("is not UTF-8")]
    NotText,
    /// No JSON.
    #[error("is not JSON: it {0}")]
    NotJson(#[from] json::Error),
    /// JSON of another kind.
    #[error("is not a JSON object")]
    NotObject,
    /// A member that no entry has.
    #[error(
        "has the member {0}; an entry has kind, event_kind, transport, summary, trace and detail, each once"
    )]
    Member(String),
    /// A member that must be a text.
    #[error("has a {0} that is not a text")]
    NotString(&'static str),
    /// A type that readers do not know, or that only a recorder with a key may write.
    #[error("has a kind that cannot be recorded; use decision, capture or capture_drop")]
    Kind,
    /// A detail that the log cannot hold.
    #[error("has a detail that {0}")]
    Detail(#[source] DetailError),
    /// Nothing to record.
    #[error("has neither a summary nor a detail")]
    Empty,
}

/// What a line says.
#[derive(Debug, Default)]
pub(super) struct Entry {
    texts: [Option<String>; 4],
    kind: EntryKind,
    detail: Option<Detail>,
}

/// In the order of [`Entry::texts`].
const TEXTS: [&str; 4] = ["trace", "event_kind", "transport", "summary"];
/// Receipts and roots are not here: they are signed, and made by what acts.
const KINDS: [EntryKind; 3] = [EntryKind::Decision, EntryKind::Capture, EntryKind::CaptureDrop];

impl Entry {
    /// Reads a line.
    pub(super) fn parse(line: &[u8], tape: &mut Tape) -> Result<Self, LineError> {
        if std::str::from_utf8(line).is_err() {
            return Err(LineError::NotText);
        }
        let root = tape.parse(line)?;
        if root.kind() != Kind::Object {
            return Err(LineError::NotObject);
        }
        let mut entry = Self::default();
        let mut has_kind = false;
        for (key, value) in root.members() {
            let unknown = || LineError::Member(String::from_utf8_lossy(key.raw()).into_owned());
            if key.is_key("detail") && entry.detail.is_none() {
                entry.detail = Some(Detail::from_json(value.raw()).map_err(LineError::Detail)?);
            } else if key.is_key("kind") && !has_kind {
                has_kind = true;
                entry.kind = kind(value)?;
            } else {
                let known = TEXTS.iter().zip(&mut entry.texts).find(|(name, _)| key.is_key(name));
                let (name, text) = known.filter(|(_, text)| text.is_none()).ok_or_else(unknown)?;
                *text = Some(value.str().ok_or(LineError::NotString(name))?.into_owned());
            }
        }
        let [.., summary] = &entry.texts;
        if summary.is_none() && entry.detail.is_none() { Err(LineError::Empty) } else { Ok(entry) }
    }

    /// The entry for the log.
    pub(super) fn record(&mut self) -> Record<'_> {
        let detail = self.detail.take().unwrap_or_default();
        let [trace, event_kind, transport, summary] =
            self.texts.each_ref().map(|text| text.as_deref().unwrap_or_default());
        Record { trace, kind: self.kind, event_kind, transport, summary, detail }
    }
}

fn kind(value: Value<'_, '_>) -> Result<EntryKind, LineError> {
    let name = value.str().ok_or(LineError::NotString("kind"))?;
    KINDS.into_iter().find(|kind| kind.name() == name).ok_or(LineError::Kind)
}

/// What comes next in the input.
pub(super) enum Next {
    /// An entry.
    Entry(Entry),
    /// A line of white space.
    Blank,
    /// Nothing any more.
    End,
}

/// Reads the next line; `line` and `tape` are memory to work in.
pub(super) fn next_entry(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    tape: &mut Tape,
) -> Result<Next, LineError> {
    match next_line(input, line)? {
        false => Ok(Next::End),
        true if line.trim_ascii().is_empty() => Ok(Next::Blank),
        true => Entry::parse(line, tape).map(Next::Entry),
    }
}

/// Reads the next line, without its end, into `line`. `false`: there is none.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, LineError> {
    line.clear();
    let read = input.by_ref().take(MOST_BYTES + 1).read_until(b'\n', line)?;
    if read as u64 > MOST_BYTES {
        return Err(LineError::TooLong);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> String {
        Entry::parse(line.as_bytes(), &mut Tape::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_line_becomes_a_record() {
        let line = r#"{"kind":"capture","event_kind":"e","transport":"t","summary":"s \u00e9","trace":"x","detail":{"b":1,"a":1.5}}"#;
        let mut entry = Entry::parse(line.as_bytes(), &mut Tape::default()).unwrap();
        let record = entry.record();
        assert_eq!(record.kind, EntryKind::Capture);
        assert_eq!(
            [record.trace, record.event_kind, record.transport, record.summary],
            ["x", "e", "t", "s é"]
        );
        assert_eq!(record.detail.json(), br#"{"a":"1.5","b":1}"#);
        let mut bare = Entry::parse(br#"{"detail":null}"#, &mut Tape::default()).unwrap();
        assert_eq!(bare.record().kind, EntryKind::Decision);
    }

    #[test]
    fn what_is_not_understood_is_refused_and_named() {
        for (line, part) in [
            ("{", "not JSON"),
            ("[]", "not a JSON object"),
            ("{}", "neither"),
            (r#"{"trace":"x"}"#, "neither"),
            (r#"{"summary":"x","severity":1}"#, "\"severity\""),
            (r#"{"summary":"x","summary":"y"}"#, "each once"),
            (r#"{"detail":1,"detail":2}"#, "each once"),
            (r#"{"kind":"decision","kind":"decision","summary":""}"#, "each once"),
            (r#"{"summary":1}"#, "summary that is not a text"),
            (r#"{"summary":"x","kind":"checkpoint"}"#, "cannot be recorded"),
            (r#"{"summary":"x","kind":"action_receipt"}"#, "cannot be recorded"),
            (r#"{"detail":{"a":1,"a":2}}"#, "twice"),
        ] {
            assert!(refusal(line).contains(part), "{line}: {}", refusal(line));
        }
        assert!(matches!(
            Entry::parse(b"{\"summary\":\"\xFF\"}", &mut Tape::default()),
            Err(LineError::NotText)
        ));
    }

    #[test]
    fn lines_are_read_up_to_a_limit_and_the_last_needs_no_end() {
        let mut input = &b"a\n\nb"[..];
        let mut line = Vec::new();
        let mut all = Vec::new();
        while next_line(&mut input, &mut line).unwrap() {
            all.push(line.clone());
        }
        assert_eq!(all, [&b"a"[..], b"", b"b"]);
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert!(matches!(next_line(&mut endless, &mut line), Err(LineError::TooLong)));
    }
}
