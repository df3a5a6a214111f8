//! Sessions of captures by each rule: who is put together, who is kept apart, and that no mark that opens something is shown.

use serde_json::Value;

use super::packets::{Capture, Flow, From, START, answer};
use crate::command::coldcase;
use crate::output;

/// A request with these header lines.
fn request(path: &str, fields: &str) -> Vec<u8> {
    format!("GET /{path} HTTP/1.1\r\nHost: api.example.test\r\n{fields}\r\n").into_bytes()
}

/// Asks on a connection and is answered.
fn ask(capture: &mut Capture, flow: &mut Flow, fields: &str, answered: &str) {
    flow.send(capture, From::Client, &request("ask", fields));
    flow.send(capture, From::Server, &answer(answered, b"done"));
}

/// Writes a capture, and gives the names of sessions after that of the capture with their numbers of events, sorted, and
/// all that `inspect` printed.
fn sessions(capture: &Capture, rule: &str) -> (Vec<(String, u64)>, String) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("made.pcap");
    capture.write(&path);
    let path = path.to_str().unwrap();
    let json = coldcase(["inspect", "--json", "--sessions", rule, path]);
    let events = coldcase(["inspect", "--sessions", rule, path]);
    let told: Value = serde_json::from_str(&json.stdout).unwrap();
    let named = told["capture"]["sessions"].as_array().unwrap().iter().map(|one| {
        let name = one["name"].as_str().unwrap().strip_prefix(path).unwrap().trim().to_owned();
        (name, one["events"].as_u64().unwrap())
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    assert_eq!(told["capture"]["sessions_total"], named.len());
    (named, json.stdout + &events.stdout)
}

fn names(sessions: &[(String, u64)]) -> Vec<(&str, u64)> {
    sessions.iter().map(|(name, events)| (name.as_str(), *events)).collect()
}

#[test]
fn a_client_is_a_session_unless_another_rule_is_named() {
    let mut capture = Capture::new();
    for number in [1, 2] {
        let mut flow = Flow::open(&mut capture, number);
        ask(&mut capture, &mut flow, "X-Agent-Id: same\r\nMcp-Session-Id: same\r\n", "");
        flow.close(&mut capture);
    }
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("made.pcap");
    capture.write(&path);
    let unnamed = coldcase(["inspect", "--json", path.to_str().unwrap()]).stdout;
    let named = coldcase(["inspect", "--json", "--sessions", "client", path.to_str().unwrap()]).stdout;
    assert_eq!(unnamed, named);
    assert_eq!(names(&sessions(&capture, "client").0), [("10.1.0.1", 2), ("10.1.0.2", 2)]);
}

#[test]
fn a_session_id_of_mcp_joins_clients_and_is_not_shown() {
    let id = ["5f1c9e", "02-7ab4-44e1-9d", "3b-made-up-id"].concat();
    let field = format!("Mcp-Session-Id: {id}\r\n");
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    // The request that opens a session has no id yet; its answer has.
    ask(&mut capture, &mut flow, "", &field);
    ask(&mut capture, &mut flow, &field, "");
    flow.close(&mut capture);
    let mut flow = Flow::open(&mut capture, 2);
    ask(&mut capture, &mut flow, &field, "");
    ask(&mut capture, &mut flow, "mcp-session-id: another\r\n", "");
    flow.close(&mut capture);
    let (told, printed) = sessions(&capture, "mcp");
    let told = names(&told);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], ("10.1.0.1", 1));
    assert!(told[1..].iter().all(|(name, _)| name.starts_with("mcp ")), "{told:?}");
    let mut events: Vec<u64> = told[1..].iter().map(|(_, events)| *events).collect();
    events.sort_unstable();
    assert_eq!(events, [2, 5]);
    assert!(!printed.contains(&id) && !printed.contains("another"), "{printed}");
}

