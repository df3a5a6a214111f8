//! What is refused of a chain and where, and which chains a set has.

use super::*;
use crate::{Joint, Pack, RuleChangeKind, RuleSource, Selection, builtin_texts, lint, rule_text};

/// A pack with one chain, whose members are replaced or added as told.
fn text(members: &[(&str, &str)]) -> PackText {
    let mut all = vec![
        ("id", "chain.acme.read-then-mail"),
        ("title", "t"),
        ("gain", "g"),
        ("severity", "high"),
        ("confidence", "0.7"),
        ("references", "{cwe: [X]}"),
        ("events", "10"),
        ("seconds", "60"),
        ("steps", "[{does: [read]}, {does: [send]}]"),
    ];
    for (name, value) in members {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1 = value,
            None => all.push((name, value)),
        }
    }
    let lines: Vec<String> = all.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let text = format!("pack: acme\nversion: '1'\ntitle: t\nchains:\n  - {}\n", lines.join("\n    "));
    PackText { name: "acme.yaml".into(), text }
}

fn refused(members: &[(&str, &str)]) -> String {
    let text = text(members);
    let message = Pack::only(std::slice::from_ref(&text)).expect_err("refused").to_string();
    let advice = lint(&[text], None);
    assert!(advice.iter().any(|one| one.level == crate::Level::Error), "{message} {advice:?}");
    message
}

#[test]
fn a_chain_stands_alone_in_a_pack_or_beside_rules() {
    let pack = Pack::only(&[text(&[])]).expect("a pack of a chain alone");
    assert_eq!(pack.rules().len(), 0);
    let last = pack.chains().last().expect("the chain");
    assert_eq!((last.id, last.pack, last.category), ("chain.acme.read-then-mail", "acme", Category::Chain));
    assert_eq!(lint(&[text(&[])], None), []);
}

#[test]
fn what_cannot_be_a_chain_is_refused_where_it_stands() {
    for (members, place, part) in [
        (&[("id", "chain")][..], "line 5, column 9", "dotted words"),
        (&[("title", "' '")], "line 5, column 9", "`title`"),
        (&[("confidence", "1.5")], "line 9, column 17", "`confidence`"),
        (&[("references", "{}")], "line 5, column 9", "`references`"),
        (&[("events", "1")], "line 11, column 13", "between 2 and 64"),
        (&[("events", "65")], "line 11, column 13", "between 2 and 64"),
        (&[("seconds", "0")], "line 12, column 14", "`seconds`"),
        (&[("steps", "[]")], "line 5, column 9", "`steps` is empty"),
        (
            &[("events", "2"), ("steps", "[{does: [read]}, {does: [send]}, {does: [exec]}]")],
            "line 13",
            "more steps",
        ),
        (&[("steps", "[{does: [read]}, {}]")], "line 13, column 29", "any call"),
        (&[("steps", "[{does: [read], not: [read]}]")], "line 13, column 13", "no call is it"),
        (&[("steps", "[{any: [read, list], not: [list, read]}]")], "line 13, column 13", "no call is it"),
        (&[("steps", "[{does: [read], uses: true}]")], "line 13, column 13", "this is the first"),
        (&[("times", "3")], "line 13, column 29", "one step"),
        (&[("times", "11"), ("steps", "[{does: [read]}]")], "line 14, column 12", "`events`, which is 10"),
        (&[("same", "true"), ("steps", "[{}]")], "line 14, column 11", "`times` of two"),
    ] {
        let message = refused(members);
        assert!(message.starts_with("pack acme.yaml, ") && message.contains(place), "{place}: {message}");
        assert!(message.contains(part), "{part}: {message}");
    }
    let unknown = refused(&[("steps", "[{does: [fly]}]")]);
    assert!(unknown.contains("fly") && unknown.contains("13"), "{unknown}");
    let unknown = refused(&[("colour", "red")]);
    assert!(unknown.contains("colour") && unknown.contains("14"), "{unknown}");
}

#[test]
fn an_id_is_that_of_one_rule_or_chain() {
    for id in ["chain.reconnaissance", "dlp.github.pat-classic"] {
        let source = RuleSource {
            own: [builtin_texts(), vec![text(&[("id", id)])]].concat(),
            ..RuleSource::default()
        };
        let refused = Joint::new(&source, &source).expect_err("refused").to_string();
        assert!(refused.contains(id) && refused.contains("never reused"), "{refused}");
    }
    let again = PackText { name: "again.yaml".into(), ..text(&[]) };
    assert!(Pack::only(&[text(&[]), again]).is_err());
}

#[test]
fn a_rule_set_has_so_many_chains_and_no_more() {
    let of = |many: usize| {
        let head = "pack: acme\nversion: '1'\ntitle: t\nchains:\n";
        let one = |number: usize| {
            format!(
                "  - {{id: c.n{number}, title: t, gain: g, severity: low, confidence: 0.5, references: {{cwe: [X]}}, \
                 events: 2, seconds: 1, steps: [{{does: [read]}}]}}\n"
            )
        };
        let text = head.to_owned() + &(0..many).map(one).collect::<String>();
        PackText { name: "acme.yaml".into(), text }
    };
    let chains = |many: usize| Pack::only(&[of(many)]);
    let builtin = base().expect("the built-in chains").chains.len();
    assert!(chains(MOST_CHAINS - builtin).is_ok());
    let refused = chains(MOST_CHAINS - builtin + 1).expect_err("refused").to_string();
    assert!(refused.contains("at most 256 chains") && refused.contains("line 254"), "{refused}");
    let advice = lint(&[of(MOST_CHAINS - builtin + 1)], None);
    assert_eq!(advice.iter().map(|one| one.place).collect::<Vec<_>>(), [Some((254, 10))], "{advice:?}");
}

