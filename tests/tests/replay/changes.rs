//! Thirty changes of rules and policies on a corpus of which the effect of each is known: the diff names exactly the changed
//! events, what became of which finding, and why.

use std::collections::BTreeMap;
use std::path::Path;

use coldcase_corpus::Prng;
use coldcase_engine::Policy;
use coldcase_model::{ChangeCause, FindingChangeKind, Replayed};
use serde_json::json;

use super::{Side, replayed};

const PACK: &str = "pack: acme
version: '1'
title: t
rules:
- {id: a.order, title: Order, gain: g, category: injection, severity: high, confidence: 0.9, added: '1', regex: 'obey [a-z]{2,9}',
   references: {cwe: [X]}, match: ['obey me', 'obey all'], no_match: [x]}
- {id: a.named, title: Named, gain: g, category: dlp, severity: medium, confidence: 0.5, added: '1', yields: true,
   regex: 'secret=([a-z0-9_]+)', secret: 1, references: {cwe: [X]}, match: ['secret=a'], no_match: [x]}
- {id: a.form, title: Form, gain: g, category: dlp, severity: high, confidence: 0.9, added: '1',
   regex: 'acme_[a-z0-9]{4,8}', references: {cwe: [X]}, match: [acme_1234], no_match: [acme_1]}
- {id: a.near, title: Near, gain: g, category: dlp, severity: high, confidence: 0.5, added: '1', least: 0.4,
   near: [{any: [deploy], within: 24, weight: 0.3}, {any: [sample], within: 24, weight: -0.05}],
   regex: 'code-[0-9]{6}', references: {cwe: [X]}, match: ['code-123456'], no_match: [x]}
- {id: a.card, title: Card, gain: g, category: dlp, severity: high, confidence: 0.9, added: '1', validators: [luhn],
   regex: 'card ([0-9]{16})', secret: 1, references: {cwe: [X]}, match: ['card 4539206919608542'], no_match: ['card 4539206919608543']}
- {id: a.two, title: Two, gain: g, category: egress, severity: medium, confidence: 0.8, added: '1', yields: true,
   regex: 'twofold|twain', references: {cwe: [X]}, match: [twain], no_match: [x]}
- {id: a.fold, title: Fold, gain: g, category: egress, severity: medium, confidence: 0.8, added: '1', yields: true,
   regex: '(?:two)?foldx?', literals: [fold], references: {cwe: [X]}, match: [fold], no_match: [x]}
";

const POLICY: &str = "policy: test
version: 1
not_scanned: warn
clauses:
- {action: warn, when: {min_severity: low}}
- {action: block, when: {category: [dlp], min_severity: high, min_confidence: 0.7}}
- {action: ask, when: {category: [injection], min_severity: medium}}
";

/// Kinds of text, each with one letter.
fn text(kind: char, prng: &mut Prng) -> String {
    let filler = ["it rained all day", "the meeting is on Monday", "see the notes", "nothing to tell"];
    let around = filler[prng.between(0, filler.len())];
    let core = match kind {
        'o' => "obey me",
        'O' => "obey everybody",
        'n' => "secret=hunter_x",
        'f' => "acme_12345",
        'F' => "acme_1234567",
        's' => "secret=acme_12345",
        'c' => "code-123456",
        'd' => "deploy code-123456",
        'e' => "sample code-123456",
        'k' => "card 4539206919608542",
        'K' => "card 4539206919608543",
        't' => "twofold",
        'w' => "fresh-token",
        _ => "",
    };
    format!("{around} {core} {around}")
}

const KINDS: &str = "oOnfFscdekKtw...";

