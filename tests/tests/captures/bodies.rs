//! Bodies that are made of parts, and DNS in bodies: where a token in them is said to stand.

use serde_json::{Value, json};

use super::packets::{Capture, Flow, From, answer, exchange, post};
use crate::command::coldcase;
use crate::{output, samples};

const RULE: &str = "dlp.github.pat-classic";

/// Pointers of the findings of the token in an input that is written by `write`.
fn pointers(name: &str, write: impl FnOnce(&std::path::Path)) -> Vec<String> {
    let temp = tempfile::tempdir().unwrap();
    let (input, out) = (temp.path().join(name), temp.path().join("out"));
    write(&input);
    let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let findings = output::findings(&out);
    let of_token = findings.iter().filter(|finding| finding["rule"] == RULE);
    let mut all: Vec<_> =
        of_token.map(|finding| finding["pointer"].as_str().unwrap_or_default().to_owned()).collect();
    all.sort();
    all
}

/// The same of a request with this body, as a capture, as a HAR file, and as the records of the capture's events.
fn everywhere(kind: &str, body: &str) -> [Vec<String>; 3] {
    let capture = exchange(&post("/in", kind, body.as_bytes()), &answer("", b"ok"));
    let of_capture = pointers("made.pcap", |path| capture.write(path));
    let har = json!({ "log": { "version": "1.2", "creator": { "name": "made", "version": "1" }, "entries": [{
        "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 12,
        "request": {
            "method": "POST", "url": "http://api.example.test/in", "httpVersion": "HTTP/1.1",
            "headers": [], "cookies": [], "queryString": [], "headersSize": -1, "bodySize": -1,
            "postData": { "mimeType": kind, "text": body },
        },
        "response": {
            "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
            "headers": [], "headersSize": -1, "bodySize": -1, "content": { "size": 0, "mimeType": "" },
        },
        "cache": {}, "timings": { "send": 1, "wait": 10, "receive": 1 },
    }] } });
    let of_har = pointers("made.har", |path| std::fs::write(path, har.to_string()).unwrap());
    let of_records = pointers("made.jsonl", |path| {
        let from = path.with_file_name("made.pcap");
        capture.write(&from);
        let events = coldcase(["inspect", "--events", from.to_str().unwrap()]);
        std::fs::write(path, events.stdout).unwrap();
    });
    [of_capture, of_har, of_records]
}

#[test]
fn a_token_in_a_part_of_a_form_is_found_under_its_name() {
    let token = samples::token();
    let body = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nnothing\r\n--XyZ\r\n\
         Content-Disposition: form-data; name=\"up/load\"; filename=\"k.txt\"\r\nContent-Type: text/plain\r\n\r\n\
         see {token} there\r\n--XyZ--\r\n"
    );
    for found in everywhere("multipart/form-data; boundary=XyZ", &body) {
        assert_eq!(found, ["/multipart/1/body/up~1load"]);
    }
}

#[test]
fn a_token_in_the_name_of_a_file_or_round_the_parts_is_found() {
    let token = samples::token();
    let body = format!(
        "{token}\r\n--XyZ\r\nContent-Disposition: form-data; name=a; filename=\"{token}.txt\"\r\n\r\n1\r\n--XyZ--\r\n{token}"
    );
    for found in everywhere("multipart/form-data; boundary=XyZ", &body) {
        assert_eq!(found, ["", "", "/multipart/0/head"]);
    }
}

/// Servers ignore transfer encodings of forms, so that the content counts as it stands and as decoded.
#[test]
fn a_token_in_a_transfer_encoding_or_under_a_false_one_is_found() {
    let token = samples::token();
    let text = format!("{}\nsee {token} there\n{}", "line of text ".repeat(20), "more of it ".repeat(20));
    let lines: Vec<_> = base64(text.as_bytes())
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let middle = token.len() / 2;
    let quoted = format!("see=20{}=\r\n{} there", &token[..middle], &token[middle..]);
    for (encoding, content) in
        [("base64", lines.join("\r\n")), ("quoted-printable", quoted), ("base64", token.to_string())]
    {
        let body = format!(
            "--XyZ\r\nContent-Disposition: form-data; name=f\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{content}\r\n--XyZ--\r\n"
        );
        for found in everywhere("multipart/form-data; boundary=XyZ", &body) {
            assert_eq!(found, ["/multipart/0/body/f"], "{encoding} {content}");
        }
    }
}

#[test]
fn a_token_in_a_field_of_a_form_is_found_under_its_name() {
    let token = samples::token();
    let (kind, middle) = ("application/x-www-form-urlencoded", token.len() / 2);
    let coded = format!("{}%{:02x}{}", &token[..middle], token.as_bytes()[middle], &token[middle + 1..]);
    for value in [token.clone(), coded] {
        for found in everywhere(kind, &format!("user=bob&api%5Fkey={value}&last=1")) {
            assert_eq!(found, ["/form/1/api_key"], "{value}");
        }
    }
    for found in everywhere(kind, &format!("user=bob&key={token}")) {
        assert_eq!(found, ["/form/1/key"], "at the end");
    }
    // The type that programs send without being asked to.
    for found in everywhere(kind, &json!({ "a": [{ "key": token }] }).to_string()) {
        assert_eq!(found, ["/a/0/key"]);
    }
    for found in everywhere(kind, &format!("see {token} there")) {
        assert_eq!(found, [""]);
    }
}