#[test]
fn a_pack_without_any_list_is_refused_and_an_empty_one_is_not() {
    let of = |lists: &str| {
        let text = format!("pack: acme\nversion: '1'\ntitle: t\n{lists}");
        Pack::only(&[PackText { name: "acme.yaml".into(), text }])
    };
    let refused = of("").expect_err("refused").to_string();
    assert!(refused.contains("neither `rules` nor `chains`"), "{refused}");
    assert!(of("rules: []\n").is_ok() && of("chains: []\n").is_ok());
}

#[test]
fn what_becomes_of_chains_is_told_as_for_rules() {
    let source = |own: Vec<PackText>| RuleSource { own, ..RuleSource::default() };
    let changes = |first: &RuleSource, second: &RuleSource| {
        let joint = Joint::new(first, second).expect("both compile");
        let told: Vec<_> = joint.changes().cloned().collect();
        assert_eq!(joint.is_one, !told.iter().any(crate::RuleChange::matters));
        told
    };
    let (without, with) = (source(vec![]), source(vec![text(&[])]));
    assert_eq!(changes(&with, &with), []);
    assert_eq!(changes(&without, &with)[0].kind, RuleChangeKind::Added);
    assert_eq!(changes(&with, &without)[0].kind, RuleChangeKind::Removed);
    for (member, value, kind) in [
        ("steps", "[{does: [read]}, {does: [send], uses: true}]", FieldKind::Pattern),
        ("confidence", "0.5", FieldKind::Threshold),
        ("severity", "low", FieldKind::Metadata),
    ] {
        let told = changes(&with, &source(vec![text(&[(member, value)])]));
        let fields: Vec<_> = told[0].fields.iter().map(|field| (field.field, field.kind)).collect();
        assert_eq!((told.len(), fields), (1, vec![(member, kind)]));
    }
    let told = changes(&with, &source(vec![text(&[("steps", "[{does: [read]}, {any: [send]}]")])]));
    assert_eq!(told[0].fields[0].after, "does [read], any [], not []\ndoes [], any [send], not []");
    // Deeds are sets: their order says nothing.
    let one = source(vec![text(&[("steps", "[{does: [read, exec]}]")])]);
    assert_eq!(changes(&one, &source(vec![text(&[("steps", "[{does: [exec, read]}]")])])), []);
    let rule = "pack: acme\nversion: '1'\ntitle: t\nrules:\n- {id: chain.acme.read-then-mail, title: t, gain: g, \
                category: dlp, severity: low, confidence: 0.5, added: '1', regex: quokka, references: {cwe: [X]}, \
                match: [quokka], no_match: [x]}\n";
    let rule = source(vec![PackText { name: "acme.yaml".into(), text: rule.into() }]);
    let told = changes(&rule, &with);
    assert_eq!((told.len(), told[0].kind, told[0].fields[0].field), (1, RuleChangeKind::Changed, "form"));
}

#[test]
fn a_selection_names_chains_as_it_names_rules() {
    let of = |only: &[&str], disabled: &[&str]| {
        let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let selection = Selection { only: list(only), disabled: list(disabled) };
        let source = RuleSource { own: vec![text(&[])], selection, ..RuleSource::default() };
        let joint = Joint::new(&source, &source)?;
        Ok::<_, PackError>(joint.pack.chains().map(|chain| chain.id.to_owned()).collect::<Vec<_>>())
    };
    let builtin = base().expect("the built-in chains").chains.len();
    assert_eq!(of(&["chain.acme."], &[]).expect("named"), ["chain.acme.read-then-mail"]);
    assert_eq!(of(&[], &["chain.acme.read-then-mail"]).expect("named").len(), builtin);
    assert_eq!(of(&[], &["chain."]).expect("named"), [""; 0]);
    assert!(of(&["chain.acme.none"], &[]).is_err());
}

#[test]
fn the_text_of_a_chain_ends_where_the_next_begins() {
    let alone = text(&[]);
    let (line, shown) = rule_text(&alone, "chain.acme.read-then-mail").expect("a pack").expect("there");
    assert!(
        line == 5 && shown.starts_with("  - id: chain.acme") && shown.ends_with("{does: [send]}]\n"),
        "{shown}"
    );
    let builtin = builtin_chains();
    let shown = rule_text(&builtin, "chain.reconnaissance").expect("a pack").expect("there").1;
    assert!(shown.contains("recon") && !shown.contains("storm"), "{shown}");
    let mut before = text(&[]);
    before.text.push_str("rules: []\n");
    let shown = rule_text(&before, "chain.acme.read-then-mail").expect("a pack").expect("there").1;
    assert!(!shown.contains("rules"), "{shown}");
}
