//! Counts and sizes as a person reads them: `12,345,678` and `12.3 MB`. The exact size always stands nearby.

/// A count with thousands separators.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in decimal units, rounded down to one decimal, so that a part never looks like the whole of more.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => counted(bytes, "byte", "bytes"),
    }
}

/// A part and its whole as sizes; in bytes where rounding would make the part look like the whole.
pub(crate) fn part_of(part: u64, whole: u64) -> (String, String) {
    let sizes = (size(part), size(whole));
    if part == whole || sizes.0 != sizes.1 { sizes } else { (grouped(part), counted(whole, "byte", "bytes")) }
}

/// A count with its noun: `1 event`, `1,204 events`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A share in percent with one decimal; only the whole is 100 %, and only nothing is 0 %.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    match tenths {
        0 if part > 0 => "< 0.1 %".to_owned(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_three() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn sizes_round_down() {
        assert_eq!(
            [1, 999, 1_999, 12_345_678, u64::MAX].map(size),
            ["1 byte", "999 bytes", "1.9 kB", "12.3 MB", "18446744.0 TB"]
        );
    }

    #[test]
    fn a_part_never_reads_as_the_whole() {
        let words = |part, whole| {
            let (part, whole) = part_of(part, whole);
            format!("{part} of {whole}")
        };
        assert_eq!(words(1_800_000, 1_900_000), "1.8 MB of 1.9 MB");
        assert_eq!(words(1_800_000, 1_881_587), "1,800,000 of 1,881,587 bytes");
        assert_eq!(words(1_881_587, 1_881_587), "1.8 MB of 1.8 MB");
    }

    #[test]
    fn nearly_all_is_not_all_and_nearly_nothing_is_not_nothing() {
        assert_eq!(percent(9_999, 10_000), "99.9 %");
        assert_eq!(percent(1, 1_000_000), "< 0.1 %");
        assert_eq!(percent(5, 5), "100.0 %");
        assert_eq!(percent(0, 0), "–");
    }
}
