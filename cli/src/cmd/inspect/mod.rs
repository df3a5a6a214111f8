//! `inspect`: what is there, how much of it can be read, and what is odd. Nothing is judged.

mod capture;
mod run;
mod show;

pub(crate) use run::inspect;
