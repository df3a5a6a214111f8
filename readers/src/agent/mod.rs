//! Logs of coding agents and lists of chat messages: who said what, which tools were called and what they answered.
//!
//! `formats` knows the logs by name, `shapes` finds what is said in a record, `speaker` says what that means, `emit` makes
//! events of it. A log that nobody knows is read the same way where its records have these shapes.

mod emit;
mod formats;
mod reader;
mod shapes;
mod sniff;
mod speaker;

pub(crate) use emit::{Facts, emit};
pub use formats::AgentLog;
pub(crate) use reader::{AgentReader, session_of};
pub(crate) use shapes::{Act, ActKind, acts, tools};
pub use sniff::Layout;
pub(crate) use sniff::{of_document, of_lines};
pub(crate) use speaker::Speaker;
