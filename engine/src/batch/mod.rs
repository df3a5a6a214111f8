//! Parallel judging of any source of events, with results in input order.

mod run;

pub use run::{Progress, Report, run, run_from};
