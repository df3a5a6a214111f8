//! The line limit: nothing is longer, and nothing is lost without a trace.

use super::*;

fn line(fields: &Fields<'_>) -> (Line, Vec<u8>) {
    let mut out = Vec::new();
    let line = encode(fields, &mut out, &mut Vec::new());
    (line, out)
}

fn fields<'a>(summary: &'a [u8], detail: &'a [u8]) -> Fields<'a> {
    Fields {
        version: 2,
        ts: b"2026-03-01T10:00:00Z",
        session: b"s",
        kind: b"decision",
        summary,
        detail,
        prev_hash: crate::entry::GENESIS,
        ..Fields::default()
    }
}

fn long_detail(len: usize) -> Vec<u8> {
    format!("\"{}\"", "x".repeat(len - 2)).into_bytes()
}

#[test]
fn empty_fields_are_left_out_or_kept_as_the_format_says() {
    let (_, out) = line(&fields(b"", b"null"));
    let text = String::from_utf8(out).unwrap();
    let start = r#"{"v":2,"seq":0,"ts":"2026-03-01T10:00:00Z","session_id":"s","type":"decision","transport":"","summary":"","detail":null,"prev_hash":"genesis","hash":""#;
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("\"}\n"));
}

#[test]
fn a_detail_gives_way_at_the_first_byte_over_the_limit() {
    let rest = line(&fields(b"sum", b"")).1.len() - 1;
    let fitting = long_detail(LONGEST - rest);
    let (kept, out) = line(&fields(b"sum", &fitting));
    assert_eq!((out.len(), kept.over_limit), (LONGEST + 1, false));

    let long = long_detail(LONGEST - rest + 1);
    let (cut, out) = line(&fields(b"sum", &long));
    assert!(cut.over_limit);
    let text = String::from_utf8(out).unwrap();
    let expected = format!(
        r#""summary":"sum","detail":{{"original_size":{},"reason":"over the line limit","redacted":true}},"#,
        long.len()
    );
    assert!(text.contains(&expected), "{text}");
    let stood_in = stand_in(long.len());
    assert_eq!(cut.hash, hash(&fields(b"sum", &stood_in), &mut Vec::new()));
}

#[test]
fn texts_that_are_too_long_by_themselves_are_cut_at_a_character() {
    let summary = "é".repeat(LONGEST);
    let odd = format!("a{summary}");
    for (text, kept) in [(&summary, 4096), (&odd, 4095)] {
        let (cut, out) = line(&fields(text.as_bytes(), b"7"));
        assert!(cut.over_limit && out.len() < LONGEST);
        let shortened = &text.as_bytes()[..kept];
        assert!(std::str::from_utf8(shortened).is_ok());
        let detail = stand_in(1);
        assert_eq!(cut.hash, hash(&fields(shortened, &detail), &mut Vec::new()));
    }
}

#[test]
fn even_the_worst_texts_fit_the_limit() {
    let worst = "\u{1}".repeat(LONGEST);
    let worst = worst.as_bytes();
    let session = "<".repeat(crate::writer::Session::LONGEST);
    let fields = Fields {
        seq: u64::MAX,
        session: session.as_bytes(),
        trace: worst,
        event_kind: worst,
        transport: worst,
        ..fields(worst, worst)
    };
    let (cut, out) = line(&fields);
    assert!(cut.over_limit && fits(&out));
}
