//! Times as recordings write them, to [`Timestamp`]s. A time that cannot be read is none.

use coldcase_model::{Precision, TimeSource, Timestamp};

/// RFC 3339 with the liberties that exporters take: a space for the `T`, `+0530` for `+05:30`, lower case.
///
/// A time without a zone is not taken: nothing says where its clock stood.
pub(crate) fn parse(text: &str, source: TimeSource) -> Option<Timestamp> {
    let text = text.trim();
    if !(20..=40).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    let parsed: jiff::Timestamp = text.parse().ok()?;
    let nanos = i64::try_from(parsed.as_nanosecond()).ok()?;
    Some(Timestamp { nanos, precision: precision(text), source })
}

/// The finest unit that the fraction's digits state.
fn precision(text: &str) -> Precision {
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    match fraction.bytes().take_while(u8::is_ascii_digit).count() {
        0 => Precision::Second,
        1..=3 => Precision::Milli,
        4..=6 => Precision::Micro,
        _ => Precision::Nano,
    }
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since 1970: which, its size tells, for times
/// between 1973 and 5138.
pub(crate) fn from_epoch(value: f64, source: TimeSource) -> Option<Timestamp> {
    let (scale, precision) = match value {
        v if !v.is_finite() || v < 1e8 => return None,
        v if v < 1e11 => (1e9, if value.fract() == 0.0 { Precision::Second } else { Precision::Milli }),
        v if v < 1e14 => (1e6, Precision::Milli),
        v if v < 1e17 => (1e3, Precision::Micro),
        v if v < 9.2e18 => (1.0, Precision::Nano),
        _ => return None,
    };
    let nanos = value * scale;
    if nanos >= 9.2e18 {
        return None;
    }
    // A float of seconds has no more than about a microsecond of truth; round to what is stated.
    let unit = match precision {
        Precision::Second => 1e9,
        Precision::Milli => 1e6,
        Precision::Micro => 1e3,
        Precision::Nano => 1.0,
    };
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie within the range of i64")]
    let nanos = ((nanos / unit).round() * unit) as i64;
    Some(Timestamp { nanos, precision, source })
}

/// A time some milliseconds later.
pub(crate) fn later(time: Timestamp, milliseconds: f64) -> Option<Timestamp> {
    if !(0.0..=1e12).contains(&milliseconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 1e18")]
    let nanos = (milliseconds.round() * 1e6) as i64;
    Some(Timestamp { nanos: time.nanos.checked_add(nanos)?, ..time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        parse(text, TimeSource::Har).map(|time| time.to_string())
    }

    #[test]
    fn times_of_exporters_are_read_and_zoneless_ones_are_not() {
        assert_eq!(shown("2023-03-29T16:58:59.303-07:00").as_deref(), Some("2023-03-29T23:58:59.303Z"));
        assert_eq!(
            shown("2020-01-01T00:00:00.1234567+01:00").as_deref(),
            Some("2019-12-31T23:00:00.123456700Z")
        );
        assert_eq!(shown("2024-01-01T00:00:00.000+0530").as_deref(), Some("2023-12-31T18:30:00.000Z"));
        assert_eq!(shown("2024-01-01T00:00:00"), None);
        assert_eq!(shown(""), None);
    }

    #[test]
    fn epoch_numbers_tell_their_unit_by_size() {
        let shown = |value| from_epoch(value, TimeSource::Har).map(|time| time.to_string());
        assert_eq!(shown(1_700_000_000.0).as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(shown(1_700_000_000.123).as_deref(), Some("2023-11-14T22:13:20.123Z"));
        assert_eq!(shown(1_700_000_000_123.0).as_deref(), Some("2023-11-14T22:13:20.123Z"));
        assert_eq!(shown(12.0), None);
        assert_eq!(shown(f64::NAN), None);
    }
}
