//! What lenient peers read, and what it is noted as.

use super::*;

fn post(head: &str, rest: &str) -> Seen {
    requests(format!("POST /front HTTP/1.1\r\nHost: a\r\n{head}\r\n{rest}").as_bytes())
}

#[test]
fn transfer_encoding_wins_and_the_next_request_is_the_smuggled_one() {
    let seen = post(
        "Content-Length: 35\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    let labels: Vec<_> = seen.messages.iter().map(label).collect();
    assert_eq!(labels, ["/front", "/hidden"]);
    assert_eq!(kinds(&seen.messages[0]), ["http_cl_and_te"]);
    assert!(seen.messages[0].smuggled.bytes.is_empty());
}

#[test]
fn what_the_reader_by_length_takes_for_a_request_is_offered() {
    let hidden = "GET /hidden HTTP/1.1\r\nX: ";
    let body = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let seen = post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", &body);
    let [message] = seen.messages.as_slice() else { panic!("{seen:?}") };
    assert_eq!(text(&message.body.bytes), hidden);
    assert_eq!(text(&message.smuggled.bytes), format!("{hidden}\r\n0\r\n\r\n"));
    let at = message.smuggled.at(0).unwrap();
    assert_eq!(message.body.at(0), Some(at));
}

#[test]
fn of_two_lengths_the_first_frames_and_the_other_reading_is_offered() {
    let seen = post("Content-Length: 6\r\nContent-Length: 4\r\n", "abcdefGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(kinds(&seen.messages[0]), ["http_conflicting_length"]);
    assert_eq!(
        (text(&seen.messages[0].body.bytes).as_str(), text(&seen.messages[0].smuggled.bytes).as_str()),
        ("abcdef", "ef")
    );
    assert_eq!(label(&seen.messages[1]), "/b");
    let seen = post("Content-Length: 4\r\nContent-Length: 6\r\n", "abcd{}GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(kinds(&seen.messages[0]), ["http_conflicting_length", "http_surplus"]);
    assert_eq!(
        (text(&seen.messages[0].body.bytes).as_str(), text(&seen.messages[0].smuggled.bytes).as_str()),
        ("abcd", "{}")
    );
    assert_eq!(seen.messages[0].surplus, 2);
    assert_eq!(label(&seen.messages[1]), "/b");
    let seen = post("Content-Length: 3, 3\r\n", "abc");
    assert_eq!(kinds(&seen.messages[0]), ["http_duplicate_length"]);
    assert_eq!(text(&seen.messages[0].body.bytes), "abc");
}

#[test]
fn odd_lengths_are_read_as_far_as_they_are_numbers() {
    for (value, body) in [
        ("+3", "abc"),
        ("3 ", "abc"),
        ("3abc", "abc"),
        ("003", "abc"),
        ("\x0b3", "abc"),
        ("-3", ""),
        ("x", ""),
    ] {
        let seen = post(&format!("Content-Length: {value}\r\n"), "abc");
        assert_eq!(text(&seen.messages[0].body.bytes), body, "{value:?}");
    }
    let seen = post("Content-Length: 99999999999999999999999\r\n", "abc");
    assert_eq!((kinds(&seen.messages[0]), seen.messages[0].is_cut), (vec!["http_odd_length"], true));
}

#[test]
fn odd_chunks_are_read() {
    for (chunks, odd) in [
        ("0003\r\nabc\r\n0\r\n\r\n", 1),
        ("0x3\r\nabc\r\n0\r\n\r\n", 1),
        ("+3\r\nabc\r\n0\r\n\r\n", 1),
        (" 3 \r\nabc\r\n0\r\n\r\n", 1),
        ("3 junk\r\nabc\r\n0\r\n\r\n", 1),
        ("3\r\nabc0\r\n\r\n", 1),
        ("3\r\nabc\r0\r\n\r\n", 1),
        ("3\r\nabc\r\n\r\n0\r\n\r\n", 1),
        ("3\r\nabc\r\n0000000000000000000\r\n\r\n", 1),
    ] {
        let seen =
            post("Transfer-Encoding: chunked\r\n", &format!("{chunks}GET /b HTTP/1.1\r\nHost: a\r\n\r\n"));
        let [first, second] = seen.messages.as_slice() else { panic!("{chunks:?} {seen:?}") };
        assert_eq!((text(&first.body.bytes).as_str(), label(second).as_str()), ("abc", "/b"), "{chunks:?}");
        assert_eq!(kinds(first), vec!["http_odd_chunk_size"; odd], "{chunks:?}");
        assert!(!first.is_cut);
    }
}

#[test]
fn a_last_chunk_without_its_empty_line_ends_at_the_next_message() {
    let seen = post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(seen.messages.iter().map(label).collect::<Vec<_>>(), ["/front", "/b"]);
    assert_eq!(kinds(&seen.messages[0]), ["http_odd_chunk_size"]);
}

#[test]
fn a_body_that_is_not_chunked_as_said_is_taken_as_it_is() {
    let seen = responses(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{\"not\": \"chunked at all, but long enough\"}");
    assert_eq!(text(&seen.messages[0].body.bytes), "{\"not\": \"chunked at all, but long enough\"}");
    assert_eq!(kinds(&seen.messages[0]), ["http_bad_chunk_size", "http_not_chunked"]);
    let seen = post(
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "{}\r\n!GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert_eq!(seen.messages.iter().map(label).collect::<Vec<_>>(), ["/front", "/b"]);
    assert_eq!(text(&seen.messages[0].body.bytes), "{}\r\n!");
}

#[test]
fn a_bad_size_later_cuts_the_message() {
    let (seen, count, notes) = run(&[Step::Push(
        Side::Server,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n!?\r\nxyz HTTP/1.1 201 Made\r\nA: b\r\n\r\n",
    )]);
    assert_eq!(
        seen.messages.iter().map(|message| (label(message), message.is_cut)).collect::<Vec<_>>(),
        [("200".to_owned(), true), ("201".to_owned(), false)]
    );
    assert_eq!((count.opaque, notes[0].kind), (8, "http_pipelined_garbage"));
}

#[test]
fn transfer_encodings_are_read_as_lenient_peers_do() {
    let chunks = "3\r\nabc\r\n0\r\n\r\n";
    for (head, expected) in [
        ("Transfer-Encoding : chunked\r\n", vec!["http_space_before_colon"]),
        ("Transfer-Encoding:\r\n chunked\r\n", vec!["http_line_folding"]),
        ("transfer-encoding: CHUNKED\r\n", vec![]),
        ("Transfer-Encoding: identity, chunked\r\n", vec!["http_unknown_te"]),
        ("Transfer-Encoding: xchunked, chunked\r\n", vec!["http_unknown_te"]),
        ("Transfer-Encoding: chunked, chunked\r\n", vec!["http_duplicate_te"]),
        ("Transfer-Encoding: chunked, gzip\r\n", vec!["http_te_not_chunked_last"]),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            vec!["http_duplicate_te", "http_unknown_te"],
        ),
        ("Transfer-Encoding: \x0bchunked\r\n", vec!["http_control_in_header"]),
    ] {
        let seen = post(head, chunks);
        assert_eq!(text(&seen.messages[0].body.bytes), "abc", "{head:?}");
        assert_eq!(kinds(&seen.messages[0]), expected, "{head:?}");
    }
    let seen = post("Transfer-Encoding: cow\r\nContent-Length: 3\r\n", "abc");
    assert_eq!(text(&seen.messages[0].body.bytes), "abc");
    assert_eq!(kinds(&seen.messages[0]), ["http_unknown_te", "http_te_not_chunked_last"]);
}

#[test]
fn odd_heads_are_noted() {
    for (head, kind) in [
        ("GET / HTTP/1.1\r\n\r\n", "http_no_host"),
        ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "http_absolute_and_host_differ"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "http_duplicate_host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", "http_control_in_header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "http_control_in_header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", "http_no_colon"),
        ("GET / HTTP/1.1\r\nHost: a\r\nb@d: x\r\n\r\n", "http_odd_header_name"),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "http_line_folding"),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "http_odd_start_line"),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", "http_obsolete_version"),
        ("GET /\r\n", "http_obsolete_version"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "http_body_on_bodyless"),
    ] {
        assert_eq!(kinds(&requests(head.as_bytes()).messages[0]), [kind], "{head:?}");
    }
    let plain = requests(b"GET http://u:p@a:80/x HTTP/1.1\r\nhost: A:80\r\n\r\nPURGE /z HTTP/1.0\r\n\r\n");
    assert!(plain.messages.iter().all(|message| message.notes.is_empty()), "{plain:?}");
}

#[test]
fn an_answer_of_http_0_9_is_a_body() {
    let seen = exchange(b"GET /\r\n", b"<p>old</p>\n");
    assert_eq!(
        (seen.messages[1].start, text(&seen.messages[1].body.bytes).as_str()),
        (Start::Absent, "<p>old</p>\n")
    );
}

#[test]
fn a_body_where_none_is_allowed_is_read() {
    let seen = exchange(
        b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTPHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!(
        (text(&seen.messages[1].body.bytes).as_str(), kinds(&seen.messages[1])),
        ("HTTP", vec!["http_body_on_bodyless"])
    );
    assert_eq!(seen.messages.len(), 3);
}

#[test]
fn responses_to_unseen_head_requests_are_told_by_what_follows() {
    let seen = responses(
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    assert_eq!(seen.messages.len(), 2);
    assert_eq!(kinds(&seen.messages[0]), ["http_head_assumed"]);
    assert_eq!(text(&seen.messages[1].body.bytes), "ok");
}
