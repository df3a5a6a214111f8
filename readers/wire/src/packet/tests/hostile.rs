//! Lengths that lie, floods, and the account of every byte.

use super::super::build::*;
use super::*;
use proptest::prelude::*;

/// Every link type that is read here.
const LINKS: [u16; 33] = [
    0, 1, 6, 8, 9, 10, 12, 14, 50, 51, 100, 101, 104, 105, 107, 108, 109, 113, 117, 119, 122, 123, 127, 138,
    149, 163, 166, 192, 204, 219, 228, 239, 276,
];

fn samples() -> Vec<Vec<u8>> {
    let inner = plain(b"hello");
    let vxlan = join(&[&[8, 0, 0, 0, 0, 0, 99, 0], &inner]);
    let gre = join(&[&[0xb0, 0, 0x65, 0x58, 1, 2, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1], &inner]);
    let labels = join(&[&[0, 1, 0, 64, 0, 2, 1, 64], &ip4(17, &udp(53, b"q"))]);
    let hop = join(&[&[44, 0, 1, 4, 0, 0, 0, 0], &[6, 0, 0, 1, 0, 0, 0, 1], &tcp(80, &[0; 12], true)]);
    vec![
        inner.clone(),
        ethernet(0x0800, &ip4(17, &udp(4789, &vxlan))),
        ethernet(0x0800, &ip4(47, &gre)),
        ethernet(0x8847, &labels),
        ethernet(0x86dd, &ip6(0, &hop)),
        ethernet(0x0800, &ip4_fragment(17, 3, 8, false, b"rest")),
    ]
}

/// Pushes a frame and checks that each of its bytes is accounted for.
fn push(decoder: &mut Decoder, link: u16, bytes: &[u8], original: u32, time: Option<i64>) {
    let frame = Frame { link, bytes, original, at: u64::MAX - 3 };
    decoder.push(&frame, time, &mut Notes::default(), &mut |decoded| {
        if let Decoded::Segment(segment) = decoded {
            let run: usize = segment.places.pieces(segment.payload.len()).map(|piece| piece.length).sum();
            assert_eq!(run, segment.payload.len());
        }
    });
    assert_eq!(decoder.count().total(), decoder.count().pushed);
}

#[test]
fn truncation_at_every_byte_with_every_link_type() {
    let mut decoder = Decoder::default();
    for sample in samples() {
        for end in 0..=sample.len() {
            for link in LINKS {
                push(&mut decoder, link, &sample[..end], u32::try_from(sample.len()).unwrap(), None);
                push(&mut decoder, link, &sample[..end], 0, Some(i64::MIN));
            }
        }
    }
}

#[test]
fn every_byte_at_its_extremes() {
    let mut decoder = Decoder::default();
    for sample in samples() {
        for index in 0..sample.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = sample.clone();
                bytes[index] = value;
                push(&mut decoder, 1, &bytes, u32::MAX, Some(i64::MAX));
                push(&mut decoder, 101, bytes.get(14..).unwrap_or_default(), 0, None);
            }
        }
    }
}

#[test]
fn a_flood_of_first_fragments_stays_under_the_caps() {
    let limits = Limits { bytes: 100_000, remembered_bytes: 20_000, ..Limits::default() };
    let mut decoder = Decoder::new(limits, Overlap::First);
    for id in 0..5_000 {
        push(&mut decoder, 101, &ip4_fragment(17, id, 8, true, &[0; 64]), 0, None);
        assert!(decoder.memory() <= 120_000);
    }
    assert!(decoder.count().over_limit > 0);
    for id in 0..5_000 {
        push(&mut decoder, 101, &ip4_fragment(17, id, 0, true, &[0; 8]), 0, None);
        push(&mut decoder, 101, &ip4_fragment(17, id, 8, false, &[0; 8]), 0, None);
        assert!(decoder.memory() <= 120_000);
    }
}

#[test]
fn a_flood_of_versions_stays_under_the_caps() {
    let mut decoder = Decoder::default();
    for value in 0..=255 {
        push(&mut decoder, 101, &ip4_fragment(17, 1, 0, true, &[value; 800]), 0, None);
    }
    assert!(decoder.memory() < 10_000);
    assert_eq!(decoder.count().over_limit, 251 * 800);
}

#[test]
fn tiny_fragments_backwards_take_linear_time() {
    let mut decoder = Decoder::default();
    for offset in (0..8190_u16).rev() {
        push(&mut decoder, 101, &ip4_fragment(17, 1, offset * 8, offset < 8189, &[0; 8]), 0, None);
    }
    assert_eq!(decoder.count().held, 0);
}

#[test]
fn a_fragment_past_the_end_of_the_address_space_is_refused() {
    assert_eq!(
        why(101, &ip4_fragment(1, 1, 65_528, false, &[0; 8])),
        Opaque::Malformed("ip_fragment_too_long")
    );
}

/// Any fragment of a small datagram.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    (0_u16..3, 0_u16..8, any::<bool>(), proptest::collection::vec(0_u8..2, 0..40), any::<bool>()).prop_map(
        |(id, offset, more, bytes, six)| {
            if six {
                ip6_fragment(17, u32::from(id), offset * 8, more, &bytes)
            } else {
                ip4_fragment(17, id, offset * 8, more, &bytes)
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_accounted_for(index in 0..LINKS.len(), bytes in proptest::collection::vec(any::<u8>(), 0..120), original: u32) {
        push(&mut Decoder::default(), LINKS[index], &bytes, original, None);
    }

    #[test]
    fn any_fragments_are_accounted_for(packets in proptest::collection::vec(fragment(), 0..30), last: bool) {
        let policy = if last { Overlap::Last } else { Overlap::First };
        let limits = Limits { bytes: 4000, remembered_bytes: 2000, versions: 2, ..Limits::default() };
        let mut decoder = Decoder::new(limits, policy);
        for (second, packet) in packets.iter().enumerate() {
            push(&mut decoder, 101, packet, 0, Some(i64::try_from(second).unwrap() * 10_000_000_000));
        }
        decoder.finish(&mut Notes::default(), &mut |_| {});
        prop_assert_eq!(decoder.count().total(), decoder.count().pushed);
        prop_assert_eq!((decoder.count().held, decoder.memory() <= 2000), (0, true));
    }

    #[test]
    fn any_cut_into_fragments_gives_the_datagram_back(
        data in proptest::collection::vec(any::<u8>(), 1..300),
        cuts in proptest::collection::btree_set(1_usize..38, 0..8),
        turn in 0_usize..8,
        last: bool,
    ) {
        let whole = udp(53, &data);
        let mut edges: Vec<usize> = cuts.into_iter().map(|cut| cut * 8).filter(|cut| *cut < whole.len()).collect();
        edges.insert(0, 0);
        edges.push(whole.len());
        let mut packets: Vec<_> = edges.windows(2).map(|edge| {
            ip4_fragment(17, 1, u16::try_from(edge[0]).unwrap(), edge[1] < whole.len(), &whole[edge[0]..edge[1]])
        }).collect();
        let turn = turn % packets.len();
        packets.rotate_left(turn);
        let mut decoder = Decoder::new(Limits::default(), if last { Overlap::Last } else { Overlap::First });
        let mut seen = Vec::new();
        for bytes in &packets {
            let frame = Frame { link: 101, bytes, original: 0, at: 0 };
            decoder.push(&frame, None, &mut Notes::default(), &mut |decoded| {
                if let Decoded::Segment(segment) = decoded {
                    seen.push((segment.payload.to_vec(), segment.checksum));
                }
            });
        }
        prop_assert_eq!(seen, vec![(data, Checksum::Good)]);
    }
}
