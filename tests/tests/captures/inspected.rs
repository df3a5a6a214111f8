//! What `inspect` says of captures that are made here: protocols, hosts, gaps, drops, times.

use serde_json::Value;

use super::packets::{Capture, Flow, From, START, answer, block, exchange, option, post, section};
use crate::command::coldcase;

/// The text and the JSON that `inspect` prints of a file.
fn inspect(name: &str, bytes: &[u8]) -> (String, Value) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();
    let text = coldcase(["inspect", path]);
    let json = coldcase(["inspect", "--json", path]);
    assert_eq!(json.stdout.lines().count(), 1, "one input, one line");
    (text.stdout, serde_json::from_str(&json.stdout).unwrap())
}

/// Whether the text has a row of this name with this in its value.
fn has_row(text: &str, name: &str, value: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(name) && line.contains(value))
}

#[test]
fn protocols_and_hosts_are_told_with_their_bytes() {
    let (request, response) = (post("/ask", "text/plain", b"what is it?"), answer("", b"a plan"));
    let mut capture = exchange(&request, &response);
    let mut flow = Flow::open(&mut capture, 2);
    flow.send(&mut capture, From::Client, b"some words of no protocol that is known, and then some more\n");
    flow.close(&mut capture);
    Flow::open(&mut capture, 3).close(&mut capture);
    let (text, told) = inspect("made.pcap", &capture.bytes);
    let told = &told["capture"];
    assert_eq!(told["variant"], "pcap");
    assert_eq!((&told["connections"], &told["connections_without_start"]), (&3.into(), &0.into()));
    let named = |list: &str, name: &str| {
        let all = told[list].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}")).clone()
    };
    let http = named("protocols", "http1");
    assert_eq!((&http["connections"], &http["to_server_bytes"]), (&1.into(), &request.len().into()));
    assert_eq!(http["to_client_bytes"], response.len());
    assert_eq!(named("protocols", "unknown")["connections"], 1);
    assert_eq!(named("protocols", "none")["connections"], 1);
    assert_eq!(named("hosts", "api.example.test")["to_server_bytes"], request.len());
    assert_eq!(named("hosts", "10.2.0.1")["connections"], 2);
    assert_eq!(told["first_time"], "2026-03-01T10:00:00.000000000Z");
    assert!(told["last_time"].as_str().unwrap() > "2026-03-01T10:00:00.010");
    assert!(has_row(&text, "protocol", "http1: 1 connection"), "{text}");
    assert!(has_row(&text, "host", "api.example.test: 1 connection"), "{text}");
    assert!(has_row(&text, "time", "2026-03-01T10:00:00.000000000Z to 2026-03-01T10:00:00.0"), "{text}");
    assert!(has_row(&text, "clock", "nothing odd"), "{text}");
    assert!(has_row(&text, "dropped", "the capture does not say"), "{text}");
    assert!(has_row(&text, "gaps", "none"), "{text}");
}

#[test]
fn twenty_hosts_are_named_and_the_others_counted() {
    let mut capture = Capture::new();
    for number in 1..=25_u8 {
        let mut flow = Flow::open(&mut capture, number);
        let pad = "x".repeat(usize::from(number));
        let request = format!("GET /{pad} HTTP/1.1\r\nHost: h{number:02}.example.test\r\n\r\n");
        flow.send(&mut capture, From::Client, request.as_bytes());
        flow.close(&mut capture);
    }
    let (text, told) = inspect("made.pcap", &capture.bytes);
    let hosts = told["capture"]["hosts"].as_array().unwrap();
    assert_eq!((hosts.len(), &told["capture"]["hosts_total"]), (20, &25.into()));
    // The most bytes first.
    assert_eq!(
        (&hosts[0]["name"], &hosts[19]["name"]),
        (&"h25.example.test".into(), &"h06.example.test".into())
    );
    assert!(has_row(&text, "host", "and 5 more"), "{text}");
}

