//! MCP transcripts and A2A messages: JSON-RPC 2.0 as tools record it.
//!
//! `line` finds the message in a record, `envelope` what a logger wrapped round it, `message` makes the event,
//! `card` reads agent cards, `wire` takes messages that are under way. Pairing of responses to requests is the session's
//! business.

mod card;
mod envelope;
mod line;
mod message;
mod methods;
mod wire;

pub(crate) use card::{CardReader, event as card_event, is_card};
pub(crate) use envelope::{direction as sender, find as find_message};
pub(crate) use line::{TranscriptReader, holds_message, is_tagged};
pub(crate) use message::{Hints, event as message_event, is_rpc, tool_marks};
pub use wire::{MCP_LINE_BYTES, McpLine, McpMessage, McpWire, NotMcp};
