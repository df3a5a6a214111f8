//! How a record that is new to its format is named. Names of types and fields come from the input, and an anomaly goes
//! out unredacted, so only what reads like a name of a format is shown: a few plain words, no token.

use coldcase_model::json::Value;

use super::fields::word;

/// How many fields are named.
const MOST_FIELDS: usize = 12;
/// The longest name, and the longest word of it.
const LONGEST: usize = 40;
const LONGEST_WORD: usize = 16;
/// How many digits a name may hold: `v2` is one, a token has more.
const MOST_DIGITS: usize = 2;

/// A record of a type that its format did not have, in words.
pub(super) fn described(log: &str, kind: &str, record: Value<'_, '_>) -> String {
    let shown = match plain(kind.as_bytes()) {
        Some(kind) => format!("of type `{kind}`"),
        None => format!("of a type of {} bytes", kind.len()),
    };
    let (mut fields, mut others) = (Vec::new(), 0_usize);
    for (key, _) in record.members() {
        match plain(&word(key)) {
            Some("type") => {}
            Some(name) if fields.len() < MOST_FIELDS => fields.push(name.to_owned()),
            _ => others += 1,
        }
    }
    let fields = if fields.is_empty() { String::from("none") } else { fields.join(", ") };
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    format!(
        "a record {shown}, which {log} logs are not known to have, with the fields {fields}{more}; it was read by its shapes"
    )
}

/// A name that may be shown.
fn plain(name: &[u8]) -> Option<&str> {
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'$');
    if name.is_empty() || name.len() > LONGEST || !name.iter().all(is_plain) {
        return None;
    }
    if name.iter().filter(|byte| byte.is_ascii_digit()).count() > MOST_DIGITS {
        return None;
    }
    // A word ends at a separator and before a capital that follows a small letter.
    let (mut longest, mut length, mut last) = (0, 0, b'_');
    for &byte in name {
        // A number follows a separator or the `v` of a version, not a word: passwords look like that.
        if byte.is_ascii_digit() && last.is_ascii_alphabetic() && !matches!(last, b'v' | b'V') {
            return None;
        }
        let starts = !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        length = if starts { 1 } else { length + 1 };
        longest = longest.max(length);
        last = byte;
    }
    let capitals = name.windows(2).filter(
        |pair| matches!(pair, [first, second] if first.is_ascii_lowercase() && second.is_ascii_uppercase()),
    );
    (longest <= LONGEST_WORD && capitals.count() * 3 <= name.len()).then(|| std::str::from_utf8(name).ok())?
}

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;

    #[test]
    fn names_of_formats_are_shown_and_tokens_are_not() {
        let names = [
            "tool_call",
            "codex/event/raw_item",
            "context.append_loop_event",
            "isApiErrorMessage",
            "$set",
            "v2",
        ];
        for name in names {
            assert_eq!(plain(name.as_bytes()), Some(name));
        }
        let token = ["ghp", "_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
        for name in
            [token.as_str(), "", "a b", "x\u{7f}", "hunter2", "aBcDeFgHiJkLmNoP", "abcdefghijklmnopqrst"]
        {
            assert_eq!(plain(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn a_new_record_is_described_by_its_type_and_fields() {
        let mut tape = Tape::default();
        let record =
            tape.parse(br#"{"type":"compact","note":"n","agent":"a","s3cr3tk3y":1}"#).expect("valid");
        let told = described("pi", "compact", record);
        assert!(told.contains("`compact`") && told.contains("note, agent and 1 more"), "{told}");
        assert!(!told.contains("s3cr3t"), "{told}");
    }
}
