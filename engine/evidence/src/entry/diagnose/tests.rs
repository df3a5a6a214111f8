//! Each fault by its name, and the content's hash where only the spelling changed.

use super::*;
use crate::entry::{Room, read};

const LINE: &str = r#"{"v":2,"seq":1,"ts":"2026-03-01T10:00:01Z","session_id":"demo","trace_id":"t-1","type":"decision","event_kind":"proxy_decision","transport":"fetch","summary":"allow: ","detail":{"layer":"","n":[9007199254740993,1.50,1e3],"verdict":"allow"},"prev_hash":"2dd333bc4cc11d8c1d58568382b530896c0d4d8924f9d49066b9268f48b390f8","hash":"a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9"}"#;

fn of(line: &[u8]) -> Diagnosis {
    let place = read(line, &mut Room::default()).expect_err("refused");
    diagnose(line, place)
}

#[test]
fn each_fault_has_its_name_and_tells_whether_the_content_changed() {
    let unknown = LineFault::UnknownKey("x".into());
    for (from, to, fault, agrees) in [
        (r#","prev_hash""#, r#","x":1,"prev_hash""#, unknown, true),
        (r#","prev_hash""#, r#","Summary":"","prev_hash""#, LineFault::FoldedKey("Summary".into()), true),
        (r#","prev_hash""#, r#","hash":"","prev_hash""#, LineFault::DuplicateKey("hash".into()), false),
        (r#""v":2"#, r#""v":1"#, LineFault::UnhashedKey("event_kind".into()), false),
        (r#""v":2"#, r#""v":9"#, LineFault::UnknownVersion(9), false),
        (r#","transport":"fetch""#, "", LineFault::MissingKey("transport"), false),
        (r#""seq":1"#, r#""seq": 1"#, LineFault::WhiteSpace, true),
        ("10:00:01Z", "10:00:01.0Z", LineFault::Time, true),
        ("10:00:01Z", "12:00:01+02:00", LineFault::Time, true),
        ("allow: ", r"\u0061llow: ", LineFault::Respelled, true),
        ("allow: ", "deny:\u{0}", LineFault::ZeroBytes, false),
        (r#""detail":{"#, r#""detail":{{"#, LineFault::NotJson, false),
    ] {
        let changed = LINE.replacen(from, to, 1);
        let found = of(changed.as_bytes());
        assert_eq!((&found.fault, found.content_agrees), (&fault, agrees), "{to}");
    }
}

#[test]
fn faults_of_bytes_come_first() {
    assert_eq!(of(b"").fault, LineFault::Blank);
    assert_eq!(of(&[b"\xEF\xBB\xBF", LINE.as_bytes()].concat()).fault, LineFault::ByteOrderMark);
    assert_eq!(of(format!("{LINE}\r").as_bytes()).fault, LineFault::CarriageReturn);
    assert_eq!(of(format!("{LINE}x").as_bytes()).fault, LineFault::Trailing);
    assert_eq!(of(b"{\"v\":2,\xFF").fault, LineFault::NotUtf8);
    assert_eq!(of(format!("{{\"v\":{}", "[".repeat(500)).as_bytes()).fault, LineFault::TooDeep);
}

#[test]
fn what_can_be_read_of_a_refused_line_is_kept() {
    let found = of(LINE.replacen(r#""seq":1"#, r#""seq": 1"#, 1).as_bytes());
    assert_eq!(found.seq, Some(1));
    assert!(found.prev.is_some() && found.hash.is_some());
}
