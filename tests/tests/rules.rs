//! Packs of one's own, as their authors meet them: `rules lint`, `rules test`, `rules show`.

use std::path::{Path, PathBuf};

use crate::command::coldcase;

/// A pack file in a folder of its own.
struct PackFile {
    _temp: tempfile::TempDir,
    path: PathBuf,
}

impl PackFile {
    fn new(text: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("acme.yaml");
        std::fs::write(&path, text).unwrap();
        Self { _temp: temp, path }
    }

    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

const SOUND: &str = r"pack: acme
version: 0.1.0
title: Acme's own tokens
fragments:
  digits: '[0-9]{8}'
rules:
  - id: dlp.acme.token
    title: Acme token
    gain: Reads Acme's mail.
    category: dlp
    severity: high
    confidence: 0.5
    added: 0.1.0
    source: https://acme.example/docs/tokens
    regex: '\bacme-(?&digits)\b'
    near: [{any: [deploy], within: 20, weight: 0.4}, {any: [example], within: 20, weight: -0.4}]
    least: 0.4
    references: {cwe: [CWE-798]}
    match: ['acme-12345678', 'an example to deploy: acme-12345678']
    no_match: ['acme-1234567', 'an example: acme-12345678']
";

#[test]
fn a_sound_pack_is_left_alone() {
    let pack = PackFile::new(SOUND);
    let lint = coldcase(["rules", "lint", "--strict", pack.path()]);
    assert_eq!((lint.code, lint.stdout.as_str()), (0, ""), "{}", lint.stderr);
    let test = coldcase(["rules", "test", pack.path()]);
    assert_eq!((test.code, test.stdout.as_str()), (0, ""), "{}", test.stderr);
    assert!(test.stderr.contains("1 rules, 4 texts: 4 as promised"), "{}", test.stderr);
}

#[test]
fn lint_names_every_mistake_with_its_place() {
    let broken = SOUND
        .replace("(?&digits)", "(?&digit)")
        .replace("    source: https://acme.example/docs/tokens\n", "");
    let second = "  - {id: dlp.acme.token, title: t, gain: g, category: dlp, severity: low, confidence: 0.5, added: '1', \
                  regex: zyzzyva, references: {cwe: [X]}, match: [zyzzyva], no_match: [x]}\n";
    let pack = PackFile::new(&(broken + second));
    let lint = coldcase(["rules", "lint", pack.path()]);
    assert_eq!(lint.code, 2, "{}", lint.stdout);
    let told: Vec<&str> = lint.stdout.lines().collect();
    assert!(
        told[0].contains("acme.yaml:14:12: error: dlp.acme.token: `regex`: there is no fragment `digit`"),
        "{told:#?}"
    );
    assert!(
        told[1].contains("acme.yaml:20:10: error: dlp.acme.token: its id stands already in"),
        "{told:#?}"
    );
    assert!(told[1].contains("acme.yaml, line 7; "), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("no regex uses the fragment `digits`")), "{told:#?}");
}

#[test]
fn a_broken_promise_fails_the_test_and_stands_in_the_junit_file() {
    let pack = PackFile::new(
        &SOUND.replace("'acme-1234567',", "'acme-<12345678',").replace("weight: -0.4", "weight: -0.1"),
    );
    let junit = pack.path.with_file_name("results.xml");
    let test = coldcase(["rules", "test", pack.path(), "--junit", junit.to_str().unwrap()]);
    assert_eq!(test.code, 1, "{}", test.stderr);
    assert!(
        test.stdout.contains("acme.yaml:7: dlp.acme.token: matches its own `no_match` text"),
        "{}",
        test.stdout
    );
    let written = std::fs::read_to_string(junit).unwrap();
    assert!(written.contains("tests=\"4\" failures=\"1\""), "{written}");
}

