//! The time, for what is written now.

use std::time::{SystemTime, UNIX_EPOCH};

use coldcase_model::{Precision, TimeSource, Timestamp};

/// Now by this machine's clock.
///
/// Units: nanoseconds since 1970-01-01T00:00:00Z; a clock outside 1677 to 2262 gives the nearest end.
pub(crate) fn now() -> i64 {
    let nanos = |past: std::time::Duration| i64::try_from(past.as_nanos()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => nanos(since),
        Err(before) => -nanos(before.duration()),
    }
}

/// Now to the second, as RFC 3339 text in UTC.
pub(crate) fn now_text() -> String {
    Timestamp { nanos: now(), precision: Precision::Second, source: TimeSource::Recorder }.to_string()
}
