//! Parallel judging of any source of events, with results in input order.

mod run;

pub(crate) use run::{Judging, Take, judge_all};
pub use run::{Progress, Report, run, run_from, run_with};
