//! Parallel judging of any source of events, with results in input order.

mod run;

pub(crate) use run::{Judging, judge_all};
pub use run::{Progress, Report, Take, run, run_from, run_with};
