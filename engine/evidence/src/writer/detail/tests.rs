//! What readers agree on stays; all else is changed and flagged, or refused.

use coldcase_model::json::unescape;
use proptest::prelude::*;

use super::*;

fn spelled(detail: &Detail) -> &str {
    std::str::from_utf8(detail.json()).unwrap()
}

fn taken(json: &str) -> Detail {
    Detail::from_json(json.as_bytes()).unwrap()
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn objects_are_sorted_by_bytes_and_spelled_html_safe() {
    let members =
        [("é", Detail::from(true)), ("b", Detail::null()), ("B<", Detail::from("x&\n")), ("", 7_u64.into())];
    let object = Detail::object(members).unwrap();
    assert_eq!(spelled(&object), "{\"\":7,\"B\\u003c\":\"x\\u0026\\n\",\"b\":null,\"é\":true}");
    assert!(!object.altered().any());
    // By bytes, a sign beyond the basic plane comes after U+FFFF; by UTF-16 units it would come before.
    let object = Detail::object([("\u{10000}", Detail::null()), ("\u{ffff}", Detail::null())]).unwrap();
    assert_eq!(spelled(&object), "{\"\u{ffff}\":null,\"\u{10000}\":null}");
}

#[test]
fn a_key_that_comes_twice_is_refused_even_if_only_after_replacing() {
    let twice = |a: &[u8], b: &[u8]| Detail::object([(a, Detail::null()), (b, Detail::null())]);
    assert_eq!(twice(b"a", b"a"), Err(DetailError::DuplicateKey("a".into())));
    assert_eq!(twice(b"\0", b"\xFF"), Err(DetailError::DuplicateKey("\u{fffd}".into())));
    for json in [r#"{"a":1,"b":{},"a":2}"#, r#"[{"a":1,"\u0061":1}]"#] {
        assert!(matches!(Detail::from_json(json.as_bytes()), Err(DetailError::DuplicateKey(_))), "{json}");
    }
}

#[test]
fn whole_numbers_up_to_53_bits_stay_numbers() {
    for (value, text) in [
        (0_i64, "0"),
        (-1, "-1"),
        (9_007_199_254_740_991, "9007199254740991"),
        (-9_007_199_254_740_991, "-9007199254740991"),
    ] {
        let detail = Detail::from(value);
        assert_eq!((spelled(&detail), detail.altered().any()), (text, false));
        assert_eq!(taken(text), detail);
    }
    for value in [9_007_199_254_740_992_i64, -9_007_199_254_740_992, i64::MIN] {
        let detail = Detail::from(value);
        assert_eq!((spelled(&detail), detail.altered().numbers), (&*format!("\"{value}\""), true));
    }
    assert_eq!(spelled(&Detail::from(u64::MAX)), "\"18446744073709551615\"");
    for odd in ["-0", "1.50", "1e3", "1.0", "9007199254740992", "123456789012345678901234567890"] {
        let detail = taken(&format!("[{odd}]"));
        assert_eq!((spelled(&detail), detail.altered().numbers), (&*format!("[\"{odd}\"]"), true));
    }
}

#[test]
fn broken_text_is_replaced_and_flagged_wherever_it_stands() {
    for json in [r#"["a\u0000b"]"#, r#"["a\ud83d\ud83d\ude00"]"#, r#"["\uDC00"]"#, r#"{"\ud83d":[]}"#] {
        let detail = taken(json);
        assert!(detail.altered().text, "{json}");
        assert!(spelled(&detail).contains('\u{fffd}'), "{json}");
    }
    for json in [r#"["\ud83d\ude00\ufffd"]"#, "[\"\u{fffd}\"]", r#"["\\ud83d"]"#, r#"["\ud8"]"#] {
        assert!(!taken(json).altered().any(), "{json}");
    }
    let detail = Detail::from_json(b"[{\"k\xFF\":\"\xE2\x80\"}]").unwrap();
    assert_eq!(spelled(&detail), "[{\"k\u{fffd}\":\"\u{fffd}\u{fffd}\"}]");
    assert!(detail.altered().text);
}

#[test]
fn json_comes_out_sorted_compact_and_in_its_own_order_of_items() {
    let detail = taken(" { \"b\" : [ 3 , {\"y\":false,\"x\":null} , [] , {} , \"2\" ] , \"a\\/\" : true } ");
    assert_eq!(spelled(&detail), r#"{"a/":true,"b":[3,{"x":null,"y":false},[],{},"2"]}"#);
    for (scalar, text) in [("null", "null"), (" true", "true"), ("\"<\"", "\"\\u003c\"")] {
        assert_eq!(spelled(&taken(scalar)), text);
    }
}

#[test]
fn nesting_ends_at_32() {
    assert!(Detail::from_json(nested(32).as_bytes()).is_ok());
    assert_eq!(Detail::from_json(nested(33).as_bytes()), Err(DetailError::TooDeep));
    assert!(matches!(Detail::from_json(nested(100_000).as_bytes()), Err(DetailError::NotJson(_))));
    let deepest = taken(&nested(32));
    assert_eq!(Detail::list([deepest.clone()]), Err(DetailError::TooDeep));
    assert_eq!(Detail::object([("a", deepest)]), Err(DetailError::TooDeep));
    assert!(matches!(Detail::from_json(b"{\"a\":1"), Err(DetailError::NotJson(_))));
}

#[test]
fn raw_json_stays_byte_for_byte_or_is_refused() {
    let json = r#"{"b":1.50,"a":"\/","b":1e3}"#;
    assert_eq!(spelled(&Detail::raw(json.as_bytes()).unwrap()), json);
    for (json, at) in [("{\"a\": 1}", 5), ("\"<\"", 1), ("1 ", 1)] {
        assert_eq!(Detail::raw(json.as_bytes()), Err(DetailError::Respelled(at)), "{json}");
    }
    assert!(Detail::raw(b"\"\xFF\"").is_err());
    assert!(Detail::raw(b"").is_err());
}

/// Any JSON, spelled by a library with habits of its own.
pub(in crate::writer) fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-1000_i64..1000).prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[<>&\u{2028}\u{0}-\u{20}\"\\\\/]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same value as the log holds it, made the plain way.
pub(in crate::writer) fn expected(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let clean = |text: String| text.replace('\0', "\u{fffd}");
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) if whole.unsigned_abs() <= Detail::MOST => whole.into(),
            _ => number.to_string().into(),
        },
        Value::String(text) => clean(text).into(),
        Value::Array(items) => items.into_iter().map(expected).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (clean(key), expected(value))).collect())
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn any_json_is_taken_over_with_its_values(value in any_json()) {
        let source = value.to_string();
        let detail = Detail::from_json(source.as_bytes());
        // Only keys that fall together when their NULs are replaced are no detail.
        prop_assume!(!matches!(detail, Err(DetailError::DuplicateKey(_))));
        let detail = detail.unwrap();
        prop_assert_eq!(spelling::value(detail.json(), 0, &mut Vec::new()), Ok(detail.json().len()));
        let read: serde_json::Value = serde_json::from_slice(detail.json()).unwrap();
        let expected = expected(value.clone());
        prop_assert_eq!(detail.altered().any(), expected != value);
        prop_assert_eq!(read, expected);
        // What is taken over once stays as it is.
        let again = Detail::from_json(detail.json()).unwrap();
        prop_assert_eq!(again.json(), detail.json());
        prop_assert!(!again.altered().any());
    }

    #[test]
    fn any_bytes_are_a_text(bytes in any::<Vec<u8>>()) {
        let detail = Detail::text(&bytes);
        let inner = detail.json().strip_prefix(b"\"").unwrap().strip_suffix(b"\"").unwrap();
        let read = String::from_utf8(unescape(inner)).unwrap();
        prop_assert!(!read.contains('\0'));
        prop_assert_eq!(detail.altered().text, read.as_bytes() != bytes);
    }

    #[test]
    fn any_bytes_are_a_detail_or_an_error(bytes in r#"[\[\]{}",:a0-9e.\-\\utrfnl]{0,40}"#) {
        if let Ok(detail) = Detail::from_json(bytes.as_bytes()) {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(detail.json()).is_ok());
        }
    }
}
