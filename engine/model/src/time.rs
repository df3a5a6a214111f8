//! Points in time with where they come from. An event without a time has none; nothing is filled in.

use std::fmt;

use crate::kind::vocabulary;

vocabulary! {
    /// Who wrote the time down.
    TimeSource {
        /// `startedDateTime` of a HAR entry, moved by its timings for a response.
        Har => "har",
        /// The `time` of a WebSocket message in a HAR entry.
        HarWebSocket => "har_websocket",
        /// The tag that a logger put before or around an MCP message.
        Transcript => "transcript",
        /// The record of a packet in a capture.
        Capture => "capture",
        /// The `ts` of a flight-recorder entry.
        Recorder => "recorder",
        /// The `time` of an event record.
        EventRecord => "event_record",
        /// A time field of a JSON log entry.
        LogField => "log_field",
    }
}

vocabulary! {
    /// The finest unit that the recording states.
    Precision {
        /// Whole seconds.
        Second => "s",
        /// Milliseconds.
        Milli => "ms",
        /// Microseconds.
        Micro => "us",
        /// Nanoseconds.
        Nano => "ns",
    }
}

/// A point in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Timestamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z; the range is 1677 to 2262.
    pub nanos: i64,
    /// The finest unit that the recording states.
    pub precision: Precision,
    /// Who wrote the time down.
    pub source: TimeSource,
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many fractional digits as the precision has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NANOS: i64 = 1_000_000_000;
        let (seconds, nanos) = (self.nanos.div_euclid(NANOS), self.nanos.rem_euclid(NANOS));
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.precision {
            Precision::Second => {}
            Precision::Milli => write!(f, ".{:03}", nanos / 1_000_000)?,
            Precision::Micro => write!(f, ".{:06}", nanos / 1_000)?,
            Precision::Nano => write!(f, ".{nanos:09}")?,
        }
        f.write_str("Z")
    }
}

/// Year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar.
///
/// The year is taken to start in March, so that the leap day is its last day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097; // 400 years
    let from_march_0000 = days + 719_468;
    let era = from_march_0000.div_euclid(DAYS_PER_ERA);
    let day_of_era = from_march_0000.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(nanos: i64, precision: Precision) -> String {
        Timestamp { nanos, precision, source: TimeSource::Har }.to_string()
    }

    #[test]
    fn leap_days_epoch_and_times_before_it_display_right() {
        assert_eq!(shown(0, Precision::Second), "1970-01-01T00:00:00Z");
        assert_eq!(shown(951_782_400_123_000_000, Precision::Milli), "2000-02-29T00:00:00.123Z");
        assert_eq!(shown(-1, Precision::Nano), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(shown(1_772_359_200_120_000_000, Precision::Micro), "2026-03-01T10:00:00.120000Z");
    }
}