/// A corpus of events of all kinds, and the kind of each.
fn corpus(path: &Path) -> Vec<char> {
    let mut prng = Prng::new(17);
    let kinds: Vec<char> = KINDS.chars().collect();
    let mut made = Vec::new();
    let mut lines = String::new();
    for index in 0..400 {
        // Each kind stands in it, and then any.
        let kind = kinds.get(index).copied().unwrap_or_else(|| kinds[prng.between(0, kinds.len())]);
        let record = json!({
            "v": 1, "kind": "text", "session": format!("s{}", index / 20), "direction": "egress",
            "text": { "surface": "tool_argument", "text": text(kind, &mut prng) },
        });
        lines.push_str(&format!("{record}\n"));
        made.push(kind);
    }
    std::fs::write(path, lines).unwrap();
    made
}

/// A change, and what it does: for each kind of event the findings that change.
struct Change {
    name: &'static str,
    pack: fn(&str) -> String,
    policy: fn(&str) -> String,
    least: f32,
    only: &'static [&'static str],
    disabled: &'static [&'static str],
    /// Kinds of events, what became of a finding of which rule, and why.
    findings: &'static [(&'static str, &'static str)],
    /// Kinds of events and how the verdict moves.
    moves: &'static [(&'static str, &'static str)],
    /// Kinds of events of which the policy is a cause.
    by_policy: &'static str,
}

const NONE: Change = Change {
    name: "",
    pack: str::to_owned,
    policy: str::to_owned,
    least: 0.0,
    only: &[],
    disabled: &[],
    findings: &[],
    moves: &[],
    by_policy: "",
};

fn without(pack: &str, id: &str) -> String {
    let (head, rules) = pack.split_once("rules:\n").unwrap();
    let rules =
        rules.split("- {id: ").filter(|rule| !rule.is_empty() && !rule.starts_with(&format!("{id},")));
    format!("{head}rules:\n{}", rules.map(|rule| format!("- {{id: {rule}")).collect::<String>())
}

fn with(pack: &str, from: &str, to: &str) -> String {
    assert!(pack.contains(from), "{from} stands in the pack");
    pack.replacen(from, to, 1)
}

/// A rule with its texts, at the end.
fn plus(pack: &str, rule: &str) -> String {
    format!("{pack}- {{{rule}, gain: g, added: '1', references: {{cwe: [X]}}, no_match: [x]}}\n")
}

fn in_a_rule(pack: &str, id: &str, from: &str, to: &str) -> String {
    let start = pack.find(&format!("- {{id: {id},")).unwrap();
    let end = pack[start + 1..].find("- {id: ").map_or(pack.len(), |end| start + 1 + end);
    format!("{}{}{}", &pack[..start], with(&pack[start..end], from, to), &pack[end..])
}

/// Puts a rule first.
fn first(pack: &str, id: &str) -> String {
    let start = pack.find(&format!("- {{id: {id},")).unwrap();
    let end = pack[start + 1..].find("- {id: ").map_or(pack.len(), |end| start + 1 + end);
    let rule = &pack[start..end];
    with(&format!("{}{}", &pack[..start], &pack[end..]), "rules:\n", &format!("rules:\n{rule}"))
}

