//! pcap: draft-ietf-opsawg-pcap, sections 4 and 5, and the variants.

use super::build::File;
use super::{Outcome, read, read_in_pieces};
use crate::capture::bytes::ByteOrder;
use crate::capture::{CaptureReader, Limits, Step};

const SECOND: i64 = 1_000_000_000;

fn datas(outcome: &Outcome) -> Vec<&[u8]> {
    outcome.data.iter().map(Vec::as_slice).collect()
}

#[test]
fn both_byte_orders_and_resolutions_are_read() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1), (0xa12b_3c4d, 1)] {
            let file = File::pcap(order, magic, 113).record(1_700_000_000, 5, b"first").record(
                1_700_000_001,
                6,
                b"",
            );
            let outcome = read(&file.bytes);
            assert_eq!(datas(&outcome), [&b"first"[..], b""]);
            assert_eq!(
                outcome.times,
                [Some(1_700_000_000 * SECOND + 5 * unit), Some(1_700_000_001 * SECOND + 6 * unit)]
            );
            assert_eq!(outcome.items(), ["Section(0)", "Interface(0)"]);
            assert!(outcome.steps[2].contains("link: 113"));
            assert_eq!((outcome.count.framing, outcome.count.packets, outcome.notes.len()), (56, 5, 0));
        }
    }
}

#[test]
fn the_latest_time_fits() {
    let outcome =
        read(&File::pcap(ByteOrder::Little, 0xa1b2_3c4d, 1).record(u32::MAX, 999_999_999, b"x").bytes);
    assert_eq!(outcome.times, [Some(4_294_967_295_999_999_999)]);
}

#[test]
fn the_snap_length_cuts() {
    let file = File::plain().u32(1).u32(0).u32(3).u32(1500).raw(b"abc");
    let mut reader = CaptureReader::new(Limits::default());
    let mut window = &file.bytes[..];
    let frame = loop {
        if let Step::Frame(frame) = reader.next(&mut window, true) {
            break frame;
        }
    };
    assert!(frame.is_cut());
    assert_eq!((frame.original_len, frame.data, reader.facts().interfaces[0].cut), (1500, &b"abc"[..], 1));
}

#[test]
fn the_upper_bits_of_the_link_are_the_check_sequence() {
    // Section 4: 0x2400_0001 is Ethernet with four bytes of check sequence.
    let outcome = read(&File::pcap(ByteOrder::Big, 0xa1b2_c3d4, 0x2400_0001).record(1, 0, b"x").bytes);
    assert!(
        outcome.facts.contains("link: 1,") && outcome.facts.contains("fcs_len: Some(4)"),
        "{}",
        outcome.facts
    );
}

#[test]
fn longer_record_headers_are_read() {
    let kuznetzov = |extra: &[u8], magic| {
        let mut file = File::pcap(ByteOrder::Little, magic, 1);
        for second in 0..3 {
            file = file.u32(second).u32(7).u32(2).u32(2).raw(extra).raw(b"hi");
        }
        read(&file.bytes)
    };
    // Outgoing, in the record of Kuznetzov's modified libpcap.
    let outcome = kuznetzov(b"\x02\0\0\0\x00\x08\x04\0", 0xa1b2_cd34);
    assert_eq!((datas(&outcome), outcome.notes.len()), (vec![&b"hi"[..]; 3], 0));
    assert!(outcome.steps[2].contains("flags: Some(2)"), "{}", outcome.steps[2]);
    // SuSE 6.3; Red Hat; Nokia.
    assert_eq!(datas(&kuznetzov(b"\x02\0\0\0\x00\x08\x00\0\0\0\0\0", 0xa1b2_cd34)), [b"hi"; 3]);
    assert_eq!(datas(&kuznetzov(b"\x02\0\0\0\x00\x08\x00\0", 0xa1b2_c3d4)), [b"hi"; 3]);
    assert_eq!(datas(&kuznetzov(b"\xff\xff\xff\xff", 0xa1b2_c3d4)), [b"hi"; 3]);
}

#[test]
fn lcap_has_a_size_after_the_header() {
    let file = File::pcap(ByteOrder::Little, 0x1c00_01ac, 1).u32(18).record(1, 5, b"hi");
    let outcome = read(&file.bytes);
    assert_eq!((datas(&outcome), outcome.times.clone()), (vec![&b"hi"[..]], vec![Some(SECOND + 5)]));
}

#[test]
fn old_versions_have_the_lengths_the_other_way() {
    for (minor, first, second) in [(1, 9, 2), (3, 9, 2), (3, 2, 9)] {
        let header =
            File::new(ByteOrder::Big).u32(0xa1b2_c3d4).u16(2).u16(minor).u32(0).u32(0).u32(96).u32(1);
        let outcome = read(&header.u32(1).u32(0).u32(first).u32(second).raw(b"hi").bytes);
        assert_eq!((datas(&outcome), outcome.kinds()), (vec![&b"hi"[..]], vec!["pcap_version"]));
        assert!(outcome.steps[2].contains("original_len: 9"));
    }
}

