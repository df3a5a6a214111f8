//! Captures that start late, and gaps.

use super::*;

/// An answer with a body, its status by a static index.
fn answer(stream: u32, body: &[u8]) -> Vec<u8> {
    [frame(HEADERS, END_HEADERS, stream, &[0x88]), data(END_STREAM, stream, body)].concat()
}

#[test]
fn a_connection_from_its_middle_gives_bodies_and_what_fields_it_can() {
    let request = [
        frame(HEADERS, END_HEADERS, 7, &[0x83, 0xbe, 0x04, 2, b'/', b'x', 0xc1]),
        data(END_STREAM, 7, b"body"),
    ];
    let found = read(&[client(&[&request.concat()]), server(&[&answer(7, b"more")])]);
    let message = found.message(7, Side::Client);
    assert_eq!(shown(&message.fields), [":method: POST", "?: ?", ":path: /x", "?: ?"]);
    assert_eq!((&message.body[..], kinds(message)), (&b"body"[..], vec!["hpack_lost_index"]));
    assert_eq!(found.message(7, Side::Server).body, "more");
    assert_eq!((found.kinds, found.count.opaque), (vec![("h2_no_start", 2)], 0));
}

#[test]
fn frames_are_found_behind_the_rest_of_one() {
    let tail = b"{\"rest\": \"of a body that began before the capture\"}";
    let found = read(&[server(&[tail, &answer(5, b"next"), &answer(7, b"last")])]);
    assert_eq!((found.count.opaque, found.has("h2_no_start")), (tail.len() as u64, true));
    assert_eq!((found.messages.len(), &found.message(5, Side::Server).body[..]), (2, &b"next"[..]));
    // The last frame of all has none behind it, and ends where the bytes do.
    let found = read(&[server(&[tail, &data(END_STREAM, 5, b"only")])]);
    assert_eq!(found.message(5, Side::Server).body, "only");
    assert_eq!(kinds(found.message(5, Side::Server)), ["h2_no_head"]);
}

#[test]
fn what_is_no_http2_is_opaque() {
    let found =
        read(&[client(&[b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"]), server(&[b"HTTP/1.1 200 OK\r\n\r\n"])]);
    assert!(found.messages.is_empty());
    assert_eq!((found.count.opaque, found.kinds), (27 + 19, vec![("h2_no_frames", 2)]));
    let found = read(&[client(&[&PREFACE[..10]])]);
    assert_eq!((found.count.framing, found.count.opaque), (10, 0));
}

#[test]
fn a_gap_inside_a_body_leaves_a_hole_and_the_frames_in_place() {
    let (head, body) = (headers(0, 1, &[(":status", "200")]), data(0, 1, b"0123456789"));
    let found = read(&[
        server(&[&settings(), &head, &body[..9 + 3]]),
        Part::Gap(Side::Server, 4),
        server(&[&body[9 + 7..], &data(END_STREAM, 1, b"!"), &get(2)]),
    ]);
    let message = found.message(1, Side::Server);
    assert_eq!((&message.body[..], message.has_gap, message.is_cut), (&b"012789!"[..], true, true));
    assert_eq!((message.extents.len(), found.count.lost), (3, 4));
    assert!(!found.message(2, Side::Server).has_gap);
    assert!(found.kinds.is_empty());
}

#[test]
fn a_gap_that_ends_with_its_frame_ends_the_stream() {
    let body = data(END_STREAM, 1, b"0123456789");
    let found = read(&[
        server(&[&settings(), &headers(0, 1, &[(":status", "200")]), &body[..12]]),
        Part::Gap(Side::Server, 7),
        server(&[&answer(3, b"x")]),
    ]);
    assert_eq!((&found.messages[0].body[..], found.messages[0].has_gap), (&b"012"[..], true));
    assert!(!found.message(3, Side::Server).is_cut);
}

#[test]
fn a_gap_that_goes_on_behind_its_frame_ends_the_stream_too() {
    let body = data(END_STREAM, 1, b"0123456789");
    let parts = [
        server(&[&settings(), &headers(0, 1, &[(":status", "200")]), &body[..12]]),
        Part::Gap(Side::Server, 90),
        server(&[&data(END_STREAM, 1, b"another")]),
    ];
    let found = read(&parts);
    assert_eq!((&found.messages[0].body[..], found.messages[0].has_gap), (&b"012"[..], true));
    assert_eq!(kinds(&found.messages[1]), ["h2_after_end", "h2_no_head"]);
}

#[test]
fn after_a_gap_between_frames_the_table_is_lost_and_open_messages_are_unsure() {
    let sized = |stream, length| headers(0, stream, &[(":status", "200"), ("content-length", length)]);
    let found = read(&[
        server(&[
            &settings(),
            &frame(HEADERS, END_HEADERS, 9, &[0x88, 0x54, 1, b's']),
            &sized(1, "2"),
            &sized(3, "9"),
        ]),
        Part::Gap(Side::Server, 500),
        server(&[b"the rest of a lost frame", &data(END_STREAM, 1, b"ok"), &data(END_STREAM, 3, b"short")]),
        server(&[&frame(HEADERS, END_HEADERS | END_STREAM, 5, &[0x88, 0xbe])]),
    ]);
    let state = |stream| {
        let message = found.message(stream, Side::Server);
        (message.is_cut, message.has_gap)
    };
    assert_eq!(
        [state(1), state(3), state(5), state(9)],
        [(false, false), (true, true), (false, false), (true, true)]
    );
    assert_eq!(shown(&found.message(5, Side::Server).fields), [":status: 200", "?: ?"]);
    assert_eq!((found.count.lost, found.count.opaque), (500, 24));
    assert!(
        kinds(found.message(3, Side::Server)).is_empty(),
        "a length is not judged when bytes are missing"
    );
}

#[test]
fn a_gap_in_a_block_keeps_the_fields_before_it() {
    let fields = block(&[(":status", "200"), ("first", "kept"), ("second", "lost"), ("third", "lost")]);
    let whole = frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields);
    let after_two = 9 + block(&[(":status", "200"), ("first", "kept")]).len();
    let found = read(&[
        server(&[&settings(), &whole[..after_two]]),
        Part::Gap(Side::Server, 4),
        server(&[&whole[after_two + 4..], &answer(3, b"x")]),
    ]);
    let message = found.message(1, Side::Server);
    assert_eq!(shown(&message.fields), [":status: 200", "first: kept"]);
    assert!(message.is_cut && message.has_gap);
    assert_eq!(found.count.opaque, (whole.len() - after_two - 4) as u64);
    assert_eq!(found.message(3, Side::Server).body, "x");
}

#[test]
fn a_second_head_shows_that_the_first_was_interim() {
    // Both statuses are in the table that was lost; the second is sent as a literal.
    let found = read(&[server(&[
        &frame(HEADERS, END_HEADERS, 1, &[0xbe]),
        &headers(0, 1, &[(":status", "200")]),
        &data(END_STREAM, 1, b"x"),
    ])]);
    let message = found.message(1, Side::Server);
    assert_eq!((message.interim.len(), shown(&message.fields)), (1, vec![":status: 200".to_owned()]));
}
