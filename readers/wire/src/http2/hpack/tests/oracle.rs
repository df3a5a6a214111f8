//! The decoder held to another one, `loona-hpack`, on blocks that may be right.

use loona_hpack::Decoder as Other;

use super::super::super::huffman;
use super::*;

/// An integer with a prefix, the bits above which are given.
fn coded_integer(top: u8, prefix: u32, value: u32) -> Vec<u8> {
    let max = (1u32 << prefix) - 1;
    if value < max {
        return vec![top | u8::try_from(value).unwrap()];
    }
    let mut coded = vec![top | u8::try_from(max).unwrap()];
    let mut rest = value - max;
    while rest >= 128 {
        coded.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    coded.push(u8::try_from(rest).unwrap());
    coded
}

fn any_string() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        4 => "[a-z0-9/ .-]{0,40}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => (100usize..400).prop_map(|len| vec![b'x'; len]),
    ];
    (text, any::<bool>()).prop_map(|(text, is_coded)| {
        let (top, text) = if is_coded { (0x80, huffman::encode(&text)) } else { (0, text) };
        [coded_integer(top, 7, u32::try_from(text.len()).unwrap()), text].concat()
    })
}

/// One representation; indices beyond the table are rare.
fn any_step() -> impl Strategy<Value = Vec<u8>> {
    let index = prop_oneof![4 => 1u32..62, 4 => 62u32..66, 1 => 66u32..90];
    let literal = prop_oneof![Just((0x40, 6)), Just((0x00, 4)), Just((0x10, 4))];
    prop_oneof![
        3 => index.clone().prop_map(|index| coded_integer(0x80, 7, index)),
        3 => (literal.clone(), index, any_string())
            .prop_map(|((top, prefix), index, value)| [coded_integer(top, prefix, index), value].concat()),
        3 => (literal, any_string(), any_string())
            .prop_map(|((top, _), name, value)| [vec![top], name, value].concat()),
    ]
}

/// Size updates, then fields. The other decoder refuses blocks of nothing but updates.
fn any_block() -> impl Strategy<Value = Vec<u8>> {
    let sizes = proptest::collection::vec((0u32..600).prop_map(|size| coded_integer(0x20, 5, size)), 0..3);
    let has_sizes = prop::bool::weighted(0.2);
    let steps = proptest::collection::vec(any_step(), 1..12);
    (has_sizes, sizes, steps).prop_map(|(has_sizes, sizes, steps)| {
        let sizes = if has_sizes { sizes } else { Vec::new() };
        [sizes.concat(), steps.concat()].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_another_decoder_takes_is_read_the_same(blocks in proptest::collection::vec(any_block(), 1..8)) {
        let (mut ours, mut other) = (new(), Other::new());
        for block in blocks {
            let decoded = ours.decode(&block, &TERMS);
            match other.decode(&block) {
                Ok(fields) => {
                    let seen: Vec<_> =
                        decoded.fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
                    prop_assert_eq!(seen, fields);
                    prop_assert_eq!(kinds(&decoded), [""; 0]);
                }
                Err(_) => {
                    prop_assert_eq!(kinds(&decoded), ["hpack_lost_index"]);
                    break;
                }
            }
        }
    }
}
