//! Fragments in every order, with copies, conflicts and holes.

use super::super::build::*;
use super::*;

type Seen = (Vec<u8>, usize, bool, Checksum);

/// Pushes IP packets, a second apart; gives what came out as (payload, missing, is an alternative, checksum).
fn run(decoder: &mut Decoder, packets: &[Vec<u8>]) -> (Vec<Seen>, Notes) {
    let (mut seen, mut notes) = (Vec::new(), Notes::default());
    let mut at = 0;
    for (second, bytes) in packets.iter().enumerate() {
        let frame = Frame { link: 101, bytes, original: 0, at };
        let time = i64::try_from(second).unwrap() * 1_000_000_000;
        decoder.push(&frame, Some(time), &mut notes, &mut |decoded| keep(&mut seen, &decoded));
        assert_eq!(decoder.count().total(), decoder.count().pushed);
        at += 1_000_000;
    }
    decoder.finish(&mut notes, &mut |decoded| keep(&mut seen, &decoded));
    assert_eq!((decoder.count().total(), decoder.count().held), (decoder.count().pushed, 0));
    (seen, notes)
}

fn keep(seen: &mut Vec<Seen>, decoded: &Decoded<'_>) {
    if let Decoded::Segment(segment) = decoded {
        seen.push((segment.payload.to_vec(), segment.missing, segment.is_alternative, segment.checksum));
    }
}

fn kinds(notes: &Notes) -> Vec<&'static str> {
    notes.counts().iter().map(|(kind, _)| *kind).collect()
}

/// A datagram in three fragments of 24, 24 and the rest.
fn three() -> (Vec<u8>, [Vec<u8>; 3]) {
    let data = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM".to_vec();
    let whole = udp(53, &data);
    let cut = |id, from: usize, to: usize| {
        ip4_fragment(17, id, u16::try_from(from).unwrap(), to < whole.len(), &whole[from..to])
    };
    (data, [cut(1, 0, 24), cut(1, 24, 48), cut(1, 48, whole.len())])
}

#[test]
fn fragments_join_in_any_order_and_copies_do_no_harm() {
    let (data, [a, b, c]) = three();
    for order in [[&a, &b, &c], [&c, &b, &a], [&b, &a, &c], [&c, &a, &b]] {
        let order: Vec<_> = order.into_iter().cloned().collect();
        let doubled: Vec<_> = order.iter().flat_map(|one| [one.clone(), one.clone()]).collect();
        let twice: Vec<_> = order.iter().chain(&order).cloned().collect();
        for packets in [order, doubled, twice] {
            let (seen, notes) = run(&mut Decoder::default(), &packets);
            assert_eq!(seen, [(data.clone(), 0, false, Checksum::Good)]);
            assert!(kinds(&notes).is_empty(), "{:?}", kinds(&notes));
        }
    }
}

#[test]
fn places_lead_back_to_the_frames() {
    let (data, [a, b, c]) = three();
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    for (at, bytes) in [(300, &c), (200, &b), (100, &a)] {
        let frame = Frame { link: 101, bytes, original: 0, at };
        decoder.push(&frame, None, &mut Notes::default(), &mut |decoded| {
            let Decoded::Segment(segment) = decoded else { panic!() };
            assert!(segment.is_joined);
            found = (0..data.len()).map(|offset| segment.places.at(offset)).collect();
        });
    }
    let expected = (128..144).chain(220..244).chain(320..329).collect::<Vec<u64>>();
    assert_eq!(found, expected);
}

#[test]
fn both_versions_of_a_conflict_come_out() {
    let (data, [a, b, c]) = three();
    let mut decoy = b.clone();
    decoy[30] ^= 0xff;
    let mut other = data.clone();
    other[16 + 10] ^= 0xff;
    let (good, bad) = ((data, Checksum::Good), (other, Checksum::Bad));
    for (policy, first, second) in [(Overlap::First, &good, &bad), (Overlap::Last, &bad, &good)] {
        let packets = [a.clone(), b.clone(), decoy.clone(), c.clone()];
        let (seen, notes) = run(&mut Decoder::new(Limits::default(), policy), &packets);
        assert_eq!(seen[0], (first.0.clone(), 0, false, first.1));
        assert_eq!(seen[1], (second.0.clone(), 0, true, second.1));
        assert_eq!((seen.len(), kinds(&notes)), (2, vec!["ip_fragment_conflict"]));
    }
}

