//! Every test that crosses crates, in one binary: it links once, and its helpers are shared.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "tests read small files whole and start the program under test"
)]
#![expect(clippy::string_slice, reason = "the texts are the tests' own, and ASCII where they are cut")]

mod baseline;
mod builtin;
mod cache;
mod captures;
mod cases;
mod chains;
mod cli;
mod command;
mod demo;
mod determinism;
mod drift;
mod evidence;
mod exchanges;
mod folders;
mod heard;
mod hostile;
mod import;
mod lab;
mod labelled;
mod layout;
mod ledger;
mod live;
mod output;
mod pack_chains;
mod profile;
mod reading;
mod real;
mod replay;
mod roundtrip;
mod rules;
mod rules_new;
mod samples;
mod sessions;
mod stopped;
mod stories;
mod story;
mod traces;
mod traffic;
mod verify;
