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
        (r#""v":2"#, r#""v":4"#, LineFault::UnknownVersion(4), false),
        (r#""v":2"#, r#""v":0"#, LineFault::UnknownVersion(0), false),
        (
            r#","prev_hash""#,
            r#","chain_kind":"","prev_hash""#,
            LineFault::UnhashedKey("chain_kind".into()),
            true,
        ),
        (
            r#","prev_hash""#,
            r#","chain_kind":"x","prev_hash""#,
            LineFault::UnhashedKey("chain_kind".into()),
            false,
        ),
        (
            r#","prev_hash""#,
            r#","writer_instance_id":"x","prev_hash""#,
            LineFault::UnhashedKey("writer_instance_id".into()),
            false,
        ),
        (r#","prev_hash""#, r#","h\u0061sh":"","prev_hash""#, LineFault::DuplicateKey("hash".into()), false),
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
    assert_eq!(of(b"[]").fault, LineFault::NotJson);
    assert_eq!(of(b"{\"v\":2,\xFF").fault, LineFault::NotUtf8);
    assert_eq!(of(format!("{{\"v\":{}", "[".repeat(500)).as_bytes()).fault, LineFault::TooDeep);
}

#[test]
fn what_can_be_read_of_a_refused_line_is_kept() {
    let found = of(LINE.replacen(r#""seq":1"#, r#""seq": 1"#, 1).as_bytes());
    assert_eq!(found.seq, Some(1));
    assert!(found.prev.is_some() && found.hash.is_some());
}

/// A line of version 3, with the hash of these parts.
fn respelled(fields: &Fields<'_>, from: &str, to: &str) -> String {
    let stated = hex::encode(&hash(fields, &mut Vec::new()));
    let version = fields.version;
    let line = format!(
        r#"{{"v":{version},"seq": 0,"ts":"2026-03-01T10:00:01Z","session_id":"s","chain_kind":"c","writer_instance_id":"w","type":"t","transport":"x","summary":"y","detail":null,"prev_hash":"genesis","hash":"{stated}"}}"#
    );
    let changed = line.replacen(from, to, 1);
    assert!(from == to || changed != line, "{from}");
    changed
}

const FIELDS: Fields<'_> = Fields {
    version: 3,
    seq: 0,
    ts: b"2026-03-01T10:00:01Z",
    session: b"s",
    chain_kind: b"c",
    writer: b"w",
    trace: b"",
    kind: b"t",
    event_kind: b"",
    transport: b"x",
    summary: b"y",
    detail: b"null",
    raw_ref: b"",
    prev_hash: b"genesis",
};

#[test]
fn content_that_the_vendors_reader_takes_agrees() {
    let names = r#""chain_kind":"c","writer_instance_id":"w","#;
    let old = |version| Fields { version, chain_kind: b"", writer: b"", ..FIELDS };
    for version in [1, 2] {
        assert!(of(respelled(&old(version), names, "").as_bytes()).content_agrees, "{version}");
    }
    let zero = Fields { ts: ZERO_TIME.as_bytes(), ..FIELDS };
    for (fields, from, to, fault) in [
        (FIELDS, "", "", LineFault::WhiteSpace),
        (FIELDS, r#""seq": 0,"#, "", LineFault::MissingKey("seq")),
        (FIELDS, r#""detail":null,"#, "", LineFault::MissingKey("detail")),
        (zero, r#""2026-03-01T10:00:01Z""#, "null", LineFault::Time),
        (zero, r#""ts":"2026-03-01T10:00:01Z","#, "", LineFault::MissingKey("ts")),
        (Fields { summary: b"", ..FIELDS }, r#""y""#, "null", LineFault::WhiteSpace),
        (Fields { writer: b"", ..FIELDS }, r#""w""#, r#""""#, LineFault::WhiteSpace),
        (
            Fields { chain_kind: b"", ..FIELDS },
            r#""chain_kind":"c","#,
            "",
            LineFault::MissingKey("chain_kind"),
        ),
        (
            Fields { writer: b"", ..FIELDS },
            r#""writer_instance_id":"w","#,
            "",
            LineFault::MissingKey("writer_instance_id"),
        ),
    ] {
        let found = of(respelled(&fields, from, to).as_bytes());
        assert_eq!((found.fault, found.content_agrees), (fault, true), "{to}");
    }
}

/// The hash is right for what stands there, and no reader takes it.
#[test]
fn content_that_the_vendors_reader_refuses_never_agrees() {
    let bare = Fields { chain_kind: b"", writer: b"", ..FIELDS };
    let names = r#""chain_kind":"c","writer_instance_id":"w","#;
    for (fields, from, to) in [
        (bare, names, ""),
        (Fields { version: 4, ..FIELDS }, "", ""),
        (Fields { version: 0, ..bare }, names, ""),
        (Fields { version: 4, ..bare }, names, ""),
        (Fields { version: 2, ..FIELDS }, "", ""),
        (Fields { summary: b"y\0", ..FIELDS }, r#""y""#, r#""y\u0000""#),
        (FIELDS, r#""2026"#, r#""\u0032026"#),
        (FIELDS, r#""seq": 0"#, r#""seq": -0"#),
        (FIELDS, r#""y""#, "1"),
    ] {
        let found = of(respelled(&fields, from, to).as_bytes());
        assert!(!found.content_agrees, "{to}");
    }
}

#[test]
fn times_of_any_offset_are_one_in_utc() {
    for (time, utc) in [
        ("2026-03-01T10:00:01Z", Some("2026-03-01T10:00:01Z")),
        ("2026-03-01T12:00:01+02:00", Some("2026-03-01T10:00:01Z")),
        ("2026-03-01T10:00:01.5Z", Some("2026-03-01T10:00:01.5Z")),
        ("2026-03-01T10:00:01.120Z", Some("2026-03-01T10:00:01.12Z")),
        ("2026-03-01T10:00:01.000Z", Some("2026-03-01T10:00:01Z")),
        ("2026-03-01T10:00:01.12345678999Z", Some("2026-03-01T10:00:01.123456789Z")),
        ("2026-03-01T23:59:59.5-00:30", Some("2026-03-02T00:29:59.5Z")),
        ("2026-03-01T10:00:01.Z", None),
        ("2026-03-01T10:00:01,5Z", None),
        ("2026-03-01 10:00:01Z", None),
        ("2026-03-01t10:00:01Z", None),
        ("2026-03-01T24:00:00Z", None),
        ("2026-03-01T23:59:60Z", None),
        ("2026-03-01T10:00Z", None),
        ("2026-03-01T10:00:01", None),
        ("2026-03-01", None),
        ("", None),
    ] {
        assert_eq!(in_utc(time).as_deref(), utc, "{time}");
    }
}
