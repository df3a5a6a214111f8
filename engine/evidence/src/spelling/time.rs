//! Times as the writer spells them: RFC 3339 in UTC, up to nine fractional digits, no trailing zeros.

/// A time that can be compared.
///
/// Units: the calendar's digits as one number, and nanoseconds. Differences mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Stamp {
    digits: u64,
    nanos: u32,
}

/// Whether the writer spells a time so.
pub(crate) fn is_writer_time(text: &[u8]) -> bool {
    stamp(text).is_some()
}

/// The time, if the writer spells it so.
pub(crate) fn stamp(text: &[u8]) -> Option<Stamp> {
    LastSecond::default().stamp(text)
}

/// The second that was read last: entries come many to the second, so most need no calendar.
#[derive(Debug, Default)]
pub(crate) struct LastSecond {
    text: Option<[u8; FORM.len()]>,
    digits: u64,
}

/// The form of a time up to its seconds.
const FORM: &[u8; 19] = b"0000-00-00T00:00:00";

impl LastSecond {
    /// The time, if the writer spells it so.
    pub(crate) fn stamp(&mut self, text: &[u8]) -> Option<Stamp> {
        let (whole, rest) = text.split_first_chunk::<{ FORM.len() }>()?;
        if self.text.as_ref() != Some(whole) {
            self.digits = second(whole)?;
            self.text = Some(*whole);
        }
        Some(Stamp { digits: self.digits, nanos: fraction(rest.strip_suffix(b"Z")?)? })
    }
}

/// The digits of a day and a second that are in the calendar.
fn second(whole: &[u8; FORM.len()]) -> Option<u64> {
    let mut digits = 0;
    for (form, byte) in FORM.iter().zip(whole) {
        match form {
            b'0' if byte.is_ascii_digit() => digits = digits * 10 + u64::from(byte - b'0'),
            _ if form == byte => {}
            _ => return None,
        }
    }
    let part = |at: u32, width: u32| digits / 10u64.pow(at) % 10u64.pow(width);
    let (second, minute, hour) = (part(0, 2), part(2, 2), part(4, 2));
    let (day, month, year) = (part(6, 2), part(8, 2), part(10, 4));
    let in_day = second < 60 && minute < 60 && hour < 24;
    let in_year = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    (in_day && in_year).then_some(digits)
}

fn fraction(text: &[u8]) -> Option<u32> {
    let Some((point, digits)) = text.split_first() else { return Some(0) };
    let right = *point == b'.'
        && matches!(digits.len(), 1..=9)
        && digits.iter().all(u8::is_ascii_digit)
        && digits.last() != Some(&b'0');
    let read =
        digits.iter().take(9).fold(0, |value, digit| value * 10 + u32::from(digit.wrapping_sub(b'0')) % 10);
    right.then(|| read * 10u32.pow(9 - u32::try_from(digits.len()).unwrap_or(9)))
}

fn days(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_has_one_spelling() {
        for text in ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.12Z", "2028-02-29T23:59:59.999999999Z"] {
            assert!(is_writer_time(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "2026-03-01T10:00:00",
            "2026-03-01T10:00:00.Z",
            "2026-03-01T10:00:00.10Z",
            "2026-03-01T10:00:00.0Z",
            "2026-03-01T10:00:00.1234567891Z",
            "2026-03-01T10:00:00,5Z",
            "2026-03-01t10:00:00Z",
            "2026-03-01T10:00:00z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T10:60:00Z",
            "2026-03-01T10:00:60Z",
            "2026-03-01T10:00:00.1xZ",
            "2026-03-01T10:00:00.x1Z",
            "2028-02-30T10:00:00Z",
            "2026-04-31T10:00:00Z",
            "2026-06-31T10:00:00Z",
            "2026-09-31T10:00:00Z",
            "2026-11-31T10:00:00Z",
            "2026-01-32T10:00:00Z",
            "2026-12-32T10:00:00Z",
            "2026-02-29T10:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-00-01T10:00:00Z",
            "2026-01-00T10:00:00Z",
            "1900-02-29T10:00:00Z",
            "2026-03-01T10:00:00+00:00",
            "2026-03-01T10:00:00ZZ",
            " 2026-03-01T10:00:00Z",
        ] {
            assert!(!is_writer_time(text.as_bytes()), "{text}");
        }
        assert!(is_writer_time(b"2000-02-29T10:00:00Z"));
    }

    /// A state that holds no second yet is not one that holds zeros.
    #[test]
    fn nothing_read_yet_is_no_second() {
        let zeros = [[0; FORM.len()].as_slice(), b"Z"].concat();
        assert_eq!(LastSecond::default().stamp(&zeros), None);
    }

    #[test]
    fn times_compare_by_instant_not_by_spelling() {
        let at = |text: &str| stamp(text.as_bytes()).unwrap();
        assert!(at("2026-03-01T10:00:00.5Z") > at("2026-03-01T10:00:00.12Z"));
        assert!(at("2026-03-01T10:00:01Z") > at("2026-03-01T10:00:00.999999999Z"));
        assert!(at("2026-03-01T10:00:00.000000001Z") > at("2026-03-01T10:00:00Z"));
        assert!(at("2027-01-01T00:00:00Z") > at("2026-12-31T23:59:59Z"));
    }

    #[test]
    fn fractions_are_nanoseconds() {
        for (text, nanos) in [
            ("", 0),
            (".5", 500_000_000),
            (".12", 120_000_000),
            (".000000009", 9),
            (".123456789", 123_456_789),
        ] {
            assert_eq!(fraction(text.as_bytes()), Some(nanos), "{text}");
        }
    }
}
