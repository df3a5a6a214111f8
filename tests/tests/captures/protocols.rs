//! What captures of stated content hold besides bodies: WebSocket messages, DNS, hellos of TLS, gaps, server-sent events,
//! trailers, parts of forms.

use std::collections::BTreeMap;

use coldcase_wire::websocket::Opcode;
use coldcase_wire::{Side, What, dns, http1, http2, multipart, sse};
use serde_json::{Value, json};

use super::data;
use super::truth::{Case, cases, list, text};
use super::wired::{body, content, sha256, wired};

/// Holds what was found of each case against what it states; gives how many things that were.
fn hold(cases: &[Case], what: &str, at_least: usize, both: impl Fn(&Case) -> (Vec<Value>, Vec<Value>)) {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases {
        let (stated, found) = both(case);
        count += stated.len();
        if stated != found {
            wrong.push(format!("{}:\n  stated {stated:?}\n  found  {found:?}", case.name));
        }
    }
    println!("{count} {what}");
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
    assert!(count >= at_least, "{count} {what}");
}

#[test]
fn every_stated_web_socket_message_is_found_in_order() {
    let Some(cases) = cases() else { return };
    hold(&cases, "WebSocket messages", 19, |case| {
        let stated = case.flows().flat_map(|flow| list(&flow["ws"]));
        let stated = stated.map(|one| json!([one["dir"], one["op"], one["len"], one["sha256"]])).collect();
        let of = |found| {
            let one = body(found)?;
            let op = match one.opcode? {
                Opcode::Text => "text",
                Opcode::Binary => "binary",
                _ => return None,
            };
            let side = if one.side == Side::Client { "c" } else { "s" };
            (!one.is_cut).then(|| json!([side, op, one.bytes.len(), sha256(&one.bytes)]))
        };
        (stated, case.wired.found.iter().filter_map(of).collect())
    });
    hold(&cases, "close codes", 2, |case| {
        let code = |found| {
            let one = body(found)?;
            let is_close = one.opcode == Some(Opcode::Close) && case.stated["close"].is_array();
            is_close.then(|| json!(u16::from_be_bytes(*one.bytes.first_chunk().unwrap())))
        };
        let found = case.wired.found.iter().filter_map(code).collect();
        (list(&case.stated["close"]).cloned().collect(), found)
    });
}

/// Name and type of the question, code and answers of every response.
#[test]
fn every_stated_answer_of_dns_is_found() {
    let Some(cases) = cases() else { return };
    hold(&cases, "answers of DNS", 17, |case| {
        let stated = case.flows().flat_map(|flow| list(&flow["dns"]));
        let answer = |found: &coldcase_wire::Found| {
            let What::Dns(_, message) = &found.what else { return None };
            let question = message.questions.first().filter(|_| message.is_response)?;
            let answers = message.records.iter().filter(|record| record.section == dns::Section::Answer);
            Some(json!({
                "id": message.id, "name": question.name, "type": question.kind.to_string(),
                "rcode": message.rcode, "answers": answers.map(|record| record.text.as_str()).collect::<Vec<_>>(),
            }))
        };
        let found = case.wired.found.iter().filter_map(answer);
        // Malformed messages are in a file of which nothing is stated.
        let is_stated = case.name != "dns-bad.pcap";
        (stated.cloned().collect(), found.filter(|_| is_stated).collect())
    });
}

