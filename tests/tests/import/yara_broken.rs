//! YARA files that are no rules, and such as are made to do harm: each ends with a word.

use super::{Bench, run};

#[test]
fn broken_syntax_is_named_with_its_place_and_a_hint() {
    let bench = Bench::new();
    for (name, text, place) in [
        ("a.yar", "rule a {\n  condition: $a and\n}\n", "a.yar, line 3, column 1: "),
        ("b.yar", "rule a {\n  strings: $a = \"x\\q\"\n  condition: $a\n}\n", "b.yar, line 2, column "),
        ("c.yar", "rule a { strings: $a = { 4 } condition: $a }", "c.yar, line 1, column "),
        ("d.yar", "rule a { strings: $a = \"open\n condition: $a }", "d.yar, line 1, column "),
        ("e.yar", "rule a { condition: true } rule", "e.yar, line 1, column "),
        ("f.yar", "import \"pe\"\n", "f.yar: no rule in it; a YARA file has `rule NAME"),
    ] {
        let source = bench.put(name, text);
        let pack = bench.path("pack.yaml");
        let outcome = run(&["rules", "import", &source, "-o", &pack]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(place), "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("rule NAME"), "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.lines().count() < 3, "{name}: {}", outcome.stderr);
        assert!(!std::path::Path::new(&pack).exists());
    }
    let source = bench.put("any.txt", "rule: x\n");
    let outcome = run(&["rules", "import", &source, "--from", "yara"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("any.txt, line 1"), "{}", outcome.stderr);
}

#[test]
fn hostile_files_end_with_a_word() {
    let bench = Bench::new();
    let deep = |open: &str, inside: &str, close: &str, times: usize| {
        format!(
            "rule a {{ strings: $a = \"deep-text\" condition: {}{inside}{} }}",
            open.repeat(times),
            close.repeat(times)
        )
    };
    let mut strings = String::new();
    for number in 0..20_000 {
        strings.push_str(&format!("$s{number} = \"string number {number}\"\n"));
    }
    let many_sets = vec!["any of them"; 100_000].join(" or ");
    let some_strings: String =
        (0..900).map(|number| format!("$s{number} = \"string number {number}\"\n")).collect();
    for (name, text) in [
        ("brackets", deep("(", "$a", ")", 100_000)),
        ("brackets-within-the-cap", deep("(", "$a", ")", 90)),
        ("nots", deep("not ", "$a", "", 100_000)),
        ("minus", deep("-", "1", " > 0", 50_000)),
        ("sum", deep("", "$a", " and 1 + 1 - 1 > 0", 50_000)),
        ("chain", deep("", "$a", " or $a", 500_000)),
        (
            "hex",
            format!(
                "rule a {{ strings: $a = {{ {}41{} }} condition: $a }}",
                "(".repeat(9_000),
                ")".repeat(9_000)
            ),
        ),
        (
            "jumps",
            format!(
                "rule a {{ strings: $a = {{ 41 {} 42 }} condition: $a }}",
                "[0-4000000000] ".repeat(2_000)
            ),
        ),
        (
            "regex",
            format!(
                "rule a {{ strings: $a = /{}a{}/ condition: $a }}",
                "(".repeat(60_000),
                ")".repeat(60_000)
            ),
        ),
        ("bounds", "rule a { strings: $a = /bounds(([a-z]{1000}){1000}){1000}/ condition: $a }".to_owned()),
        ("strings", format!("rule a {{ strings: {strings} condition: any of them }}")),
        ("sets", format!("rule a {{ strings: {some_strings} condition: {many_sets} }}")),
        ("open", format!("rule a {{ strings: $a = \"{}", "\\".repeat(1 << 20))),
        ("rules", "rule a { condition: true }\n".repeat(20_001)),
        ("tokens", format!("rule a {{ strings: $a = {{ {} }} condition: $a }}", "41 ".repeat(2_000_100))),
        ("zeros", format!("rule a {{{}", "\0".repeat(1 << 20))),
    ] {
        let source = bench.put(&format!("{name}.yar"), &text);
        let outcome = run(&["rules", "import", &source]);
        let is_told = outcome.stderr.contains(name) || outcome.stdout.contains("of yara: ");
        assert!(matches!(outcome.code, 0 | 2) && is_told, "{name}: {}: {}", outcome.code, outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{name}: {}", outcome.stderr);
    }
}
