//! Flight-recorder logs: hash-chained JSON lines of an agent firewall, read entry by entry.
//!
//! Left out: whether the chain holds. An entry that is valid JSON is an event whatever its hash says.

mod entry;

pub(crate) use entry::{RecorderReader, event as entry_event, is_entry};
