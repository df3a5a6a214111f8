//! `log`: records what comes in on standard input as a flight-recorder log.

mod input;
mod predecessor;
mod run;
mod stop;

pub(crate) use predecessor::find as find_predecessor;
pub(crate) use run::log;
