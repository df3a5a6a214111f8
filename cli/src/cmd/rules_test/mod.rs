//! `rules test`: what packs are worth. Promises, labelled corpora, disguises, and the comparison with a baseline.

mod corpus;
mod run;
mod show;
mod snapshot;

pub(super) use corpus::files;
pub(super) use run::test;
