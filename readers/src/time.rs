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
    if let Some(plain) = plain(text.as_bytes(), source) {
        return Some(plain);
    }
    let parsed: jiff::Timestamp = text.parse().ok()?;
    let nanos = i64::try_from(parsed.as_nanosecond()).ok()?;
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    Some(Timestamp { nanos, precision: precision(digits), source })
}

/// A time as nearly every recording writes it: `2026-03-01T08:00:03.462Z`, of this century or the one before.
///
/// `None` leaves it to the parser that knows the rest: the last days of months, leap seconds, zones.
fn plain(text: &[u8], source: TimeSource) -> Option<Timestamp> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    let [.., b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = head else { return None };
    let part = |from: usize, to: usize| number(head.get(from..to)?);
    let year = part(0, 4).filter(|year| (1970..2100).contains(year))?;
    let month = part(5, 7).filter(|month| (1..=12).contains(month))?;
    let day = part(8, 10).filter(|day| (1..=28).contains(day))?;
    let hour = part(11, 13).filter(|hour| *hour < 24)?;
    let minute = part(14, 16).filter(|minute| *minute < 60)?;
    let second = part(17, 19).filter(|second| *second < 60)?;
    let fraction = match tail.strip_suffix(b"Z")? {
        [] => &[],
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => digits,
        _ => return None,
    };
    let missing = u32::try_from(9 - fraction.len()).ok()?;
    let subsecond = number(fraction)? * 10_i64.pow(missing);
    // Years begin in March, so that the leap day is the last; 719,468 days lie between March of year 0 and 1970.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    let nanos = seconds * 1_000_000_000 + subsecond;
    Some(Timestamp { nanos, precision: precision(fraction.len()), source })
}

/// The number that these digits write; `None` where one is no digit.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// The finest unit that so many digits of a fraction state.
fn precision(digits: usize) -> Precision {
    match digits {
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

/// Nanoseconds since 1970; none for zero, which means that no time is known.
pub(crate) fn from_nanos(nanos: u64, source: TimeSource) -> Option<Timestamp> {
    let nanos = i64::try_from(nanos).ok().filter(|nanos| *nanos > 0)?;
    Some(Timestamp { nanos, precision: Precision::Nano, source })
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
    fn plain_times_are_read_as_the_full_parser_reads_them() {
        for day in 0..47_400_i64 {
            let second = day * 86_400 + day * 7_919 % 86_400;
            let nanos = i32::try_from(day * 104_729 % 1_000_000_000).expect("small");
            let time = jiff::Timestamp::new(second, nanos).expect("in range");
            for digits in [0, 3, 6, 9] {
                let text = format!("{time:.digits$}");
                let full: jiff::Timestamp = text.parse().expect("its own text");
                let read = plain(text.as_bytes(), TimeSource::Har);
                assert!(read.is_some() || text.get(8..10) > Some("28"), "{text}");
                let nanos = read.map_or(full.as_nanosecond(), |time| i128::from(time.nanos));
                assert_eq!(nanos, full.as_nanosecond(), "{text}");
            }
        }
        for text in
            ["2026-13-01T00:00:00Z", "2026-02-28T24:00:00Z", "2026-02-28T00:00:00.Z", "2026-02-28T0:00:000Z"]
        {
            assert_eq!(plain(text.as_bytes(), TimeSource::Har), None, "{text}");
        }
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
