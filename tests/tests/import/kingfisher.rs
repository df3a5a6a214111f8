//! Kingfisher's YAML, feature by feature.

use super::{Bench, about, account, details, run, settings, told};

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

const CONDITIONS: &str = r"
betterleaks_prefilter: {kind: none}
rules:
  - name: Asked of its secret
    id: kingfisher.asked.1
    pattern: '(?i)asked_([a-z0-9]{8})'
    pattern_requirements: {min_digits: 2, ignore_if_contains: ['Test']}
    tls_mode: lax
  - name: Asked of its match
    id: kingfisher.asked.2
    pattern: 'twoparts_([a-z0-9]{4})-([a-z0-9]{4})'
    pattern_requirements: {min_digits: 3, ignore_if_contains: ['-zz']}
  - name: With a checksum
    id: kingfisher.asked.3
    pattern: 'summed_[a-z0-9]{8}'
    pattern_requirements:
      checksum: {actual: {template: '{{ MATCH }}'}, expected: 'x'}
      min_vowels: 2
  - name: In some files
    id: kingfisher.path.1
    pattern: 'pathtoken_[a-z0-9]{8}'
    path: '\.env$'
  - name: With members that are not read
    id: kingfisher.member.1
    pattern: 'members_[a-z0-9]{8}'
    bogus: 3
    revocation: {type: Http, content: {}}
  - name: Filtered by a program
    id: kingfisher.filter.1
    pattern: 'filtered_[a-z0-9]{8}'
    betterleaks_filter: {kind: literal}
  - name: Where its owner is spoken of
    id: kingfisher.keyword.1
    pattern: 'hexkey=([0-9a-f]{12})'
    keywords: [quokka]
  - name: A file
    id: kingfisher.path.2
    pattern: 'zyzzyva'
    betterleaks_path_only: true
  - name: The second group
    id: kingfisher.group.1
    pattern: 'grouped_([a-z]{4})_([a-z0-9]{8})'
    betterleaks_secret_group: 2
    min_entropy: 2.5
  - name: The group with a name
    id: kingfisher.group.2
    pattern: 'named_([a-z]{4})_(?P<TOKEN>[a-z0-9]{8})'
    min_entropy: 2.5
";

#[test]
fn conditions_of_a_rule_are_kept_or_told_at_the_rule() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("acme.yml", CONDITIONS));
    for kept in ["asked.1", "asked.2", "group.1", "group.2"] {
        assert_eq!(account(&all, &format!("kingfisher.{kept}")), told("taken", &[]), "{kept}");
    }
    let changes = |rule: &str| details(&all, &format!("kingfisher.{rule}"));
    assert_eq!(
        changes("asked.3"),
        about(&[
            ("member", "pattern_requirements.min_vowels"),
            ("requirement", "pattern_requirements.checksum")
        ])
    );
    assert_eq!(changes("path.1"), about(&[("path", r"\.env$")]));
    assert_eq!(changes("member.1"), about(&[("member", "bogus, revocation")]));
    assert_eq!(changes("filter.1"), about(&[("requirement", "betterleaks_filter")]));
    assert_eq!(changes("keyword.1"), about(&[("keyword", "")]));
    assert_eq!(account(&all, "kingfisher.path.2"), told("left_out", &["path_only"]));
    assert!(bench.text("pack.yaml").contains("Changed: member (bogus, revocation)."));
    let settings = settings(&all);
    for setting in ["betterleaks_prefilter", "rules.bogus", "rules.revocation"] {
        assert!(settings.contains_key(setting), "{setting} {settings:?}");
    }
    assert!(!settings.contains_key("rules.tls_mode"), "it serves a validation");
}

#[test]
fn conditions_that_are_kept_hold() {
    let bench = Bench::new();
    bench.imported(&bench.put("acme.yml", CONDITIONS));
    let found = |text: &str| bench.found("egress", "body", text).join(" ");
    assert_eq!(found("asked_ab12cdef"), "kingfisher.asked.1");
    assert_eq!(found("asked_abcdefg1"), "", "one digit");
    assert_eq!(found("asked_12teSt34"), "", "a word that is not to be there");
    assert_eq!(
        found("twoparts_ab12-cd3e"),
        "kingfisher.asked.2",
        "three digits in the match, two in the secret"
    );
    assert_eq!(found("twoparts_ab12-cdef"), "", "two digits");
    assert_eq!(found("twoparts_ab12-zz34"), "", "a word in the match, not in the secret");
    assert_eq!(found("hexkey=0a1b2c3d4e5f"), "", "no keyword");
    assert_eq!(found("the quokka: hexkey=0a1b2c3d4e5f"), "kingfisher.keyword.1");
    assert_eq!(found("grouped_aaaa_k3m9x7q2"), "kingfisher.group.1");
    assert_eq!(found("grouped_abcd_aaaaaaab"), "", "too little entropy in the second group");
    assert_eq!(found("named_aaaa_k3m9x7q2"), "kingfisher.group.2");
    assert_eq!(found("named_abcd_aaaaaaab"), "", "too little entropy in the group with a name");
}

#[test]
fn the_last_rule_of_an_id_stays() {
    let bench = Bench::new();
    let rule =
        |pattern: &str| format!("rules:\n- {{name: n, id: kingfisher.twice.1, pattern: '{pattern}'}}\n");
    bench.put("rules/a.yml", rule("firstone_[a-z0-9]{4}"));
    bench.put("rules/b.yml", rule("lastone_[a-z0-9]{4}"));
    let all = bench.imported(&bench.path("rules"));
    assert_eq!(all["rules"][0]["reason"], "duplicate");
    assert!(all["rules"][0]["detail"].as_str().unwrap().contains("b.yml:2 has the same id"), "{all}");
    assert_eq!(all["rules"][1]["became"][0], "kingfisher.twice.1");
    assert_eq!(bench.found("egress", "body", "firstone_ab12 lastone_ab12"), ["kingfisher.twice.1"]);
    assert_eq!(bench.found("egress", "body", "firstone_ab12"), [""; 0]);
}