#[test]
fn every_hello_has_its_host_and_fingerprints() {
    let Some(cases) = cases() else { return };
    hold(&cases, "client hellos", 27, |case| {
        let stated = list(&case.stated["oracle_tshark44"]["client_hellos"]).cloned().collect();
        let hello = |found: &coldcase_wire::Found| {
            let What::Hello(hello) = &found.what else { return None };
            Some(json!({
                "srcport": found.place.flow.client.port, "ja3": hello.ja3, "ja4": hello.ja4,
                "sni": hello.server_name,
            }))
        };
        (stated, case.wired.found.iter().filter_map(hello).collect())
    });
    hold(&cases, "connections with a host", 26, |case| {
        let stated = case.flows().filter(|flow| flow["tls"].is_object());
        let mut stated: Vec<_> =
            stated.map(|flow| json!([text(&flow["client"]), flow["tls"]["sni"]])).collect();
        let host = |found: &coldcase_wire::Found| {
            let What::Hello(hello) = &found.what else { return None };
            let client = found.place.flow.client;
            Some(json!([format!("{}:{}", client.address, client.port), hello.server_name]))
        };
        let mut found: Vec<_> = case.wired.found.iter().filter_map(host).collect();
        for all in [&mut stated, &mut found] {
            all.sort_by_key(Value::to_string);
            all.dedup();
        }
        (stated, found)
    });
}

#[test]
fn a_gap_is_where_it_is_stated() {
    let Some(cases) = cases() else { return };
    hold(&cases, "gaps", 1, |case| {
        let stated = case.exchanges().filter(|exchange| exchange["gap"].is_object());
        let stated: Vec<_> = stated.map(|exchange| exchange["gap"].clone()).collect();
        let gaps = |one: http1::Missing| json!({ "offset": one.offset, "len": one.len });
        let bodies = case.wired.found.iter().filter_map(body).filter(|_| !stated.is_empty());
        let found = bodies.flat_map(|one| one.missing.into_iter().map(gaps)).collect();
        (stated, found)
    });
}

/// The events of a stream as a browser hands them on: with data, and ended.
fn events(body: &[u8]) -> Vec<(String, String, Option<String>)> {
    let (mut parser, mut all) = (sse::Parser::new(sse::Limits::default()), Vec::new());
    let shown = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut take = |event: sse::Event| {
        let Some(data) = event.data.filter(|_| event.ending == sse::Ending::Line) else { return };
        let name = event.name.map_or_else(|| "message".to_owned(), |name| shown(&name));
        all.push((name, shown(&data), event.id.map(|id| shown(&id))));
    };
    parser.push(body, &mut take);
    parser.finish(&mut take);
    all
}

#[test]
fn every_stated_server_sent_event_is_found() {
    let Some(cases) = cases() else { return };
    let mut count = 0;
    for case in &cases {
        for exchange in case.exchanges().filter(|exchange| exchange["sse"].is_array()) {
            let stream = case.wired.found.iter().filter_map(body);
            let stream =
                stream.into_iter().find(|one| sha256(&one.bytes) == text(&exchange["resp_sha256"])).unwrap();
            let found = events(&stream.bytes);
            let stated: Vec<_> = list(&exchange["sse"]).collect();
            if let Some(number) = stated[0]["n"].as_u64() {
                let name = stated[0]["event"].as_str().unwrap_or("message");
                let of_name = found.iter().filter(|(other, ..)| other == name).count();
                assert_eq!(of_name as u64, number, "{}: {found:?}", case.name);
                count += of_name;
                continue;
            }
            assert_eq!(found.len(), stated.len(), "{}: {found:?}", case.name);
            for ((name, data, id), stated) in found.iter().zip(stated) {
                assert_eq!(name, stated["event"].as_str().unwrap_or("message"), "{}", case.name);
                assert_eq!((data, id.as_deref()), (&text(&stated["data"]), stated["id"].as_str()));
                count += 1;
            }
        }
    }
    println!("{count} server-sent events");
    assert!(count >= 34);
}

