//! `replay --sweep`: the candidate at several least confidences beside one baseline, as a table; with precision and recall
//! where recordings have labels.

mod labelled;
mod show;
mod tally;

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_engine::{Sweep, sweep as sweep_all};
use coldcase_readers::{InputSet, Limits, expand};

use self::labelled::Labelled;
use self::tally::Sink;
use super::labels::curve;
use crate::args::ReplayArgs;
use crate::baseline::Baseline;
use crate::config::{self, Sides};
use crate::term::{self, Bar, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};

/// Each level has all state of all sessions.
const MOST_LEVELS: usize = 101;

pub(super) fn sweep(args: &ReplayArgs, leasts: &[f32]) -> anyhow::Result<Exit> {
    let leasts = levels(leasts)?;
    let sides = Sides::load(args)?;
    let Some(against) = &sides.baseline else {
        bail!("--sweep compares rules with rules; `--against recorded` has no confidences");
    };
    let accepted = Baseline::named(&args.accepted)?;
    let limits = Limits::default();
    let mut found = expand(&args.paths, &limits)?;
    let labelled = Labelled::find(&args.paths, &mut found)?;
    let is_labelled = !labelled.is_empty();
    let key_log = config::key_log(args.keylog.as_deref())?;
    let bytes = found.iter().filter_map(|input| std::fs::metadata(input.path()).ok());
    let bar = Bar::new(bytes.map(|metadata| metadata.len()).sum(), args.quiet);
    let mut sink = Sink::new(leasts.len(), labelled.of(&found));
    let mut inputs = InputSet::new(found, limits).key_log(key_log).sessions(args.sessions);
    let setup = Sweep {
        rules: &sides.rules,
        against,
        policy: &sides.candidate,
        leasts: &leasts,
        suppressions: accepted.as_ref().map(|accepted| &accepted.suppressions),
    };
    let progress = |bytes| bar.add(bytes);
    let Ok(()) = sweep_all(&setup, &mut inputs, config::threads(args.threads), &mut sink, &progress);
    drop(bar);
    let result = sink.finish(&leasts);
    let points = if is_labelled { curve::points(&result.labelled, &leasts) } else { Vec::new() };
    if let Some(path) = &args.what_if.curve_svg {
        draw(path, &points)?;
    }
    if args.json {
        term::out(&format!("{}\n", show::as_json(&sides.facts, &result, &points)))?;
    } else if !args.quiet {
        term::out(&term::sanitize(&show::as_text(&sides.facts, &result, &points)))?;
    }
    Ok(if result.nothing_read() { Exit::Incomplete } else { Exit::Done })
}

/// The levels that are asked for, each once, ascending.
fn levels(named: &[f32]) -> anyhow::Result<Vec<f32>> {
    let mut levels = if named.is_empty() {
        (0..10u8).map(|tenth| f32::from(tenth) / 10.0).collect()
    } else {
        named.to_vec()
    };
    levels.sort_by(f32::total_cmp);
    levels.dedup();
    if levels.len() > MOST_LEVELS {
        bail!("--sweep takes at the most {MOST_LEVELS} confidences");
    }
    Ok(levels)
}

fn draw(path: &Path, points: &[curve::Point]) -> anyhow::Result<()> {
    if points.is_empty() {
        bail!("--curve-svg needs labels: no NAME.expected.json stands beside a recording NAME");
    }
    whole_file::put(path, curve::svg(points).as_bytes(), PUBLIC, IfThere::Replace)
        .with_context(|| format!("cannot write {}", path.display()))
}
