//! The changes: what each does to the rules or the policy, and what it does to which events.

/// A change, and what it does: for each kind of event the findings that change.
pub(super) struct Change {
    pub(super) name: &'static str,
    pub(super) pack: fn(&str) -> String,
    pub(super) policy: fn(&str) -> String,
    pub(super) least: f32,
    pub(super) only: &'static [&'static str],
    pub(super) disabled: &'static [&'static str],
    /// Kinds of events, what became of a finding of which rule, and why.
    pub(super) findings: &'static [(&'static str, &'static str)],
    /// Kinds of events and how the verdict moves.
    pub(super) moves: &'static [(&'static str, &'static str)],
    /// Kinds of events of which the policy is a cause.
    pub(super) by_policy: &'static str,
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

/// Adds a rule that knows what `a.named` finds, by its form.
fn hunter(pack: &str) -> String {
    plus(
        pack,
        "id: b.hunter, title: t, category: dlp, severity: high, confidence: 0.9, regex: 'hunter_[a-z]', match: [hunter_x]",
    )
}

/// What a candidate without rules changes.
const NOTHING_LEFT: &[(&str, &str)] = &[
    ("oOi", "lost a.order removed_rule"),
    ("a", "lost taint.injected-action state"),
    ("m", "64 lost a.many removed_rule"),
    ("m", "64 lost a.much removed_rule"),
    ("m", "64 lost a.lots removed_rule"),
    ("h", "lost a.seq removed_rule"),
    ("j", "lost a.soil removed_rule"),
    ("n", "lost a.named removed_rule"),
    ("fFsm", "lost a.form removed_rule"),
    ("cde", "lost a.near removed_rule"),
    ("kp", "lost a.card removed_rule"),
    ("t", "lost a.two removed_rule"),
];

const NOTHING_MOVES: &[(&str, &str)] =
    &[("oOi", "ask allow"), ("ncehjta", "warn allow"), ("fFskpdm", "block allow")];

