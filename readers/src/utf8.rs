//! Whether a record is UTF-8: the check of the standard library, with plain ASCII passed over in blocks.

/// How much is passed over at a time.
const BLOCK: usize = 64;

/// Where the first byte stands that is not UTF-8.
pub(crate) fn first_invalid(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        if block.is_ascii() {
            at += BLOCK;
            continue;
        }
        match std::str::from_utf8(block) {
            Ok(_) => at += BLOCK,
            // The block ends inside a character, of which it holds three bytes at most.
            Err(error) if error.error_len().is_none() => at += error.valid_up_to(),
            Err(error) => return Some(at + error.valid_up_to()),
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    std::str::from_utf8(rest).err().map(|error| at + error.valid_up_to())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_find_what_one_look_finds() {
        for bad in [&b""[..], b"\xff", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\x80", b"\xed\xa0\x80"] {
            for before in 0..140 {
                for after in [0, 1, 70] {
                    let text = ["a".repeat(before), "\u{e9}\u{20ac}\u{1f600}".repeat(before / 7)].concat();
                    let bytes = [text.as_bytes(), bad, "b\u{20ac}".repeat(after).as_bytes()].concat();
                    let plainly = std::str::from_utf8(&bytes).err().map(|error| error.valid_up_to());
                    assert_eq!(first_invalid(&bytes), plainly, "{bytes:?}");
                }
            }
        }
    }
}
