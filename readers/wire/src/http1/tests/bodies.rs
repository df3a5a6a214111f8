//! Large bodies, caps, and the map to the file.

use super::*;

#[test]
fn a_body_over_its_cap_is_cut_and_counted() {
    let limits = Limits { body: 100, ..Limits::default() };
    let bytes = [&b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"[..], &[b'x'; 1000]].concat();
    let next = b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n";
    let steps = [Step::Push(Side::Server, &bytes), Step::Push(Side::Server, next)];
    let (seen, count, _) = run_with(&steps, limits, End::Closed, 33);
    assert_eq!((seen.messages[0].body.bytes.len(), seen.messages[0].over_limit), (100, 900));
    assert_eq!((count.over_limit, seen.messages.len(), seen.messages[0].is_cut), (900, 2, false));
}

#[test]
fn a_head_over_its_cap_is_cut_and_the_body_still_found() {
    let limits = Limits { head: 200, fields: 3, ..Limits::default() };
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n".to_vec();
    for _ in 0..50 {
        bytes.extend_from_slice(b"A: bbbbbbbbbb\r\n");
    }
    bytes.extend_from_slice(b"\r\nok");
    let (seen, ..) = run_with(&[Step::Push(Side::Server, &bytes)], limits, End::Closed, 19);
    let message = &seen.messages[0];
    assert_eq!(
        (message.head.bytes.len(), message.headers.len(), text(&message.body.bytes).as_str()),
        (200, 3, "ok")
    );
    assert!(
        kinds(message).contains(&"http_head_over_limit")
            && kinds(message).contains(&"http_fields_over_limit")
    );
}

#[test]
fn the_map_leads_from_the_body_to_the_file_over_chunks_and_packets() {
    let (seen, ..) = run(&[
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab"),
        Step::Push(Side::Server, b"cd\r\n2\r\nef\r\n0\r\n\r\n"),
    ]);
    let message = &seen.messages[0];
    let body: Vec<_> = (0..7).map(|offset| message.body.at(offset)).collect();
    assert_eq!(body, [Some(50), Some(51), Some(1000), Some(1001), Some(1007), Some(1008), None]);
    assert_eq!((message.first_time, message.last_time), (Some(0), Some(1000)));
}

#[test]
fn one_byte_chunks_take_bounded_room() {
    let limits = Limits { extents: 100, ..Limits::default() };
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..5000 {
        bytes.extend_from_slice(b"1\r\nx\r\n");
    }
    let (seen, ..) = run_with(&[Step::Push(Side::Server, &bytes)], limits, End::Closed, 1000);
    let body = &seen.messages[0].body;
    assert_eq!((body.bytes.len(), body.extents.len(), body.mapped), (5000, 100, 100));
}

#[test]
fn floods_of_odd_things_leave_a_bounded_number_of_notes() {
    let mut bytes = b"GET / HTTP/1.1\r\n".to_vec();
    for _ in 0..10_000 {
        bytes.extend_from_slice(b"Content-Length : 1, 2\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    let seen = requests(&bytes);
    assert!(seen.messages[0].notes.len() < 500);
    let garbage = b"\xff\n".repeat(10_000);
    let (_, count, notes) = run(&[Step::Push(Side::Client, &garbage)]);
    assert_eq!((count.opaque, notes.len()), (20_000, 1));
}

#[test]
fn a_head_that_never_ends_takes_bounded_room() {
    let limits = Limits { head: 1000, ..Limits::default() };
    let line = [&b"GET / HTTP/1.1\r\nX: "[..], &vec![b'a'; 100_000]].concat();
    let (seen, count, _) = run_with(&[Step::Push(Side::Client, &line)], limits, End::Cut, 4096);
    assert_eq!((seen.messages[0].head.bytes.len(), seen.messages[0].is_cut), (1000, true));
    assert_eq!(count.over_limit, line.len() as u64 - 1000);
    let line = vec![b'a'; 100_000];
    let (seen, count, _) = run_with(&[Step::Push(Side::Client, &line)], limits, End::Cut, 4096);
    assert_eq!((seen.messages.len(), count.opaque), (0, 100_000));
}

#[test]
fn caps_of_nothing_lose_no_count() {
    let limits = Limits { head: 0, fields: 0, body: 0, trailer: 0, held: 0, extents: 0 };
    let client = b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;e\r\nabc\r\n0\r\nT: x\r\n\r\n";
    let server =
        b"HTTP/1.1 407 No\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nabcdeHTTP/1.1 200 OK\r\n\r\nabc";
    let steps = [Step::Push(Side::Client, client), Step::Push(Side::Server, server)];
    // `run_with` holds the count to what was pushed.
    let whole = run_with(&steps, limits, End::Closed, usize::MAX);
    assert_eq!(whole, run_with(&steps, limits, End::Closed, 1));
    assert_eq!(whole.0.of(Side::Server).len(), 1, "without its fields the first response lasts until close");
}
