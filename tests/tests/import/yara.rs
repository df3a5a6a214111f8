//! YARA rules, feature by feature.

use super::{Bench, account, run, told};

/// Rules that have a counterpart, one for each way of writing strings and conditions.
const RULES: &str = r#"
import "pe"
include "others.yar"

rule Zyzzyva_Marker : injection other_tag {
    meta:
        description = "A made-up marker\nof two lines"
        severity = "critical"
        confidence = "high"
        reference = "https://zyzzyva.example/marker and more"
        author = "nobody"
    strings:
        $a = "zyzzyva-marker" nocase
        $b = "quux(marker)?" private
    condition:
        any of them
}

rule together {
    strings:
        $a = "alphaword"
        $b = /betaword[0-9]{2,}/
        $c = "gammaword"
    condition:
        $a and ($b or #c > 0)
}

rule two_of_three {
    meta:
        severity = "banana"
    strings:
        $x1 = "firstsign"
        $x2 = "secondsign"
        $x3 = "thirdsign"
    condition:
        2 of ($x*) and filesize < 10MB
}

rule words {
    strings:
        $a = "wholeword" fullword
        $b = "otherword" fullword nocase
    condition:
        $a or $b
}

rule hex {
    strings:
        $a = { 68 65 78 73 (74 61 | 61 74) [2-4] 7? ?? ~30 21 }
    condition:
        all of them
}

rule regexps {
    strings:
        $a = /regexsign[^\n]{,8}END.?x/is
    condition:
        $a
}

rule coded {
    strings:
        $a = "widesignal" wide
        $b = "sixtyfour signal" base64
        $c = "behindxor" xor
    condition:
        1 of them
}

rule two_ways {
    strings:
        $a = "leftpart"
        $b = "rightpart"
        $c = "enough-alone"
    condition:
        ($a and $b) or $c or pe.is_dll()
}
"#;

#[test]
fn rules_are_taken_and_told() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("made-up.yar", RULES));
    assert_eq!(all["format"], "yara");
    assert_eq!(account(&all, "Zyzzyva_Marker"), told("taken", &[]));
    assert_eq!(account(&all, "together"), told("changed", &["distance"]));
    assert_eq!(account(&all, "two_of_three"), told("changed", &["distance", "file_size"]));
    assert_eq!(account(&all, "words"), told("taken", &[]));
    assert_eq!(account(&all, "hex"), told("taken", &[]));
    assert_eq!(account(&all, "regexps"), told("taken", &[]));
    assert_eq!(account(&all, "coded"), told("changed", &["wide", "base64", "xor"]));
    assert_eq!(account(&all, "two_ways"), told("changed", &["distance", "branch", "ways"]));
    assert_eq!(all["rules"][7]["became"], serde_json::json!(["yara.two-ways", "yara.two-ways-2"]));
    assert_eq!(all["rules"][0]["line"], 5, "{all:#}");
    let settings: Vec<&str> =
        all["settings"].as_array().unwrap().iter().map(|one| one["setting"].as_str().unwrap()).collect();
    assert_eq!(settings, ["import \"pe\"", "include \"others.yar\"", "meta.author", "meta.severity"]);
    let pack = bench.text("pack.yaml");
    for part in [
        "title: 'A made-up marker'",
        "severity: critical",
        "confidence: 0.8",
        "source: 'https://zyzzyva.example/marker'",
    ] {
        assert!(pack.contains(part), "{part}: {pack}");
    }
}

