//! Files that are no rule sets: each is named with its place and a hint, and nothing is written.

use super::{Bench, run};

#[test]
fn a_broken_file_is_named_with_its_place_and_a_hint() {
    let bench = Bench::new();
    for (name, text, told) in [
        ("a.toml", "[[rules]]\nid = \"x\"\nregex = \"a\n", "a.toml, line 3, column"),
        ("b.toml", "[[rules]]\nid = 3\n", "b.toml, line 2, column 6"),
        ("c.yml", "rules:\n- name: n\n  id: [\n", "c.yml, line"),
        ("d.yml", "rules:\n- name: n\n  id: k.x.1\n", "d.yml, line 3, column"),
        ("e.yaml", "dlp:\n  patterns:\n  - name: n\n", "e.yaml, line 3, column"),
        (
            "f.yaml",
            "format_version: 9\nname: n\nversion: '1'\ndescription: d\nrules: []\n",
            "f.yaml, line 1, column 17: format_version 9; versions 1 and 2",
        ),
        (
            "g.yaml",
            "format_version: 1\nname: n\nversion: '1'\ndescription: d\nextra: 1\nrules: []\n",
            "g.yaml, line 5",
        ),
        ("h.yaml", "something: else\n", "say which with --from"),
        ("i.yaml", "\u{0}\u{1}", "i.yaml, line 1"),
        ("j.yaml", "", "j.yaml"),
    ] {
        let source = bench.put(name, text);
        let pack = bench.path("pack.yaml");
        let outcome = run(&["rules", "import", &source, "-o", &pack, "--unsigned"]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(told), "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.lines().count() < 3, "{name}: {}", outcome.stderr);
        assert!(!std::path::Path::new(&pack).exists());
    }
    let source = bench.put("latin.toml", b"[[rules]]\nid = \"\xFF\"\n");
    let outcome = run(&["rules", "import", &source]);
    assert!(outcome.code == 2 && outcome.stderr.contains("latin.toml, line 2"), "{}", outcome.stderr);
    let missing = run(&["rules", "import", &bench.path("none.toml")]);
    assert!(missing.code == 2 && missing.stderr.contains("none.toml"), "{}", missing.stderr);
}

#[test]
fn a_rule_that_is_broken_is_left_out_and_the_others_stay() {
    let bench = Bench::new();
    let rule = |id: &str, regex: &str| format!("[[rules]]\nid = \"{id}\"\nregex = '''{regex}'''\n");
    let text = [
        rule("open", "zyzzyva("),
        rule("good", "zyzzyva-[0-9]{4}"),
        rule("huge", "zyzzyva(?:[a-z]{1000}){1000}"),
        rule("long", &"a".repeat(70_000)),
        rule("deep", &format!("zyzzyva{}a{}", "(".repeat(2000), ")".repeat(2000))),
    ];
    let source = bench.put("gitleaks.toml", text.concat());
    let all = bench.imported(&source);
    assert_eq!(super::account(&all, "good"), super::told("taken", &[]));
    for broken in ["open", "huge", "long", "deep"] {
        assert_eq!(super::account(&all, broken).0, "left_out", "{broken}");
    }
    assert_eq!(all["counts"]["taken"], 1);
}

#[test]
fn rule_sets_of_two_tools_are_not_one() {
    let bench = Bench::new();
    let first = bench.put("a.yml", "rules:\n- {name: n, id: k.x.1, pattern: 'zyzzyva'}\n");
    let second = bench.put("b.toml", "[[rules]]\nid = \"x\"\nregex = \"zyzzyva\"\n");
    let outcome = run(&["rules", "import", &second, &first]);
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stderr.contains("by itself"), "{}", outcome.stderr);
    let key = run(&["rules", "import", &second, "--key", "x"]);
    assert!(key.code == 2 && key.stderr.contains("--key is for bundles"), "{}", key.stderr);
}
