//! The log formats that are verified, told apart by their first line; where that one is no line of a log, by the next.
//!
//! A format of one's own is one module that goes through [`crate::LogFiles`] and fills [`SessionReport`]s, and one
//! arm here.

use coldcase_model::json::{Kind, Tape, Value};

use crate::log::{Break, LogFiles, SessionReport, VerifyOptions, verify_receipts, verify_session};
use crate::trail::{self, TrailKeys, each_trail};

/// A log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// A flight-recorder log.
    Recorder,
    /// Bare action receipts, one a line.
    Receipts,
    /// An agent audit trail.
    Trail,
}

/// Lines that are looked at: more than a destroyed start of a log, and few enough to cost nothing.
const LINES: usize = 64;

impl LogFormat {
    /// The format that the start of a file shows.
    ///
    /// A first line that was destroyed does not hide a log. The lines after it must be records by their members, so
    /// that other JSON Lines that mention one are not taken for a log.
    pub fn of_start(start: &[u8]) -> Option<Self> {
        let mut lines = start.split(|byte| *byte == b'\n').take(LINES);
        let first = lines.next().and_then(Self::of);
        first.or_else(|| lines.find_map(|line| Self::of_record(line.trim_ascii(), &mut Tape::default())))
    }

    /// The format of a line that is a whole record.
    fn of_record(line: &[u8], tape: &mut Tape) -> Option<Self> {
        if trail::recognise(line) {
            return Some(Self::Trail);
        }
        let record = tape.parse(line).ok()?;
        let has = |name: &str, kind| record.get(name).map(Value::kind) == Some(kind);
        let texts = |names: &[&str]| names.iter().all(|name| has(name, Kind::String));
        if has("v", Kind::Number) && has("seq", Kind::Number) && texts(&["session_id", "prev_hash", "hash"]) {
            Some(Self::Recorder)
        } else if has("action_record", Kind::Object) && texts(&["signature", "signer_key"]) {
            Some(Self::Receipts)
        } else {
            None
        }
    }

    /// The format that a log's first line shows.
    pub fn of(first_line: &[u8]) -> Option<Self> {
        let line = first_line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_line).trim_ascii_start();
        let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
        if !line.starts_with(b"{") {
            None
        } else if trail::recognise(line.trim_ascii_end()) {
            Some(Self::Trail)
        } else if is_entry_start(line)
            || [br#""prev_hash""#.as_slice(), br#""session_id""#, br#""seq""#].into_iter().all(has)
        {
            Some(Self::Recorder)
        } else if has(br#""action_record""#) {
            Some(Self::Receipts)
        } else {
            None
        }
    }
}

/// Whether a line starts as entries do: version, then number.
fn is_entry_start(line: &[u8]) -> bool {
    let version = line.strip_prefix(br#"{"v":"#).and_then(<[u8]>::split_first);
    version.is_some_and(|(digit, rest)| digit.is_ascii_digit() && rest.starts_with(br#","seq":"#))
}

/// Verifies a log of this format, and hands on what is said of it. A trail may hold several sessions.
pub fn verify_log(
    format: LogFormat,
    files: &mut dyn LogFiles,
    trail_keys: &TrailKeys,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
    on_report: &mut dyn FnMut(SessionReport),
) {
    match format {
        LogFormat::Recorder => on_report(verify_session(files, options, on_break)),
        LogFormat::Receipts => on_report(verify_receipts(files, options, on_break)),
        LogFormat::Trail => each_trail(files, trail_keys, options, on_break, on_report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_the_format() {
        for (line, format) in [
            (r#"{"v":2,"seq":0,"ts":""#, Some(LogFormat::Recorder)),
            (r#"{"seq":0,"session_id":"s","prev_hash":"genesis","v":1}"#, Some(LogFormat::Recorder)),
            (r#"{"v":1,"session":"s","seq":4}"#, None),
            (r#"{"v":x,"seq":0}"#, None),
            (r#"[{"seq":0,"session_id":"s","prev_hash":"genesis"}]"#, None),
            (r#"{"version":1,"action_record":{},"signature":""}"#, Some(LogFormat::Receipts)),
            (r#"{"jsonrpc":"2.0"}"#, None),
            ("plain text", None),
            ("", None),
        ] {
            assert_eq!(LogFormat::of(line.as_bytes()), format, "{line}");
        }
    }

    /// What other JSON Lines mention is no log: each member must be there, and of its type.
    #[test]
    fn behind_a_destroyed_line_each_member_counts() {
        for line in [
            r#"{"v":"2","seq":1,"session_id":"s","prev_hash":"0","hash":"1"}"#,
            r#"{"v":2,"seq":"1","session_id":"s","prev_hash":"0","hash":"1"}"#,
            r#"{"v":2,"session_id":"s","prev_hash":"0","hash":"1"}"#,
            r#"{"seq":1,"session_id":"s","prev_hash":"0","hash":"1"}"#,
            r#"{"v":2,"seq":1,"session_id":1,"prev_hash":"0","hash":"1"}"#,
            r#"{"v":2,"seq":1,"session_id":"s","hash":"1"}"#,
            r#"{"v":2,"seq":1,"session_id":"s","prev_hash":"0"}"#,
            r#"{"action_record":1,"signature":"","signer_key":""}"#,
            r#"{"action_record":{},"signature":""}"#,
            r#"{"signature":"","signer_key":""}"#,
        ] {
            assert_eq!(LogFormat::of_start(format!("junk\n{line}\n").as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_destroyed_first_line_hides_no_log() {
        const ENTRY: &str = r#"{"v":2,"seq":1,"session_id":"s","prev_hash":"0","hash":"1"}"#;
        const RECEIPT: &str = r#"{"version":1,"action_record":{},"signature":"","signer_key":""}"#;
        const RECORD: &str =
            r#"{"record_id":"r","session_id":"s","agent_id":"a","action_type":"t","prev_hash":null}"#;
        for first in ["", "\0\0\0\0", "{\"v\":2,\"se", "{\"jsonrpc\":\"2.0\"}", "junk\njunk\n[]"] {
            for (line, format) in
                [(ENTRY, LogFormat::Recorder), (RECEIPT, LogFormat::Receipts), (RECORD, LogFormat::Trail)]
            {
                assert_eq!(
                    LogFormat::of_start(format!("{first}\n{line}\n").as_bytes()),
                    Some(format),
                    "{first}"
                );
            }
        }
        let late = |lines: usize| LogFormat::of_start(format!("{}{ENTRY}", "\n".repeat(lines)).as_bytes());
        assert_eq!((late(LINES - 1), late(LINES)), (Some(LogFormat::Recorder), None));
    }

    /// What mentions a record is none: inside a text, a level down, or without its hashes.
    #[test]
    fn other_lines_are_no_log() {
        for line in [
            r#"{"log":"{\"v\":2,\"seq\":1,\"session_id\":\"s\",\"prev_hash\":\"0\",\"hash\":\"1\"}"}"#,
            r#"{"entry":{"v":2,"seq":1,"session_id":"s","prev_hash":"0","hash":"1"}}"#,
            r#"{"seq":1,"session_id":"s","prev_hash":"0"}"#,
            r#"{"v":2,"seq":1,"session_id":"s","prev_hash":"0","hash":"1""#,
            r#"{"about":"action_record","action_record":{}}"#,
        ] {
            assert_eq!(LogFormat::of_start(format!("{{\"a\":1}}\n{line}\n").as_bytes()), None, "{line}");
        }
    }
}