#[test]
fn stated_trailers_are_found() {
    let Some(cases) = cases() else { return };
    hold(&cases, "trailers", 2, |case| {
        let stated: Vec<_> = case.exchanges().filter_map(|exchange| exchange.get("trailers")).collect();
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let trailers = |found: &coldcase_wire::Found| {
            let all: BTreeMap<String, String> = match &found.what {
                What::Http1(message, _) => {
                    let of = |span: http1::Span| shown(span.of(&message.trailer.bytes));
                    message.trailers.iter().map(|field| (of(field.name), of(field.value))).collect()
                }
                What::Http2(message, _) => {
                    let of = |field: &http2::Field| (shown(&field.name), shown(&field.value));
                    message.trailers.iter().map(of).collect()
                }
                _ => BTreeMap::new(),
            };
            (!all.is_empty() && !stated.is_empty()).then(|| json!(all))
        };
        let found = case.wired.found.iter().filter_map(trailers).collect();
        (stated.into_iter().cloned().collect(), found)
    });
}

/// Names of parts and the hash of those that are in no transfer encoding; names of a form's fields.
#[test]
fn stated_parts_and_fields_of_forms_are_found() {
    let Some(cases) = cases() else { return };
    hold(&cases, "parts and fields", 4, |case| {
        let (mut stated, mut found) = (Vec::new(), Vec::new());
        for exchange in case.exchanges() {
            let bodies = || case.wired.found.iter().filter_map(body);
            let Some(form) = bodies().find(|one| sha256(&one.bytes) == text(&exchange["req_sha256"])) else {
                continue;
            };
            let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            if exchange["parts"].is_array() {
                let hash = |part: &Value| part.get("sha256").cloned();
                stated.extend(
                    list(&exchange["parts"])
                        .map(|part| json!([part["name"], part.get("filename"), hash(part)])),
                );
                let boundary = multipart::guess_boundary(&form.bytes).unwrap();
                let limits = multipart::Limits::default();
                let read =
                    multipart::read(&form.bytes, boundary, limits, &mut coldcase_wire::Notes::default());
                found.extend(read.parts.iter().map(|part| {
                    let hash = sha256(&form.bytes[part.body.0..part.body.1]);
                    let names = [&part.name, &part.filename].map(|name| name.as_deref().map(shown));
                    json!([names[0], names[1], part.encoding.is_none().then_some(hash)])
                }));
            }
            if let Some(fields) = exchange["fields"].as_object() {
                stated.extend(fields.keys().map(|name| json!(name)));
                let names = multipart::fields(&form.bytes);
                found.extend(names.map(|field| json!(shown(&form.bytes[field.name.0..field.name.1]))));
            }
        }
        found.sort_by_key(Value::to_string);
        stated.sort_by_key(Value::to_string);
        (stated, found)
    });
}

/// Captures of real programs: key updates, early data, and HTTP/2 as two programs write it.
#[test]
fn captures_of_real_programs_hold_what_is_stated() {
    let Some(folder) = data("real") else { return };
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    let mut count = 0;
    for stated in truth.as_array().unwrap() {
        let name = text(&stated["file"]);
        let keys = stated["keylog"].as_str().map(|name| std::fs::read(folder.join(name)).unwrap());
        let read = wired(&content(&folder.join(&name)), &keys.unwrap_or_default());
        let hashes: Vec<_> =
            read.found.iter().filter_map(body).map(|body| json!(sha256(&body.bytes))).collect();
        let head = |found: &coldcase_wire::Found| match &found.what {
            What::Http1(message, _) => Some(json!(sha256(&message.head.bytes))),
            _ => None,
        };
        // The early data are a request without a body.
        let heads = read.found.iter().filter_map(head);
        let found: Vec<_> = hashes.into_iter().chain(heads).collect();
        for hash in list(&stated["bodies"]).chain(stated.get("early_data_sha256")) {
            assert!(found.contains(hash), "{name}: {hash}");
            count += 1;
        }
        if let Some(client) = stated["client_text"].as_str() {
            let sent = read.found.iter().filter_map(|found| match &found.what {
                What::Text(text) if text.side == Side::Client => Some(text.bytes.clone()),
                _ => None,
            });
            assert_eq!(String::from_utf8(sent.collect::<Vec<_>>().concat()).unwrap(), client, "{name}");
            count += 1;
        }
    }
    println!("{count} bodies and texts of real programs");
    assert!(count >= 4);
}
