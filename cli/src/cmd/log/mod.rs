//! `log`: records what comes in on standard input as a flight-recorder log.

mod input;
mod predecessor;
mod run;
mod stop;

pub(crate) use run::log;
