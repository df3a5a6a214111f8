//! `rules bench`: what each rule costs on given recordings, on one thread.
//!
//! The time of a rule is that of its tries and searches; the pass that finds the texts of all rules is shared.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use coldcase_engine::{Detector, RuleCost};
use coldcase_model::{BatchSource, Item, Show};
use coldcase_readers::{InputSet, Limits, expand};

use crate::args::RulesetArgs;
use crate::config::Ruleset;
use crate::term::{self, Exit};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(super) fn nanoseconds() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

pub(crate) fn bench(paths: &[PathBuf], top: usize, ruleset: &RulesetArgs) -> anyhow::Result<Exit> {
    let Ruleset { pack, .. } = Ruleset::load(ruleset)?;
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(paths, &limits)?, limits);
    let mut detector = Detector::new(&pack, Show::Redacted);
    detector.measure(nanoseconds);
    let (mut events, mut bytes, mut scan) = (0u64, 0u64, Duration::ZERO);
    while let Some(batch) = inputs.next_batch() {
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                events += 1;
                bytes += event.text.len() as u64;
                let started = Instant::now();
                drop(detector.detect(&event));
                scan += started.elapsed();
            }
        });
    }
    let mut costs: Vec<(&str, RuleCost)> =
        pack.rules().map(|rule| rule.id).zip(detector.costs().iter().copied()).collect();
    costs.sort_by(|(id, cost), (other_id, other)| other.ticks.cmp(&cost.ticks).then(id.cmp(other_id)));
    term::out(&table(&costs, top))?;
    let all: u64 = costs.iter().map(|(_, cost)| cost.ticks).sum();
    term::note(&format!(
        "{events} events, {bytes} bytes of text, {} rules; {:.3} s in the scan with counting, {:.3} s of it in rules",
        costs.len(),
        scan.as_secs_f64(),
        Duration::from_nanos(all).as_secs_f64(),
    ));
    Ok(if events > 0 { Exit::Done } else { Exit::Incomplete })
}

fn table(costs: &[(&str, RuleCost)], top: usize) -> String {
    let mut text =
        format!("{:>10} {:>10} {:>10} {:>9} {:>8}  rule\n", "us", "hits", "tries", "searches", "matches");
    for (id, cost) in costs.iter().take(top).filter(|(_, cost)| cost.hits > 0) {
        text.push_str(&format!(
            "{:>10} {:>10} {:>10} {:>9} {:>8}  {id}\n",
            cost.ticks / 1000,
            cost.hits,
            cost.tries,
            cost.searches,
            cost.matches,
        ));
    }
    text
}
