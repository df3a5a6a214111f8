//! Streams cut, shuffled, doubled and lost at random come out as they were, with each difference reported.

use proptest::prelude::*;

use super::*;

/// A segment: offset, length, and whether its content is altered.
type Piece = (usize, usize, bool);

fn limits() -> Limits {
    Limits { held_side: 40_000, held_total: 60_000, history: 1 << 16, patience: 20, ..Limits::default() }
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at.wrapping_mul(31) ^ (at >> 3)) as u8).collect()
}

/// Covers `len` bytes in segments of the given sizes, and moves each by up to 8 places.
fn cut(len: usize, sizes: &[usize], moves: &[usize]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for turn in 0.. {
        if start >= len {
            break;
        }
        let size = sizes[turn % sizes.len()].min(len - start);
        pieces.push((turn + moves[turn % moves.len()], (start, size, false)));
        start += size;
    }
    pieces.sort_by_key(|(place, _)| *place);
    pieces.into_iter().map(|(_, piece)| piece).collect()
}

fn play(bench: &mut Bench, stream: &[u8], pieces: &[Piece], side: Side) {
    for (start, size, is_altered) in pieces {
        let end = (start + size).min(stream.len());
        let mut bytes = stream[(*start).min(end)..end].to_vec();
        if *is_altered {
            for byte in &mut bytes {
                *byte ^= 0x80;
            }
        }
        bench.send(side, *start as i64, 0, ACK, &bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_stream_comes_out_whole(
        len in 0usize..6000,
        sizes in prop::collection::vec(1usize..400, 1..20),
        moves in prop::collection::vec(0usize..8, 1..20),
        more in prop::collection::vec((0usize..6000, 1usize..600), 0..30),
        isn: u32,
    ) {
        let stream = content(len);
        let mut pieces = cut(len, &sizes, &moves);
        for (turn, (start, size)) in more.iter().enumerate() {
            if *start < len {
                let place = (turn * 7) % (pieces.len() + 1);
                pieces.insert(place, (*start, *size, false));
            }
        }
        let mut bench = Bench::new(limits());
        bench.isns = [isn, !isn];
        bench.shake();
        play(&mut bench, &stream, &pieces, Side::Client);
        bench.finish();
        let out = bench.out.client(0);
        prop_assert_eq!(&out.bytes, &stream);
        prop_assert!(out.gaps.is_empty() && out.conflicts.is_empty() && out.decoys.is_empty());
    }

    #[test]
    fn gaps_stand_exactly_where_bytes_are_missing(
        len in 1usize..6000,
        sizes in prop::collection::vec(1usize..400, 1..20),
        moves in prop::collection::vec(0usize..8, 1..20),
        drops in prop::collection::vec(0usize..60, 0..10),
    ) {
        let stream = content(len);
        let mut pieces = cut(len, &sizes, &moves);
        for drop in drops {
            if drop < pieces.len() {
                pieces.remove(drop);
            }
        }
        let mut there = vec![false; len];
        for (start, size, _) in &pieces {
            there[*start..start + size].fill(true);
        }
        let mut bench = Bench::new(limits());
        bench.shake();
        play(&mut bench, &stream, &pieces, Side::Server);
        bench.send(Side::Server, len as i64, 0, ACK | Flags::FIN, b"");
        bench.finish();
        let out = bench.out.server(0);
        let mut expected = vec![true; out.bytes.len()];
        for (start, size) in &out.gaps {
            expected[*start as usize..(start + size) as usize].fill(false);
        }
        prop_assert_eq!(expected, &there[..]);
        prop_assert!(out.conflicts.is_empty() && out.decoys.is_empty());
        for at in 0..len {
            prop_assert!(!there[at] || out.bytes[at] == stream[at]);
        }
    }

    #[test]
    fn both_versions_of_every_overlap_come_out(
        len in 1usize..3000,
        pieces in prop::collection::vec((0usize..3000, 1usize..500, any::<bool>()), 1..60),
        is_last: bool,
    ) {
        let stream = content(len);
        let policy = if is_last { Policy::Last } else { Policy::First };
        let mut bench = Bench::new(Limits { policy, held_side: 1 << 20, held_total: 1 << 20, ..limits() });
        bench.shake();
        // Byte 0 comes last, so that all the rest waits and the policy decides alone.
        let pieces: Vec<Piece> =
            pieces.into_iter().map(|(start, size, altered)| (1 + start % len, size, altered)).collect();
        play(&mut bench, &stream, &pieces, Side::Client);
        bench.up(0, &stream[..1]);
        bench.finish();
        let out = bench.out.client(0);
        let mut versions: Vec<Vec<u8>> = vec![Vec::new(); len];
        for (start, size, altered) in &pieces {
            for at in *start..(start + size).min(len) {
                versions[at].push(stream[at] ^ if *altered { 0x80 } else { 0 });
            }
        }
        for (at, sent) in versions.iter().enumerate().skip(1) {
            let kept = if is_last { sent.last() } else { sent.first() };
            let Some(kept) = kept else { continue };
            prop_assert_eq!(out.bytes[at], *kept, "at {}", at);
            for byte in sent {
                let is_other = |(offset, _, other): &(u64, Vec<u8>, Vec<u8>)| {
                    at.checked_sub(*offset as usize).is_some_and(|place| other.get(place) == Some(byte))
                };
                prop_assert!(byte == kept || out.conflicts.iter().any(is_other), "version at {} not reported", at);
            }
        }
    }

    #[test]
    fn decoys_before_each_segment_do_not_change_the_stream(
        sizes in prop::collection::vec((1usize..200, 0usize..8, 0usize..3), 1..60),
    ) {
        let len = sizes.iter().map(|(size, _, _)| size).sum();
        let stream = content(len);
        let mut bench = Bench::new(Limits::default());
        bench.model.window_scale = Some(3);
        bench.shake();
        let (real, mut start, mut decoys) = (bench.model, 0, Vec::new());
        for (size, kind, lag) in sizes {
            let mut fake = stream[start..start + size].to_vec();
            fake[0] ^= 0xff;
            let at = start as i64;
            match kind {
                1 => bench.model.checksum_ok = Some(false),
                2 => bench.model.ttl = 7,
                3 => bench.model.is_alternative = true,
                _ => {}
            }
            match kind {
                1..=3 => bench.up(at, &fake),
                4 => bench.send(Side::Client, at, 0, Flags(0), &fake),
                5 => bench.send(Side::Client, at + (1 << 30) + (1 << 29), 0, ACK, &fake),
                6 => bench.send(Side::Client, at, 0, Flags::RST | ACK, &fake),
                7 => bench.send(Side::Client, at, 0, ACK | Flags::FIN, b""),
                _ => {}
            }
            if (1..7).contains(&kind) {
                decoys.push(fake);
            }
            bench.model = real;
            bench.up(at, &stream[start..start + size]);
            start += size;
            if lag == 0 {
                bench.down(0, start as i64, b"");
            }
        }
        bench.finish();
        let out = bench.out.client(0);
        prop_assert_eq!(&out.bytes, &stream);
        prop_assert!(out.gaps.is_empty() && bench.out.infos.len() == 1);
        for decoy in decoys {
            let is_apart = out.decoys.iter().any(|(_, bytes)| *bytes == decoy);
            prop_assert!(is_apart || out.conflicts.iter().any(|(_, _, other)| *other == decoy));
        }
    }

    #[test]
    fn nothing_breaks_order_accounts_or_caps(
        segments in prop::collection::vec(
            (any::<bool>(), -50i64..3000, -50i64..3000, 0u8..64, 0usize..300, 0u8..12, 0u32..50),
            1..150,
        ),
    ) {
        let mut limits = limits();
        limits.held_side = 5000;
        limits.held_total = 8000;
        limits.flows = 2;
        let mut bench = Bench::new(limits);
        for (is_client, offset, ack, flags, len, odd, missing) in segments {
            let side = if is_client { Side::Client } else { Side::Server };
            bench.model.ttl = if odd == 1 { 3 } else { 64 };
            bench.model.checksum_ok = [None, Some(false), Some(true)][usize::from(odd % 3)];
            bench.model.is_alternative = odd == 4;
            bench.model.missing = if odd == 5 { missing } else { 0 };
            bench.model.time = Some(i64::from(missing) * 1_000_000_000);
            bench.client.port = 40_000 + u16::from(odd == 6);
            bench.isns[0] = if odd == 7 { (offset as u32).wrapping_mul(1_000_000) } else { CLIENT_ISN };
            // Resets and SYNs are rare among the rest.
            let flags = if odd < 8 { flags & !6 } else { flags };
            bench.send(side, offset, ack, Flags(flags | if odd < 10 { 16 } else { 0 }), &content(len));
        }
        bench.finish();
    }
}
