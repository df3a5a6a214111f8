//! Views in, matches out: one pass over a text for literals, then halves of patterns, regexes and validators only
//! where one stands.

mod confirm;
mod cost;
mod differing;
mod first_states;
mod forms;
mod giving_way;
mod half;
mod hot;
mod prefilter;
mod scanner;
mod traces;

pub use cost::{Clock, RuleCost};
pub(crate) use differing::{Aspect, Because, differing};
pub(crate) use first_states::{Drawn, Entry, FirstStates};
pub(crate) use forms::without_unicode_words;
pub(crate) use giving_way::settle;
pub(crate) use half::Half;
pub(crate) use prefilter::{EXPECTED_IN, Prefilter, Texts, Wanted, expected_hits};
pub(crate) use scanner::{Located, Scan, Scanner};
pub(crate) use traces::{Grams, Seam, Traces, runs};
