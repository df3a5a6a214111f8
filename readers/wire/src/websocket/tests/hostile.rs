//! What breaks the rules, and floods.

use super::*;

fn notes(side: Side, bytes: &[u8]) -> Vec<&'static str> {
    read(b"", side, bytes).1
}

#[test]
fn oddities_are_noted_and_read_on() {
    let masked = frame(Side::Client, 0x81, b"x");
    let plain = frame(Side::Server, 0x81, b"x");
    assert_eq!(notes(Side::Client, &plain), ["ws_unmasked_client"]);
    assert_eq!(notes(Side::Server, &masked), ["ws_masked_server"]);
    assert_eq!(notes(Side::Server, b"\xA1\x01x"), ["ws_reserved_bits"]);
    assert_eq!(notes(Side::Server, b"\x83\x01x"), ["ws_reserved_opcode"]);
    assert_eq!(notes(Side::Server, b"\x81\x7E\x00\x01x"), ["ws_padded_length"]);
    assert_eq!(notes(Side::Server, b"\x09\x01x"), ["ws_fragmented_control"]);
    assert_eq!(notes(Side::Server, &frame(Side::Server, 0x89, &[b'x'; 126])), ["ws_long_control"]);
    assert_eq!(notes(Side::Server, b"\x81\x01\xFF"), ["ws_bad_utf8"]);
    assert_eq!(notes(Side::Server, b"\x88\x03\x03\xE8\xFF"), ["ws_bad_utf8"]);
    assert_eq!(notes(Side::Server, b"\x88\x01\x03"), ["ws_short_close"]);
    assert_eq!(notes(Side::Server, b"\x88\x00\x81\x01x"), ["ws_after_close"]);
    assert_eq!(notes(Side::Server, b"\x80\x01x"), ["ws_stray_continuation"]);
    assert_eq!(notes(Side::Server, b"\x01\x01x\x81\x01y"), ["ws_unfinished_message"]);
    assert_eq!(read(b"bogus", Side::Server, b"").1, ["ws_unknown_extension"]);
}

#[test]
fn every_cut_gives_what_there_is() {
    let mut bytes = frame(Side::Client, 0x01, b"first");
    bytes.extend(frame(Side::Client, 0x89, b"ping"));
    bytes.extend(frame(Side::Client, 0x80, &[b'x'; 200]));
    for cut in 0..bytes.len() {
        let (messages, _) = read(b"", Side::Client, &bytes[..cut]);
        assert!(messages.iter().all(|it| it.is_cut || it.opcode == Opcode::Ping));
        let content: usize = messages.iter().map(|it| it.data.len()).sum();
        assert!(content <= cut);
    }
}

#[test]
fn lengths_at_their_extremes_hold_no_memory() {
    for length in [0, 1, 125, 126, 0xFFFF, 0x1_0000, u64::from(u32::MAX), (1 << 63) - 1, 1 << 63, u64::MAX] {
        let mut bytes = b"\x82\x7F".to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(b"some payload");
        let (messages, notes) = read(b"", Side::Server, &bytes);
        assert!(messages.iter().all(|it| it.data.len() <= 12));
        assert_eq!(notes.contains(&"ws_length_too_long"), length >= 1 << 63);
    }
}

#[test]
fn a_message_over_the_cap_is_cut_and_its_rest_counted() {
    let limits = Limits { message_bytes: 1000, control_bytes: 200, extents: 3, ..Limits::default() };
    let mut bench = Bench::new(Connection::new(b"", limits));
    bench.push(Side::Server, b"\x02\x00", 0);
    for at in 0..100 {
        bench.push(Side::Server, &frame(Side::Server, 0x00, &[b'x'; 50]), at * 52);
    }
    bench.push(Side::Server, &frame(Side::Server, 0x80, b""), 0);
    bench.push(Side::Server, &frame(Side::Server, 0x89, &[b'x'; 500]), 0);
    assert_eq!(bench.connection.count(Side::Server).over_limit, 4000 + 300);
    let (messages, notes) = bench.finish();
    assert_eq!((messages[0].data.len(), messages[0].is_cut, messages[0].extents.len()), (1000, true, 3));
    assert_eq!((messages[1].data.len(), messages[1].is_cut), (200, true));
    assert!(notes.contains(&"ws_message_over_limit"));
}

#[test]
fn places_at_the_end_of_a_file_of_any_size_do_no_harm() {
    let mut bench = Bench::new(Connection::midstream(Limits { search_bytes: 30, ..Limits::default() }));
    for _ in 0..10 {
        bench.push(Side::Server, &[b'x'; 20], u64::MAX - 5);
    }
    assert!(bench.finish().0.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_accounted_for(bytes in prop::collection::vec(any::<u8>(), 0..2000), is_midstream: bool) {
        for side in [Side::Client, Side::Server] {
            let mut bench = Bench::new(if is_midstream {
                Connection::midstream(Limits::default())
            } else {
                Connection::new(DEFLATE, Limits::default())
            });
            bench.push(side, &bytes, u64::MAX - 5);
            bench.gap(side, u64::MAX, u64::MAX);
            bench.push(side, &bytes, 0);
            bench.finish();
        }
    }
}