/// The place of a finding is that of the packet which holds its first byte, however long the body before it is.
#[test]
fn a_finding_deep_in_a_body_leads_to_its_bytes_in_the_file() {
    let token = samples::token();
    let (before, after) = ("word ".repeat(900), " word".repeat(300));
    let call = json!({
        "jsonrpc": "2.0", "id": 3, "method": "tools/call",
        "params": { "name": "post", "arguments": { "note": format!("{before}\n{token} {after}") } },
    });
    let part = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n{before}\r\n--XyZ\r\n\
         Content-Disposition: form-data; name=b\r\n\r\n{token}{after}\r\n--XyZ--\r\n"
    );
    for (kind, body) in [
        ("text/plain", format!("{before}{token}{after}")),
        (
            "application/json",
            json!({ "a": "\n".repeat(700), "b": before, "c": token, "d": after }).to_string(),
        ),
        ("application/json", call.to_string()),
        ("multipart/form-data; boundary=XyZ", part),
        ("application/x-www-form-urlencoded", format!("a={}&b={token}", before.replace(' ', "+"))),
    ] {
        let capture = exchange(&post("/in", kind, body.as_bytes()), &answer("", b"ok"));
        let temp = tempfile::tempdir().unwrap();
        let (input, out) = (temp.path().join("made.pcap"), temp.path().join("out"));
        capture.write(&input);
        let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
        assert_eq!(scan.code, 0, "{}", scan.stderr);
        let findings = output::findings(&out);
        let finding = findings.iter().find(|finding| finding["rule"] == RULE).unwrap();
        let number = |key: &str| usize::try_from(finding[key].as_u64().unwrap()).unwrap();
        let there = &capture.bytes[number("offset")..][..number("length")];
        assert!(!there.is_empty() && token.as_bytes().starts_with(there), "{kind}: {finding}");
    }
}

/// A gRPC message (gRPC over HTTP2, "Length-Prefixed-Message").
fn message(flag: u8, content: &[u8]) -> Vec<u8> {
    [&[flag][..], &u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

#[test]
fn a_token_in_a_grpc_message_is_found_under_its_number() {
    let token = samples::token();
    // A string field of protobuf before and after it.
    let content = [b"\x0a\x05hello\x12\x28", token.as_bytes(), b"\x1a\x01x"].concat();
    let coded = samples::gzip(&content);
    for (flag, content, fields) in [(0, content, ""), (1, coded, "grpc-encoding: gzip\r\n")] {
        let body = [message(0, b"\x0a\x02hi"), message(flag, &content), message(0, b"")].concat();
        let fields = format!("Content-Type: application/grpc+proto\r\n{fields}");
        let capture = exchange(&post("/ask", "text/plain", b"what is it?"), &answer(&fields, &body));
        assert_eq!(pointers("made.pcap", |path| capture.write(path)), ["/grpc/1"], "{flag}");
    }
}

/// A query for a name of these labels (RFC 1035, section 4.1).
fn query(labels: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in labels {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.extend([0, 0, 16, 0, 1]);
    bytes
}

/// The names that events of DNS ask for.
fn asked(capture: &Capture) -> Vec<String> {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("made.pcap");
    capture.write(&input);
    let events = coldcase(["inspect", "--events", input.to_str().unwrap()]);
    assert_eq!(events.code, 0, "{}", events.stderr);
    let events = events.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_dns = events.filter(|event| event["kind"] == "dns");
    of_dns.map(|event| event["dns"]["query"].as_str().unwrap().trim().to_owned()).collect()
}

#[test]
fn dns_over_https_is_read_from_bodies_and_urls() {
    let question = query(&["leak", "example", "test"]);
    let kind = "application/dns-message";
    let fields = format!("Content-Type: {kind}\r\n");
    let posted = exchange(&post("/dns-query", kind, &question), &answer(&fields, &question));
    assert_eq!(asked(&posted), ["leak.example.test", "leak.example.test"]);
    let coded = base64(&question).replace('+', "-").replace('/', "_").replace('=', "");
    let get = |value: &str| {
        let request = format!("GET /q?x=1&dns={value} HTTP/1.1\r\nHost: dns.example.test\r\n\r\n");
        exchange(request.as_bytes(), &answer("", b"ok"))
    };
    assert_eq!(asked(&get(&coded)), ["leak.example.test"]);
    assert_eq!(asked(&get(&format!("%{:02X}{}", coded.as_bytes()[0], &coded[1..]))), ["leak.example.test"]);
    for other in ["8.8.8.8", "google", "bm90IGEgbWVzc2FnZSBvZiBETlMgYXQgYWxsLCB5b3Ugc2Vl"] {
        assert_eq!(asked(&get(other)), Vec::<String>::new(), "{other}");
    }
}

/// What is in a tunnel of DNS is scanned as it would be over UDP.
#[test]
fn a_token_in_dns_over_https_is_found_on_its_surface() {
    let token = samples::token();
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    let request = post("/dns-query", "application/dns-message", &query(&[&token, "example", "test"]));
    flow.send(&mut capture, From::Client, &request);
    flow.close(&mut capture);
    let temp = tempfile::tempdir().unwrap();
    let (input, out) = (temp.path().join("made.pcap"), temp.path().join("out"));
    capture.write(&input);
    let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let findings = output::findings(&out);
    let mut surfaces: Vec<_> = findings
        .iter()
        .filter(|finding| finding["rule"] == RULE)
        .map(|finding| finding["surface"].as_str().unwrap())
        .collect();
    surfaces.sort_unstable();
    assert_eq!(surfaces, ["body", "dns_name"]);
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = [0, 1, 2].map(|at| u32::from(*group.get(at).unwrap_or(&0)));
        let bits = bits[0] << 16 | bits[1] << 8 | bits[2];
        let digit = |place: usize| char::from(alphabet[(bits >> (18 - 6 * place) & 63) as usize]);
        (0..4).map(|place| if place <= group.len() { digit(place) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}
