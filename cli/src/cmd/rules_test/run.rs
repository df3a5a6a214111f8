//! The run of `rules test`: what was asked for is measured, compared, written and shown.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use coldcase_engine::{Evaded, PackText, Promise, evasions, promises};
use coldcase_reports::{TestCase, TestSuite, junit};

use super::super::rules::chosen;
use super::corpus::{Judged, judge};
use super::show;
use super::snapshot::{Compared, Results, Snapshot};
use crate::args::TestArgs;
use crate::cmd::labels::curve;
use crate::cmd::labels::{Score, Share};
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};

/// All that was measured.
pub(super) struct Measured {
    pub(super) packs: Vec<PackText>,
    pub(super) promises: Vec<Promise>,
    pub(super) evaded: Option<Vec<Evaded>>,
    pub(super) corpus: Option<Judged>,
    pub(super) snapshot: Snapshot,
    pub(super) baseline: Option<Comparison>,
}

/// The comparison with a baseline.
pub(super) struct Comparison {
    pub(super) compared: Vec<Compared>,
    /// Measures that the baseline has and this run did not ask for.
    pub(super) not_asked: Vec<&'static str>,
    /// Whether the labels of the corpus are other ones.
    pub(super) other_labels: bool,
}

impl Comparison {
    fn is_worse(&self) -> bool {
        self.compared.iter().any(|one| !one.worse.is_empty())
    }
}

impl Measured {
    /// Promises that are not kept; wishes are none.
    pub(super) fn broken(&self) -> impl Iterator<Item = &Promise> {
        self.promises.iter().filter(|promise| !promise.kept && !promise.wanted.is_todo())
    }
}

pub(in crate::cmd) fn test(args: &TestArgs) -> anyhow::Result<Exit> {
    // Read first: a run may be long.
    let baseline = args.baseline.as_deref().map(Snapshot::read).transpose()?;
    let measured = measure(args, baseline.as_ref())?;
    if let Some(path) = &args.junit {
        let written = File::create(path).and_then(|mut file| junit(&suites(&measured), &mut file));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.save_baseline {
        measured.snapshot.write(path)?;
    }
    let points = measured
        .corpus
        .as_ref()
        .map(|judged| curve::points(&judged.tally, &curve::steps()))
        .unwrap_or_default();
    if let Some(path) = &args.curve_svg {
        put(path, &curve::svg(&points))?;
    }
    let points = if args.curve { points } else { Vec::new() };
    if args.json {
        term::out(&format!("{}\n", show::as_json(&measured, &points, !args.no_cost)))?;
    } else {
        term::out(&term::sanitize(&show::as_text(&measured, &points, !args.no_cost)))?;
        for sentence in show::sentences(&measured) {
            term::note(&sentence);
        }
    }
    let failed =
        measured.broken().next().is_some() || measured.baseline.as_ref().is_some_and(Comparison::is_worse);
    let unread = measured.corpus.as_ref().is_some_and(|judged| !judged.unread.is_empty());
    Ok(match (failed, unread) {
        (_, true) => Exit::Incomplete,
        (true, _) => Exit::Gate,
        (false, false) => Exit::Done,
    })
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    whole_file::put(path, text.as_bytes(), PUBLIC, IfThere::Replace)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn measure(args: &TestArgs, baseline: Option<&Snapshot>) -> anyhow::Result<Measured> {
    let packs = chosen(&args.packs)?;
    let promises = promises(&packs)?;
    let evaded = args.evasions.then(|| evasions(&packs)).transpose()?;
    let corpus = if args.corpus.is_empty() { None } else { Some(judge(&packs, &args.corpus)?) };
    let snapshot = snapshot(&promises, evaded.as_deref(), corpus.as_ref());
    let baseline = baseline.map(|old| Comparison {
        compared: snapshot.since(old),
        not_asked: snapshot.not_asked(old),
        other_labels: snapshot.labels.is_some() && old.labels.is_some() && snapshot.labels != old.labels,
    });
    Ok(Measured { packs, promises, evaded, corpus, snapshot, baseline })
}

fn snapshot(promises: &[Promise], evaded: Option<&[Evaded]>, corpus: Option<&Judged>) -> Snapshot {
    let mut rules: BTreeMap<String, Results> = BTreeMap::new();
    let mut all = Results { corpus: corpus.map(|judged| judged.tally.at(0.0)), ..Results::default() };
    for promise in promises {
        let results = rules.entry(promise.rule.clone()).or_default();
        if !promise.wanted.is_todo() {
            results.promises.add(promise.kept);
            all.promises.add(promise.kept);
        }
    }
    for one in evaded.unwrap_or_default() {
        let share = |(right, of): (usize, usize)| Share::new(right as u64, of as u64);
        let (found, silent) = (share(one.found_of()), share(one.silent_of()));
        let results = rules.entry(one.rule.clone()).or_default();
        (results.evasions, results.negatives) = (Some(found), Some(silent));
        all.evasions = Some(all.evasions.unwrap_or_default().plus(found));
        all.negatives = Some(all.negatives.unwrap_or_default().plus(silent));
    }
    if let Some(judged) = corpus {
        for results in rules.values_mut() {
            results.corpus = Some(Score::default());
        }
        for (rule, score) in &judged.tally.rules {
            // Labels may name rules of other packs: they find nothing here, and are told.
            let results = rules.entry(rule.clone()).or_default();
            results.corpus = Some(results.corpus.unwrap_or_default().plus(*score));
        }
    }
    Snapshot::new(corpus.map(|judged| judged.labels.clone()), all, rules)
}

fn suites(measured: &Measured) -> Vec<TestSuite> {
    let case = |promise: &Promise| TestCase {
        class: promise.rule.clone(),
        name: format!("{} {}", promise.wanted.as_str(), promise.number),
        failure: (!promise.kept && !promise.wanted.is_todo()).then(|| promise.problem()),
    };
    let suite = |pack: &PackText| TestSuite {
        name: pack.name.clone(),
        cases: measured.promises.iter().filter(|promise| promise.pack == pack.name).map(case).collect(),
    };
    let mut all: Vec<TestSuite> = measured.packs.iter().map(suite).collect();
    if let Some(comparison) = &measured.baseline {
        let case = |one: &Compared| TestCase {
            class: one.rule.clone().unwrap_or_else(|| "all rules".into()),
            name: "not worse than the baseline".into(),
            failure: (!one.worse.is_empty()).then(|| one.worse.join("; ")),
        };
        all.push(TestSuite {
            name: "baseline".into(),
            cases: comparison.compared.iter().map(case).collect(),
        });
    }
    all
}
