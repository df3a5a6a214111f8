//! JSON with positions: a tape over a document's bytes, its text with escapes resolved, and pointers back.
//!
//! serde_json gives values; a forensic reader also needs to know where each of them stood, to keep duplicate
//! keys, lone surrogates and numbers as they were written, and to read what comes before a syntax error.

mod flatten;
mod locate;
mod quote;
mod tape;
mod unescape;
mod value;

pub use flatten::{Flattened, Mark, flatten, flatten_into};
pub use locate::{Location, locate, value_at};
pub use quote::{StringEnd, string_end};
pub use tape::{Error, ErrorKind, Kind, Node, Tape};
pub use unescape::{source_position, unescape, unescape_into};
pub use value::Value;