#[test]
fn show_gives_the_text_of_one_rule() {
    let pack = PackFile::new(SOUND);
    let own = coldcase(["rules", "show", "dlp.acme.token", "--pack", pack.path()]);
    assert_eq!(own.code, 0, "{}", own.stderr);
    assert!(own.stdout.starts_with("  - id: dlp.acme.token\n") && own.stdout.contains("acme.example/docs"));
    assert!(own.stderr.contains("acme.yaml, line 7"), "{}", own.stderr);
    let builtin = coldcase(["rules", "show", "dlp.github.oauth-token"]);
    assert!(builtin.stdout.contains("id: dlp.github.oauth-token"), "{}", builtin.stderr);
    assert_eq!(builtin.stdout.matches("- id:").count(), 1, "{}", builtin.stdout);
    let unknown = coldcase(["rules", "show", "no.such.rule"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("no.such.rule"), "{}", unknown.stderr);
}

/// The pack with one thing changed, where a refusal places it, and what it says.
const MISTAKES: [(&str, &str, &str, &str); 12] = [
    (r"'\bacme-(?&digits)\b'", r"'\bacme-('", "15:12", "`regex`: the pattern is not valid: "),
    (r"(?&digits)", "(?&digit)", "15:12", "`regex`: there is no fragment `digit`"),
    (
        r"'\bacme-(?&digits)\b'",
        "'acme-(?:[a-z0-9]{1,900}[.-]){1,900}'",
        "15:12",
        "`regex`: the pattern is too large: its automaton would take more than 10 MiB; shorten what it counts",
    ),
    ("confidence: 0.5", "confidence: 1.5", "12:17", "`confidence`: it lies between 0 and 1"),
    (
        "{any: [deploy],",
        "{regex: 'deploy(',",
        "16:20",
        "`near`, entry 1, `regex`: the pattern is not valid: ",
    ),
    (
        "within: 20, weight: -0.4",
        "within: 20, weight: -4",
        "16:91",
        "`near`, entry 2, `weight`: it lies between",
    ),
    (
        "least: 0.4",
        "least: 0.4\n    allow: ['x', '[']",
        "18:18",
        "`allow`, entry 2: the pattern is not valid: ",
    ),
    ("least: 0.4", "least: 0.4\n    secret: 3", "18:13", "`secret`: it names group 3"),
    ("least: 0.4", "least: 0.4\n    literals: [abcd, x]", "18:22", "`literals`, entry 2: "),
    ("{cwe: [CWE-798]}", "{}", "18:17", "`references`: it is empty"),
    (
        "no_match: ['acme-1234567', 'an example: acme-12345678']",
        "no_match: []",
        "20:15",
        "`no_match`: it is empty",
    ),
    ("least: 0.4", "least: 0.4\n    colour: red", "18:5", "unknown field `colour`"),
];

#[test]
fn a_mistake_is_placed_at_the_member_that_has_it() {
    for (text, instead, place, told) in MISTAKES {
        assert!(SOUND.contains(text), "{text}");
        let pack = PackFile::new(&SOUND.replace(text, instead));
        let advice = coldcase(["rules", "lint", pack.path()]);
        let line = advice.stdout.lines().find(|line| line.contains(": error: ")).unwrap_or_default();
        assert!(line.contains(&format!("acme.yaml:{place}: ")) && line.contains(told), "{instead}: {line}");
        assert_eq!(advice.code, 2);
        let (line, column) = place.split_once(':').unwrap();
        let place = format!("acme.yaml, line {line}, column {column}");
        for command in [&["judge", "--pack"][..], &["rules", "test"], &["rules", "mutate"]] {
            let run = coldcase(command.iter().copied().chain([pack.path()]));
            assert_eq!(run.code, 2, "{command:?} {instead}: {}", run.stderr);
            assert!(run.stderr.contains(&place) && run.stderr.contains(told), "{command:?}: {}", run.stderr);
            assert_eq!(run.stderr.matches(", column ").count(), 1, "one place: {}", run.stderr);
        }
    }
}

#[test]
fn a_text_that_does_not_hold_is_placed_in_its_list() {
    let pack = PackFile::new(&SOUND.replace("weight: -0.4", "weight: -0.1"));
    let run = coldcase(["judge", "--pack", pack.path()]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("line 20, column 32, rule dlp.acme.token: matches its own"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_id_that_is_taken_is_placed_in_both_packs() {
    let first = PackFile::new(SOUND);
    let second = PackFile::new(&format!("# a copy\n{SOUND}"));
    let events = first.path.with_file_name("events.jsonl");
    std::fs::write(&events, "{\"v\":1,\"kind\":\"text\",\"text\":{\"text\":\"fine\"}}\n").unwrap();
    let out = first.path.with_file_name("out");
    let (one, other, events) = (first.path(), second.path(), events.to_str().unwrap());
    let out = out.to_str().unwrap();
    let runs: [&[&str]; 5] = [
        &["judge", "--pack", one, "--pack", other],
        &["scan", events, "-o", out, "--pack", one, "--pack", other],
        &["replay", events, "-o", out, "--candidate", one, "--candidate", other],
        &["rules", "test", one, other],
        &["rules", "mutate", one, other],
    ];
    let told = format!(
        "pack {other}, line 8, column 9, rule dlp.acme.token: its id stands already in {one}, line 7; an id is never reused"
    );
    for args in runs {
        let run = coldcase(args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(&told), "{args:?}: {}", run.stderr);
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn an_id_of_a_built_in_rule_is_a_fault_unless_the_packs_are_used_alone() {
    let pack = PackFile::new(&SOUND.replace("id: dlp.acme.token", "id: dlp.github.oauth-token"));
    let told = "its id stands already in the built-in pack ";
    let lint = coldcase(["rules", "lint", pack.path()]);
    assert_eq!(lint.code, 2, "{}", lint.stdout);
    assert!(lint.stdout.contains("acme.yaml:7:9: error: dlp.github.oauth-token: its id"), "{}", lint.stdout);
    let used = coldcase(["judge", "--pack", pack.path()]);
    assert_eq!(used.code, 2, "{}", used.stderr);
    for said in [&lint.stdout, &used.stderr] {
        assert!(said.contains(told) && said.contains("leave the built-in packs out"), "{said}");
    }
    let alone = coldcase(["rules", "lint", "--only-packs", pack.path()]);
    assert_eq!((alone.code, alone.stdout.as_str()), (0, ""), "{}", alone.stderr);
}

#[test]
fn packs_that_would_be_refused_are_not_compared() {
    let sound = PackFile::new(SOUND);
    let events = sound.path.with_file_name("events.jsonl");
    std::fs::write(&events, "{\"v\":1,\"kind\":\"text\",\"text\":{\"text\":\"fine\"}}\n").unwrap();
    for (text, instead) in [
        (r"'\bacme-(?&digits)\b'", r"'\bacme-('"),
        ("weight: -0.4", "weight: -0.1"),
        ("no_match: ['acme-1234567', 'an example: acme-12345678']", "no_match: []"),
    ] {
        let broken = PackFile::new(&SOUND.replace(text, instead));
        let diffs =
            [[sound.path(), broken.path()], [broken.path(), sound.path()], [broken.path(), broken.path()]];
        for [before, after] in diffs {
            let diff = coldcase(["rules", "diff", before, after]);
            assert_eq!((diff.code, diff.stdout.as_str()), (2, ""), "{instead}: {}", diff.stderr);
            assert!(diff.stderr.contains(broken.path()), "{}", diff.stderr);
        }
        let out = broken.path.with_file_name("out");
        let replay = coldcase([
            "replay",
            events.to_str().unwrap(),
            "-o",
            out.to_str().unwrap(),
            "--against",
            sound.path(),
            "--candidate",
            broken.path(),
        ]);
        assert_eq!(replay.code, 2, "{instead}: {}", replay.stderr);
        let diff = coldcase(["rules", "diff", sound.path(), broken.path()]);
        assert_eq!(diff.stderr, replay.stderr, "{instead}");
    }
}
