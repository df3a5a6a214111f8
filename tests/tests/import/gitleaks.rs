//! gitleaks' TOML, feature by feature.

use super::{Bench, about, account, details, run, settings, told};

const CONFIG: &str = r#"
title = "made up"
[allowlist]
paths = ['''\.lock$''']
regexes = ['''^\$(?:\d+|{\d+})$''', '''(?i)placeholder''']
stopwords = ["dontcare"]

[[rules]]
id = "acme-token"
description = "Acme deploy token"
regex = '''\b(acmetok_[a-z0-9]{16})(?:[\x60'"\s;]|$)'''
entropy = 2.5
keywords = ["acmetok_"]

[[rules]]
id = "acme-hex"
description = "A hex key that is Acme's only where Acme is spoken of"
regex = '''(?:hexkey)[=:]([0-9a-f]{12})\b'''
keywords = ["acme"]

[[rules]]
id = "two-kinds"
description = "Two kinds of one token"
regex = '''(?i)northtok=([a-f0-9]{8})\b|southtok=([g-p]{8})\b'''
keywords = ["northtok", "southtok"]

[[rules]]
id = "in-terraform"
regex = '''tfsecret_([a-z]{10})'''
path = '''\.tf$'''
keywords = ["tfsecret_"]

[[rules]]
id = "keystore"
description = "a file"
path = '''\.p12$'''

[[rules]]
id = "digits-only"
description = "nothing to look for"
regex = '''\b\d{3}-\d{2}\b'''

[[rules]]
id = "looks-ahead"
description = "no RE2"
regex = '''abcdef(?=gh)'''

[[rules]]
id = "needs-another"
description = "two parts"
regex = '''twoparts_[a-z]{8}'''
[[rules.required]]
id = "acme-token"