#[expect(clippy::too_many_lines, reason = "a table, an entry for each change")]
pub(super) fn changes() -> Vec<Change> {
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
            pack: hunter,
            findings: &[("n", "gained b.hunter new_rule"), ("n", "lost a.named new_rule of b.hunter")],
            moves: &[("n", "warn block")],
            ..NONE
        },
        Change {
            name: "remove a rule",
            pack: |pack| without(pack, "a.order"),
            findings: &[("oOi", "lost a.order removed_rule"), ("a", "lost taint.injected-action state")],
            moves: &[("oOi", "ask allow"), ("a", "warn allow")],
            ..NONE
        },
        Change {
            name: "remove a rule that others give way to",
            pack: |pack| without(pack, "a.form"),
            findings: &[
                ("fFm", "lost a.form removed_rule"),
                ("s", "lost a.form removed_rule"),
                ("s", "gained a.named removed_rule of a.form"),
            ],
            moves: &[("fF", "block allow"), ("m", "block warn"), ("s", "block warn")],
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
            findings: &[("kp", "lost a.card removed_rule"), ("kp", "gained a.cards new_rule")],
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
            pack: |pack| in_a_rule(pack, "a.card", "validators:", "surfaces: [header], validators:"),
            findings: &[("kp", "lost a.card pattern")],
            moves: &[("kp", "block allow")],
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
                ("fm", "lost a.form pattern"),
                ("s", "lost a.form pattern"),
                ("s", "gained a.named pattern of a.form"),
            ],
            moves: &[("f", "block allow"), ("m", "block warn"), ("s", "block warn")],
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
                ("fFm", "lost a.form threshold"),
                ("s", "lost a.form threshold"),
                ("s", "gained a.named threshold of a.form"),
            ],
            moves: &[("fF", "block allow"), ("m", "block warn"), ("s", "block warn")],
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
            findings: &[("oOi", "altered a.order metadata"), ("a", "lost taint.injected-action state")],
            moves: &[("oOi", "ask warn"), ("a", "warn allow")],
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
            moves: &[("oOi", "ask block")],
            by_policy: "oOi",
            ..NONE
        },
        Change {
            name: "a policy that asks for more confidence",
            policy: |policy| with(policy, "min_confidence: 0.7", "min_confidence: 0.95"),
            moves: &[("fFskpm", "block warn"), ("d", "block warn")],
            by_policy: "fFskpmd",
            ..NONE
        },
        Change {
            name: "a policy and a rule that cancel out",
            pack: |pack| in_a_rule(pack, "a.order", "category: injection", "category: egress"),
            policy: |policy| with(policy, "category: [injection]", "category: [injection, egress]"),
            findings: &[("oOi", "altered a.order metadata"), ("a", "lost taint.injected-action state")],
            moves: &[("t", "warn ask"), ("a", "warn allow")],
            by_policy: "t",
            ..NONE
        },
        Change {
            name: "leave a rule out",
            disabled: &["a.form"],
            findings: &[
                ("fFm", "lost a.form removed_rule"),
                ("s", "lost a.form removed_rule"),
                ("s", "gained a.named removed_rule of a.form"),
            ],
            moves: &[("fF", "block allow"), ("m", "block warn"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "leave all but one out",
            only: &["a.order"],
            findings: &[
                ("m", "64 lost a.many removed_rule"),
                ("m", "64 lost a.much removed_rule"),
                ("m", "64 lost a.lots removed_rule"),
                ("h", "lost a.seq removed_rule"),
                ("j", "lost a.soil removed_rule"),
                ("n", "lost a.named removed_rule"),
                ("fFsm", "lost a.form removed_rule"),
                ("cde", "lost a.near removed_rule"),
                ("kp", "lost a.card removed_rule"),
                ("t", "lost a.two removed_rule"),
            ],
            moves: &[("ncehj", "warn allow"), ("fFskpdm", "block allow"), ("t", "warn allow")],
            ..NONE
        },
        Change {
            name: "findings of some confidence only",
            least: 0.6,
            findings: &[
                ("n", "lost a.named threshold"),
                ("ce", "lost a.near threshold"),
                ("h", "lost a.seq threshold"),
            ],
            moves: &[("nceh", "warn allow")],
            ..NONE
        },
        Change {
            name: "look at one surface alone",
            pack: |pack| in_a_rule(pack, "a.card", "validators:", "surfaces: [url], validators:"),
            findings: &[("p", "lost a.card pattern")],
            moves: &[("p", "block allow")],
            ..NONE
        },
        Change {
            name: "trust an injection less",
            pack: |pack| in_a_rule(pack, "a.order", "confidence: 0.9", "confidence: 0.8"),
            findings: &[("oOi", "altered a.order threshold"), ("a", "altered taint.injected-action state")],
            ..NONE
        },
        Change {
            name: "leave all out",
            disabled: &["a."],
            findings: NOTHING_LEFT,
            moves: NOTHING_MOVES,
            ..NONE
        },
        Change {
            name: "leave all out, with a least confidence",
            disabled: &["a."],
            least: 0.6,
            findings: NOTHING_LEFT,
            moves: NOTHING_MOVES,
            ..NONE
        },
        Change {
            name: "a pack without rules",
            pack: |pack| format!("{}rules: []\n", pack.split_once("rules:\n").unwrap().0),
            findings: NOTHING_LEFT,
            moves: NOTHING_MOVES,
            ..NONE
        },
        Change {
            name: "remove a rule whose category is that of conclusions",
            pack: |pack| without(&without(pack, "a.seq"), "a.soil"),
            findings: &[("h", "lost a.seq removed_rule"), ("j", "lost a.soil removed_rule")],
            moves: &[("hj", "warn allow")],
            ..NONE
        },
        Change {
            name: "a rule whose category is that of conclusions gives way",
            pack: |pack| {
                plus(
                    pack,
                    "id: b.step, title: t, category: chain, severity: high, confidence: 0.9, regex: 'by step', match: ['by step']",
                )
            },
            findings: &[("h", "gained b.step new_rule"), ("h", "lost a.seq new_rule of b.step")],
            ..NONE
        },
        Change {
            name: "another spelling of a rule, and one that it gives way to",
            pack: |pack| hunter(&in_a_rule(pack, "a.named", "[a-z0-9_]", "[0-9a-z_]")),
            findings: &[("n", "gained b.hunter new_rule"), ("n", "lost a.named new_rule of b.hunter")],
            moves: &[("n", "warn block")],
            ..NONE
        },
        Change {
            name: "another severity of a rule, and one that it gives way to",
            pack: |pack| hunter(&in_a_rule(pack, "a.named", "severity: medium", "severity: low")),
            findings: &[("n", "gained b.hunter new_rule"), ("n", "lost a.named new_rule of b.hunter")],
            moves: &[("n", "warn block")],
            ..NONE
        },
        Change {
            name: "a rule gives way that did not, and one that it gives way to is new",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.soil", "regex:", "yields: true, regex:");
                plus(
                    &pack,
                    "id: b.soil, title: t, category: taint, severity: high, confidence: 0.9, regex: 'soil', match: [soil]",
                )
            },
            findings: &[("j", "gained b.soil new_rule"), ("j", "lost a.soil pattern")],
            ..NONE
        },
        Change {
            name: "another spelling of a rule, and one that it gives way to is loosened",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.named", "[a-z0-9_]", "[0-9a-z_]");
                in_a_rule(&pack, "a.form", "{4,8}'", "{4,8}|hunter_x'")
            },
            findings: &[("n", "gained a.form pattern"), ("n", "lost a.named pattern of a.form")],
            moves: &[("n", "warn block")],
            ..NONE
        },
        Change {
            name: "graver than what it gave way to",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.named", "[a-z0-9_]", "[0-9a-z_]");
                in_a_rule(&pack, "a.named", "severity: medium", "severity: critical")
            },
            findings: &[("n", "altered a.named metadata"), ("s", "gained a.named metadata")],
            ..NONE
        },
        Change {
            name: "another title, and findings of some confidence only",
            pack: |pack| in_a_rule(pack, "a.named", "title: Named", "title: Called"),
            least: 0.6,
            findings: &[
                ("n", "lost a.named threshold"),
                ("ce", "lost a.near threshold"),
                ("h", "lost a.seq threshold"),
            ],
            moves: &[("nceh", "warn allow")],
            ..NONE
        },
        Change {
            name: "trusted less than the least confidence",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.form", "[a-z0-9]{4,8}", "[0-9a-z]{4,8}");
                in_a_rule(&pack, "a.form", "confidence: 0.9", "confidence: 0.55")
            },
            least: 0.56,
            findings: &[
                ("fFsm", "lost a.form threshold"),
                ("n", "lost a.named threshold"),
                ("ce", "lost a.near threshold"),
                ("h", "lost a.seq threshold"),
            ],
            moves: &[("fFs", "block allow"), ("m", "block warn"), ("nceh", "warn allow")],
            ..NONE
        },
        Change {
            name: "another gain, and a threshold that decides nothing",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.form", "gain: g", "gain: all");
                in_a_rule(&pack, "a.form", "regex:", "entropy: 0.5, regex:")
            },
            findings: &[("fFsm", "altered a.form metadata")],
            ..NONE
        },
        Change {
            name: "another spelling of a pattern, and entropy asked for",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.form", "[a-z0-9]{4,8}", "[0-9a-z]{4,8}");
                in_a_rule(&pack, "a.form", "regex:", "entropy: 3.6, regex:")
                    .replace("match: [acme_1234]", "match: ['acme_1q7bz9xk']")
            },
            findings: &[
                ("fFm", "lost a.form threshold"),
                ("s", "lost a.form threshold"),
                ("s", "gained a.named threshold of a.form"),
            ],
            moves: &[("fF", "block allow"), ("m", "block warn"), ("s", "block warn")],
            ..NONE
        },
        Change {
            name: "another spelling of a pattern, and more asked for near by",
            pack: |pack| {
                let pack = in_a_rule(pack, "a.near", "code-[0-9]{6}", "code-[0-9]{3}[0-9]{3}");
                in_a_rule(&pack, "a.near", "least: 0.4", "least: 0.5")
            },
            findings: &[("e", "lost a.near threshold")],
            moves: &[("e", "warn allow")],
            ..NONE
        },
        Change {
            name: "another order, and other texts of the rule that moved",
            pack: |pack| first(&in_a_rule(pack, "a.fold", "no_match: [x]", "no_match: [x, y]"), "a.fold"),
            findings: &[("t", "lost a.two order"), ("t", "gained a.fold order")],
            ..NONE
        },
        Change {
            name: "another order, and another title of a rule that stays",
            pack: |pack| first(&in_a_rule(pack, "a.two", "title: Two", "title: Twice"), "a.fold"),
            findings: &[("t", "lost a.two order"), ("t", "gained a.fold order")],
            ..NONE
        },
        Change {
            name: "a rule that leaves no room for others",
            pack: |pack| {
                let more = "id: b.more, title: t, category: egress, severity: low, confidence: 0.9, regex: 'many-[a-z]', match: [many-a]";
                first(&plus(pack, more), "b.more")
            },
            findings: &[("m", "64 gained b.more new_rule"), ("m", "lost a.form limit")],
            moves: &[("m", "block warn")],
            ..NONE
        },
    ]
}
