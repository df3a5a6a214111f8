//! One pass over an object: what is canonical to the byte, and what is wrong, shape by shape.

use coldcase_model::json::Tape;

use crate::receipt::ReceiptProblem as Problem;
use crate::receipt::schema::{Field, Presence, Shape, Table};
use crate::receipt::walk::Walk;

const fn field(name: &'static str, shape: Shape, presence: Presence) -> Field {
    Field { name, shape, presence }
}

static INNER: Table =
    Table { name: "inner", fields: &[field("a", Shape::Text, Presence::IfNotEmpty)], required: 0 };

static TABLE: Table = Table {
    name: "table",
    fields: &[
        field("a", Shape::Text, Presence::IfNotEmpty),
        field("b", Shape::Int, Presence::IfNotEmpty),
        field("c", Shape::Counts, Presence::IfNotEmpty),
        field("d", Shape::Texts, Presence::IfNotEmpty),
        field("e", Shape::Byte, Presence::IfNotEmpty),
        field("f", Shape::Time, Presence::IfNotEmpty),
        field("g", Shape::Object(&INNER), Presence::IfNotEmpty),
        field("h", Shape::Objects(&INNER), Presence::IfNotEmpty),
        field("i", Shape::Any, Presence::IfNotEmpty),
        // What is written although it is empty.
        field("l", Shape::TextsOrNull, Presence::Always),
        field("m", Shape::Counts, Presence::Always),
        field("n", Shape::Int, Presence::Always),
        field("o", Shape::Bool, Presence::Always),
        field("p", Shape::Unsigned, Presence::Always),
        field("q", Shape::Objects(&INNER), Presence::Always),
    ],
    // All of them may be missing, so that each can stand alone.
    required: 0,
};

fn walk(table: &'static Table, json: &str) -> (Vec<Problem>, bool) {
    let mut tape = Tape::default();
    let mut walk = Walk::new();
    walk.object(table, tape.parse(json.as_bytes()).unwrap());
    (walk.problems, walk.canonical)
}

#[test]
fn what_the_writer_writes_is_canonical() {
    for json in [
        "{}",
        r#"{"a":"x"}"#,
        r#"{"a":"x","b":-3}"#,
        r#"{"a":"\u003c","d":["x","\n"]}"#,
        r#"{"c":{"p":1,"q":-2}}"#,
        r#"{"d":["x"],"e":255}"#,
        r#"{"e":1,"f":"2026-04-01T12:00:00.5Z"}"#,
        r#"{"f":"2026-04-01T12:00:00+05:30"}"#,
        r#"{"f":"2026-04-01T12:00:00-23:59"}"#,
        r#"{"g":{}}"#,
        r#"{"g":{"a":"x"},"h":[{},{"a":"y"}],"i":[1,{"z":1,"a":2}]}"#,
        r#"{"l":null}"#,
        r#"{"l":[],"m":{},"n":0,"o":false,"p":0,"q":[]}"#,
        r#"{"n":9223372036854775807,"o":true,"p":18446744073709551615}"#,
    ] {
        assert_eq!(walk(&TABLE, json), (vec![], true), "{json}");
    }
}

#[test]
fn another_spelling_or_order_of_the_same_is_not() {
    for json in [
        // White space, wherever it may stand.
        "{ }",
        r#"{ "a":"x"}"#,
        r#"{"a" :"x"}"#,
        r#"{"a": "x"}"#,
        r#"{"a":"x" }"#,
        r#"{"a":"x", "b":1}"#,
        r#"{"a":"x" ,"b":1}"#,
        r#"{"g":{ }}"#,
        r#"{"g":{"a":"x" }}"#,
        r#"{"h":[{ "a":"x"}]}"#,
        r#"{"l":[ ]}"#,
        r#"{"d":[ "x"]}"#,
        r#"{"d":["x" ]}"#,
        r#"{"d":["x", "y"]}"#,
        r#"{"d":["x" ,"y"]}"#,
        r#"{"m":{ }}"#,
        r#"{"c":{ "p":1}}"#,
        r#"{"c":{"p" :1}}"#,
        r#"{"c":{"p": 1}}"#,
        r#"{"c":{"p":1 }}"#,
        r#"{"c":{"p":1, "q":2}}"#,
        r#"{"i":[1, 2]}"#,
        // Order.
        r#"{"b":1,"a":"x"}"#,
        r#"{"a":"x","d":["x"],"b":1}"#,
        r#"{"c":{"q":1,"p":2}}"#,
        // Escapes.
        r#"{"\u0061":"x"}"#,
        r#"{"a":"\u0078"}"#,
        r#"{"a":"<"}"#,
        r#"{"d":["\/"]}"#,
        r#"{"c":{"\u0070":1}}"#,
        r#"{"c":{"<":1}}"#,
        r#"{"c":{"p<":1}}"#,
        r#"{"f":"2026-04-01T12:00:00\u005a"}"#,
        // What the writer leaves out, and numbers that it spells otherwise.
        r#"{"a":""}"#,
        r#"{"b":0}"#,
        r#"{"d":[]}"#,
        r#"{"g":null}"#,
        r#"{"h":[]}"#,
        r#"{"n":-0}"#,
        r#"{"m":{"p":-0}}"#,
    ] {
        assert_eq!(walk(&TABLE, json), (vec![], false), "{json}");
    }
}

