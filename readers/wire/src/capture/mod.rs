//! Capture files to frames: pcap and its variants, pcapng.
//!
//! [`CaptureReader`] is handed windows of a file's content and gives out frames that borrow from the window, and what else
//! the file says: names, secrets, statistics. Links are the next module's.
//!
//! Left out: compression and files (the caller's), the AIX variant of pcap, the journal and custom blocks of pcapng, and
//! the check of hashes that a packet block may carry.
//!
//! Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; the variants of pcap as libpcap and Wireshark name them.

mod bytes;
mod count;
mod facts;
mod frame;
mod limits;
mod pcap;
mod pcapng;
mod reader;
mod resync;
mod sniff;
#[cfg(test)]
mod tests;
mod time;

pub use count::Count;
pub use facts::{BlockFacts, CaptureFacts, Comment, CommentOn, EARLIEST, InterfaceFacts, JUMP, LATEST};
pub use frame::{Frame, Item, Names, SecretKind, Step};
pub use limits::Limits;
pub use reader::CaptureReader;
pub use sniff::{Kind, sniff};
