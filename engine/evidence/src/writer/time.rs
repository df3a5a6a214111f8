//! Times as the log spells them: RFC 3339 in UTC, up to nine fractional digits, no trailing zeros.

use coldcase_model::{Precision, TimeSource, Timestamp};

/// Spells a time.
///
/// Units: nanoseconds since 1970-01-01T00:00:00Z; every value lies in the years 1677 to 2262.
pub(super) fn spell(nanos: i64) -> String {
    let stamp = Timestamp { nanos, precision: Precision::Nano, source: TimeSource::Recorder };
    let text = stamp.to_string();
    // Nine digits are always there, so the zeros end at the point at the latest.
    let short = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{short}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spelling;
    use proptest::prelude::*;

    #[test]
    fn known_instants_are_spelled_as_known() {
        const DAY: i64 = 86_400_000_000_000;
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (100_000_000, "1970-01-01T00:00:00.1Z"),
            (10 * 1_000_000_000, "1970-01-01T00:00:10Z"),
            (59 * DAY, "1970-03-01T00:00:00Z"),
            (789 * DAY, "1972-02-29T00:00:00Z"),
            (951_782_400 * 1_000_000_000, "2000-02-29T00:00:00Z"),
            (951_868_799_999_999_999, "2000-02-29T23:59:59.999999999Z"),
            (951_868_800 * 1_000_000_000, "2000-03-01T00:00:00Z"),
            (1_709_164_800_500_000_000, "2024-02-29T00:00:00.5Z"),
            (1_740_787_200 * 1_000_000_000, "2025-03-01T00:00:00Z"),
            (1_772_359_200_120_000_000, "2026-03-01T10:00:00.12Z"),
            (1_772_359_202_000_000_001, "2026-03-01T10:00:02.000000001Z"),
            (1_798_761_599_999_999_999, "2026-12-31T23:59:59.999999999Z"),
            // 2100 is no leap year.
            (4_107_542_399 * 1_000_000_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400 * 1_000_000_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(spell(nanos), text);
        }
    }

    proptest! {
        #[test]
        fn every_time_is_in_the_writers_form_and_order_is_kept(a in any::<i64>(), b in any::<i64>()) {
            let (first, second) = (spell(a), spell(b));
            prop_assert!(spelling::is_writer_time(first.as_bytes()), "{first}");
            let stamp = |text: &str| spelling::LastSecond::default().stamp(text.as_bytes());
            let stamps = (stamp(&first), stamp(&second));
            prop_assert_eq!(a.cmp(&b), stamps.0.cmp(&stamps.1));
        }
    }
}
