//! Connections as they should be.

use super::super::super::frame::{ACK, HAS_PRIORITY, PADDED};
use super::super::super::message::Extent;
use super::*;

#[test]
fn request_and_answer_are_two_messages_of_one_stream() {
    let found = read(&[
        client(&[
            PREFACE,
            &settings(),
            &headers(0, 1, &[(":method", "POST"), (":scheme", "http"), (":path", "/")]),
        ]),
        client(&[&data(0, 1, b"ab"), &data(END_STREAM, 1, b"cd")]),
        server(&[&settings(), &frame(SETTINGS, ACK, 0, &[])]),
        server(&[&headers(0, 1, &[(":status", "200"), ("a", "b")]), &data(0, 1, b"xyz")]),
        server(&[&headers(END_STREAM, 1, &[("grpc-status", "0")])]),
    ]);
    let request = found.message(1, Side::Client);
    assert_eq!(shown(&request.fields), [":method: POST", ":scheme: http", ":path: /"]);
    assert_eq!(request.body, "abcd");
    let second = 1000 + 24 + 9 + 9 + request.block_bytes + 100;
    assert_eq!(
        request.extents,
        [Extent { offset: 0, at: second + 9, len: 2 }, Extent { offset: 2, at: second + 20, len: 2 }]
    );
    assert_eq!((request.at, request.start, request.end), (1033, Some(0), Some(1)));
    let answer = found.message(1, Side::Server);
    assert_eq!(shown(&answer.fields), [":status: 200", "a: b"]);
    assert_eq!((&answer.body[..], shown(&answer.trailers)), (&b"xyz"[..], vec!["grpc-status: 0".to_owned()]));
    assert_eq!((answer.start, answer.end), (Some(3), Some(4)));
    assert!(!answer.is_cut && answer.notes.is_empty() && request.notes.is_empty());
    assert!(found.kinds.is_empty(), "{:?}", found.kinds);
    assert_eq!(found.count, Count { framing: 24 + 9 * 9, ..Count::default() });
}

#[test]
fn padding_priority_and_continuation_are_taken_off() {
    let fields = block(&GET);
    let (first, rest) = fields.split_at(5);
    let (second, third) = rest.split_at(7);
    let head = [&[3, 0x80, 0, 0, 0, 16][..], first, &[0; 3]].concat();
    let found = read(&[
        client(&[PREFACE, &settings(), &frame(HEADERS, PADDED | HAS_PRIORITY, 1, &head)]),
        client(&[&frame(CONTINUATION, 0, 1, second), &frame(CONTINUATION, END_HEADERS, 1, third)]),
        client(&[&data(PADDED, 1, b"\x04body\0\0\0\0"), &data(PADDED | END_STREAM, 1, b"\0!")]),
    ]);
    let message = found.message(1, Side::Client);
    assert_eq!((shown(&message.fields).len(), &message.body[..]), (3, &b"body!"[..]));
    assert_eq!(message.block_bytes, fields.len() as u64);
    assert!(found.kinds.is_empty(), "{:?}", found.kinds);
}

#[test]
fn interleaved_streams_are_told_apart() {
    let found = read(&[
        server(&[&settings(), &headers(0, 1, &[(":status", "200")]), &headers(0, 3, &[(":status", "404")])]),
        server(&[
            &data(0, 1, b"a"),
            &data(0, 3, b"b"),
            &data(END_STREAM, 1, b"c"),
            &data(END_STREAM, 3, b"d"),
        ]),
    ]);
    let bodies: Vec<_> = [1, 3].map(|stream| found.message(stream, Side::Server).body.clone()).to_vec();
    assert_eq!(bodies, ["ac", "bd"]);
}

#[test]
fn interim_heads_stand_apart() {
    let early = [(":status", "103"), ("link", "</a>")];
    let heads = [
        headers(0, 1, &[(":status", "100")]),
        headers(0, 1, &early),
        headers(END_STREAM, 1, &[(":status", "204")]),
    ];
    let found = read(&[server(&[&settings(), &heads.concat()])]);
    let message = found.message(1, Side::Server);
    assert_eq!(message.interim.iter().map(|fields| shown(fields)).collect::<Vec<_>>().concat().len(), 3);
    assert_eq!(shown(&message.fields), [":status: 204"]);
    assert!(message.trailers.is_empty() && message.notes.is_empty());
}

#[test]
fn after_an_upgrade_stream_one_is_answered() {
    let upgraded = Connection::upgraded(Limits::default(), &[0, 1, 0, 0, 0, 0]);
    let answer = [&[0x20][..], &block(&[(":status", "200"), ("content-length", "2")])].concat();
    let parts = [
        server(&[&settings(), &frame(HEADERS, END_HEADERS, 1, &answer), &data(END_STREAM, 1, b"up")]),
        client(&[PREFACE, &settings(), &get(3)]),
    ];
    let found = read_with(upgraded, &parts, |len| len);
    assert_eq!(found.messages.len(), 2);
    assert_eq!(found.message(1, Side::Server).body, "up");
    assert!(found.messages.iter().all(|message| message.notes.is_empty()) && found.kinds.is_empty());
}

