//! String escapes of JSON (RFC 8259 section 7), resolved leniently: what is no escape stays as it is.

use memchr::memchr;

use super::quote::{equal, first};

/// The content of a JSON string with its escapes resolved.
pub fn unescape(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + COPY);
    unescape_into(content, &mut out, |_, _| {});
    out
}

/// As [`unescape`], appending to `out`; tells `moved` the (source, output) position after each escape.
///
/// Between two such positions, source and output run in step.
pub fn unescape_into(content: &[u8], out: &mut Vec<u8>, mut moved: impl FnMut(usize, usize)) {
    let before = out.len();
    // No escape is shorter than what it stands for. Sixteen bytes are copied at a time and those from a backslash
    // on written over, so there is room for them.
    out.resize(before + content.len() + COPY, 0);
    let slots = out.get_mut(before..).unwrap_or_default();
    let (mut at, mut to) = (0, 0);
    while let Some(bytes) = content.get(at..).and_then(|rest| rest.first_chunk::<COPY>())
        && let Some(slot) = slots.get_mut(to..).and_then(|rest| rest.first_chunk_mut::<COPY>())
    {
        *slot = *bytes;
        let plain = before_backslash(bytes);
        (at, to) = (at + plain, to + plain);
        if plain < COPY {
            let (source, written) = escape_at(content, at, slots.get_mut(to..).unwrap_or_default());
            (at, to) = (at + source, to + written);
            moved(at, before + to);
        }
    }
    while let (Some(byte), Some(slot)) = (content.get(at), slots.get_mut(to)) {
        if *byte == b'\\' {
            let (source, written) = escape_at(content, at, slots.get_mut(to..).unwrap_or_default());
            (at, to) = (at + source, to + written);
            moved(at, before + to);
        } else {
            *slot = *byte;
            (at, to) = (at + 1, to + 1);
        }
    }
    out.truncate(before + to);
}

/// How many bytes are copied before a look whether they were all plain; a buffer with this much room beyond what
/// is unescaped into it never grows.
pub(super) const COPY: usize = 16;

/// How many bytes stand before the first backslash.
#[inline]
fn before_backslash(bytes: &[u8; COPY]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let plain = |at: usize| words.get(at).map_or(0, |word| first(equal(u64::from_le_bytes(*word), b'\\')));
    let (low, high) = (plain(0), plain(1));
    // Eight of the first half: then those of the second count. Without a branch, which would be a coin's toss.
    low + (low / 8) * high
}

/// Where in a string's content the decoded position `output` comes from: an escape counts from its backslash.
pub fn source_position(content: &[u8], output: usize) -> usize {
    let mut step = (0, 0);
    unescape_into(content, &mut Vec::with_capacity(content.len()), |source, written| {
        if written <= output {
            step = (source, written);
        }
    });
    let rest = content.get(step.0..).unwrap_or_default();
    step.0 + (output - step.1).min(memchr(b'\\', rest).unwrap_or(rest.len()))
}

/// Resolves the escape at a position, and gives its length and that of what it stands for.
#[inline]
fn escape_at(content: &[u8], at: usize, slots: &mut [u8]) -> (usize, usize) {
    let plain = content.get(at + 1).and_then(|byte| PLAIN.get(usize::from(*byte))).copied().unwrap_or(0);
    if plain != 0 {
        return (2, write(&[plain], slots));
    }
    if content.get(at + 1) == Some(&b'u') {
        return unicode_escape(content.get(at..).unwrap_or_default(), slots);
    }
    (1, write(b"\\", slots))
}

#[inline]
fn write(bytes: &[u8], slots: &mut [u8]) -> usize {
    if let Some(slots) = slots.get_mut(..bytes.len()) {
        slots.copy_from_slice(bytes);
    }
    bytes.len()
}

/// What the escapes of one letter stand for; 0 where a letter makes none.
#[expect(clippy::indexing_slicing, reason = "filled when this is compiled; a mistake would not compile")]
const PLAIN: [u8; 256] = {
    let pairs = *b"\"\"\\\\//b\x08f\x0cn\nr\rt\t";
    let mut table = [0; 256];
    let mut at = 0;
    while at < pairs.len() {
        table[pairs[at] as usize] = pairs[at + 1];
        at += 2;
    }
    table
};

/// `\uXXXX`, or two of them that make a surrogate pair; a lone surrogate becomes U+FFFD.
fn unicode_escape(rest: &[u8], slots: &mut [u8]) -> (usize, usize) {
    let Some(unit) = hex4(rest.get(2..6)) else {
        return (1, write(b"\\", slots));
    };
    let (code, len) = match unit {
        0xD800..=0xDBFF => match low_surrogate(rest) {
            Some(low) => (0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12),
            None => (0xFFFD, 6),
        },
        unit => (unit, 6),
    };
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    (len, write(c.encode_utf8(&mut [0; 4]).as_bytes(), slots))
}

fn low_surrogate(rest: &[u8]) -> Option<u32> {
    if rest.get(6..8) != Some(b"\\u") {
        return None;
    }
    hex4(rest.get(8..12)).filter(|unit| (0xDC00..=0xDFFF).contains(unit))
}

fn hex4(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_pairs_and_lone_surrogates_resolve() {
        assert_eq!(unescape(br"a\n\u00e9\ud83d\ude00\/"), "a\né😀/".as_bytes());
        assert_eq!(unescape(br"\ud83d!"), "\u{fffd}!".as_bytes());
        assert_eq!(unescape(br"\ud83dA"), "\u{fffd}A".as_bytes());
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(unescape(br"\q\u12"), br"\q\u12");
        assert_eq!(unescape(b"\\"), b"\\");
    }

    #[test]
    fn positions_run_in_step_between_escapes() {
        let mut moves = Vec::new();
        unescape_into(br"ab\ncd\u0041e", &mut Vec::new(), |source, output| moves.push((source, output)));
        assert_eq!(moves, [(4, 3), (12, 6)]);
    }
}