[[rules]]
id = "with-lists"
description = "allow lists of every kind"
regex = '''listed_[a-z]{4}:([a-z0-9]{8})'''
[[rules.allowlists]]
regexes = ['''^aaaa''']
stopwords = ["sample"]
[[rules.allowlists]]
regexTarget = "match"
regexes = ['''listed_test''']
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''not a secret''']
[[rules.allowlists]]
condition = "AND"
regexes = ['''^bbbb''']
paths = ['''x''']
"#;

#[test]
fn every_rule_is_accounted_for() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put("gitleaks.toml", CONFIG));
    assert_eq!(account(&all, "acme-token"), told("taken", &[]));
    assert_eq!(account(&all, "acme-hex"), told("changed", &["keyword"]));
    assert_eq!(account(&all, "two-kinds"), told("changed", &["ascii_case", "split"]));
    assert_eq!(account(&all, "in-terraform"), told("changed", &["path"]));
    assert_eq!(account(&all, "keystore"), told("left_out", &["path_only"]));
    assert_eq!(account(&all, "digits-only"), told("left_out", &["no_text"]));
    assert_eq!(account(&all, "looks-ahead"), told("left_out", &["look_around"]));
    assert_eq!(account(&all, "needs-another"), told("left_out", &["combined"]));
    assert_eq!(account(&all, "with-lists"), told("changed", &["line_allow_list", "allowed_places"]));
    assert_eq!(all["counts"]["rules"], 9);
    let line = CONFIG.lines().position(|line| line.contains("acme-hex")).unwrap();
    assert_eq!(all["rules"][1]["line"].as_u64().unwrap(), line as u64, "where `[[rules]]` stands, from 1");
}

#[test]
fn rules_find_what_they_found() {
    let bench = Bench::new();
    bench.imported(&bench.put("gitleaks.toml", CONFIG));
    let found = |text: &str| bench.found("egress", "body", text).join(" ");
    let token = |value: &str| format!("key \"acmetok{}{value}\"", '_');
    assert_eq!(found(&token("k3m9x7q2w8z4v6n1")), "gitleaks.acme-token");
    assert_eq!(found(&token("aaaaaaaaaaaaaaab")), "", "too little entropy");
    assert_eq!(found(&token("dontcare12x9q7z3")), "", "a word that is allowed everywhere");
    assert_eq!(found("hexkey=0a1b2c3d4e5f"), "", "no keyword");
    assert_eq!(found("to ACME: hexkey=0a1b2c3d4e5f"), "gitleaks.acme-hex");
    assert_eq!(found("NorthTok=0a1b2c3d"), "gitleaks.two-kinds");
    assert_eq!(found("southtok=ghijklmn"), "gitleaks.two-kinds-2");
    assert_eq!(found("listed_real:k3m9x7q2"), "gitleaks.with-lists");
    assert_eq!(found("listed_real:aaaax7q2"), "", "allowed by its secret");
    assert_eq!(found("listed_real:sampleq2"), "", "a stop word");
    assert_eq!(found("listed_test:k3m9x7q2"), "", "allowed by the match");
    assert_eq!(found("listed_real:bbbbx7q2"), "gitleaks.with-lists", "allowed in some paths only");
}

#[test]
fn the_account_is_shown_and_nothing_is_written_unless_asked_for() {
    let bench = Bench::new();
    let source = bench.put("gitleaks.toml", CONFIG);
    let shown = run(&["rules", "import", &source]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("keystore: left out (path_only: "), "{}", shown.stdout);
    assert!(shown.stdout.contains("allowlist.paths"), "{}", shown.stdout);
    assert!(
        shown.stdout.trim_end().ends_with("9 rules of gitleaks: 1 taken, 4 taken with a change, 4 left out"),
        "{}",
        shown.stdout
    );
    assert_eq!(std::fs::read_dir(bench.temp.path()).unwrap().count(), 1);
}

#[test]
fn the_same_file_gives_the_same_pack_and_a_file_that_is_there_stays() {
    let bench = Bench::new();
    let source = bench.put("gitleaks.toml", CONFIG);
    bench.imported(&source);
    let first = bench.text("pack.yaml");
    let pack = bench.path("pack.yaml");
    let again = run(&["rules", "import", &source, "-o", &pack]);
    assert_eq!(again.code, 2, "{}", again.stdout);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(run(&["rules", "import", &source, "-o", &pack, "--force"]).code, 0);
    assert_eq!(bench.text("pack.yaml"), first);
    assert!(first.contains("Texts: made from the pattern and checked."), "{first}");
}

#[test]
fn keys_are_read_in_any_case_and_others_are_told_at_their_rule() {
    let bench = Bench::new();
    let all = bench.imported(&bench.put(
        "gitleaks.toml",
        r#"
minVersion = "8.25.0"
extends = 1
[allowList]
stopWords = ["everywhere"]
stopword = ["x"]
[[rules]]
ID = "any-case"
Regex = 'anycase_([a-z0-9]{8})'
secretgroup = 1
[rules.allowList]
RegexTarget = "match"
regexes = ['anycase_allowed']
[[rules.allowLists]]
StopWords = ["sample"]
[[rules]]
id = "with-others"
regex = 'others_[a-z0-9]{8}'
entropyy = 3.5
Keyword = ["x"]
[[rules.allowlists]]
regex = ['aaaa']
stopwords = ["sample"]
[[rules.allowlists]]
condition = "NAND"
regexes = ['bbbb']
stopwords = ["cccc"]
"#,
    ));
    assert_eq!(account(&all, "any-case"), told("taken", &[]));
    assert_eq!(
        details(&all, "with-others"),
        about(&[
            ("member", "Keyword, entropyy"),
            ("member", "allowlists.regex"),
            ("joined_allow_list", "condition \"NAND\"")
        ])
    );
    let settings = settings(&all);
    for setting in ["extends", "allowlist.stopword", "rules.entropyy", "rules.Keyword"] {
        assert!(settings.contains_key(setting), "{setting} {settings:?}");
    }
    assert!(!settings.contains_key("minVersion"), "{settings:?}");
    let found = |text: &str| bench.found("egress", "body", text).join(" ");
    assert_eq!(found("anycase_k3m9x7q2"), "gitleaks.any-case");
    assert_eq!(found("anycase_allowed1"), "", "allowed by the match");
    assert_eq!(found("anycase_samplek3"), "", "a stop word");
    assert_eq!(found("others_bbbbk3m9"), "gitleaks.with-others", "a list that is not read allows nothing");
}

#[test]
fn the_last_rule_of_an_id_stays() {
    let bench = Bench::new();
    let rule = |regex: &str| format!("[[rules]]\nid = \"twice\"\nregex = '{regex}'\n");
    let text =
        [rule("firstone_[a-z0-9]{4}"), rule("middle_[a-z0-9]{4}"), rule("lastone_[a-z0-9]{4}")].concat();
    let all = bench.imported(&bench.put("gitleaks.toml", text));
    let of = |number: usize| &all["rules"][number];
    for replaced in [0, 1] {
        assert_eq!(of(replaced)["reason"], "duplicate");
        assert!(
            of(replaced)["detail"].as_str().unwrap().contains("gitleaks.toml:7 has the same id"),
            "{all}"
        );
    }
    assert_eq!((&of(2)["outcome"], &of(2)["became"][0]), (&"taken".into(), &"gitleaks.twice".into()));
    assert_eq!(bench.found("egress", "body", "firstone_ab12 middle_ab12"), [""; 0]);
    assert_eq!(bench.found("egress", "body", "lastone_ab12"), ["gitleaks.twice"]);
}