#[test]
fn a_copy_that_differs_after_the_datagram_was_whole_is_an_alternative() {
    let (data, [a, b, c]) = three();
    let mut late = b.clone();
    late[30] ^= 0xff;
    let (seen, notes) = run(&mut Decoder::default(), &[a, b, c, late]);
    assert_eq!((seen[0].0.clone(), seen[1].2, seen.len()), (data, true, 2));
    assert_eq!(kinds(&notes), ["ip_fragment_conflict"]);
}

#[test]
fn an_identification_that_is_used_again_is_another_datagram() {
    let first = udp(53, &[1; 40]);
    let second = udp(53, &[2; 40]);
    let cut = |whole: &[u8]| {
        [ip4_fragment(17, 0, 0, true, &whole[..24]), ip4_fragment(17, 0, 24, false, &whole[24..])]
    };
    let (seen, notes) = run(&mut Decoder::default(), &[cut(&first), cut(&second)].concat());
    assert_eq!(seen.iter().map(|one| (one.0[0], one.2)).collect::<Vec<_>>(), [(1, false), (2, false)]);
    assert!(kinds(&notes).is_empty());
}

#[test]
fn a_last_fragment_with_another_end_is_a_version_too() {
    let (data, [a, b, c]) = three();
    let early = ip4_fragment(17, 1, 24, false, b"short end");
    let (seen, notes) = run(&mut Decoder::default(), &[a, early, b, c]);
    assert_eq!(kinds(&notes), ["udp_length", "ip_fragment_conflict"]);
    assert!(seen.iter().any(|one| one.2 && one.0 == data), "{seen:?}");
}

#[test]
fn overlapping_fragments_of_ipv6_are_noted() {
    let whole = tcp(80, &[7; 60], true);
    let a = ip6_fragment(6, 9, 0, true, &whole[..40]);
    let b = ip6_fragment(6, 9, 32, false, &whole[32..]);
    let (seen, notes) = run(&mut Decoder::default(), &[b, a]);
    assert_eq!(seen, [(vec![7; 60], 0, false, Checksum::Good)]);
    assert_eq!(kinds(&notes), ["ip6_fragment_overlap"]);
}

#[test]
fn what_never_gets_whole_is_handed_out_up_to_the_hole() {
    let (data, [a, b, c]) = three();
    let mut decoder = Decoder::default();
    let (seen, notes) = run(&mut decoder, &[a.clone(), c.clone()]);
    assert_eq!(seen, [(data[..16].to_vec(), 33, false, Checksum::Unknown)]);
    assert_eq!((kinds(&notes), decoder.count().lost), (vec!["ip_fragment_missing"], 9));
    // After 60 s the rest is too late.
    let filler = ip4(17, &udp(9, b"filler"));
    let mut packets = vec![a, b];
    packets.extend(vec![filler; 61]);
    packets.push(c);
    let (seen, _) = run(&mut Decoder::default(), &packets);
    assert!(seen.iter().any(|one| one.0 == data[..40] && one.1 > 0), "{seen:?}");
}

#[test]
fn a_fragment_inside_a_tunnel_in_fragments_is_joined() {
    let (data, inner) = three();
    let mut packets = Vec::new();
    for (id, one) in inner.iter().enumerate() {
        let id = u16::try_from(id).unwrap();
        packets.push(ip4_fragment(4, id, 0, true, &one[..16]));
        packets.push(ip4_fragment(4, id, 16, false, &one[16..]));
    }
    let (seen, notes) = run(&mut Decoder::default(), &packets);
    assert_eq!(seen, [(data, 0, false, Checksum::Good)]);
    assert!(kinds(&notes).is_empty());
}

#[test]
fn a_fragment_that_a_host_would_drop_does_not_mix_with_others() {
    let (data, [a, b, c]) = three();
    let mut decoy = b.clone();
    decoy[30] ^= 0xff;
    decoy[8] = 1;
    let (seen, _) = run(&mut Decoder::default(), &[a, decoy, b, c]);
    assert_eq!(seen, [(data, 0, false, Checksum::Good)]);
}
