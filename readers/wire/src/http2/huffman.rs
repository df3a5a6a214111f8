//! The Huffman code of HPACK, eight bits a step for the symbols of most text.
//!
//! The code is canonical: codes of one length follow each other in the order of their symbols, and the next length goes
//! on from there. So the lengths alone, one a symbol, are the whole code, and all tables are made from them when this is
//! compiled. Source: RFC 7541, sections 5.2 and Appendix B.

/// The symbol that must not occur: its first bits are the padding.
const EOS: u16 = 256;
/// The longest code. Units: bits.
const LONGEST: usize = 30;

/// Lengths of the codes of the octets in their order, then of EOS. Units: bits.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

/// What is wrong with a coded string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadCode {
    /// EOS stands in it.
    Eos,
    /// The last bits are more than seven, or not all ones.
    Padding,
}

/// All codes of one length.
#[derive(Clone, Copy)]
struct Length {
    /// The first of them.
    first: u32,
    count: u32,
    /// Where their symbols start in [`Code::symbols`].
    start: u16,
}

struct Code {
    /// By the next eight bits: symbol and length of the code that they start with; length 0 if it is longer.
    short: [(u8, u8); 256],
    by_length: [Length; LONGEST + 1],
    /// All symbols, by length and then by value.
    symbols: [u16; 257],
}

static CODE: Code = code();

#[expect(clippy::indexing_slicing, reason = "run at compile time: an index out of bounds does not compile")]
#[expect(clippy::cast_possible_truncation, reason = "symbols are below 257, lengths below 31")]
const fn code() -> Code {
    let mut made = Code {
        short: [(0, 0); 256],
        by_length: [Length { first: 0, count: 0, start: 0 }; LONGEST + 1],
        symbols: [0; 257],
    };
    let (mut next, mut placed, mut length) = (0u32, 0usize, 1usize);
    while length <= LONGEST {
        next <<= 1;
        made.by_length[length] = Length { first: next, count: 0, start: placed as u16 };
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                made.symbols[placed] = symbol as u16;
                let mut rest = 0;
                while length <= 8 && rest < 1 << (8 - length) {
                    made.short[((next as usize) << (8 - length)) + rest] = (symbol as u8, length as u8);
                    rest += 1;
                }
                made.by_length[length].count += 1;
                placed += 1;
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    made
}

/// Decodes a string to the end of `out`; what came before a fault stays there.
pub(super) fn decode(coded: &[u8], out: &mut Vec<u8>) -> Result<(), BadCode> {
    // No code has fewer than five bits.
    out.reserve(coded.len().saturating_mul(8) / 5);
    let mut input = coded.iter();
    // The next bits, the first of them at the top; below them ones, as the padding has them.
    let (mut window, mut held) = (u64::MAX, 0u32);
    loop {
        while held <= 56 {
            let Some(&byte) = input.next() else { break };
            let shift = 56 - held;
            window = (window & !(0xff << shift)) | (u64::from(byte) << shift);
            held += 8;
        }
        let Some((symbol, length)) = next_symbol(window) else { return Err(BadCode::Eos) };
        if length > held {
            // An incomplete code: nothing but padding may be left.
            return if held < 8 && window == u64::MAX { Ok(()) } else { Err(BadCode::Padding) };
        }
        let Ok(octet) = u8::try_from(symbol) else { return Err(BadCode::Eos) };
        out.push(octet);
        window = (window << length) | ((1 << length) - 1);
        held -= length;
    }
}

/// The symbol whose code the window starts with, and the length of the code in bits.
fn next_symbol(window: u64) -> Option<(u16, u32)> {
    let (symbol, length) = *CODE.short.get(usize::try_from(window >> 56).ok()?)?;
    if length > 0 {
        return Some((u16::from(symbol), u32::from(length)));
    }
    for (length, codes) in (0u32..).zip(&CODE.by_length).skip(9) {
        let code = u32::try_from(window >> (64 - length)).ok()?;
        let nth = code.wrapping_sub(codes.first);
        if nth < codes.count {
            let symbol = *CODE.symbols.get(usize::from(codes.start) + nth as usize)?;
            return Some((symbol, length));
        }
    }
    // Every window starts with a code, since the code is complete.
    Some((EOS, 30))
}

#[cfg(test)]
pub(super) fn encode(text: &[u8]) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    for &octet in text {
        let length = usize::from(LENGTHS[usize::from(octet)]);
        let codes = CODE.by_length[length];
        let start = usize::from(codes.start);
        let nth = CODE.symbols[start..].iter().position(|symbol| *symbol == u16::from(octet)).unwrap();
        let code = codes.first + u32::try_from(nth).unwrap();
        bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
    }
    bits.resize(bits.len().next_multiple_of(8), true);
    bits.chunks(8).map(|octet| octet.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(coded: &[u8]) -> Result<Vec<u8>, BadCode> {
        let mut out = Vec::new();
        decode(coded, &mut out).map(|()| out)
    }

    #[test]
    fn the_code_is_complete_and_eos_is_thirty_ones() {
        let filled: u64 = LENGTHS.iter().map(|length| 1u64 << (LONGEST - usize::from(*length))).sum();
        assert_eq!(filled, 1 << LONGEST);
        let last = CODE.by_length[LONGEST];
        assert_eq!((last.first + last.count - 1, CODE.symbols[256]), ((1 << 30) - 1, EOS));
    }

    /// RFC 7541, Appendix B: codes of all lengths, by their rows.
    #[test]
    fn codes_are_those_of_the_appendix() {
        for (symbol, coded) in [
            (b'0', &[0b0000_0111][..]),
            (b'/', &[0b0110_0011]),
            (b'Z', &[0xfd]),
            (b'!', &[0xfe, 0x3f]),
            (0, &[0xff, 0xc7]),
            (b'\\', &[0xff, 0xfe, 0x1f]),
            (1, &[0xff, 0xff, 0xb1]),
            (249, &[0xff, 0xff, 0xff, 0xef]),
            (10, &[0xff, 0xff, 0xff, 0xf3]),
        ] {
            assert_eq!(decoded(coded), Ok(vec![symbol]));
            assert_eq!(encode(&[symbol]), coded);
        }
    }

    #[test]
    fn bad_padding_and_eos_are_told_and_keep_what_came_before() {
        assert_eq!(decoded(&[0xff]), Err(BadCode::Padding));
        assert_eq!(decoded(&[0b0000_0110]), Err(BadCode::Padding));
        assert_eq!(decoded(&[0xff; 4]), Err(BadCode::Eos));
        let mut out = Vec::new();
        let coded = [encode(b"abcdefgh"), vec![0xff; 4]].concat();
        assert_eq!((decode(&coded, &mut out), &out[..]), (Err(BadCode::Eos), &b"abcdefgh"[..]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn what_is_encoded_is_decoded(text in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(decoded(&encode(&text)), Ok(text));
        }

        #[test]
        fn any_bytes_decode_or_fail(coded in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(text) = decoded(&coded) {
                prop_assert_eq!(encode(&text), coded);
            }
        }
    }
}