#[test]
fn a_field_has_its_shape() {
    for (json, field) in [
        (r#"{"a":1}"#, "a"),
        (r#"{"a":null}"#, "a"),
        (r#"{"b":1.5}"#, "b"),
        (r#"{"b":"1"}"#, "b"),
        (r#"{"b":9223372036854775808}"#, "b"),
        (r#"{"c":{"p":"x"}}"#, "c"),
        (r#"{"c":{"p":1,"q":1e1}}"#, "c"),
        (r#"{"c":{"p":1.5,"q":1}}"#, "c"),
        (r#"{"c":{"p":1,"p":1}}"#, "c"),
        (r#"{"c":[1]}"#, "c"),
        (r#"{"d":["x",1]}"#, "d"),
        (r#"{"d":[1,"x"]}"#, "d"),
        (r#"{"d":"x"}"#, "d"),
        (r#"{"e":256}"#, "e"),
        (r#"{"e":-1}"#, "e"),
        (r#"{"f":""}"#, "f"),
        (r#"{"g":[]}"#, "g"),
        (r#"{"h":[{},1]}"#, "h"),
        (r#"{"h":[1,{}]}"#, "h"),
        (r#"{"n":null}"#, "n"),
        (r#"{"o":0}"#, "o"),
        (r#"{"p":-1}"#, "p"),
    ] {
        let wrong = Problem::WrongType { object: "table", field };
        assert_eq!(walk(&TABLE, json).0, [wrong], "{json}");
    }
    assert!(walk(&TABLE, r#"{"a":1}"#).1, "what is no text is not spelled otherwise");
}

#[test]
fn times_have_an_offset_of_a_day_at_most_and_none_of_zero() {
    for (time, right) in [
        ("2026-04-01T12:00:00Z", true),
        ("2026-04-01T12:00:00.25+02:00", true),
        ("2026-04-01T12:00:00+00:01", true),
        ("2026-04-01T12:00:00+00:00", false),
        ("2026-04-01T12:00:00-00:00", false),
        ("2026-04-01T12:00:00+24:00", false),
        ("2026-04-01T12:00:00+29:00", false),
        ("2026-04-01T12:00:00+30:00", false),
        ("2026-04-01T12:00:00+02:60", false),
        ("2026-04-01T12:00:00+02-00", false),
        ("2026-04-01T12:00:00*02:00", false),
        ("2026-04-01T12:00:00 02:00", false),
        ("2026-04-01T12:00:00.0+02:00", false),
        ("2026-04-01T25:00:00+02:00", false),
        ("+02:00", false),
        ("now", false),
    ] {
        let (problems, _) = walk(&TABLE, &format!(r#"{{"f":"{time}"}}"#));
        assert_eq!(problems.is_empty(), right, "{time}");
    }
}

#[test]
fn sixteen_problems_are_told_and_names_are_cut() {
    let unknown = |count: usize| {
        let members: Vec<String> = (0..count).map(|at| format!(r#""z{at}":1"#)).collect();
        walk(&TABLE, &format!("{{{}}}", members.join(",")))
    };
    for (count, told) in [(1, 1), (16, 16), (17, 16), (200, 16)] {
        let (problems, canonical) = unknown(count);
        assert_eq!((problems.len(), canonical), (told, false), "{count}");
    }
    let (problems, _) = walk(&TABLE, &format!(r#"{{"{}":1}}"#, "z".repeat(70)));
    assert_eq!(problems, [Problem::UnknownField { object: "table", field: "z".repeat(64) }]);
}

#[test]
fn each_field_that_must_be_there_is_missed() {
    static NEEDED: Table = Table {
        name: "needed",
        fields: &[
            field("a", Shape::Text, Presence::Always),
            field("b", Shape::Text, Presence::Always),
            field("c", Shape::Text, Presence::IfNotEmpty),
        ],
        required: 0b11,
    };
    let missing = |fields: &[&'static str]| -> Vec<Problem> {
        fields.iter().map(|field| Problem::MissingField { object: "needed", field }).collect()
    };
    for (json, fields) in [
        ("{}", &["a", "b"][..]),
        (r#"{"a":""}"#, &["b"]),
        (r#"{"b":"x"}"#, &["a"]),
        (r#"{"a":"","b":""}"#, &[]),
        ("[]", &["a", "b"]),
    ] {
        assert_eq!(walk(&NEEDED, json).0, missing(fields), "{json}");
    }
}
