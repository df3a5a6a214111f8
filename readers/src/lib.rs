//! Recordings to events: bytes in, [`coldcase_model::Event`]s and anomalies out, in input order. Never judges.
//!
//! [`InputSet`] is the way in: it lists the files behind the paths that a user names, opens them one after
//! another, recognises each by its content, and hands out batches that any thread can read.
//!
//! # Invariants
//! - Every byte of an input is booked to exactly one account of the ledger.
//! - Input is read once, front to back, and hashed in the same read. It is never written to.
//! - Memory does not grow with the input: records over [`Limits::record_bytes`] are cut, and the cut is booked.
//! - No byte string makes a reader panic, loop or recurse without bound.
#![forbid(unsafe_code)]

mod agent;
mod build;
mod closing;
mod error;
mod exchange;
mod frame;
mod har;
mod http;
mod inputs;
mod limits;
mod mcp;
mod pcap;
mod record;
mod recorder;
mod records;
mod session_rule;
mod sniff;
mod source;
mod time;
mod trace;
mod utf8;

pub use agent::{AgentLog, Layout, LogPlace, log_places};
pub use error::ReadError;
pub use exchange::Cassette;
pub use inputs::{InputSet, read_together};
pub use limits::Limits;
pub use mcp::{MCP_LINE_BYTES, McpLine, McpMessage, McpWire, NotMcp};
pub use records::{RecordLines, write_event};
pub use session_rule::SessionRule;
pub use sniff::{Format, sniff};
pub use source::{Found, expand, expand_globs};
pub use trace::{Service, TraceLayout};