#[test]
fn a_promise_is_a_request_from_the_server() {
    let promise = [&2u32.to_be_bytes()[..], &block(&GET)].concat();
    let found = read(&[
        client(&[PREFACE, &settings(), &get(1)]),
        server(&[&settings(), &frame(PUSH_PROMISE, END_HEADERS, 1, &promise)]),
        server(&[
            &headers(END_STREAM, 2, &[(":status", "200")]),
            &headers(END_STREAM, 1, &[(":status", "200")]),
        ]),
    ]);
    let on_two: Vec<_> = found.messages.iter().filter(|message| message.stream == 2).collect();
    assert_eq!((on_two[0].promised_on, on_two[1].promised_on), (Some(1), None));
    assert_eq!(
        (shown(&on_two[0].fields)[0].as_str(), shown(&on_two[1].fields)[0].as_str()),
        (":method: GET", ":status: 200")
    );
    assert!(on_two[0].notes.is_empty());
}

#[test]
fn a_reset_cuts_both_sides() {
    let found = read(&[
        client(&[PREFACE, &settings(), &headers(0, 1, &GET), &data(0, 1, b"req"), &get(3)]),
        server(&[&settings(), &headers(0, 1, &[(":status", "200")]), &data(0, 1, b"ans")]),
        server(&[&headers(0, 3, &[(":status", "200")]), &data(0, 3, b"left open")]),
        client(&[&frame(RST_STREAM, 0, 1, &8u32.to_be_bytes())]),
    ]);
    for (side, body) in [(Side::Client, "req"), (Side::Server, "ans")] {
        let message = found.message(1, side);
        assert_eq!((&message.body[..], message.is_cut, message.reset), (body.as_bytes(), true, Some(8)));
    }
    let open = found.message(3, Side::Server);
    assert_eq!((&open.body[..], open.is_cut, open.reset), (&b"left open"[..], true, None));
}

#[test]
fn control_frames_are_framing_and_unknown_ones_opaque() {
    let goaway = [&5u32.to_be_bytes()[..], &2u32.to_be_bytes(), b"debug"].concat();
    let found = read(&[server(&[
        &settings(),
        &frame(PING, 0, 0, &[7; 8]),
        &frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        &frame(PRIORITY, 0, 3, &[0; 5]),
        &frame(ALTSVC, 0, 0, b"\0\0h2=x"),
        &frame(0xfa, 0xff, 9, b"grease"),
        &frame(GOAWAY, 0, 0, &goaway),
    ])]);
    assert_eq!((found.count.framing, found.count.opaque), (9 * 7 + 8 + 4 + 5 + 6 + 8, 6 + 5));
    assert!(found.messages.is_empty() && found.kinds == [("h2_goaway_error", 1)]);
}

/// RFC 9113, section 6.5.2: the size of the table goes from the one who decodes to the one who encodes.
#[test]
fn table_sizes_go_both_ways() {
    let table = |size: u32| frame(SETTINGS, 0, 0, &[&[0, 1][..], &size.to_be_bytes()].concat());
    let large =
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &[&[0x3f, 0xe1, 0x3f][..], &block(&GET)].concat());
    let start = |settings: Vec<u8>| [client(&[PREFACE, &settings, &large])];
    let offered = [&[server(&[&table(8192)])][..], &start(settings())].concat();
    assert!(kinds(read(&offered).message(1, Side::Client)).is_empty());
    let not_offered = [&[server(&[&settings()])][..], &start(settings())].concat();
    assert_eq!(kinds(read(&not_offered).message(1, Side::Client)), ["hpack_size_over_setting"]);
    assert!(
        kinds(read(&start(settings())).message(1, Side::Client)).is_empty(),
        "the server's were not captured"
    );
    let smaller = read(&[
        server(&[&table(0)]),
        client(&[PREFACE, &settings(), &get(1), &frame(SETTINGS, ACK, 0, &[]), &get(3), &get(5)]),
    ]);
    let noted = [1, 3, 5].map(|stream| kinds(smaller.message(stream, Side::Client)).len());
    assert_eq!(noted, [0, 1, 0], "the block after the acknowledgement must signal the size");
}

#[test]
fn grpc_is_known_by_its_type() {
    let fields = [&GET[..], &[("content-type", "application/grpc+proto")]].concat();
    let found = read(&[client(&[
        PREFACE,
        &settings(),
        &headers(0, 1, &fields),
        &data(0, 1, b"\0\0\0\0\x03a"),
        &data(END_STREAM, 1, b"bc"),
    ])]);
    let message = found.message(1, Side::Client);
    assert!(message.is_grpc());
    let split = crate::http2::split_grpc(&message.body);
    assert_eq!((split.messages.len(), &split.messages[0].content[..]), (1, &b"abc"[..]));
}