#[test]
fn rules_find_what_yara_finds() {
    let bench = Bench::new();
    bench.imported(&bench.put("made-up.yar", RULES));
    for (text, rules) in [
        ("a ZYZZYVA-marker", "yara.zyzzyva-marker"),
        ("a quux(marker)? here", "yara.zyzzyva-marker"),
        ("a QUUX(marker)? here", ""),
        ("alphaword alone", ""),
        ("gammaword, then alphaword", "yara.together"),
        ("alphaword and betaword07", "yara.together"),
        ("betaword07 and gammaword", ""),
        ("firstsign and firstsign", ""),
        ("thirdsign and firstsign", "yara.two-of-three"),
        ("firstsign secondsign thirdsign", "yara.two-of-three"),
        ("a _wholeword_", "yara.words"),
        ("wholewords", ""),
        ("9wholeword", ""),
        ("OtherWord", "yara.words"),
        ("WholeWord", ""),
        ("hexsta12p-a!", "yara.hex"),
        ("hexsat1234q-a!", "yara.hex"),
        ("hexsta1p-a!", ""),
        ("hexsta12P-a!", ""),
        ("hexsta12p-0!", ""),
        ("REGEXSIGN 123 end\nX", "yara.regexps"),
        ("regexsign 12345678 endx", ""),
        ("w\0i\0d\0e\0s\0i\0g\0n\0a\0l\0", "yara.coded"),
        ("c2l4dHlmb3VyIHNpZ25hbA==", "yara.coded"),
        ("behindxor", "yara.coded"),
        ("leftpart and rightpart", "yara.two-ways"),
        ("leftpart", ""),
        ("enough-alone", "yara.two-ways-2"),
    ] {
        assert_eq!(bench.found("ingress", "body", text).join(" "), rules, "{text:?}");
    }
}

/// What cannot be said, and the reason that is told.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("$a = \"placed-text\"", "$a at 0", "no_counterpart"),
    ("$a = \"placed-text\"", "$a in (0..10)", "no_counterpart"),
    ("$a = \"placed-text\"", "any of them at 0", "no_counterpart"),
    ("$a = \"counted-text\"", "#a > 1", "no_counterpart"),
    ("$a = \"counted-text\"", "#a in (0..9) > 0", "no_counterpart"),
    ("$a = \"counted-text\"", "@a[1] < 10", "no_counterpart"),
    ("$a = \"counted-text\"", "!a > 3", "no_counterpart"),
    ("$a = \"absent-text\"", "not $a", "no_counterpart"),
    ("$a = \"absent-text\"", "none of them", "no_counterpart"),
    ("$a = \"absent-text\"", "$a and not filesize > 3", "no_counterpart"),
    ("$a = \"looped-text\"", "for any of them : ( # > 2 )", "no_counterpart"),
    ("$a = \"looped-text\"", "for any i in (1..3) : ( $a )", "no_counterpart"),
    ("$a = \"moduled-text\"", "$a and pe.is_dll()", "no_counterpart"),
    ("$a = \"moduled-text\"", "$a and pe.number_of_sections > 3", "no_counterpart"),
    ("$a = \"read-text\"", "uint16(0) == 0x5A4D and $a", "no_counterpart"),
    ("$a = \"varied-text\"", "$a and outside_variable", "no_counterpart"),
    ("$a = \"needing-text\"", "$a and good", "combined"),
    ("$a = \"sized-text\"", "filesize > 10KB", "no_counterpart"),
    ("$a = \"entered-text\"", "$a and entrypoint > 0", "no_counterpart"),
    ("$a = \"defined-text\"", "defined $a", "no_counterpart"),
    ("$a = \"never-text\"", "$a and false", "no_counterpart"),
    ("$a = \"never-text\"", "$b", "syntax"),
    (
        "$a = \"short-one\" $b = \"two-short\" $c = \"c-string\" $d = \"d-string\"",
        "2 of ($a,$b,$c) and 2 of ($b,$c,$d)",
        "no_counterpart",
    ),
    ("$a = \"abc\"", "$a", "no_text"),
    ("$a = \"keyed-text\" xor(1-255)", "$a", "no_counterpart"),
    (
        "$a = \"alphabet\" base64(\"!@#$%^&*(){}[].,|ABCDEFGHIJ:LMNOPQRSTUVWXYZabcdefghijklmnopqrstu\")",
        "$a",
        "no_counterpart",
    ),
    ("$a = /lookat(?=head)/", "$a", "look_around"),
    ("$a = /anchored\\Atext/", "$a", "dialect"),
    ("$a = /unclosed(text/", "$a", "syntax"),
    ("$a = { 4D 5A 90 00 FF FE }", "$a", "not_shown"),
    ("", "true", "no_counterpart"),
    ("$a = \"other-text\" $b = \"needed\" xor(1-2)", "all of them", "no_counterpart"),
];

