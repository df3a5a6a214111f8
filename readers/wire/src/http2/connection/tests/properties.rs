//! What holds for any bytes, and however they are cut up.

use proptest::prelude::*;

use super::*;

/// A frame that may be right, with a field block or anything else in it.
fn any_frame() -> impl Strategy<Value = Vec<u8>> + Clone {
    let blocks = prop_oneof![
        Just(block(&GET)),
        Just(block(&[(":status", "200"), ("content-length", "3")])),
        Just(vec![0x88, 0x41, 1, b'a', 0xbe, 0xbf]),
        Just(vec![0x3f, 0xe1, 0x1f, 0x40, 1, b'x', 0x81, 0xff]),
        proptest::collection::vec(any::<u8>(), 0..30),
    ];
    let flags = prop_oneof![
        Just(0u8),
        Just(END_STREAM),
        Just(END_HEADERS),
        Just(5),
        Just(0x8),
        Just(0x2d),
        any::<u8>()
    ];
    let kind = prop_oneof![4 => Just(DATA), 4 => Just(HEADERS), 2 => Just(CONTINUATION), 3 => 2u8..12];
    (kind, flags, 0u32..8, blocks)
        .prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, &payload))
}

/// Pieces of a capture: frames of both sides, some of them damaged, and gaps.
fn any_parts() -> impl Strategy<Value = Vec<Part>> {
    let side = prop_oneof![Just(Side::Client), Just(Side::Server)];
    let frames = proptest::collection::vec(any_frame(), 1..6).prop_map(|frames| frames.concat());
    let damaged =
        (frames.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, index, byte)| {
            let at = index.index(bytes.len());
            bytes[at] = byte;
            bytes
        });
    let bytes = prop_oneof![6 => frames, 1 => damaged, 1 => proptest::collection::vec(any::<u8>(), 1..40)];
    let part = prop_oneof![
        9 => (side.clone(), bytes).prop_map(|(side, bytes)| Part::Bytes(side, bytes)),
        1 => (side, 1u64..60).prop_map(|(side, len)| Part::Gap(side, len)),
    ];
    (any::<bool>(), proptest::collection::vec(part, 0..12)).prop_map(|(has_start, mut parts)| {
        if has_start {
            parts.insert(0, client(&[PREFACE, &settings()]));
            parts.insert(1, server(&[&settings()]));
        }
        parts
    })
}

fn small() -> Connection {
    let limits = Limits {
        block_bytes: 60,
        list_bytes: 200,
        table_bytes: 100,
        body_bytes: 40,
        held_bytes: 400,
        streams: 3,
        continuations: 2,
    };
    Connection::new(limits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// The accounts add up in `read_with`.
    #[test]
    fn cutting_up_the_bytes_changes_nothing(parts in any_parts(), size in 1usize..20, is_small in any::<bool>()) {
        let new = || if is_small { small() } else { Connection::new(Limits::default()) };
        let whole = read_with(new(), &parts, |len| len);
        prop_assert_eq!(&read_with(new(), &parts, |_| 1), &whole);
        prop_assert_eq!(&read_with(new(), &parts, |len| 1 + len * size / 20), &whole);
    }

    #[test]
    fn extents_cover_the_body(parts in any_parts()) {
        for message in read(&parts).messages {
            let mut end = 0;
            for extent in &message.extents {
                prop_assert_eq!(extent.offset, end);
                end += extent.len;
            }
            prop_assert_eq!(end, message.body.len() as u64);
        }
    }
}
