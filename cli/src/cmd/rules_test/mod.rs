//! `rules test`: what packs are worth. Promises, labelled corpora, disguises, and the comparison with a baseline.

mod corpus;
mod curve;
mod expected;
mod run;
mod score;
mod show;
mod snapshot;

pub(super) use run::test;
