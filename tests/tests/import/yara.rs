//! YARA rules, feature by feature.

use super::{Bench, account, told};

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
    ("$a = \"text-beside-bytes\" $b = { 8B D0 83 E2 1F }", "all of them", "not_shown"),
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
fn files_of_a_folder_are_one_rule_set() {
    let bench = Bench::new();
    let rule = |name: &str, text: &str| format!("rule {name} {{ strings: $a = \"{text}\" condition: $a }}\n");
    bench.put("rules/a.yar", rule("first", "first-of-two"));
    bench.put("rules/b.yara", rule("First", "second-of-two"));
    let all = bench.imported(&bench.path("rules"));
    assert_eq!(all["counts"]["taken"], 2, "{all:#}");
    assert_eq!(all["rules"][1]["became"][0], "yara.first-2");
}