#[test]
fn what_is_missing_of_a_connection_is_a_gap() {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    flow.send(&mut capture, From::Client, &post("/ask", "text/plain", b"what is it?"));
    let response = answer("", &[b'a'; 4000]);
    flow.send(&mut capture, From::Server, &response[..1000]);
    flow.went(From::Server, 1500);
    flow.send(&mut capture, From::Server, &response[2500..]);
    flow.close(&mut capture);
    let (text, told) = inspect("made.pcap", &capture.bytes);
    let gaps = &told["capture"]["gaps"];
    assert_eq!((&gaps["stream_gaps"], &gaps["stream_bytes"]), (&1.into(), &1500.into()));
    assert!(has_row(&text, "gaps", "1 in connections, 1500 bytes"), "{text}");
}

#[test]
fn odd_times_are_counted_with_how_far_they_are_off() {
    let mut capture = Capture::new();
    let open = |capture: &mut Capture, number: u8, seconds: u32| {
        capture.set_time(seconds);
        Flow::open(capture, number)
    };
    // Each connection has three packets.
    open(&mut capture, 1, START + 10);
    open(&mut capture, 2, START);
    open(&mut capture, 3, START + 7 * 3600);
    open(&mut capture, 4, 0);
    open(&mut capture, 5, u32::MAX);
    let (text, told) = inspect("made.pcap", &capture.bytes);
    let clock = &told["capture"]["clock"];
    // Back to START, and back to 0; on to 7 hours later, and on to the end of time.
    assert_eq!((&clock["back"], &clock["jumps"]), (&2.into(), &2.into()));
    assert_eq!((&clock["too_early"], &clock["too_late"]), (&3.into(), &3.into()));
    let far = u64::from(START + 7 * 3600) * 1_000_000_000 + 2_000_000;
    assert_eq!(clock["back_most_ns"], far);
    assert_eq!(clock["jump_most_ns"], u64::from(u32::MAX) * 1_000_000_000 - 2_000_000);
    assert_eq!(told["capture"]["first_time"], "1970-01-01T00:00:00.000000000Z");
    for said in
        ["2 packets earlier than the one before", "2 jumps of over an hour", "3 packets from before 1990"]
    {
        assert!(has_row(&text, "clock", said), "{said}: {text}");
    }
}

#[test]
fn what_an_interface_says_it_dropped_is_told() {
    let interface =
        [&[1, 0, 0, 0, 0, 0, 0, 0][..], &option(2, b"eth0"), &option(11, b"\0tcp port 80"), &[0; 4]];
    let micros = (u64::from(START) * 1_000_000).to_le_bytes();
    let [low, high] = [&micros[..4], &micros[4..]];
    // epb_dropcount.
    let packet = [
        &[0; 4][..],
        high,
        low,
        &[4, 0, 0, 0, 4, 0, 0, 0],
        b"abcd",
        &option(4, &7_u64.to_le_bytes()),
        &[0; 4],
    ];
    // isb_ifrecv and isb_ifdrop.
    let received = [option(4, &100_u64.to_le_bytes()), option(5, &9_u64.to_le_bytes())].concat();
    let statistics = [&[0; 4][..], high, low, &received, &[0; 4]].concat();
    let file = [section(), block(1, &interface.concat()), block(6, &packet.concat()), block(5, &statistics)];
    let (text, told) = inspect("made.pcapng", &file.concat());
    let told = &told["capture"];
    let drops = &told["drops"];
    assert_eq!(
        (&drops["received"], &drops["dropped"], &drops["before_packets"]),
        (&100.into(), &9.into(), &7.into())
    );
    assert_eq!(
        (&told["interfaces"][0]["name"], &told["interfaces"][0]["filter"]),
        (&"eth0".into(), &"tcp port 80".into())
    );
    assert!(has_row(&text, "dropped", "9 of 100 received, 7 by the records of packets"), "{text}");
    assert!(
        has_row(&text, "interface", "eth0: link type 1, 1 packet, 4 bytes, filter tcp port 80"),
        "{text}"
    );
}

#[test]
fn what_is_no_capture_has_no_such_rows() {
    let (text, told) = inspect("log.jsonl", b"{\"note\": 1}\n");
    assert!(told["capture"].is_null());
    assert!(!has_row(&text, "clock", ""), "{text}");
}
