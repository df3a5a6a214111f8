//! Streams to records, over gaps and through damage.

use super::*;

fn pieces(run: impl FnOnce(&mut Splitter, &mut dyn FnMut(Piece<'_>))) -> Vec<String> {
    let mut said = Vec::new();
    let mut splitter = Splitter::default();
    let mut say = |piece: Piece<'_>| match piece {
        Piece::Record(record) => {
            said.push(format!("{}:{}@{}", record.kind, record.payload.len(), record.at));
        }
        Piece::Skipped { len, cut, at, .. } => {
            said.push(format!("skip {len}@{at}{}", if cut { " cut" } else { "" }));
        }
        Piece::Gap(len) => said.push(format!("gap {len}")),
    };
    run(&mut splitter, &mut say);
    splitter.finish(&mut say);
    assert_eq!(splitter.pending(), 0);
    said
}

fn record(kind: u8, len: usize) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 3];
    bytes.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
    bytes.resize(HEADER + len, 0xee);
    bytes
}

#[test]
fn records_join_over_pushes_and_know_where_they_begin() {
    let bytes = [record(22, 3), record(23, 0), record(23, 300)].concat();
    let whole = pieces(|splitter, mut say| splitter.push(&bytes, 100, None, &mut say));
    assert_eq!(whole, ["22:3@100", "23:0@108", "23:300@113"]);
    let split = pieces(|splitter, mut say| {
        for (index, byte) in bytes.iter().enumerate() {
            splitter.push(&[*byte], 100 + index as u64, None, &mut say);
        }
    });
    assert_eq!(split, whole);
}

#[test]
fn a_gap_inside_a_record_keeps_the_place_of_the_next() {
    let (bytes, after) = (record(23, 100), record(23, 7));
    let said = pieces(|splitter, mut say| {
        splitter.push(&bytes[..50], 0, None, &mut say);
        splitter.gap(40, &mut say);
        splitter.push(&bytes[90..], 90, None, &mut say);
        splitter.push(&after, 105, None, &mut say);
    });
    assert_eq!(said, ["skip 50@0 cut", "gap 40", "skip 15@90 cut", "23:7@105"]);
}

#[test]
fn after_a_longer_gap_the_next_header_is_searched() {
    let (bytes, after) = (record(23, 100), record(23, 7));
    for cut in 0..=30 {
        let said = pieces(|splitter, mut say| {
            splitter.push(&bytes[..50], 0, None, &mut say);
            splitter.gap(400, &mut say);
            let rest = [&bytes[80..], &after].concat();
            splitter.push(&rest[..cut], 500, None, &mut say);
            splitter.push(&rest[cut..], 500 + cut as u64, None, &mut say);
        });
        assert_eq!(said, ["skip 50@0 cut", "gap 400", "skip 25@500", "23:7@525"], "{cut}");
    }
}

#[test]
fn bytes_that_begin_like_a_record_are_judged_the_same_in_any_pushes() {
    for bytes in
        [&b"\x21\xfc\x16\x18"[..], b"\x16\x16\x03\x03", b"\x16\x03\x03\x16\x17", b"a\x16\x03\x03\0\0\x16\x03"]
    {
        let whole = pieces(|splitter, mut say| splitter.push(bytes, 9, None, &mut say));
        let split = pieces(|splitter, mut say| {
            for (byte, at) in bytes.iter().zip(9..) {
                splitter.push(&[*byte], at, None, &mut say);
            }
        });
        assert_eq!(split, whole);
    }
}

#[test]
fn what_is_left_of_kept_bytes_stands_where_it_came() {
    let said = pieces(|splitter, mut say| {
        for (byte, at) in [(b"\x16", 10), (b"\x16", 20), (b"\x16", 30), (b"\x03", 40)] {
            splitter.push(byte, at, None, &mut say);
        }
        splitter.push(b"\x03\0\x01a", 50, None, &mut say);
    });
    assert_eq!(said, ["skip 2@10", "22:1@30"]);
}

#[test]
fn what_is_not_tls_is_passed_over() {
    let said = pieces(|splitter, mut say| splitter.push(b"GET / HTTP/1.1", 9, None, &mut say));
    assert_eq!(said, ["skip 14@9"]);
    let said = pieces(|splitter, mut say| splitter.push(&record(23, 9)[..8], 0, None, &mut say));
    assert_eq!(said, ["skip 8@0 cut"]);
}
