//! Decryption secrets that stand in a capture itself, behind the packets that they open: found in a pass of their own.
//!
//! Only a plain pcapng file can be read twice; of a pipe or a compressed file only what comes before its packets helps.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use coldcase_wire::capture::{CaptureReader, Item, Limits, SecretKind, Step};
use coldcase_wire::tls::KeyLog;

use super::ring::Member;
use crate::sniff::Format;
use crate::source::Found;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// The secrets that may open TLS in files of a chain: those of a key log, and their own.
pub(super) fn keys<'m>(members: impl Iterator<Item = &'m Member>, key_log: &[u8]) -> KeyLog {
    let mut keys = KeyLog::default();
    keys.add(key_log);
    for member in members {
        if let (Found::File(path), Format::Pcapng) = (&member.found, member.format) {
            // What cannot be read here cannot be read as a capture either, and is said there.
            let _read = add_secrets(path, &mut keys);
        }
    }
    keys
}

/// Adds the secrets of a file to a key log.
fn add_secrets(path: &Path, keys: &mut KeyLog) -> io::Result<()> {
    // A pipe must not be read twice, nor may opening it wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Ok(());
    }
    let mut file = File::open(path)?;
    let mut reader = CaptureReader::new(Limits::default());
    let (mut buffer, mut start, mut ended) = (Vec::new(), 0, false);
    loop {
        let mut window = buffer.get(start..).unwrap_or_default();
        let wanted = loop {
            match reader.next(&mut window, ended) {
                Step::Item(Item::Secrets { kind: SecretKind::Tls, data, .. }) => keys.add(data),
                Step::Frame(_) | Step::Item(_) => {}
                Step::Need(bytes) => break bytes,
                Step::End => return Ok(()),
            }
        };
        start = buffer.len() - window.len();
        buffer.drain(..start);
        start = 0;
        let missing = wanted.saturating_sub(buffer.len()).max(CHUNK);
        ended = file.by_ref().take(missing as u64).read_to_end(&mut buffer)? == 0;
    }
}
