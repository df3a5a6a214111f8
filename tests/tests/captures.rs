//! Packet captures from their bytes to findings: against stated truth and by the ledger, where a folder of them lies beside
//! the project (`../shared/data/pcap`; without it those tests say so and pass), and captures that are made here.

mod bodies;
mod books;
mod inspected;
pub(crate) mod packets;
mod parity;
mod planted;
mod protocols;
mod quic;
mod rings;
mod sessions;
mod threads;
mod truth;
mod tshark;
mod wired;

use std::path::{Path, PathBuf};

/// A folder of the data; `None`, with a note, when it is not there.
fn data(folder: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/pcap").join(folder);
    if data.is_dir() {
        return Some(data);
    }
    println!("absent: {}, so nothing of it is tested", data.display());
    None
}
