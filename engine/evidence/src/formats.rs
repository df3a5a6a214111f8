//! The log formats that are verified, told apart by their first line.
//!
//! A format of one's own is one module that goes through [`crate::LogFiles`] and fills [`SessionReport`]s, and one
//! arm here.

use crate::log::{Break, LogFiles, SessionReport, VerifyOptions, verify_receipts, verify_session};
use crate::trail::{self, TrailKeys, verify_trails};

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

impl LogFormat {
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

/// Verifies a log of this format. A trail may hold several sessions.
pub fn verify_log(
    format: LogFormat,
    files: &mut dyn LogFiles,
    trail_keys: &TrailKeys,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> Vec<SessionReport> {
    match format {
        LogFormat::Recorder => vec![verify_session(files, options, on_break)],
        LogFormat::Receipts => vec![verify_receipts(files, options, on_break)],
        LogFormat::Trail => verify_trails(files, trail_keys, options, on_break),
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
}
