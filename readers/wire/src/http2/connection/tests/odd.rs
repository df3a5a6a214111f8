//! Fields that mean something else in HTTP/1, and frames where they should not be.

use super::*;

#[test]
fn odd_fields_are_noted() {
    for (fields, kind) in [
        (&[("X-Up", "1")][..], "h2_upper_case_field"),
        (&[("a", "b"), (":authority", "c")], "h2_pseudo_after_regular"),
        (&[(":status", "200")], "h2_unknown_pseudo"),
        (&[(":path", "/b")], "h2_duplicate_pseudo"),
        (&[("connection", "close")], "h2_connection_field"),
        (&[("Transfer-Encoding", "chunked")], "h2_connection_field"),
        (&[("te", "gzip")], "h2_te"),
        (&[("a", "b\r\nx: y")], "h2_control_in_value"),
        (&[("a", "b\0")], "h2_control_in_value"),
        (&[("a", " b")], "h2_space_round_value"),
        (&[("a b", "c")], "h2_bad_field_name"),
        (&[("a\r\nb: c", "d")], "h2_bad_field_name"),
        (&[("", "c")], "h2_bad_field_name"),
        (&[(":authority", "a"), ("host", "b")], "h2_host_differs"),
        (&[("content-length", "5")], "h2_content_length_differs"),
        (&[("content-length", "0"), ("content-length", "1")], "h2_content_length_differs"),
        (&[("content-length", "+0")], "h2_content_length_differs"),
    ] {
        let found = request_with(fields);
        let message = found.message(1, Side::Client);
        assert!(kinds(message).contains(&kind), "{fields:?}: {:?}", message.notes);
        assert_eq!(message.fields.len(), 3 + fields.len(), "what is odd is kept as it is");
    }
    let fine = [(":authority", "a"), ("host", "A"), ("te", "trailers"), ("content-length", "0"), ("x", "")];
    let found = request_with(&[&fine[..1], &fine[1..]].concat());
    assert!(kinds(found.message(1, Side::Client)).is_empty());
}

#[test]
fn spaces_in_the_request_line_to_be_and_missing_parts_are_noted() {
    let noted = |fields: &[(&str, &str)]| {
        let found = read(&[client(&[PREFACE, &settings(), &headers(END_STREAM, 1, fields)])]);
        kinds(found.message(1, Side::Client))
    };
    assert_eq!(
        noted(&[(":method", "GET / HTTP/1.1"), (":scheme", "http"), (":path", "/")]),
        ["h2_space_in_pseudo"]
    );
    assert_eq!(noted(&[(":method", "GET"), (":path", "/")]), ["h2_missing_pseudo"]);
    assert_eq!(noted(&[(":method", "CONNECT"), (":authority", "a:443")]), [""; 0]);
}

#[test]
fn a_note_shows_no_more_than_the_start_of_a_value() {
    let long = "A".repeat(120);
    let found = request_with(&[(&long, "b")]);
    assert!(found.messages[0].notes.iter().all(|note| note.what.len() < 100));
}

#[test]
fn an_answer_to_head_may_give_a_length() {
    let head = [(":method", "HEAD"), (":scheme", "http"), (":path", "/")];
    let sized = [(":status", "200"), ("content-length", "9")];
    for (request, is_noted) in [(&head, false), (&GET, true)] {
        let found = read(&[
            client(&[PREFACE, &settings(), &headers(END_STREAM, 1, request)]),
            server(&[&settings(), &headers(END_STREAM, 1, &sized)]),
        ]);
        assert_eq!(kinds(found.message(1, Side::Server)).len(), usize::from(is_noted));
    }
}

#[test]
fn what_comes_after_the_end_is_not_lost() {
    let found = read(&[client(&[PREFACE, &settings(), &get(1), &data(END_STREAM, 1, b"more")])]);
    let late = &found.messages[1];
    assert_eq!((&late.body[..], late.is_cut), (&b"more"[..], true));
    assert_eq!(kinds(late), ["h2_after_end", "h2_no_head"]);
}

#[test]
fn a_frame_in_a_block_is_noted_and_the_block_goes_on() {
    let fields = block(&GET);
    let (first, rest) = fields.split_at(6);
    let head = frame(HEADERS, END_STREAM, 1, first);
    let found = read(&[client(&[
        PREFACE,
        &settings(),
        &head,
        &frame(PING, 0, 0, &[0; 8]),
        &frame(CONTINUATION, END_HEADERS, 1, rest),
    ])]);
    assert_eq!(found.kinds, [("h2_frame_in_block", 1)]);
    assert_eq!(found.message(1, Side::Client).fields.len(), 3);
    // Another block ends the first where it is.
    let found =
        read(&[client(&[PREFACE, &settings(), &head, &get(3), &frame(CONTINUATION, END_HEADERS, 1, rest)])]);
    assert!(found.has("h2_stray_continuation"));
    assert!(found.message(1, Side::Client).is_cut && !found.message(3, Side::Client).is_cut);
    assert_eq!(found.count.opaque, rest.len() as u64 + 6);
}

#[test]
fn padding_is_held_to_its_rules() {
    let start = [PREFACE, &settings()[..], &headers(0, 1, &GET)].concat();
    let read_data = |payload: &[u8]| read(&[client(&[&start, &data(END_STREAM | 0x8, 1, payload)])]);
    let found = read_data(b"\x02abXY");
    assert_eq!((found.has("h2_padding_not_zero"), &found.messages[0].body[..]), (true, &b"ab"[..]));
    let found = read_data(b"\xffab");
    assert_eq!((found.has("h2_bad_padding"), &found.messages[0].body[..]), (true, &b"ab"[..]));
    assert!(read_data(b"").has("h2_frame_length"));
}

#[test]
fn trailers_are_held_to_their_rules() {
    let found = read(&[server(&[
        &settings(),
        &headers(0, 1, &[(":status", "200")]),
        &data(0, 1, b"x"),
        &headers(0, 1, &[(":status", "200"), ("a", "b")]),
        &data(END_STREAM, 1, b"y"),
    ])]);
    let message = found.message(1, Side::Server);
    assert_eq!(kinds(message), ["h2_pseudo_in_trailers", "h2_trailers_without_end"]);
    assert_eq!((&message.body[..], message.trailers.len()), (&b"xy"[..], 2));
}

#[test]
fn frames_over_the_peers_limit_are_noted_and_read() {
    let body = vec![b'x'; 20_000];
    let answer = [settings(), headers(0, 1, &[(":status", "200")]), data(END_STREAM, 1, &body)].concat();
    let found = read(&[client(&[PREFACE, &settings(), &get(1)]), server(&[&answer])]);
    assert!(found.has("h2_frame_too_large") && found.message(1, Side::Server).body == body);
    let large = frame(SETTINGS, 0, 0, &[0, 5, 0, 1, 0, 0]);
    assert!(!read(&[client(&[PREFACE, &large, &get(1)]), server(&[&answer])]).has("h2_frame_too_large"));
    assert!(!read(&[server(&[&answer])]).has("h2_frame_too_large"), "what the client takes was not captured");
}
