//! `coldcase mcp` as clients and servers see it.

mod client;
mod faults;
mod messages;
mod parity;
mod process;
mod recording;
