//! Missing bytes, and connections seen from their middle.

use super::*;

#[test]
fn a_gap_within_a_frame_cuts_its_message_and_nothing_else() {
    let first = frame(Side::Client, 0x81, b"0123456789");
    let mut bench = Bench::new(Connection::new(b"", Limits::default()));
    bench.push(Side::Client, &first[..9], 0);
    bench.gap(Side::Client, 4, 9);
    bench.push(Side::Client, &first[13..], 13);
    bench.push(Side::Client, &frame(Side::Client, 0x81, b"next"), 100);
    assert_eq!(bench.connection.count(Side::Client).lost, 4);
    let (messages, notes) = bench.finish();
    let seen: Vec<_> = messages.iter().map(|it| (&it.data[..], it.is_cut)).collect();
    assert_eq!(seen, [(&b"012"[..], true), (b"789", true), (b"next", false)]);
    assert_eq!(notes, ["ws_gap"]);
}

#[test]
fn frames_are_found_again_after_a_gap() {
    let mut bytes = b"the end of a frame whose start was lost".to_vec();
    let lost = bytes.len();
    for _ in 0..4 {
        bytes.extend(frame(Side::Server, 0x81, b"found"));
    }
    let mut bench = Bench::new(Connection::new(b"", Limits::default()));
    bench.push(Side::Server, &frame(Side::Server, 0x81, b"before"), 0);
    bench.gap(Side::Server, 1000, 8);
    bench.push(Side::Server, &bytes, 1008);
    assert_eq!(bench.connection.count(Side::Server).opaque, lost as u64);
    let (messages, _) = bench.finish();
    let seen: Vec<_> = messages.iter().map(|it| &it.data[..]).collect();
    assert_eq!(seen, [&b"before"[..], b"found", b"found", b"found", b"found"]);
    assert_eq!(messages[1].extents, [(0, 1008 + lost as u64 + 2)]);
}

#[test]
fn one_frame_at_the_end_of_a_midstream_capture_is_read() {
    let mut bench = Bench::new(Connection::midstream(Limits::default()));
    bench.push(Side::Client, &frame(Side::Client, 0x81, b"alone"), 0);
    let (messages, _) = bench.finish();
    assert_eq!(messages[0].data, "alone");
}

#[test]
fn bytes_without_frames_are_opaque_and_not_held() {
    let mut bench = Bench::new(Connection::midstream(Limits { search_bytes: 1000, ..Limits::default() }));
    for at in 0..1000 {
        bench.push(Side::Client, &[b'x'; 100], at * 100);
    }
    assert!(bench.connection.count(Side::Client).opaque > 90_000);
    let (messages, _) = bench.finish();
    assert!(messages.is_empty());
}

#[test]
fn after_a_gap_bytes_copied_from_before_it_are_zeros_and_counted() {
    let mut sender = Sender::new(false);
    let line =
        |n: usize| format!("{{\"type\":\"message\",\"number\":{n},\"text\":\"{}\"}}", "abc".repeat(n % 7));
    let lines: Vec<String> = (0..2000).map(line).collect();
    let frames: Vec<_> =
        lines.iter().map(|it| frame(Side::Server, 0xC1, &sender.payload(it.as_bytes()))).collect();
    let mut bench = Bench::new(Connection::new(DEFLATE, Limits::default()));
    bench.push(Side::Server, &frames[..10].concat(), 0);
    bench.gap(Side::Server, frames[10].len() as u64, 0);
    bench.push(Side::Server, &frames[11..].concat(), 0);
    let (messages, notes) = bench.finish();
    assert_eq!(messages.len(), 1999);
    for (message, line) in messages[10..].iter().zip(&lines[11..]) {
        assert_eq!(message.data.len(), line.len());
        // Every byte is the one that was sent, or zero and counted.
        let wrong = message.data.iter().zip(line.bytes()).filter(|(seen, sent)| *seen != sent);
        assert_eq!(wrong.inspect(|(seen, _)| assert_eq!(**seen, 0)).count(), message.unknown);
    }
    assert!(messages[10].unknown > 0);
    assert_eq!(notes, ["ws_gap", "ws_window_lost", "ws_unknown_bytes"]);
}

#[test]
fn a_new_sentence_after_a_gap_is_read_whole() {
    let mut sender = Sender::new(false);
    sender.payload(b"something that was lost");
    let mut bytes = Vec::new();
    for text in ["quick brown foxes jump", "over 13 lazy dogs", "and then they sleep"] {
        bytes.extend(frame(Side::Client, 0xC1, &sender.payload(text.as_bytes())));
    }
    let mut bench = Bench::new(Connection::midstream(Limits::default()));
    bench.push(Side::Client, &bytes, 0);
    let (messages, _) = bench.finish();
    assert_eq!((&messages[1].data[..], messages[1].unknown), (&b"over 13 lazy dogs"[..], 0));
}

#[test]
fn a_window_is_known_again_once_it_is_full_of_new_bytes() {
    let mut sender = Sender::new(false);
    let lost = sender.payload(b"a line that comes again");
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(40_000)
    .collect();
    let mut bench = Bench::new(Connection::new(DEFLATE, Limits::default()));
    bench.gap(Side::Server, lost.len() as u64, 0);
    for text in [&b"a line that comes again"[..], &noise, &noise[10_000..], b"a line that comes again"] {
        bench.push(Side::Server, &frame(Side::Server, 0xC2, &sender.payload(text)), 0);
    }
    let (messages, _) = bench.finish();
    let unknown: Vec<_> = messages.iter().map(|it| it.unknown > 0).collect();
    assert_eq!(unknown, [true, false, false, false]);
    assert!(messages[1].data == noise && messages[2].data == noise[10_000..]);
    assert_eq!(messages[3].data, "a line that comes again");
}
