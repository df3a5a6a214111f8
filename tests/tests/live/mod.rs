//! The live commands as clients and servers see them.

mod client;
#[cfg(unix)]
mod encrypted;
mod faults;
mod messages;
mod parity;
mod process;
mod proxy;
mod recording;
