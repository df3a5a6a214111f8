//! Writes the report of an invented run, to look at the page and to measure the writers:
//! `cargo run -p coldcase-reports --example sample -- DIR EVENTS`. The folder must be empty.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;

use coldcase_model::{Chain, Digest, InputState};
use coldcase_reports::{ReportWriter, summary_text};

#[path = "../src/sample.rs"]
mod sample;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let dir = PathBuf::from(args.next().ok_or("which folder?")?);
    let events: u64 = args.next().ok_or("how many events?")?.to_string_lossy().parse()?;
    let mut report = ReportWriter::create(&dir, sample::run())?;
    let rules = sample::rules();
    // A few hundred distinct events written over and over: the time goes into the writers, not into the sample.
    let pool: Vec<_> = (0..events.min(2000)).map(|index| sample::judged(&rules, 0, index)).collect();
    for judged in pool.iter().cycle().zip(0..events).map(|(judged, _)| judged) {
        report.event(judged)?;
    }
    report.input(&sample::input(0, "captures/2026-03-01/agent-7.recorder.jsonl", events))?;
    for record in 0..9 {
        report.anomaly(&sample::anomaly(1, record))?;
    }
    report.input(&sample::broken(1, "captures/2026-03-01/browser.har", InputState::Partial, 41_233))?;
    report.input(&sample::broken(2, "captures/core.dump", InputState::NotScanned, 18_342))?;
    report.input(&sample::broken(3, "captures/locked.jsonl", InputState::Failed, 12))?;
    let checkpoint_seqs = vec![24, 49, 74, 99];
    report.chain(&Chain { checkpoint_seqs, ..sample::intact_chain() })?;
    report.chain(&sample::broken_chain())?;
    let summary = report.finish(&[("coldcase.yaml".to_owned(), Digest::default(), 812)])?;
    io::stdout().write_all(summary_text(&summary).as_bytes())?;
    Ok(())
}
