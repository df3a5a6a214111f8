//! Texts that a rule does not do right yet: told, never failing, and named when they come true.

use super::{Bench, pack};

const TEXTS: &str = "    match: ['acme-12345678', 'key acme-23456789']\n    no_match: ['acme-1234567']\n";

#[test]
fn a_wish_that_is_not_true_fails_nothing_and_keeps_no_pack_out() {
    let wishes = format!(
        "{TEXTS}    todo_match: ['acme-123456789 is new']\n    todo_no_match: ['not a token: acme-00000000']\n"
    );
    let bench = Bench::new(&pack(r"\bacme-[0-9]{8}\b", &wishes));
    let run = bench.run("test", &["--junit", "@results.xml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("3 texts: 3 as promised, 0 not"), "{}", run.stderr);
    assert!(run.stderr.contains("2 wishes") && run.stderr.contains("0 hold now"), "{}", run.stderr);
    let junit = std::fs::read_to_string(bench.at("results.xml")).unwrap();
    assert!(junit.contains("todo_match 1") && junit.contains("failures=\"0\""), "{junit}");
    assert_eq!(bench.run("lint", &["--strict"]).code, 0);
    let path = bench.at("acme.yaml");
    let event = b"{\"v\":1,\"kind\":\"text\",\"text\":{\"text\":\"hello\"}}\n";
    let judged =
        crate::command::coldcase_with(["judge", "--only-packs", "--pack", path.to_str().unwrap()], event);
    assert_eq!(judged.code, 0, "{}", judged.stderr);
}

#[test]
fn a_wish_that_came_true_is_named() {
    let wishes = format!("{TEXTS}    todo_match: ['a acme-87654321 b']\n    todo_no_match: ['acme-1']\n");
    let bench = Bench::new(&pack(r"\bacme-[0-9]{8}\b", &wishes));
    let run = bench.run("test", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("dlp.acme.token: todo_match 1 holds now: it can stand under `match`"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("todo_no_match 1 holds now: it can stand under `no_match`"),
        "{}",
        run.stdout
    );
    let told = bench.json("test", &[]);
    assert_eq!(told["todo"][0]["holds"], true, "{told}");
}

#[test]
fn promises_still_fail() {
    let bench = Bench::new(&pack(r"\bacme-[0-9]{7,8}\b", &format!("{TEXTS}    todo_match: ['x']\n")));
    let run = bench.run("test", &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("matches its own `no_match` text"), "{}", run.stdout);
}
