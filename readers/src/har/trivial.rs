//! Values that hold nothing to scan: sizes, times, words of the format.

use coldcase_model::TimeSource;
use coldcase_model::json::{Kind, Value};

use crate::time;

/// A number this long may be more than a size or a time: a card, an account.
const LONG_NUMBER: usize = 12;
/// How many bytes of a string as written may stand for one byte of it; a longer text need not be resolved to tell
/// that it is no time.
const LONGEST_ESCAPE: usize = 6;

/// Numbers, literals, and containers of nothing else; times and protocol names in their standard form.
pub(super) fn is_trivial(value: Value<'_, '_>) -> bool {
    match value.kind() {
        Kind::Literal => true,
        Kind::Number => value.span().len() < LONG_NUMBER,
        Kind::String | Kind::Key => {
            let text = value.raw();
            text.len() <= 2
                || text.len() < 12 && text.iter().all(|byte| !byte.is_ascii_whitespace())
                || text.len() < 40 * LONGEST_ESCAPE
                    && value
                        .str()
                        .is_some_and(|text| text.len() < 40 && time::parse(&text, TimeSource::Har).is_some())
        }
        Kind::Array => value.items().all(is_trivial),
        // Keys of up to eleven bytes, as in `timings`.
        Kind::Object => value.members().all(|(key, value)| is_trivial(key) && is_trivial(value)),
    }
}
