//! pcapng: sections of blocks, each with its length at both ends.

mod block;
mod describe;
mod options;
mod packet;

pub(super) use block::Pcapng;
