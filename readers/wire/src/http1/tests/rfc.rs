//! Examples and rules of RFC 9110 and RFC 9112.

use super::*;

/// RFC 9112 section 2.1 and RFC 9110 section 3.9.
#[test]
fn the_example_exchange_is_read() {
    let seen = exchange(
        b"GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\nAccept-Language: en, mi\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\nETag: \"34aa387-d-1568eb00\"\r\n\
          Content-Length: 51\r\nVary: Accept-Encoding\r\nContent-Type: text/plain\r\n\r\n\
          Hello World! My content includes a trailing CRLF.\r\n",
    );
    let [request, response] = seen.messages.as_slice() else { panic!("{seen:?}") };
    assert_eq!(request.request(), Some((&b"GET"[..], &b"/hello.txt"[..])));
    assert_eq!(request.values("HOST").collect::<Vec<_>>(), [&b"www.example.com"[..]]);
    assert_eq!((response.status(), response.headers.len(), response.body.bytes.len()), (Some(200), 6, 51));
    assert_eq!((request.exchange, response.exchange, response.is_cut), (0, 0, false));
    assert!(seen.messages.iter().all(|message| message.notes.is_empty() && message.missing.is_empty()));
}

/// RFC 9112 section 7.1.
#[test]
fn chunks_extensions_and_trailers_are_taken_apart() {
    let seen = responses(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nTrailer: Expires\r\n\r\n\
          4;a=1\r\nwiki\r\n5;b\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\nExpires: soon\r\nX: y\r\n\r\n",
    );
    let [message] = seen.messages.as_slice() else { panic!("{seen:?}") };
    assert_eq!(text(&message.body.bytes), "wikipedia in\r\n\r\nchunks.");
    assert_eq!(text(&message.extensions.bytes), ";a=1;b");
    assert_eq!(message.transfer_codings(), [b"gzip"]);
    let trailers = message.trailers.iter();
    let pairs: Vec<_> = trailers
        .map(|field| {
            (text(field.name.of(&message.trailer.bytes)), text(field.value.of(&message.trailer.bytes)))
        })
        .collect();
    assert_eq!(pairs, [("Expires".into(), "soon".into()), ("X".into(), "y".into())]);
    assert!(message.notes.is_empty(), "{:?}", message.notes);
}

/// RFC 9112 section 9.3.2.
#[test]
fn the_nth_response_answers_the_nth_request() {
    let seen = exchange(
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneGET /b HTTP/1.1\r\nHost: a\r\n\r\nHEAD /c HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nAHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
          HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
    );
    let row = |label: &str, exchange, body: &str| (label.to_owned(), exchange, body.to_owned());
    assert_eq!(seen.of(Side::Client), [row("/a", 0, "one"), row("/b", 1, ""), row("/c", 2, "")]);
    assert_eq!(
        seen.of(Side::Server),
        [row("100", 0, ""), row("200", 0, "A"), row("103", 1, ""), row("404", 1, ""), row("200", 2, "")]
    );
    assert_eq!(seen.messages.iter().filter(|message| message.is_interim()).count(), 2);
    assert!(seen.messages.iter().all(|message| !message.is_cut));
}

/// RFC 9112 section 6.3, items 1 and 2.
#[test]
fn head_204_and_304_have_no_body() {
    let requests = b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nDELETE /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\nGET /d HTTP/1.1\r\nHost: a\r\n\r\n";
    let seen = exchange(
        requests,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\n\
          Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    let bodies: Vec<_> =
        seen.of(Side::Server).into_iter().map(|(_, exchange, body)| (exchange, body)).collect();
    assert_eq!(bodies, [(0, String::new()), (1, String::new()), (2, String::new()), (3, "ok".into())]);
    assert!(seen.messages.iter().all(|message| message.notes.is_empty()));
}

/// RFC 9112 section 6.3, item 8.
#[test]
fn a_response_without_length_lasts_until_close() {
    let bytes = b"HTTP/1.0 200 OK\r\nServer: a\r\n\r\nall of it\r\n";
    for (end, is_cut) in [(End::Closed, false), (End::Cut, true)] {
        let steps = [Step::Push(Side::Server, bytes)];
        let (seen, ..) = run_with(&steps, Limits::default(), end, 7);
        assert_eq!(
            (text(&seen.messages[0].body.bytes).as_str(), seen.messages[0].is_cut),
            ("all of it\r\n", is_cut)
        );
    }
}

/// RFC 9112 section 2.2: bare LF, and an empty line before a request.
#[test]
fn bare_lf_and_empty_lines_are_read() {
    let (seen, count, notes) = run(&[
        Step::Push(Side::Client, b"\r\nPOST /a HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Step::Push(Side::Server, b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"),
    ]);
    assert_eq!(seen.of(Side::Client).len(), 2);
    assert_eq!(kinds(&seen.messages[0]), ["http_bare_lf"]);
    assert_eq!(kinds(&seen.messages[2]), ["http_bare_lf"; 5]);
    assert_eq!(text(&seen.messages[2].body.bytes), "ok");
    assert_eq!(notes.iter().map(|note| note.kind).collect::<Vec<_>>(), ["http_empty_line"]);
    assert_eq!((count.opaque, count.framing), (0, 6 + 6));
}

/// RFC 9112 section 5.2.
#[test]
fn folded_lines_are_one_value() {
    let seen = requests(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: one\r\n  two\r\n\tthree \r\nY: z\r\n\r\n");
    let message = &seen.messages[0];
    assert_eq!(message.values("x-long").next().as_deref(), Some(&b"one two three"[..]));
    assert_eq!(message.headers.len(), 3);
    assert_eq!(kinds(message), ["http_line_folding"; 2]);
}

/// RFC 9112 section 6.1: a transfer coding that ends elsewhere lasts until close in a response.
#[test]
fn a_response_whose_last_coding_is_not_chunked_lasts_until_close() {
    let seen = responses(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nraw");
    assert_eq!((text(&seen.messages[0].body.bytes).as_str(), seen.messages[0].is_cut), ("raw", false));
}
