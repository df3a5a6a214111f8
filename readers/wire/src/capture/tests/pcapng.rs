//! pcapng: draft-ietf-opsawg-pcapng, sections 3 and 4.

use super::build::File;
use super::{Outcome, read, read_in_pieces};
use crate::capture::Limits;
use crate::capture::bytes::ByteOrder;

fn file() -> File {
    File::new(ByteOrder::Little).section()
}

fn datas(outcome: &Outcome) -> Vec<&[u8]> {
    outcome.data.iter().map(Vec::as_slice).collect()
}

#[test]
fn sections_have_their_own_byte_order_and_interfaces() {
    let little = file().interface(1, 0, &[]).interface(113, 0, &[]).packet(1, 1, b"one", &[]).bytes;
    let big = File::new(ByteOrder::Big).section().interface(101, 0, &[]).packet(0, 2, b"two", &[]).bytes;
    let outcome = read(&[little, big].concat());
    assert_eq!(datas(&outcome), [b"one", b"two"]);
    assert_eq!(outcome.times, [Some(1000), Some(2000)]);
    assert_eq!(outcome.items(), ["Section(0)", "Interface(0)", "Interface(1)", "Section(1)", "Interface(2)"]);
    assert!(outcome.steps[3].contains("link: 113, interface: 1, section: 0"), "{}", outcome.steps[3]);
    assert!(outcome.steps[6].contains("link: 101, interface: 0, section: 1"), "{}", outcome.steps[6]);
    assert!(outcome.notes.is_empty());
}

#[test]
fn options_of_an_interface_are_applied_and_kept() {
    let offset = 1_700_000_000_i64.to_le_bytes();
    let options: &[(u16, &[u8])] = &[
        (2, b"eth0"),
        (3, b"uplink"),
        (9, b"\x09"),
        (11, b"\0tcp port 80"),
        (12, b"Linux"),
        (13, b"\x04"),
        (14, &offset),
        (1, b"a comment"),
    ];
    let outcome = read(&file().interface(1, 96, options).packet(0, 5, b"x", &[]).bytes);
    assert_eq!(outcome.times, [Some(1_700_000_000_000_000_005)]);
    for text in [&b"eth0"[..], b"uplink", b"tcp port 80", b"Linux", b"a comment"] {
        assert!(outcome.facts.contains(&format!("{text:?}")));
    }
    assert!(outcome.facts.contains("snap_length: 96, fcs_len: Some(4)"));
}

#[test]
fn options_of_a_packet_are_given_with_it() {
    let drops = 7_u64.to_le_bytes();
    let options: &[(u16, &[u8])] = &[(1, b"first"), (2, b"\x02\0\0\0"), (4, &drops), (1, b"second")];
    let outcome = read(&file().interface(1, 0, &[]).packet(0, 5, b"xyz", options).bytes);
    let comment = format!("flags: Some(2), dropped: Some(7), comment: Some({:?})", b"first");
    assert!(outcome.steps[2].contains(&comment), "{}", outcome.steps[2]);
    assert!(outcome.facts.contains("comments_seen: 2") && outcome.facts.contains("dropped_before: 7"));
}

#[test]
fn simple_packets_are_cut_to_the_snap_length_and_have_no_time() {
    let body = file().part().u32(10).raw(b"abcd").bytes;
    let outcome = read(&file().interface(1, 4, &[]).block(3, &body).bytes);
    assert_eq!(
        (datas(&outcome), outcome.times.clone(), outcome.notes.len()),
        (vec![&b"abcd"[..]], vec![None], 0)
    );
    assert!(outcome.steps[2].contains("original_len: 10"));
}

#[test]
fn obsolete_packets_are_read() {
    let body = file().part().u16(0).u16(3).u32(0).u32(9).u32(2).u32(2).raw(b"hi").bytes;
    let outcome = read(&file().interface(1, 0, &[]).block(2, &body).bytes);
    assert_eq!((datas(&outcome), outcome.times.clone()), (vec![&b"hi"[..]], vec![Some(9000)]));
    assert!(outcome.steps[2].contains("dropped: Some(3)"));
}

#[test]
fn names_secrets_and_statistics_are_items() {
    let names = file().part().u16(1).u16(14).raw(b"\x7f\0\0\x01one.\0two.\0\0\0");
    let names =
        names.u16(3).u16(6).raw(b"\x01\x02\x03\x04\x05\x06\0\0").u32(0).options(&[(1, b"a comment")]).bytes;
    let secrets = file().part().u32(0x544c_534b).u32(5).raw(b"line\n").bytes;
    let (seen, by_interface, by_system) = (100_u64.to_le_bytes(), 3_u64.to_le_bytes(), 4_u64.to_le_bytes());
    let counts: &[(u16, &[u8])] = &[(4, &seen), (5, &by_interface), (7, &by_system)];
    let statistics = file().part().u32(0).u64(1).options(counts).bytes;
    let made = file().interface(1, 0, &[]).block(4, &names).block(10, &secrets).block(5, &statistics);
    let outcome = read(&made.bytes);
    assert_eq!(outcome.steps[2], format!("Names [(127.0.0.1, {:?}), (127.0.0.1, {:?})]", b"one.", b"two."));
    let at = made.bytes.len() - (24 + counts.len() * 12 + 4) - 12;
    assert_eq!(outcome.steps[3], format!("Secrets {{ at: {at}, kind: Tls, data: {:?} }}", b"line\n"));
    assert_eq!(outcome.steps[4], "Statistics(0)");
    assert!(outcome.facts.contains("received: Some(100), dropped: Some(7)"));
    assert_eq!((outcome.count.secrets, outcome.notes.len()), (5, 0));
}

