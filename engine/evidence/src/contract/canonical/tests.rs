//! Each rule of the canonical form, and each refusal.

use super::*;

fn form(json: &str) -> Result<String, CanonicalError> {
    canonical_form(json.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn white_space_goes_and_keys_are_sorted_at_every_depth() {
    let json = r#" { "b" : [ 1 , {"z":true,"a":null} ] , "a" : {} , "" : [ ] } "#;
    assert_eq!(form(json).unwrap(), r#"{"":[],"a":{},"b":[1,{"a":null,"z":true}]}"#);
}

#[test]
fn strings_are_normalised_and_spelled_by_go() {
    assert_eq!(form("\"e\u{301}\"").unwrap(), "\"\u{e9}\"");
    assert_eq!(form(r#""e\u0301""#).unwrap(), "\"\u{e9}\"");
    assert_eq!(
        form("\"<a href='/'>&\u{2028}\u{2029}\"").unwrap(),
        r#""\u003ca href='/'\u003e\u0026\u2028\u2029""#
    );
    assert_eq!(form(r#""\/\u0041\ud83d\ude00\u000a\u0008""#).unwrap(), "\"/A\u{1f600}\\n\\b\"");
    assert_eq!(form("{\"<e\u{301}\":1}").unwrap(), "{\"\\u003c\u{e9}\":1}");
}

#[test]
fn keys_are_sorted_by_code_points_not_by_utf16_units() {
    // U+1F600 begins with the unit 0xD83D, which is below U+FF5E.
    let json = "{\"\u{1f600}\":1,\"\u{ff5e}\":2}";
    assert_eq!(form(json).unwrap(), "{\"\u{ff5e}\":2,\"\u{1f600}\":1}");
}

#[test]
fn integers_keep_their_digits_and_nothing_else_is_a_number() {
    for json in ["0", "-0", "9223372036854775807", "-9223372036854775808"] {
        assert_eq!(form(json).unwrap(), json);
    }
    for json in ["1.0", "1e3", "0.5", "9223372036854775808", "-9223372036854775809"] {
        assert_eq!(form(json), Err(CanonicalError::NotWhole { offset: 0 }), "{json}");
    }
}

#[test]
fn keys_that_stand_twice_or_fall_together_are_refused() {
    for json in [r#"[{"a":1,"a":1}]"#, r#"[{"a":1,"b":2,"\u0061":1}]"#, "[{\"\u{e9}\":1,\"e\u{301}\":1}]"] {
        assert_eq!(form(json), Err(CanonicalError::KeysMeet { offset: 1 }), "{json}");
    }
    assert!(form(r#"{"a":1,"A":1}"#).is_ok());
}

#[test]
fn strings_that_are_no_text_are_refused() {
    for json in [&br#"["\ud800"]"#[..], br#"["\q"]"#, b"[\"\x01\"]", b"[\"\xFF\"]"] {
        assert_eq!(canonical_form(json), Err(CanonicalError::NotText { offset: 1 }));
    }
}

#[test]
fn depth_ends_at_128_and_nothing_follows() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(form(&nested(128)).unwrap(), nested(128));
    assert!(matches!(form(&nested(129)), Err(CanonicalError::Syntax(_))));
    assert!(matches!(form("1 2"), Err(CanonicalError::Syntax(_))));
}

#[test]
fn only_the_outermost_signature_is_blank() {
    let json = br#"{"signature":{"signature":"x","algorithm":"y"},"payload":{"signature":{"a":1}}}"#;
    let mut tape = Tape::default();
    let bytes = unsigned(tape.parse(json).unwrap()).unwrap();
    let wanted = r#"{"payload":{"signature":{"a":1}},"signature":{"algorithm":"","key_purpose":"","signature":"","signer_key_id":""}}"#;
    assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
}