#[test]
fn odd_records_are_read_if_another_follows() {
    let file = File::plain()
        .record(1, 2_000_000, b"fraction")
        .u32(2)
        .u32(0)
        .u32(4)
        .u32(2)
        .raw(b"more")
        .record(3, 0, b"last");
    let outcome = read(&file.bytes);
    assert_eq!(datas(&outcome), [&b"fraction"[..], b"more", b"last"]);
    assert_eq!(outcome.kinds(), ["pcap_odd_record"; 2]);
}

#[test]
fn reading_goes_on_behind_damage() {
    let before = File::plain().record(1_700_000_000, 0, b"before");
    let lying = before.clone().u32(1_700_000_000).u32(1).u32(0x8000_0000).u32(5).raw(b"lying");
    let file = lying.record(1_700_000_001, 2, b"after").record(1_700_000_002, 3, b"and after");
    let outcome = read(&file.bytes);
    assert_eq!(datas(&outcome), [&b"before"[..], b"after", b"and after"]);
    assert_eq!(outcome.count.lost, 21);
    assert_eq!(outcome.kinds(), ["pcap_damaged_record", "capture_bytes_lost"]);
    assert_eq!(outcome.items()[2], format!("Lost {{ at: {}, bytes: 21 }}", before.bytes.len()));
}

#[test]
fn a_length_that_lies_near_the_end_is_found_out() {
    let file = File::plain().u32(1_700_000_000).u32(1).u32(9000).u32(9000).raw(b"lying");
    let file = file.record(1_700_000_001, 2, b"after").record(1_700_000_002, 3, b"and after");
    let outcome = read(&file.bytes);
    assert_eq!(datas(&outcome), [&b"after"[..], b"and after"]);
    assert_eq!(outcome.count.lost, 21);
}

#[test]
fn a_capture_inside_a_packet_that_is_cut_is_not_read() {
    let inner = File::plain().record(1_700_000_000, 0, b"inner").record(1_700_000_000, 1, b"inner").bytes;
    let file =
        File::plain().record(1_700_000_000, 0, b"before").u32(1_700_000_001).u32(1).u32(9000).u32(9000);
    let outcome = read(&file.raw(&inner).raw(b"cut off here").bytes);
    assert_eq!(datas(&outcome), [b"before"]);
    assert_eq!(outcome.kinds(), ["capture_cut_short", "capture_bytes_lost"]);
    assert_eq!(outcome.count.lost, 16 + u64::try_from(inner.len()).unwrap() + 12);
}

#[test]
fn zeros_of_a_block_that_was_never_written_are_lost() {
    let outcome = read(&File::plain().record(1, 0, b"x").raw(&[0; 4096]).bytes);
    assert_eq!((datas(&outcome), outcome.count.lost), (vec![&b"x"[..]], 4096));
}

#[test]
fn what_is_over_the_limit_is_left_out() {
    let big = vec![7; 300_000];
    let header = File::new(ByteOrder::Little).u32(0xa1b2_c3d4).u16(2).u16(4).u32(0).u32(0).u32(0).u32(1);
    let file = header.record(1, 0, &big).record(2, 0, b"x").bytes;
    let outcome = read(&file);
    assert_eq!((datas(&outcome), outcome.count.over_limit), (vec![&b"x"[..]], 300_000));
    assert_eq!(outcome.items()[2], "OverLimit { at: 24, bytes: 300000 }");
    let larger = Limits { frame: usize::MAX, ..Limits::default() };
    assert_eq!(datas(&read_in_pieces(&file, &larger, &[100_000])), [&big[..], b"x"]);
}

#[test]
fn files_that_were_joined_are_all_read() {
    let first = File::plain().record(1, 0, b"one").bytes;
    let second = File::pcap(ByteOrder::Big, 0xa1b2_3c4d, 101).record(2, 9, b"two").bytes;
    let third = File::new(ByteOrder::Big).section().interface(1, 0, &[]).packet(0, 3, b"three", &[]).bytes;
    let outcome = read(&[first.clone(), second, third, first].concat());
    assert_eq!(datas(&outcome), [&b"one"[..], b"two", b"three", b"one"]);
    assert_eq!(outcome.times, [Some(SECOND), Some(2 * SECOND + 9), Some(3000), Some(SECOND)]);
    assert_eq!((outcome.kinds(), outcome.count.lost), (vec!["capture_joined"; 3], 0));
    assert!(outcome.steps.last().unwrap().contains("section: 3"));
}

#[test]
fn other_content_is_lost() {
    let outcome = read(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!((outcome.kinds(), outcome.count.lost), (vec!["capture_unknown", "capture_bytes_lost"], 18));
    assert_eq!(read(b"").kinds(), ["capture_empty"]);
}

#[test]
fn the_clock_and_the_range_are_in_the_facts() {
    let outcome = read(&File::plain().record(5, 0, b"x").record(3, 0, b"x").record(4, 0, b"x").bytes);
    assert!(outcome.facts.contains("first: Some(3000000000), last: Some(5000000000), clock_back: 1"));
}