#[test]
fn agents_on_one_connection_are_told_apart_by_their_headers() {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    // Both ask before either is answered: the answers go with their requests.
    let both = [request("a", "X-Agent-Id: planner\r\n"), request("b", "User-Agent: writer/2.1\r\n")].concat();
    flow.send(&mut capture, From::Client, &both);
    flow.send(&mut capture, From::Server, &[answer("", b"one"), answer("", b"two")].concat());
    ask(&mut capture, &mut flow, "X-Agent-Id: planner\r\nUser-Agent: writer/2.1\r\n", "");
    ask(&mut capture, &mut flow, "", "");
    flow.close(&mut capture);
    let (told, _) = sessions(&capture, "agent");
    assert_eq!(names(&told), [("10.1.0.1", 2), ("agent planner", 4), ("agent writer/2.1", 2)]);
}

#[test]
fn a_key_joins_clients_and_is_shown_as_a_fingerprint() {
    let key = ["made-up-key-", "0a1b2c3d4e5f", "6a7b8c9d"].concat();
    let mut capture = Capture::new();
    let asked = |capture: &mut Capture, number: u8, fields: &str| {
        let mut flow = Flow::open(capture, number);
        ask(capture, &mut flow, fields, "");
        flow.close(capture);
    };
    asked(&mut capture, 1, &format!("Authorization: Bearer {key}\r\n"));
    asked(&mut capture, 2, &format!("x-api-key: {key}\r\n"));
    asked(&mut capture, 3, &format!("Authorization: bearer {key}0\r\n"));
    // A password and a short key are in no name.
    asked(&mut capture, 4, "Authorization: Basic dXNlcjpwYXNzd29yZC1tYWRlLXVw\r\n");
    asked(&mut capture, 5, "Authorization: Bearer short\r\n");
    let (told, printed) = sessions(&capture, "key");
    let told = names(&told);
    assert_eq!(&told[..2], [("10.1.0.4", 2), ("10.1.0.5", 2)]);
    let mut events: Vec<u64> = told[2..].iter().map(|(_, events)| *events).collect();
    events.sort_unstable();
    assert_eq!(events, [2, 4], "{told:?}");
    for (name, _) in &told[2..] {
        let fingerprint = name.strip_prefix("key ").unwrap();
        assert!(
            fingerprint.len() == 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
    }
    assert!(!printed.contains(&key), "{printed}");
}

#[test]
fn a_silent_client_comes_back_in_another_session() {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    for minute in [0, 4, 8, 20] {
        capture.set_time(START + minute * 60);
        ask(&mut capture, &mut flow, "", "");
    }
    let mut other = Flow::open(&mut capture, 2);
    ask(&mut capture, &mut other, "", "");
    let (told, _) = sessions(&capture, "gap:5");
    let from = |told: &[(String, u64)], at: usize| told[at].0.clone();
    assert_eq!(told.iter().map(|(_, events)| *events).collect::<Vec<_>>(), [6, 2, 2], "{told:?}");
    assert!(from(&told, 0).starts_with("10.1.0.1 from 2026-03-01T10:00:00."), "{told:?}");
    assert!(from(&told, 1).starts_with("10.1.0.1 from 2026-03-01T10:20:00."), "{told:?}");
    assert!(from(&told, 2).starts_with("10.1.0.2 from 2026-03-01T10:20:00."), "{told:?}");
    // Half an hour, if no number is named.
    assert_eq!(sessions(&capture, "gap").0.len(), 2);
    assert_eq!(sessions(&capture, "gap:1").0.len(), 5);
}

#[test]
fn the_manifest_names_the_rule_and_a_wrong_one_is_refused() {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    ask(&mut capture, &mut flow, "Mcp-Session-Id: made-up\r\n", "");
    let temp = tempfile::tempdir().unwrap();
    let (path, out) = (temp.path().join("made.pcap"), temp.path().join("out"));
    capture.write(&path);
    let (path, out) = (path.to_str().unwrap(), out.to_str().unwrap());
    let scan = coldcase(["scan", path, "-q", "--sessions", "mcp", "-o", out]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let manifest = output::manifest(std::path::Path::new(out)).to_string();
    assert!(manifest.contains("\"sessions mcp\""), "{manifest}");
    for wrong in ["mpc", "gap:0", "client:3"] {
        assert_eq!(coldcase(["inspect", "--sessions", wrong, path]).code, 64, "{wrong}");
    }
}
