//! A token in a capture is found however its bytes are split, ordered, coded or contradicted on the way.

use serde_json::json;

use super::packets::{Capture, Flow, From, answer, exchange, post};
use crate::command::coldcase;
use crate::{output, samples};

const RULE: &str = "dlp.github.pat-classic";
const EGRESS: &str = "egress";
const INGRESS: &str = "ingress";

/// Surface and direction of every finding of the token.
fn found(capture: &Capture) -> Vec<(String, String)> {
    let temp = tempfile::tempdir().unwrap();
    let (input, out) = (temp.path().join("made.pcap"), temp.path().join("out"));
    capture.write(&input);
    let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let findings = output::findings(&out);
    let of_token = findings.iter().filter(|finding| finding["rule"] == RULE);
    of_token.map(|finding| (text(&finding["surface"]), text(&finding["direction"]))).collect()
}

fn assert_found(capture: &Capture, surface: &str, direction: &str) {
    let found = found(capture);
    assert!(found.contains(&(surface.to_owned(), direction.to_owned())), "{found:?}");
}

/// A request that posts the token, and the middle of the token in it.
fn leak() -> (Vec<u8>, usize) {
    let token = samples::token();
    let request = post("/in", "text/plain", format!("see {token} there").as_bytes());
    let middle = request.len() - " there".len() - token.len() / 2;
    (request, middle)
}

/// A connection on which the answer to a request follows whatever `send` does.
fn made(send: impl FnOnce(&mut Capture, &mut Flow)) -> Capture {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    send(&mut capture, &mut flow);
    flow.send(&mut capture, From::Server, &answer("", b"ok"));
    flow.close(&mut capture);
    capture
}

/// A capture of a question to a service and the answer that it gives.
fn answered(fields: &str, body: &[u8]) -> Capture {
    exchange(&post("/ask", "text/plain", b"what is it?"), &answer(fields, body))
}

#[test]
fn a_capture_without_the_token_has_no_such_finding() {
    assert_eq!(found(&answered("", b"nothing")), []);
}

