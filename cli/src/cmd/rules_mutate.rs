//! `rules mutate`: which parts of rules no text of theirs holds.

use std::time::{Duration, Instant};

use coldcase_engine::{Mutant, MutantFate, MutateLimits, RuleMutants, mutants};
use serde_json::{Value, json};

use super::rules::chosen;
use crate::args::MutateArgs;
use crate::term::{self, Bar, Exit};

/// A longer part is cut where a person reads it; the JSON has all of it.
const MOST_SHOWN: usize = 60;

pub(super) fn mutate(args: &MutateArgs) -> anyhow::Result<Exit> {
    let packs = chosen(&args.packs)?;
    let bar = Bar::of_things(args.json);
    let end = args.seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
    let all = mutants(
        &packs,
        &MutateLimits {
            only: &args.rule,
            most: usize::try_from(args.most).unwrap_or(usize::MAX),
            stop: &|| end.is_some_and(|end| Instant::now() >= end),
            progress: &|number| match number {
                Some(all) => bar.expect(all as u64),
                None => bar.add(1),
            },
        },
    )?;
    drop(bar);
    let sums = Sums::of(&all);
    if args.json {
        term::out(&format!("{}\n", as_json(&all, &sums)))?;
    } else {
        term::out(&term::sanitize(&as_text(&all, args.brief)))?;
        term::note(&sums.sentence(&all));
    }
    let is_low = |least: u32| sums.score().is_some_and(|score| score < u64::from(least) * 10);
    Ok(match args.min_score {
        Some(least) if is_low(least) => Exit::Gate,
        _ if sums.not_tried > 0 => Exit::Incomplete,
        _ => Exit::Done,
    })
}

/// How many changes met which fate.
#[derive(Default)]
struct Sums {
    killed: usize,
    alive: usize,
    same: usize,
    refused: usize,
    not_tried: usize,
    left_out: usize,
    broken_texts: usize,
}

impl Sums {
    fn of<'r>(all: impl IntoIterator<Item = &'r RuleMutants>) -> Self {
        all.into_iter().fold(Self::default(), |sums, one| Self {
            killed: sums.killed + one.count(MutantFate::Killed),
            alive: sums.alive + one.count(MutantFate::Alive),
            same: sums.same + one.count(MutantFate::Same),
            refused: sums.refused + one.count(MutantFate::Refused),
            not_tried: sums.not_tried + one.count(MutantFate::NotTried),
            left_out: sums.left_out + one.left_out,
            broken_texts: sums.broken_texts + one.broken_texts,
        })
    }

    /// In thousandths; `None` where no change can be told apart.
    fn score(&self) -> Option<u64> {
        (self.killed as u64 * 1000).checked_div((self.killed + self.alive) as u64)
    }

    fn score_text(&self) -> String {
        self.score().map_or_else(|| "-".to_owned(), |score| format!("{}.{} %", score / 10, score % 10))
    }

    fn sentence(&self, all: &[RuleMutants]) -> String {
        let rules = all.iter().filter(|one| !one.is_fragment).count();
        let mut text = format!(
            "{rules} rules, {} fragments: {} of {} changes told apart ({}); {} mean the same, {} cannot be loaded",
            all.len() - rules,
            self.killed,
            self.killed + self.alive,
            self.score_text(),
            self.same,
            self.refused,
        );
        for (count, what) in [
            (self.left_out, "left out by --most"),
            (self.not_tried, "not tried: time was up"),
            (self.broken_texts, "texts hold nothing: a rule alone does not keep them"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        text
    }
}

fn as_text(all: &[RuleMutants], brief: bool) -> String {
    let mut text = String::new();
    for one in all {
        let sums = Sums::of([one]);
        let name = if one.is_fragment { format!("fragment {}", one.name) } else { one.name.clone() };
        text.push_str(&format!(
            "{name}: {} of {} ({})\n",
            sums.killed,
            sums.killed + sums.alive,
            sums.score_text()
        ));
        let alive = one.mutants.iter().filter(|mutant| !brief && mutant.fate == MutantFate::Alive);
        alive.for_each(|mutant| text.push_str(&alive_line(one, mutant)));
    }
    text
}

fn alive_line(one: &RuleMutants, mutant: &Mutant) -> String {
    let part: String = term::one_line(&mutant.part).chars().take(MOST_SHOWN).collect();
    let more = if mutant.part.chars().count() > MOST_SHOWN { "…" } else { "" };
    let Mutant { field, change, line, column, .. } = mutant;
    format!("  {}:{line}:{column}: {field} `{part}{more}`: {change}\n", one.pack)
}

fn as_json(all: &[RuleMutants], sums: &Sums) -> Value {
    let of = |sums: &Sums| {
        json!({
            "killed": sums.killed, "alive": sums.alive, "same": sums.same, "refused": sums.refused,
            "not_tried": sums.not_tried, "left_out": sums.left_out, "broken_texts": sums.broken_texts,
            "score_permille": sums.score(),
        })
    };
    let rules = all.iter().map(|one| {
        let mutants: Vec<Value> = one
            .mutants
            .iter()
            .map(|mutant| {
                json!({
                    "field": mutant.field, "part": mutant.part, "change": mutant.change, "line": mutant.line,
                    "column": mutant.column, "fate": mutant.fate.as_str(),
                })
            })
            .collect();
        let kind = if one.is_fragment { "fragment" } else { "rule" };
        json!({ "pack": one.pack, "kind": kind, "name": one.name, "sums": of(&Sums::of([one])), "mutants": mutants })
    });
    json!({ "all": of(sums), "rules": rules.collect::<Vec<_>>() })
}
