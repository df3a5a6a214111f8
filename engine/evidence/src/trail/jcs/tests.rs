//! The examples of RFC 8785, and what must have no canonical form.

use coldcase_model::json::Tape;
use proptest::prelude::*;

use super::*;

fn form(text: &str) -> Result<String, IrregularKind> {
    form_without(text, &[]).map(|(text, _)| text)
}

fn form_without(text: &str, leave_out: &[&str]) -> Result<(String, bool), IrregularKind> {
    let mut tape = Tape::default();
    let mut out = b"left over".to_vec();
    let exact = canonical(tape.parse(text.as_bytes()).unwrap(), leave_out, &mut out);
    exact.map(|exact| (String::from_utf8(out).unwrap(), exact)).map_err(|irregular| irregular.kind)
}

/// RFC 8785, appendix B: the bits of a double, and its text.
#[test]
fn doubles_are_written_as_in_appendix_b() {
    for (bits, text) in [
        (0x0000_0000_0000_0000_u64, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        assert_eq!(ecma(f64::from_bits(bits)), text, "{bits:016x}");
    }
}

/// RFC 8785, section 3.2.2.
#[test]
fn the_example_of_section_3_2_2_is_written_so() {
    let text = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
        "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals":[null,true,false]}"#;
    let right = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(form(text).unwrap(), right);
}

#[test]
fn control_characters_have_their_short_escapes() {
    let text = r#""\u0008\u0009\u000a\u000c\u000d\u0000\u001f\u007f\u0022\u005c""#;
    assert_eq!(form(text).unwrap(), "\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}\\\"\\\\\"");
}

#[test]
fn another_spelling_of_a_number_keeps_its_digits_and_too_many_are_told() {
    for (text, written, exact) in [
        ("0", "0", true),
        ("-0", "0", true),
        ("0.0", "0", true),
        ("1e-3", "0.001", true),
        ("0.0010", "0.001", true),
        ("1.50E2", "150", true),
        ("-1000", "-1000", true),
        ("9007199254740993", "9007199254740992", false),
        ("0.1000000000000000055", "0.1", false),
    ] {
        assert_eq!(form_without(text, &[]), Ok((written.to_owned(), exact)), "{text}");
    }
}

/// RFC 8785, section 3.2.3: the order of UTF-16, in which a surrogate pair stands before U+FB33.
#[test]
fn keys_are_sorted_as_in_section_3_2_3() {
    let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
        "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let sorted = form(text).unwrap();
    let mut at = 0;
    for value in ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"] {
        at += sorted.get(at..).and_then(|rest| rest.find(value)).expect(value);
    }
}

#[test]
fn what_has_no_canonical_form_is_refused() {
    for (text, kind) in [
        (r#"{"a":1,"a":1}"#, IrregularKind::DuplicateKey),
        (r#"{"a":1,"b":2,"\u0061":3}"#, IrregularKind::DuplicateKey),
        (r#"[{"x":{"b":1,"b":2}}]"#, IrregularKind::DuplicateKey),
        (r#""\ud83d""#, IrregularKind::Text),
        (r#"{"\ude00":1}"#, IrregularKind::Text),
        ("\"\t\"", IrregularKind::Text),
        (r#""\q""#, IrregularKind::Text),
        ("1e400", IrregularKind::Number),
        ("[-1e309]", IrregularKind::Number),
    ] {
        assert_eq!(form(text), Err(kind), "{text}");
    }
}

#[test]
fn the_place_of_what_is_refused_is_told() {
    for (text, offset) in [(r#"{"a":1,"b":2,"a":3}"#, 13), (r#"[1,"\q"]"#, 3), ("[1,2,1e999]", 5)] {
        let mut tape = Tape::default();
        let irregular = canonical(tape.parse(text.as_bytes()).unwrap(), &[], &mut Vec::new()).unwrap_err();
        assert_eq!(irregular.offset, offset, "{text}");
    }
}

#[test]
fn only_outermost_members_are_left_out() {
    let (text, _) = form_without(r#"{"c":{"a":1},"b":[],"a":2}"#, &["a"]).unwrap();
    assert_eq!(text, r#"{"b":[],"c":{"a":1}}"#);
}

#[test]
fn a_key_that_is_left_out_may_not_stand_twice_either() {
    assert_eq!(form_without(r#"{"a":1,"a":2}"#, &["a"]), Err(IrregularKind::DuplicateKey));
}

#[test]
fn numbers_that_lose_digits_are_told_of() {
    let exact = |text: &str| form_without(text, &[]).unwrap().1;
    for text in ["9007199254740992", "1.50", "1e21", "-0", "0.1", "100", "[1,2]", "1E3"] {
        assert!(exact(text), "{text}");
    }
    for text in ["9007199254740993", "0.10000000000000001", "1e-400", "[9007199254740993,1]"] {
        assert!(!exact(text), "{text}");
    }
}

#[test]
fn depth_takes_no_stack() {
    let text = "[".repeat(Tape::MAX_DEPTH) + &"]".repeat(Tape::MAX_DEPTH);
    assert_eq!(form(&text).unwrap(), text);
}

/// Beside a power of two the doubles lie closer below than above: the nearest text of so many digits may not read
/// back.
#[test]
fn powers_of_two_read_back() {
    for exponent in 1..0x7ff_u64 {
        let double = f64::from_bits(exponent << 52);
        assert_eq!(ecma(double).parse::<f64>().unwrap().to_bits(), double.to_bits(), "{double:e}");
    }
}

proptest! {
    #[test]
    fn doubles_read_back(bits in any::<u64>()) {
        let double = f64::from_bits(bits);
        prop_assume!(double.is_finite());
        let read = ecma(double).parse::<f64>().unwrap();
        prop_assert_eq!(read.to_bits(), (double + 0.0).to_bits());
    }

    #[test]
    fn the_form_of_a_form_is_itself(text in any::<String>(), key in any::<String>(), double in any::<f64>()) {
        prop_assume!(double.is_finite());
        let value = serde_json::json!({ key: [text, double], "b": { "z": null, "y": true } });
        let once = form(&value.to_string()).unwrap();
        prop_assert_eq!(&form(&once).unwrap(), &once);
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&once).unwrap()["b"].clone(), value["b"].clone());
    }
}
