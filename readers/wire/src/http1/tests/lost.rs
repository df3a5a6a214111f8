//! Gaps, streams that start in the middle, sides that were not captured.

use super::*;

#[test]
fn a_gap_in_a_body_of_known_length_is_marked_and_reading_goes_on() {
    let (seen, count, _) = run(&[
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        Step::Gap(Side::Server, 4),
        Step::Push(Side::Server, b"hijHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(text(&seen.messages[0].body.bytes), "abchij");
    assert_eq!(seen.messages[0].missing, [Missing { offset: 3, len: 4 }]);
    assert!(!seen.messages[0].is_cut);
    assert_eq!((label(&seen.messages[1]).as_str(), count.lost, count.opaque), ("201", 4, 0));
}

#[test]
fn a_gap_over_the_end_of_a_body_is_followed_by_the_next_first_line() {
    let (seen, count, _) = run(&[
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        Step::Gap(Side::Server, 20),
        Step::Push(
            Side::Server,
            b"ntent-Length: 4\r\n\r\nbodyHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
        ),
    ]);
    assert_eq!(seen.messages[0].missing, [Missing { offset: 3, len: 7 }]);
    assert_eq!((label(&seen.messages[1]).as_str(), count.opaque), ("201", 23));
}

#[test]
fn a_gap_in_a_head_ends_the_message() {
    let (seen, count, _) = run(&[
        Step::Push(Side::Client, b"GET /a HTTP/1.1\r\nHost: a\r\nX-Lo"),
        Step::Gap(Side::Client, 9),
        Step::Push(Side::Client, b"ue\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]);
    assert_eq!(
        seen.messages.iter().map(|message| (label(message), message.is_cut)).collect::<Vec<_>>(),
        [("/a".to_owned(), true), ("/b".to_owned(), false)]
    );
    assert_eq!(seen.messages[0].headers.len(), 2);
    assert_eq!(count.opaque, 6);
}

#[test]
fn chunks_go_on_after_a_gap_at_the_next_size() {
    let (seen, count, _) = run(&[
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nab"),
        Step::Gap(Side::Server, 2),
        Step::Push(Side::Server, b"ef\r\n3\r\ng"),
        Step::Gap(Side::Server, 12),
        Step::Push(
            Side::Server,
            b"lost\r\n4\r\nmore\r\n0\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
        ),
    ]);
    assert_eq!(text(&seen.messages[0].body.bytes), "abefgmore");
    assert_eq!(seen.messages[0].missing, [Missing { offset: 2, len: 2 }, Missing { offset: 5, len: 12 }]);
    assert_eq!((label(&seen.messages[1]).as_str(), count.opaque), ("201", 6));
}

#[test]
fn a_stream_that_starts_in_a_body_is_read_from_the_next_message_on() {
    let (seen, count, notes) = run(&[
        Step::Push(Side::Client, b"\"tail\": 1}POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
        Step::Push(Side::Server, b"\x01\xff\nnot HTTP/1.1 200 OK\r\nno header\r\n..HTTP/1.1 202 Yes\r\nA: b\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(seen.messages.iter().map(label).collect::<Vec<_>>(), ["/b", "202"]);
    assert_eq!(count.opaque, 10 + 3 + 21 + 11 + 2);
    assert_eq!(notes.iter().map(|note| note.kind).collect::<Vec<_>>(), ["http_midstream", "http_midstream"]);
    assert_eq!(seen.messages[0].head.at(0), Some(10));
}

#[test]
fn a_response_whose_request_came_before_the_capture_pairs_with_none() {
    let (seen, ..) = run(&[
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        Step::Push(Side::Client, b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Step::Push(Side::Server, b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let numbers: Vec<_> = seen.messages.iter().map(|message| (label(message), message.exchange)).collect();
    assert_eq!(numbers, [("200".to_owned(), 0), ("/b".to_owned(), 1), ("201".to_owned(), 1)]);
}

#[test]
fn responses_lost_in_a_gap_do_not_shift_the_pairs() {
    let get = b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    let (seen, ..) = run(&[
        Step::Push(Side::Client, get),
        Step::Gap(Side::Server, 100),
        Step::Push(Side::Client, get),
        Step::Push(Side::Server, b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"),
        Step::Gap(Side::Client, 100),
        Step::Push(Side::Server, b"HTTP/1.1 202 Yes\r\nContent-Length: 0\r\n\r\n"),
        Step::Push(Side::Client, get),
        Step::Push(Side::Server, b"HTTP/1.1 203 Yes\r\nContent-Length: 0\r\n\r\n"),
    ]);
    let numbers: Vec<_> = seen.messages.iter().map(|message| (label(message), message.exchange)).collect();
    let row = |label: &str, exchange| (label.to_owned(), exchange);
    assert_eq!(
        numbers,
        [row("/b", 0), row("/b", 1), row("201", 1), row("202", 2), row("/b", 3), row("203", 3)]
    );
}

#[test]
fn an_event_stream_that_the_capture_cuts_is_delivered() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n9\r\ndata:";
    let (seen, ..) = run_with(&[Step::Push(Side::Server, bytes)], Limits::default(), End::Cut, 3);
    assert_eq!(
        (text(&seen.messages[0].body.bytes).as_str(), seen.messages[0].is_cut),
        ("data: a\n\ndata:", true)
    );
}

#[test]
fn every_truncation_accounts_for_every_byte_and_keeps_the_target() {
    let client: &[u8] = b"POST /mcp?k=v HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n";
    for len in 0..client.len() {
        let seen = requests(&client[..len]);
        assert_eq!(seen.messages.len(), usize::from(len > 5), "{len}");
        assert!(seen.messages.iter().all(|message| message.is_cut));
    }
}

#[test]
fn lengths_and_gaps_at_their_extremes_do_no_harm() {
    let heads: [&[u8]; 3] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 18446744073709551615\r\n\r\nab{}",
    ];
    for head in heads {
        for len in [1, u64::MAX - 2, u64::MAX] {
            let (seen, count, _) = run(&[
                Step::Push(Side::Server, head),
                Step::Gap(Side::Server, len),
                Step::Gap(Side::Server, len),
                Step::Push(Side::Server, b"c"),
            ]);
            assert_eq!((seen.messages.len(), count.lost), (1, len.saturating_mul(2)));
            assert!(seen.messages[0].body.bytes.starts_with(b"ab"));
        }
    }
}
