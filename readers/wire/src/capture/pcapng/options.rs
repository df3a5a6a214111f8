//! The options at the end of a block: pcapng, section 3.5.

use crate::capture::bytes::ByteOrder;

/// Code of a comment in every block.
pub(super) const COMMENT: u16 = 1;

/// Gives each option's code and value to `each`; whether all lengths fit.
///
/// The list ends with the code 0 or with the block: both are in use.
pub(super) fn walk<'a>(order: ByteOrder, mut bytes: &'a [u8], mut each: impl FnMut(u16, &'a [u8])) -> bool {
    while !bytes.is_empty() {
        let (Some(code), Some(length)) = (order.u16(bytes, 0), order.u16(bytes, 2)) else { return false };
        if code == 0 {
            return true;
        }
        let length = usize::from(length);
        let Some(value) = bytes.get(4..).and_then(|rest| rest.get(..length)) else { return false };
        each(code, value);
        bytes = bytes.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(bytes: &[u8]) -> (Vec<(u16, Vec<u8>)>, bool) {
        let mut all = Vec::new();
        let sound = walk(ByteOrder::Little, bytes, |code, value| all.push((code, value.to_vec())));
        (all, sound)
    }

    #[test]
    fn values_are_padded_and_the_end_may_be_left_out() {
        let two = vec![(1, b"abc".to_vec()), (9, b"\x06".to_vec())];
        assert_eq!(codes(b"\x01\0\x03\0abc\0\x09\0\x01\0\x06\0\0\0\0\0\0\0"), (two.clone(), true));
        assert_eq!(codes(b"\x01\0\x03\0abc\0\x09\0\x01\0\x06\0\0\0"), (two.clone(), true));
        assert_eq!(codes(b"\x01\0\x03\0abc\0\x09\0\x01\0\x06"), (two, true));
        assert_eq!(codes(b""), (vec![], true));
    }

    #[test]
    fn a_length_past_the_block_ends_the_list() {
        assert_eq!(codes(b"\x01\0\x01\0a\0\0\0\x02\0\xff\xffxx"), (vec![(1, b"a".to_vec())], false));
        assert_eq!(codes(b"\x01\0"), (vec![], false));
    }
}
