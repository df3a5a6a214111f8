//! Compressed messages.

use super::*;

/// RFC 7692 section 7.2.3: "Hello", compressed.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fn texts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (messages, notes) = read(DEFLATE, Side::Server, bytes);
    assert!(notes.is_empty(), "{notes:?}");
    assert!(messages.iter().all(|it| it.was_compressed && !it.is_cut));
    messages.iter().map(|it| it.data.to_vec()).collect()
}

#[test]
fn examples_of_the_standard_are_inflated() {
    // Section 7.2.3.1: one frame, and two fragments.
    let hello = frame(Side::Server, 0xC1, &HELLO);
    assert_eq!(texts(&hello), [b"Hello"]);
    assert_eq!(texts(b"\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00"), [b"Hello"]);
    // Section 7.2.3.2: the second copies from the first.
    let mut both = hello.clone();
    both.extend(frame(Side::Server, 0xC1, &[0xf2, 0x00, 0x11, 0x00, 0x00]));
    assert_eq!(texts(&both), [b"Hello", b"Hello"]);
    // Section 7.2.3.3: a block without compression.
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(texts(&frame(Side::Server, 0xC1, &stored)), [b"Hello"]);
    // Section 7.2.3.4: a block with BFINAL set to 1, then another message.
    let mut last = frame(Side::Server, 0xC1, &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]);
    last.extend(frame(Side::Server, 0xC1, &HELLO));
    assert_eq!(texts(&last), [b"Hello", b"Hello"]);
    // Section 7.2.3.5: two blocks in one message.
    let blocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(texts(&frame(Side::Server, 0xC1, &blocks)), [b"Hello"]);
}

#[test]
fn a_window_is_kept_only_where_it_was_agreed_on() {
    let mut sender = Sender::new(false);
    let mut bytes = frame(Side::Server, 0xC1, &sender.payload(b"a long line that comes again"));
    bytes.extend(frame(Side::Server, 0xC1, &sender.payload(b"a long line that comes again")));
    assert_eq!(read(DEFLATE, Side::Server, &bytes).0[1].data, "a long line that comes again");
    let (messages, notes) = read(b"permessage-deflate; server_no_context_takeover", Side::Server, &bytes);
    assert!(messages[1].is_cut);
    assert_eq!(notes, ["ws_bad_deflate"]);
}

#[test]
fn compressed_messages_without_agreement_come_as_they_are() {
    let (messages, notes) = read(b"", Side::Server, &frame(Side::Server, 0xC2, &HELLO));
    assert_eq!((&messages[0].data[..], messages[0].was_compressed), (&HELLO[..], false));
    assert_eq!(notes, ["ws_reserved_bits"]);
}

#[test]
fn a_bomb_ends_at_the_cap_and_is_counted() {
    let payload = Sender::new(true).payload(&vec![b'a'; 30 << 20]);
    let field = b"permessage-deflate; client_no_context_takeover";
    let mut bench = Bench::new(Connection::new(field, Limits::default()));
    bench.push(Side::Client, &frame(Side::Client, 0xC1, &payload), 0);
    bench.push(Side::Client, &frame(Side::Client, 0xC1, &HELLO), 0);
    assert_eq!(bench.connection.count(Side::Client).over_limit, payload.len() as u64);
    let (messages, notes) = bench.finish();
    assert_eq!((messages[0].data.len(), messages[0].is_cut), (16 << 20, true));
    assert_eq!((&messages[1].data[..], messages[1].is_cut), (&b"Hello"[..], false));
    assert_eq!(notes, ["ws_message_over_limit"]);
}

#[test]
fn many_bombs_end_at_the_ratio() {
    let limits = Limits { message_bytes: 10_000, free_expansion_bytes: 100_000, ..Limits::default() };
    let mut bench = Bench::new(Connection::new(b"permessage-deflate; client_no_context_takeover", limits));
    let bomb = frame(Side::Client, 0xC1, &Sender::new(true).payload(&[b'a'; 10_000]));
    for at in 0..1000 {
        bench.push(Side::Client, &bomb, at);
    }
    let (messages, notes) = bench.finish();
    let output: usize = messages.iter().map(|it| it.data.len()).sum();
    assert!(output < 110_000 + 1000 * bomb.len() * 200, "{output}");
    assert!(notes.contains(&"ws_expansion_over_limit"));
}

#[test]
fn a_flood_of_last_blocks_is_damage() {
    let (messages, notes) = read(DEFLATE, Side::Server, &frame(Side::Server, 0xC2, &[3, 0].repeat(1000)));
    assert!(messages[0].is_cut);
    assert_eq!(notes, ["ws_window_lost", "ws_bad_deflate"]);
}
