//! Writes flight-recorder logs that every reader of the format accepts.
//!
//! Version-2 entries, signed checkpoints, heads kept outside the log, links between runs, and action receipts.
//!
//! Left out: files and clocks, which the caller's [`Store`] and arguments stand for; redaction and escrow;
//! reading a log back to go on in it, since each run has a session of its own.

mod altered;
mod config;
mod detail;
mod entry;
mod head;
mod json;
mod kind;
mod link;
mod log;
mod members;
mod receipt;
mod session;
mod store;
mod time;

pub use altered::Altered;
pub use config::{LogConfig, LogConfigError};
pub use detail::{Detail, DetailError};
pub use head::{Head, HeadError, head_note, read_heads};
pub use kind::EntryKind;
pub use link::Tail;
pub use log::{LogWriter, Record, Recorded, WriteError};
pub use receipt::{
    Action, ActionType, ReceiptError, ReceiptWriter, Reversibility, SideEffect, SignedReceipt, TranscriptRoot,
};
pub use session::{Session, SessionError};
pub use store::{MemoryStore, Store};
