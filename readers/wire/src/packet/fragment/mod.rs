//! Fragments of IP datagrams, joined under an overlap policy. Design:
//!
//! - Bytes of a datagram are kept as runs that do not overlap, each with its place in the capture file. The policy says
//!   which copy of a byte is in the runs; a copy that differs goes to a layer of losers. A datagram is handed out once from
//!   the runs, and once more, as an alternative, from the runs with each layer laid over them.
//! - A datagram that is complete is remembered for a while: copies of its fragments are then repetitions, not the start of
//!   another. If copies that differ do not make a whole datagram of their own, they are late losers.
//! - What never gets whole is handed out up to its first hole, when it is too old or a cap is reached.
//! - Fragments whose IPv4 header has a bad checksum are joined among themselves only: a host drops them.

mod aged;
mod building;
mod datagram;
mod defragmenter;
mod runs;

pub use datagram::Datagram;
pub use defragmenter::{Defragmenter, Limits, Overlap};
