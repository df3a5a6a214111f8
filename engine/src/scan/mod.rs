//! Views in, matches out: one literal pass over a text, then regexes and validators only where it fired.

mod confirm;
mod prefilter;
mod scanner;
mod select;

pub(crate) use prefilter::{Prefilter, Wanted, expected_hits};
pub(crate) use scanner::{Located, Scanner};
