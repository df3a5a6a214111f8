//! Logs of coding agents and lists of chat messages: who said what, which tools were called and what they answered.
//!
//! `formats` knows the logs by name, `shapes` finds what is said in a record by the members that `fields` knows, `speaker`
//! says what that means, `emit` makes events of it. `origin` tells what a file as a whole says, `drift` names what is new.
//! A log that nobody knows is read the same way where its records have these shapes.

mod conversation;
mod drift;
mod emit;
mod fields;
mod formats;
mod origin;
mod places;
mod reader;
mod shapes;
mod sniff;
mod speaker;
mod types;

pub(crate) use emit::{Facts, emit};
pub use formats::AgentLog;
pub(crate) use origin::LogFile;
pub use places::{LogPlace, log_places};
pub(crate) use reader::AgentReader;
pub(crate) use shapes::{Act, ActKind, acts, tools};
pub use sniff::Layout;
pub(crate) use sniff::{of_document, of_lines};
pub(crate) use speaker::Speaker;