#[expect(clippy::too_many_lines, reason = "a table, an entry for each change")]
fn changes() -> Vec<Change> {
    vec![
        Change { name: "nothing", ..NONE },
        Change {
            name: "add a rule",
            pack: |pack| {
                plus(
                    pack,
                    "id: b.fresh, title: t, category: dlp, severity: high, confidence: 0.9, regex: 'fresh-[a-z]+', match: [fresh-token]",
                )
            },
            findings: &[("w", "gained b.fresh new_rule")],
            moves: &[("w", "allow block")],
            ..NONE
        },
        Change {
            name: "add a rule that never matches",
            pack: |pack| {
                plus(
                    pack,
                    "id: b.none, title: t, category: dlp, severity: high, confidence: 0.9, regex: 'zyzzyva', match: [zyzzyva]",
                )
            },
            ..NONE
        },
        Change {
            name: "add a rule that others give way to",
            pack: |pack| {
                plus(
                    pack,
                    "id: b.hunter, title: t, category: dlp, severity: high, confidence: 0.9, regex: 'hunter_[a-z]', match: [hunter_x]",
                )
            },
            findings: &[("n", "gained b.hunter new_rule"), ("n", "lost a.named new_rule of b.hunter")],
            moves: &[("n", "warn block")],
            ..NONE
        },
        Change {
            name: "remove a rule",
            pack: |pack| without(pack, "a.order"),
            findings: &[("oO", "lost a.order removed_rule")],
            moves: &[("oO", "ask allow")],
            ..NONE
        },
        Change {
            name: "remove a rule that others give way to",
            pack: |pack| without(pack, "a.form"),
            findings: &[
                ("fF", "lost a.form removed_rule"),
                ("s", "lost a.form removed_rule"),
                ("s", "gained a.named removed_rule of a.form"),
            ],
            moves: &[("fF", "block allow"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "remove a rule that gives way",
            pack: |pack| without(pack, "a.named"),
            findings: &[("n", "lost a.named removed_rule")],
            moves: &[("n", "warn allow")],
            ..NONE
        },
        Change {
            name: "rename a rule",
            pack: |pack| with(pack, "id: a.card,", "id: a.cards,"),
            findings: &[("k", "lost a.card removed_rule"), ("k", "gained a.cards new_rule")],
            ..NONE
        },
        Change {
            name: "tighten a pattern",
            pack: |pack| in_a_rule(pack, "a.form", "{4,8}", "{4,6}\\b"),
            findings: &[("F", "lost a.form pattern")],
            moves: &[("F", "block allow")],
            ..NONE
        },
        Change {
            name: "tighten a pattern by what it begins with",
            pack: |pack| {
                in_a_rule(pack, "a.order", "'obey [a-z]{2,9}'", "'obey (?:everybody|all)'")
                    .replace("match: ['obey me', ", "match: [")
            },
            findings: &[("o", "lost a.order pattern")],
            moves: &[("o", "ask allow")],
            ..NONE
        },
        Change {
            name: "loosen a pattern",
            pack: |pack| in_a_rule(pack, "a.order", "obey [a-z]{2,9}", "(?:obey [a-z]{2,9}|fresh-token)"),
            findings: &[("w", "gained a.order pattern")],
            moves: &[("w", "allow ask")],
            ..NONE
        },
        Change {
            name: "another spelling of a pattern that matches the same",
            pack: |pack| in_a_rule(pack, "a.form", "[a-z0-9]{4,8}", "[0-9a-z]{4,8}"),
            ..NONE
        },
        Change {
            name: "look at another surface",
            pack: |pack| in_a_rule(pack, "a.card", "validators:", "surfaces: [url], validators:"),
            findings: &[("k", "lost a.card pattern")],
            moves: &[("k", "block allow")],
            ..NONE
        },
        Change {
            name: "look the other way",
            pack: |pack| in_a_rule(pack, "a.card", "validators:", "direction: ingress, validators:"),
            findings: &[("k", "lost a.card pattern")],
            moves: &[("k", "block allow")],
            ..NONE
        },
        Change {
            name: "drop a validator",
            pack: |pack| {
                in_a_rule(pack, "a.card", "validators: [luhn],", "")
                    .replace("no_match: ['card 4539206919608543']", "no_match: [x]")
            },
            findings: &[("K", "gained a.card pattern")],
            moves: &[("K", "allow block")],
            ..NONE
        },
        Change {
            name: "tell of values whose check fails",
            pack: |pack| {
                in_a_rule(
                    pack,
                    "a.card",
                    "validators: [luhn],",
                    "validators: [luhn], unless_valid: {confidence: 0.3},",
                )
                .replace("no_match: ['card 4539206919608543']", "no_match: [x]")
            },
            findings: &[("K", "gained a.card threshold")],
            moves: &[("K", "allow warn")],
            ..NONE
        },
        Change {
            name: "allow a value",
            pack: |pack| in_a_rule(pack, "a.form", "regex:", "allow: ['_12345$'], regex:"),
            findings: &[
                ("f", "lost a.form pattern"),
                ("s", "lost a.form pattern"),
                ("s", "gained a.named pattern of a.form"),
            ],
            moves: &[("f", "block allow"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "stop giving way",
            pack: |pack| in_a_rule(pack, "a.named", ", yields: true", ""),
            findings: &[("s", "gained a.named pattern")],
            ..NONE
        },
        Change {
            name: "ask for more near by",
            pack: |pack| in_a_rule(pack, "a.near", "least: 0.4", "least: 0.5"),
            findings: &[("e", "lost a.near threshold")],
            moves: &[("e", "warn allow")],
            ..NONE
        },
        Change {
            name: "ask for less near by",
            pack: |pack| in_a_rule(pack, "a.near", "least: 0.4", "least: 0.1"),
            ..NONE
        },
        Change {
            name: "weigh a feature more",
            pack: |pack| in_a_rule(pack, "a.near", "weight: -0.05", "weight: -0.08"),
            findings: &[("e", "altered a.near threshold")],
            ..NONE
        },
        Change {
            name: "trust a rule more",
            pack: |pack| in_a_rule(pack, "a.named", "confidence: 0.5", "confidence: 0.6"),
            findings: &[("n", "altered a.named threshold")],
            ..NONE
        },
        Change {
            name: "ask for entropy",
            pack: |pack| {
                in_a_rule(pack, "a.form", "regex:", "entropy: 3.6, regex:")
                    .replace("match: [acme_1234]", "match: ['acme_1q7bz9xk']")
            },
            findings: &[
                ("fF", "lost a.form threshold"),
                ("s", "lost a.form threshold"),
                ("s", "gained a.named threshold of a.form"),
            ],
            moves: &[("fF", "block allow"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "a graver severity",
            pack: |pack| in_a_rule(pack, "a.two", "severity: medium", "severity: high"),
            findings: &[("t", "altered a.two metadata")],
            ..NONE
        },
        Change {
            name: "another category",
            pack: |pack| in_a_rule(pack, "a.order", "category: injection", "category: egress"),
            findings: &[("oO", "altered a.order metadata")],
            moves: &[("oO", "ask warn")],
            ..NONE
        },
        Change {
            name: "other texts to test with",
            pack: |pack| in_a_rule(pack, "a.order", "no_match: [x]", "no_match: [x, obey]"),
            ..NONE
        },
        Change {
            name: "another order, of rules that give way to the earlier",
            pack: |pack| first(pack, "a.fold"),
            findings: &[("t", "lost a.two order"), ("t", "gained a.fold order")],
            ..NONE
        },
        Change { name: "another order, of rules that do not", pack: |pack| first(pack, "a.card"), ..NONE },
        Change {
            name: "a stricter policy",
            policy: |policy| {
                with(
                    policy,
                    "{action: ask, when: {category: [injection]",
                    "{action: block, when: {category: [injection]",
                )
            },
            moves: &[("oO", "ask block")],
            by_policy: "oO",
            ..NONE
        },
        Change {
            name: "a policy that asks for more confidence",
            policy: |policy| with(policy, "min_confidence: 0.7", "min_confidence: 0.95"),
            moves: &[("fFsk", "block warn"), ("d", "block warn")],
            by_policy: "fFskd",
            ..NONE
        },
        Change {
            name: "a policy and a rule that cancel out",
            pack: |pack| in_a_rule(pack, "a.order", "category: injection", "category: egress"),
            policy: |policy| with(policy, "category: [injection]", "category: [injection, egress]"),
            findings: &[("oO", "altered a.order metadata")],
            moves: &[("t", "warn ask")],
            by_policy: "t",
            ..NONE
        },
        Change {
            name: "leave a rule out",
            disabled: &["a.form"],
            findings: &[
                ("fF", "lost a.form removed_rule"),
                ("s", "lost a.form removed_rule"),
                ("s", "gained a.named removed_rule of a.form"),
            ],
            moves: &[("fF", "block allow"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "leave all but one out",
            only: &["a.order"],
            findings: &[
                ("n", "lost a.named removed_rule"),
                ("fFs", "lost a.form removed_rule"),
                ("cde", "lost a.near removed_rule"),
                ("k", "lost a.card removed_rule"),
                ("t", "lost a.two removed_rule"),
            ],
            moves: &[("nce", "warn allow"), ("fFskd", "block allow"), ("t", "warn allow")],
            ..NONE
        },
        Change {
            name: "findings of some confidence only",
            least: 0.6,
            findings: &[("n", "lost a.named threshold"), ("ce", "lost a.near threshold")],
            moves: &[("nce", "warn allow")],
            ..NONE
        },
    ]
}

/// What is expected of an event of a kind.
fn expected(change: &Change, kind: char) -> (Vec<String>, Option<String>) {
    let of = |list: &[(&str, &str)]| -> Vec<String> {
        let fit = list.iter().filter(|(kinds, _)| kinds.contains(kind));
        fit.map(|(_, what)| (*what).to_owned()).collect()
    };
    let mut findings = of(change.findings);
    findings.sort();
    (findings, of(change.moves).pop())
}

fn seen(replayed: &Replayed) -> (Vec<String>, Option<String>) {
    let mut findings: Vec<String> = replayed
        .findings
        .iter()
        .map(|change| {
            let through = change.through.as_ref().map(|rule| format!(" of {rule}")).unwrap_or_default();
            format!("{} {} {}{through}", change.kind, change.rule(), change.cause)
        })
        .collect();
    findings.sort();
    let moved = replayed.from.zip(replayed.to).filter(|(from, to)| from != to);
    (findings, moved.map(|(from, to)| format!("{from} {to}")))
}

#[test]
fn thirty_changes_each_change_exactly_what_they_should_and_say_why() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("corpus.jsonl");
    let kinds = corpus(&path);
    let changes = changes();
    assert!(changes.len() >= 30);
    let side =
        |pack: &str, policy: &str| Side { policy: Policy::parse("p", policy).unwrap(), ..Side::only(pack) };
    let mut wrong = Vec::new();
    for change in &changes {
        let baseline = side(PACK, POLICY);
        let mut candidate = side(&(change.pack)(PACK), &(change.policy)(POLICY));
        candidate.source.selection.only = change.only.iter().map(|id| (*id).to_owned()).collect();
        candidate.source.selection.disabled = change.disabled.iter().map(|id| (*id).to_owned()).collect();
        let all = replayed(&path, &baseline, &candidate, change.least);
        assert_eq!(all.len(), kinds.len(), "{}", change.name);
        let mut complaints: BTreeMap<char, String> = BTreeMap::new();
        for (replayed, kind) in all.iter().zip(&kinds) {
            let (expected, seen) = (expected(change, *kind), seen(replayed));
            if expected != seen {
                complaints.insert(*kind, format!("expected {expected:?}, got {seen:?}"));
            }
            let by_policy = replayed.causes.contains(&ChangeCause::Policy);
            if by_policy != change.by_policy.contains(*kind) {
                complaints.insert(*kind, format!("by policy: {by_policy}"));
            }
        }
        wrong.extend(complaints.into_iter().map(|(kind, what)| format!("{}: {kind}: {what}", change.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_kinds_of_change_all_occur() {
    let all: String =
        changes().iter().flat_map(|change| change.findings).map(|(_, what)| format!("{what}\n")).collect();
    for kind in FindingChangeKind::ALL {
        assert!(all.contains(kind.as_str()), "{kind}");
    }
    for cause in ["new_rule", "removed_rule", "pattern", "threshold", "metadata", "order"] {
        assert!(all.contains(cause), "{cause}");
    }
}
