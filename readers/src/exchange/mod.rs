//! Recordings of whole HTTP exchanges that are no HAR files: cassettes of VCR, flow files of mitmproxy.
//!
//! `tree` is what a record is read to, from JSON, YAML (`yaml`) or tnetstrings (`tnet`); `vcr` and `mitm` know where request
//! and response stand in it, `message` makes the events. What is in none of them is scanned as fields of a log, beside the
//! first event of its record.

mod message;
mod mitm;
mod sniff;
mod tnet;
mod tree;
mod vcr;
mod yaml;

pub(crate) use mitm::MitmReader;
pub use sniff::Cassette;
pub(crate) use sniff::{KEYS, cassette, is_cassette_text, is_flow_file};
pub(crate) use vcr::VcrReader;