#[test]
fn what_cannot_be_said_is_left_out_with_the_reason() {
    let bench = Bench::new();
    let mut text = String::from("import \"pe\"\nrule good { strings: $a = \"well-formed\" condition: $a }\n");
    for (number, (strings, condition, _)) in LEFT_OUT.iter().enumerate() {
        let strings = if strings.is_empty() { String::new() } else { format!("strings: {strings}") };
        text.push_str(&format!("rule r{number} {{ {strings} condition: {condition} }}\n"));
    }
    text.push_str("private rule helper { strings: $a = \"private-text\" condition: $a }\n");
    text.push_str("rule good { strings: $a = \"another-text\" condition: $a }\n");
    let all = bench.imported(&bench.put("all.yara", &text));
    for (number, (strings, condition, reason)) in LEFT_OUT.iter().enumerate() {
        assert_eq!(
            account(&all, &format!("r{number}")),
            told("left_out", &[reason]),
            "{strings}: {condition}: {:#}",
            all["rules"][number + 1]
        );
    }
    assert_eq!(account(&all, "helper"), told("left_out", &["not_reported"]));
    assert_eq!(account(&all, "good"), told("taken", &[]));
    let rules = all["rules"].as_array().unwrap();
    assert_eq!(rules.last().unwrap()["reason"], "duplicate");
    assert_eq!(all["counts"]["taken"], 1);
}

#[test]
fn a_part_that_cannot_be_said_is_told_where_the_rest_can() {
    let bench = Bench::new();
    let text = r#"
global rule small { condition: filesize < 1MB }
rule some {
    strings:
        $a = "kept-in-place"
        $b = "hidden-by-key" xor(1-9)
        $c = "ab"
    condition:
        any of them or for any i in (1..2) : ( @a[i] > 3 )
}
rule percent {
    strings: $a = "tenth-one" $b = "tenth-two" $c = "tenth-three"
    condition: 50% of them
}
"#;
    let all = bench.imported(&bench.put("parts.yar", text));
    assert_eq!(account(&all, "small"), told("left_out", &["no_counterpart"]));
    let (outcome, changes) = account(&all, "some");
    assert_eq!((outcome.as_str(), changes[0].as_str()), ("changed", "branch"));
    let details: Vec<&str> = all["rules"][1]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["detail"].as_str())
        .collect();
    for part in ["$b: XOR", "a loop", "no_text: $c"] {
        assert!(details.iter().any(|detail| detail.contains(part)), "{part}: {details:?}");
    }
    assert!(changes.iter().any(|change| change == "global"), "{changes:?}");
    assert_eq!(bench.found("ingress", "body", "tenth-one tenth-three").join(" "), "yara.percent");
    assert_eq!(bench.found("ingress", "body", "tenth-one tenth-one").join(" "), "");
}

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
fn files_of_a_folder_are_one_rule_set() {
    let bench = Bench::new();
    let rule = |name: &str, text: &str| format!("rule {name} {{ strings: $a = \"{text}\" condition: $a }}\n");
    bench.put("rules/a.yar", rule("first", "first-of-two"));
    bench.put("rules/b.yara", rule("First", "second-of-two"));
    let all = bench.imported(&bench.path("rules"));
    assert_eq!(all["counts"]["taken"], 2, "{all:#}");
    assert_eq!(all["rules"][1]["became"][0], "yara.first-2");
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
        ("zeros", format!("rule a {{{}", "\0".repeat(1 << 20))),
    ] {
        let source = bench.put(&format!("{name}.yar"), &text);
        let started = std::time::Instant::now();
        let outcome = run(&["rules", "import", &source]);
        eprintln!("{name}: {:?} {:?}", started.elapsed(), outcome.code);
        let is_told = outcome.stderr.contains(name) || outcome.stdout.contains("of yara: ");
        assert!(matches!(outcome.code, 0 | 2) && is_told, "{name}: {}: {}", outcome.code, outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{name}: {}", outcome.stderr);
    }
}
