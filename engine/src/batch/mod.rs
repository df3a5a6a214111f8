//! Parallel judging of any source of events, with results in input order.

mod run;
mod single;

pub(crate) use run::{Judging, Scanned, judge_all};
pub use run::{Progress, Report, Take, With, run, run_from, run_with};
