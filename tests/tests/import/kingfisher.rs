//! Kingfisher's YAML, feature by feature.

use super::{Bench, account, run, told};

const RULES: &str = r#"
rules:
  - name: Acme Token
    id: kingfisher.acme.1
    pattern: |
      (?xi)
      acme
      (?:.|[\n\r]){0,16}?     # a gap
      \b
      (
        [a-z0-9]{12}
      )
      \b
    min_entropy: 3.0
    confidence: high
    examples:
      - 'ACME_KEY = "k3m9x7q2w8z4"'
      - 'this one is no example at all'
    negative_examples:
      - 'acme aaaaaaaaaaaa'
    references: ['https://acme.example/tokens']
    validation:
      type: Http
      content: {request: {method: GET, url: 'https://acme.example/{{ TOKEN }}'}}
    depends_on_rule:
      - rule_id: kingfisher.acme.2
        variable: HOST
  - name: Acme Host
    id: kingfisher.acme.2
    pattern: '(?i)[a-z0-9]{4,20}\.acme-host\.example'
    visible: false
  - name: No text
    id: kingfisher.bare_hex.1
    pattern: '\b[a-f0-9]{32}\b'
    new_key: 1
"#;

#[test]
fn every_rule_is_accounted_for_and_keeps_its_examples() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("acme.yml", RULES));
    assert_eq!(account(&all, "kingfisher.acme.1"), told("taken", &[]));
    assert_eq!(account(&all, "kingfisher.acme.2"), told("changed", &["helper"]));
    assert_eq!(account(&all, "kingfisher.bare_hex.1"), told("left_out", &["no_text"]));
    assert_eq!(all["rules"][0]["texts"], "source");
    assert_eq!(all["rules"][1]["texts"], "generated");
    assert_eq!(all["settings"][0]["setting"], "rules.new_key", "a key that is not known is named");
    let pack = bench.text("pack.yaml");
    assert!(pack.contains("ACME_KEY = "), "{pack}");
    assert!(pack.contains("acme {+}aaaaaaaaaaaa") || pack.contains("acme aaaaaa{+}aaaaaa"), "{pack}");
    assert!(pack.contains("Texts: the source's own."), "{pack}");
    assert!(pack.contains("source: 'https://acme.example/tokens'"), "{pack}");
}

#[test]
fn rules_find_what_they_found() {
    let bench = Bench::new();
    bench.imported(&bench.put("acme.yml", RULES));
    let found = |text: &str| bench.found("ingress", "body", text).join(" ");
    assert_eq!(found("Acme\nkey: k3m9x7q2w8z4"), "kingfisher.acme.1");
    assert_eq!(found("Acme key: aaaaaaaaaaab"), "", "too little entropy");
    assert_eq!(found("GET https://north.acme-host.example/"), "kingfisher.acme.2");
}

#[test]
fn files_of_a_folder_are_one_rule_set() {
    let bench = Bench::new();
    bench.put("rules/a.yml", RULES);
    bench.put("rules/b.yml", RULES.replace("kingfisher.acme", "kingfisher.other").replace("acme", "other"));
    bench.put("rules/notes.txt", "no rules");
    let all = bench.imported(&bench.path("rules"));
    assert_eq!(all["counts"]["rules"], 6);
    assert_eq!(account(&all, "kingfisher.other.1"), told("taken", &[]));
}

#[test]
fn no_rule_taken_is_no_pack() {
    let bench = Bench::new();
    let source = bench.put("a.yml", "rules:\n- {name: n, id: kingfisher.x.1, pattern: '[a-f0-9]{32}'}\n");
    let pack = bench.path("pack.yaml");
    let told = run(&["rules", "import", &source, "-o", &pack]);
    assert_eq!(told.code, 2, "{}", told.stdout);
    assert!(told.stdout.contains("left out (no_text"), "{}", told.stdout);
    assert!(!std::path::Path::new(&pack).exists());
}