/// The port of DNS hides nothing: what is spoken there is told by its bytes.
#[test]
fn a_token_in_http_on_the_port_of_dns() {
    let (mut capture, (request, _)) = (Capture::new(), leak());
    let mut flow = Flow::open_to(53, &mut capture, 1);
    flow.send(&mut capture, From::Client, &request);
    flow.send(&mut capture, From::Server, &answer("", b"ok"));
    flow.close(&mut capture);
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_two_segments() {
    let (request, middle) = leak();
    let capture = made(|capture, flow| {
        flow.send(capture, From::Client, &request[..middle]);
        flow.send(capture, From::Client, &request[middle..]);
    });
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_segments_of_one_byte() {
    let (request, _) = leak();
    let capture = made(|capture, flow| flow.send_in(capture, From::Client, &request, 1));
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_segments_that_come_last_first() {
    let (request, _) = leak();
    let capture = made(|capture, flow| {
        for (index, part) in request.chunks(7).enumerate().collect::<Vec<_>>().into_iter().rev() {
            flow.at(capture, From::Client, index * 7, part);
        }
        flow.went(From::Client, request.len());
        flow.acknowledge(capture, From::Client);
    });
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_segments_that_are_sent_twice_with_other_borders() {
    let (request, _) = leak();
    let capture = made(|capture, flow| {
        for (size, gone) in [(11, 2), (13, 3)] {
            // Some segments of each pass are lost before the capture; the last pass has all.
            for (index, part) in request.chunks(size).enumerate().filter(|(index, _)| index % gone != 1) {
                flow.at(capture, From::Client, index * size, part);
            }
        }
        flow.at(capture, From::Client, 0, &request);
        flow.went(From::Client, request.len());
        flow.acknowledge(capture, From::Client);
    });
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_two_fragments_of_ip() {
    let (request, middle) = leak();
    let capture = made(|capture, flow| {
        // Fragments end at multiples of 8; the header of TCP is before the bytes.
        let border = (20 + middle) / 8 * 8;
        flow.send_fragmented(capture, From::Client, &request, border);
    });
    assert_found(&capture, "body", EGRESS);
}

/// Text is scanned whatever protocol it is of, and in whatever script.
#[test]
fn a_token_in_a_protocol_that_is_not_known() {
    for said in ["{\"note\": 1}, ", "ЗАПИСКА новый секретный ключ", "秘密鍵の新しい値は次のとおりです"]
    {
        let line = format!("{} {}\r\n", said.repeat(20), samples::token());
        let mut capture = Capture::new();
        let mut flow = Flow::open(&mut capture, 1);
        flow.send_in(&mut capture, From::Client, line.as_bytes(), 100);
        flow.close(&mut capture);
        assert_found(&capture, "body", EGRESS);
    }
}

/// Text that begins as a request line would is taken for HTTP, which makes no sense of it.
#[test]
fn a_token_in_what_only_begins_as_http() {
    let line = format!("{} {}\r\n", "NOTE the key is".repeat(20), samples::token());
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    flow.send_in(&mut capture, From::Client, line.as_bytes(), 100);
    flow.close(&mut capture);
    assert_found(&capture, "body", EGRESS);
}

#[test]
fn a_token_in_an_answer_whose_head_was_not_captured() {
    let body = format!("{{\"note\": \"the key is {}\"}}\n", samples::token());
    let capture = made(|capture, flow| {
        flow.send(capture, From::Client, &post("/ask", "text/plain", b"what is it?"));
        let head = answer("", body.as_bytes());
        flow.went(From::Server, head.len() - body.len());
        flow.send_in(capture, From::Server, body.as_bytes(), 30);
        flow.send(capture, From::Client, &post("/ask", "text/plain", b"and now?"));
    });
    assert_found(&capture, "body", INGRESS);
}

#[test]
fn a_token_in_gzip() {
    let body = samples::gzip(format!("take {} please", samples::token()).as_bytes());
    assert_found(&answered("Content-Encoding: gzip\r\n", &body), "body", INGRESS);
}

/// The head of a chunked answer, and its chunks of `size` bytes.
fn chunked(fields: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\n{fields}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for part in body.chunks(size) {
        bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
        bytes.extend(part);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[test]
fn a_token_in_chunks() {
    let body = format!("take {} please", samples::token());
    let question = post("/ask", "text/plain", b"what is it?");
    assert_found(&exchange(&question, &chunked("", body.as_bytes(), 9)), "body", INGRESS);
    let packed = samples::gzip(body.as_bytes());
    let answer = chunked("Content-Encoding: gzip\r\n", &packed, 5);
    assert_found(&exchange(&question, &answer), "body", INGRESS);
}

/// Server-sent events as the chat completions of OpenAI stream them, three characters a delta.
fn deltas(text: &str, delta: impl Fn(&str) -> serde_json::Value) -> String {
    let mut stream = String::new();
    for part in text.as_bytes().chunks(3) {
        let delta = delta(std::str::from_utf8(part).unwrap());
        let event = json!({
            "id": "c1", "object": "chat.completion.chunk", "model": "m",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": null }],
        });
        stream.push_str(&format!("data: {event}\n\n"));
    }
    stream.push_str("data: [DONE]\n\n");
    stream
}

#[test]
fn a_token_in_deltas_of_a_model() {
    let fields = "Content-Type: text/event-stream\r\n";
    let said =
        deltas(&format!("the key is {}, keep it", samples::token()), |part| json!({ "content": part }));
    assert_found(&answered(fields, said.as_bytes()), "model_output", INGRESS);
    let called = deltas(
        &json!({ "command": format!("echo {}", samples::token()) }).to_string(),
        |part| json!({ "tool_calls": [{ "index": 0, "function": { "name": "run", "arguments": part } }] }),
    );
    assert_found(&answered(fields, called.as_bytes()), "tool_argument", INGRESS);
}

/// Two copies of the same bytes, of which a receiver keeps one; which one depends on the receiver.
#[test]
fn a_token_in_either_copy_of_a_conflicting_overlap() {
    let token = samples::token();
    let leaks = format!("see {token} there");
    let harmless = "x".repeat(leaks.len());
    let head = post("/in", "text/plain", harmless.as_bytes());
    let (head, _) = head.split_at(head.len() - harmless.len());
    for copies in [[&leaks, &harmless], [&harmless, &leaks]] {
        let capture = made(|capture, flow| {
            // Both copies come behind a hole, so that neither is handed on before the other is seen.
            for copy in copies {
                flow.at(capture, From::Client, head.len(), copy.as_bytes());
            }
            flow.at(capture, From::Client, 0, head);
            flow.went(From::Client, head.len() + leaks.len());
            flow.acknowledge(capture, From::Client);
        });
        assert_found(&capture, "body", EGRESS);
        // And where the first copy was handed on before the second came.
        let capture = made(|capture, flow| {
            flow.send(capture, From::Client, head);
            for copy in copies {
                flow.at(capture, From::Client, 0, copy.as_bytes());
            }
            flow.went(From::Client, leaks.len());
            flow.acknowledge(capture, From::Client);
        });
        assert_found(&capture, "body", EGRESS);
    }
}