#[test]
fn blocks_that_are_not_read_are_opaque_and_counted() {
    let outcome =
        read(&file().block(0xbad, &[1; 20]).block(0x8000_0001, &[1; 8]).block(0xbad, &[1; 4]).bytes);
    assert_eq!((outcome.count.opaque, outcome.notes.len()), (32, 0));
    assert!(outcome.facts.contains("BlockFacts { block_type: 2989, blocks: 2, bytes: 48 }"));
}

#[test]
fn a_long_custom_block_is_passed_over_in_pieces() {
    let body = vec![1; 18 << 20];
    let made = file().block(0xbad, &body).interface(1, 0, &[]).packet(0, 1, b"x", &[]).bytes;
    let outcome = read_in_pieces(&made, &Limits::default(), &[1 << 16]);
    assert_eq!((datas(&outcome), outcome.kinds()), (vec![&b"x"[..]], vec!["capture_over_limit"]));
    assert_eq!(outcome.count.over_limit, (18 << 20) + 8);
}

#[test]
fn reading_goes_on_behind_a_damaged_block() {
    let good = file().interface(1, 0, &[]).packet(0, 1, b"before", &[]).bytes;
    let mut damaged = file().part().packet(0, 2, b"damaged", &[]).bytes;
    let after = file().part().packet(0, 3, b"after", &[]).packet(0, 4, b"and after", &[]).bytes;
    let lost = u64::try_from(damaged.len()).unwrap();
    for lie in [0_u32, 3, 48, 1 << 16, 1 << 28, u32::MAX] {
        damaged[4..8].copy_from_slice(&lie.to_le_bytes());
        let outcome = read(&[&good[..], &damaged, &after].concat());
        assert_eq!(datas(&outcome), [&b"before"[..], b"after", b"and after"], "{lie}");
        assert_eq!(outcome.count.lost, lost);
    }
}

#[test]
fn a_wrong_second_length_is_noted() {
    let mut made = file().interface(1, 0, &[]).packet(0, 1, b"one", &[]).bytes;
    let end = made.len();
    made[end - 4..].copy_from_slice(&[9; 4]);
    let made = [made, file().part().packet(0, 2, b"two", &[]).bytes].concat();
    let outcome = read(&made);
    assert_eq!(
        (datas(&outcome), outcome.kinds()),
        (vec![&b"one"[..], b"two"], vec!["pcapng_lengths_differ"])
    );
}

#[test]
fn a_packet_longer_than_its_block_is_what_there_is() {
    let body = file().part().u32(0).u32(0).u32(1).u32(u32::MAX).u32(u32::MAX).raw(b"data").bytes;
    let outcome = read(&file().interface(1, 0, &[]).block(6, &body).packet(0, 1, b"x", &[]).bytes);
    assert_eq!((datas(&outcome), outcome.kinds()), (vec![&b"data"[..], b"x"], vec!["pcapng_packet_length"]));
}

#[test]
fn a_packet_of_no_interface_is_opaque() {
    let outcome =
        read(&file().packet(0, 1, b"lost", &[]).interface(1, 0, &[]).packet(9, 1, b"lost", &[]).bytes);
    assert_eq!((outcome.count.opaque, outcome.kinds()), (8, vec!["pcapng_no_interface"; 2]));
}

#[test]
fn a_block_too_short_for_its_type_is_lost() {
    let outcome = read(&file().interface(1, 0, &[]).block(6, &[0; 8]).packet(0, 1, b"x", &[]).bytes);
    assert_eq!((datas(&outcome), outcome.count.lost), (vec![&b"x"[..]], 20));
    assert_eq!(outcome.kinds(), ["pcapng_broken_block"]);
}

#[test]
fn floods_end_in_a_cap() {
    let mut made = file();
    for number in 0..100_u32 {
        made = made.interface(1, 0, &[(1, b"a comment that is long")]);
        made = made.block(number + 100, b"").packet(number, 1, b"x", &[]);
    }
    let limits = Limits { interfaces: 10, comments: 5, text: 4, ..Limits::default() };
    let outcome = read_in_pieces(&made.bytes, &limits, &[usize::MAX]);
    assert_eq!((outcome.data.len(), outcome.count.opaque), (10, 90));
    assert_eq!(outcome.facts.matches("InterfaceFacts").count(), 10);
    assert_eq!(outcome.facts.matches("BlockFacts").count(), 65);
    assert_eq!(outcome.facts.matches(&format!("text: {:?}", b"a co")).count(), 5);
    assert!(outcome.facts.contains("comments_seen: 10,"));
}
