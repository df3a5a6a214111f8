//! Packs of one's own, as their authors meet them: `rules lint`, `rules test`, `rules show`.

use std::path::PathBuf;

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
        told[0].contains("acme.yaml:7:9: error: dlp.acme.token: there is no fragment `digit`"),
        "{told:#?}"
    );
    assert!(told[1].contains("acme.yaml:20:10: error: dlp.acme.token: its id stands already"), "{told:#?}");
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
