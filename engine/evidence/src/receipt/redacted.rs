//! The recorder's redaction: of a whole detail, and of a receipt's target and pattern.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 8, "Redaction".

use coldcase_model::json::{Kind, Tape, Value};

use super::walk::decoded;

/// What stands for a field that was blanked.
const BLANK: &[u8] = b"\"[REDACTED]\"";
/// The fields that are blanked in a receipt.
const BLANKED: [&str; 2] = ["target", "pattern"];
/// The list of those that were.
pub(super) const MARK: &str = "redacted_fields";

/// Whether a detail is what the recorder puts in the place of one that it must not keep, or could not spell.
pub(crate) fn is_redacted(detail: &[u8]) -> bool {
    detail == br#"{"reason":"marshal error","redacted":true}"#
        || (detail.starts_with(br#"{"detected_patterns":"#) && is_replacement(detail))
}

fn is_replacement(detail: &[u8]) -> bool {
    let mut tape = Tape::default();
    let Ok(root) = tape.parse(detail) else { return false };
    let mut members = root.members();
    let mut member = |name: &str| members.next().filter(|(key, _)| key.is_key(name)).map(|(_, value)| value);
    let (Some(patterns), Some(size), Some(redacted)) =
        (member("detected_patterns"), member("original_size"), member("redacted"))
    else {
        return false;
    };
    members.next().is_none()
        && patterns.kind() == Kind::Array
        && patterns.items().all(|item| item.string().is_some_and(|text| text.starts_with(b"[REDACTED:")))
        && size.u64().is_some()
        && redacted.raw() == b"true"
}

/// Whether a receipt whose record lists blanked fields has the form that the recorder gives it: keys sorted, and
/// each of the listed fields blank.
pub(super) fn is_blanked(receipt: Value<'_, '_>, record: Value<'_, '_>) -> bool {
    let Some(list) = record.get(MARK) else { return false };
    let blank = |item: Value<'_, '_>| {
        let name = BLANKED.into_iter().find(|name| item.string().as_deref() == Some(name.as_bytes()));
        name.and_then(|name| record.get(name)).is_some_and(|value| value.raw() == BLANK)
    };
    list.items().next().is_some()
        && list.items().all(blank)
        // A struct that came through a map: `ext`, which is no struct, may keep its order.
        && is_sorted(receipt)
        && record.descendants().filter(|value| value.kind() == Kind::Object).all(is_sorted)
}

fn is_sorted(object: Value<'_, '_>) -> bool {
    object.members().map(|(key, _)| decoded(key)).is_sorted_by(|one, next| one < next)
}
