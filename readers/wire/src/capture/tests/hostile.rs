//! Lies, cuts and damage at every place: nothing panics, every byte has one account, and no split changes anything.

use proptest::prelude::*;

use super::build::File;
use super::{read, read_in_pieces};
use crate::capture::Limits;
use crate::capture::bytes::ByteOrder;

/// One file of each format, with something of everything.
fn files() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for order in [ByteOrder::Little, ByteOrder::Big] {
        for (magic, extra) in [(0xa1b2_c3d4, &b""[..]), (0xa1b2_cd34, &[0; 8])] {
            let mut file = File::pcap(order, magic, 1);
            for second in 0..4 {
                file = file.u32(1_700_000_000 + second).u32(7).u32(9).u32(20).raw(extra).raw(b"123456789");
            }
            all.push(file.bytes);
        }
        let file = File::new(order).section().interface(1, 96, &[(2, b"eth0"), (9, b"\x09")]);
        let names = file.part().u16(1).u16(9).raw(b"\x7f\0\0\x01one.\0\0\0\0").u32(0).bytes;
        let secrets = file.part().u32(0x544c_534b).u32(5).raw(b"line\n").bytes;
        let statistics = file.part().u32(0).u64(1).options(&[(4, &[1; 8]), (5, &[2; 8])]).bytes;
        let simple = file.part().u32(3).raw(b"abc").bytes;
        let file = file.block(4, &names).packet(0, 1 << 60, b"one", &[(1, b"comment"), (4, &[3; 8])]);
        let file = file.block(10, &secrets).block(3, &simple).block(0xbad, &[5; 8]).block(5, &statistics);
        all.push(
            file.packet(0, 1 << 60, b"two", &[])
                .section()
                .interface(113, 0, &[])
                .packet(0, 3, b"four", &[])
                .bytes,
        );
    }
    // Joined: pcap, pcapng, pcap in the other byte order.
    all.push([0, 2, 3].map(|which| all[which].clone()).concat());
    all
}

#[test]
fn a_cut_at_every_byte_is_accounted_for() {
    for file in files() {
        for end in 0..file.len() {
            let (whole, pieces) =
                (read(&file[..end]), read_in_pieces(&file[..end], &Limits::default(), &[7]));
            assert_eq!(whole, pieces);
        }
    }
}

#[test]
fn every_field_at_its_extremes_is_accounted_for() {
    for file in files() {
        for at in 0..file.len() - 4 {
            for lie in [[0; 4], [0xff; 4], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 1, 0]] {
                let mut file = file.clone();
                file[at..at + 4].copy_from_slice(&lie);
                read(&file);
            }
        }
    }
}

#[test]
fn the_search_looks_at_each_byte_once() {
    // Each offset looks like a record of 255 bytes or more that is followed by none.
    let mut file = File::plain().record(1, 0, b"x").u32(1).u32(0).u32(u32::MAX).u32(0).bytes;
    file.extend(std::iter::repeat_n([1, 1, 0, 0], 1 << 18).flatten());
    let outcome = read_in_pieces(&file, &Limits::default(), &[1 << 14]);
    assert_eq!((outcome.data.len(), outcome.count.lost), (1, 16 + (1 << 20)));
}

#[test]
fn a_search_ends_at_its_limit() {
    let file = File::plain().record(1, 0, b"x").u32(1).u32(0).u32(u32::MAX).u32(0).raw(&[0xff; 500]);
    let file = file.record(2, 0, b"far").record(3, 0, b"far").bytes;
    assert_eq!(read(&file).data.len(), 3);
    for pieces in [&[usize::MAX][..], &[1], &[100, 3]] {
        let near = Limits { resync: 400, ..Limits::default() };
        let outcome = read_in_pieces(&file, &near, pieces);
        assert_eq!((outcome.data.len(), outcome.count.lost), (1, 16 + 500 + 38));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_split_changes_anything(
        which in 0..7_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        pieces in prop::collection::vec(1..90_usize, 1..8),
    ) {
        let mut file = files().swap_remove(which);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate(cut.map_or(file.len(), |cut| cut.index(file.len())));
        prop_assert_eq!(read(&file), read_in_pieces(&file, &Limits::default(), &pieces));
    }

    #[test]
    fn any_bytes_behind_a_header_are_accounted_for(
        which in 0..7_usize,
        keep in 12..80_usize,
        bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(6), any::<u8>()], 0..400),
        pieces in prop::collection::vec(1..90_usize, 1..8),
    ) {
        let mut file = files().swap_remove(which);
        file.truncate(keep);
        file.extend(bytes);
        prop_assert_eq!(read(&file), read_in_pieces(&file, &Limits::default(), &pieces));
    }
}
