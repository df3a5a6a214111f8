//! The evasion matrix: a text of every built-in rule behind every disguise, and behind pairs of them, is found by the
//! same rule and led back to the bytes that spell it.
//!
//! Each rule's first `match` text is taken. Disguises of words are for rules of prose; the others are for all. Pairs are
//! drawn evenly: all of them are tried, each with some of the rules. What is left out: disguises that a text is too short
//! for, and texts beyond ASCII, which are written in no second alphabet.

use std::collections::BTreeMap;

use super::*;
use crate::disguise::codings::DEFLATE;
use crate::disguise::{self, Disguise, is_prose};
use crate::pack::{SLACK, Sample, samples};

/// What became of the tries of one row.
#[derive(Default, Clone, Copy)]
struct Row {
    tried: usize,
    found: usize,
    exact: usize,
}

impl Row {
    fn add(&mut self, other: Self) {
        self.tried += other.tried;
        self.found += other.found;
        self.exact += other.exact;
    }
}

/// A rule's text, where its match stands in it, and what may stand round it.
struct Case {
    sample: Sample,
    rule: usize,
    secret: Span,
    round: [&'static [u8]; 2],
}

/// The rules whose plain text is found; in a sentence if they match there.
fn cases(pack: &Pack) -> Vec<Case> {
    let builtin = crate::builtin_texts();
    let mut scanner = Scanner::new(pack);
    let mut cases = Vec::new();
    for sample in samples(&builtin).into_iter().filter(|sample| sample.text.is_ascii()) {
        let rule =
            pack.rules.iter().position(|rule| *rule.info.id == *sample.rule).expect("a rule of the pack");
        for round in [[b"see: ".as_slice(), b" .\n"], [b"", b""]] {
            let text = [round[0], sample.text.as_bytes(), round[1]].concat();
            let (found, _, _) = scanner.scan(&sample.event(&text));
            let own = found.iter().find(|one| one.rule == rule && one.views.is_empty());
            if let Some(span) = own.map(|one| one.secret)
                && let Some(start) = span.start.checked_sub(round[0].len())
            {
                let secret = Span::new(start, (start + span.len()).min(sample.text.len()));
                cases.push(Case { sample, rule, secret, round });
                break;
            }
        }
    }
    cases
}

fn attempt(scanner: &mut Scanner<'_>, case: &Case, disguises: &[&Disguise]) -> Row {
    let (mut text, mut span) = (case.sample.text.clone().into_bytes(), case.secret);
    for disguise in disguises {
        span = disguise.locate(&text, span);
        text = (disguise.encode)(&text);
    }
    // A stream without a header is told at the start of a text alone.
    let [lead, tail]: [&[u8]; 2] =
        if disguises.last().is_some_and(|last| last.name == DEFLATE.name) { [b"", b""] } else { case.round };
    let whole = [lead, text.as_slice(), tail].concat();
    let expected = Span::new(span.start + lead.len(), span.end + lead.len());
    let (found, _, _) = scanner.scan(&case.sample.event(&whole));
    let near = |one: &&Located| {
        one.secret.start.abs_diff(expected.start) <= SLACK && one.secret.end.abs_diff(expected.end) <= SLACK
    };
    let of_rule = || found.iter().filter(|one| one.rule == case.rule);
    Row {
        tried: 1,
        found: usize::from(of_rule().next().is_some()),
        exact: usize::from(of_rule().any(|one| near(&one))),
    }
}

fn suits(case: &Case, disguise: usize, of_all: usize) -> bool {
    disguise < of_all || !case.sample.is_credential && is_prose(&case.sample.text)
}

/// How many of a thousand were found, and led back.
fn permille(row: Row) -> [usize; 2] {
    [row.found, row.exact].map(|count| count * 1000 / row.tried.max(1))
}

/// Disguises that may give bytes which are no text.
const BINARY: [&str; 5] = ["gzip", "zlib", "deflate", "utf-16", "utf-16be"];
/// Disguises that any bytes may be put into.
const FOR_BYTES: [&str; 18] = [
    "hex",
    "base64",
    "base32",
    "hex pairs",
    "zlib",
    "gzip",
    "char codes",
    "ascii85",
    "small base32",
    "base32hex",
    "z85",
    "base85",
    "hex with colons",
    "hex with hyphens",
    "0x",
    "\\x",
    "percent",
    "quoted-printable",
];

#[test]
fn every_rule_is_found_behind_every_disguise() {
    let pack = Pack::builtin().expect("the built-in packs compile");
    let cases = cases(&pack);
    let mut scanner = Scanner::new(&pack);
    let (all, of_all) = disguise::all();
    let (mut rows, mut total) = (BTreeMap::new(), Row::default());
    for case in &cases {
        for (_, disguise) in all.iter().enumerate().filter(|(index, _)| suits(case, *index, of_all)) {
            let row = attempt(&mut scanner, case, &[disguise]);
            rows.entry(disguise.name).or_insert_with(Row::default).add(row);
            total.add(row);
        }
    }
    for (name, row) in &rows {
        println!("{name:20} {:4} tried, {:?} permille found, led back", row.tried, permille(*row));
    }
    println!("{} rules, {} tried, {:?} permille found, led back", cases.len(), total.tried, permille(total));
    assert!(cases.len() > 500 && permille(total)[1] >= 970, "{:?}", permille(total));
}

#[test]
fn every_rule_is_found_behind_two_disguises() {
    /// Each pair is tried with every so many rules.
    const EVERY: usize = 67;
    let pack = Pack::builtin().expect("the built-in packs compile");
    let cases = cases(&pack);
    let mut scanner = Scanner::new(&pack);
    let (all, of_all) = disguise::all();
    let (mut rows, mut total) = (BTreeMap::new(), Row::default());
    let mut turn = 0;
    for (index, first) in all.iter().enumerate() {
        for second in all.iter().take(of_all).filter(|second| second.name != first.name) {
            if BINARY.contains(&first.name) && !FOR_BYTES.contains(&second.name) {
                continue;
            }
            turn += 1;
            for case in
                cases.iter().skip(turn % EVERY).step_by(EVERY).filter(|case| suits(case, index, of_all))
            {
                let row = attempt(&mut scanner, case, &[first, second]);
                rows.entry((first.name, 0)).or_insert_with(Row::default).add(row);
                rows.entry((second.name, 1)).or_insert_with(Row::default).add(row);
                total.add(row);
            }
        }
    }
    for ((name, step), row) in &rows {
        println!(
            "{name:20} step {step} {:4} tried, {:?} permille found, led back",
            row.tried,
            permille(*row)
        );
    }
    println!("{turn} pairs, {} tried, {:?} permille found, led back", total.tried, permille(total));
    assert!(turn > 900 && permille(total)[1] >= 850, "{:?}", permille(total));
}
