//! Views in, matches out: one literal pass over a text, then regexes and validators only where it fired.

mod confirm;
mod prefilter;
mod scanner;

pub(crate) use prefilter::{Prefilter, expected_hits};
pub(crate) use scanner::{Located, Scanner};
