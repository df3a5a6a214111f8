//! What `coldcase_wire` finds in a capture file, with bodies decoded: events keep messages inside bodies apart, so that a
//! body's own hash is taken here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use coldcase_wire::capture::{CaptureReader, Item, Limits, SecretKind, Step};
use coldcase_wire::coding::decode;
use coldcase_wire::tls::KeyLog;
use coldcase_wire::{Accounts, Advance, Found, Side, What, Wire, http1};
use sha2::{Digest, Sha256};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;
/// The largest decoded body, as the readers have it.
const LARGEST: usize = 16 << 20;

/// A capture as it was read.
pub(crate) struct Wired {
    pub(crate) found: Vec<Found>,
    pub(crate) accounts: Accounts,
}

/// The bytes of a file; those of a compressed one as far as they decode.
pub(crate) fn content(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = File::open(path).unwrap();
    let ending = path.extension().unwrap_or_default();
    // A file that is cut short gives what comes before the cut.
    let _cut = if ending == "gz" {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes)
    } else if ending == "zst" {
        zstd::Decoder::new(file).unwrap().read_to_end(&mut bytes)
    } else {
        std::io::BufReader::new(file).read_to_end(&mut bytes)
    };
    bytes
}

/// Reads a capture with the secrets of a key log.
pub(crate) fn wired(content: &[u8], key_log: &[u8]) -> Wired {
    let mut keys = KeyLog::default();
    keys.add(key_log);
    add_secrets(content, &mut keys);
    let mut wire = Wire::new(keys);
    let (mut start, mut end) = (0, content.len().min(CHUNK));
    let mut found = Vec::new();
    loop {
        let mut window = &content[start..end];
        let advance = wire.advance(&mut window, end == content.len());
        start = end - window.len();
        if advance == Advance::End {
            wire.finish();
        }
        found.extend(wire.take());
        let _notes = wire.take_notes();
        match advance {
            Advance::Full => {}
            Advance::Need(bytes) => {
                assert!(end < content.len(), "more is wanted than there is");
                end = content.len().min((start + bytes).max(end + CHUNK));
            }
            Advance::End => return Wired { found, accounts: wire.accounts() },
        }
    }
}

/// Adds the secrets that a capture has itself, wherever in it they stand.
fn add_secrets(mut content: &[u8], keys: &mut KeyLog) {
    let mut reader = CaptureReader::new(Limits::default());
    loop {
        match reader.next(&mut content, true) {
            Step::Item(Item::Secrets { kind: SecretKind::Tls, data, .. }) => keys.add(data),
            Step::Frame(_) | Step::Item(_) => {}
            Step::Need(_) | Step::End => return,
        }
    }
}

/// One message's body without its codings.
pub(crate) struct Body {
    pub(crate) side: Side,
    pub(crate) bytes: Vec<u8>,
    /// Whether it is a WebSocket message's, and such a one's kind.
    pub(crate) opcode: Option<coldcase_wire::websocket::Opcode>,
    /// Where bytes of it are missing, before decoding.
    pub(crate) missing: Vec<http1::Missing>,
    pub(crate) is_cut: bool,
}

/// The body of a message; `None` of what is none.
pub(crate) fn body(found: &Found) -> Option<Body> {
    let (side, body, coding) = match &found.what {
        What::Http1(message, _) => {
            let content = message.values("content-encoding").map(std::borrow::Cow::into_owned);
            let all: Vec<Vec<u8>> = content.chain(message.transfer_codings()).collect();
            (message.side, &message.body.bytes, all.join(&b","[..]))
        }
        What::Http2(message, _) => {
            let coding = message.field("content-encoding").map(|value| value.to_vec()).unwrap_or_default();
            (message.side, &message.body, coding)
        }
        What::WebSocket(message, _) => (message.side, &message.data, Vec::new()),
        What::Dns(..) | What::Hello(_) | What::Text(_) => return None,
    };
    let (bytes, _) = decode(body, &String::from_utf8_lossy(&coding), LARGEST);
    let (opcode, missing, is_cut) = match &found.what {
        What::Http1(message, _) => (None, message.missing.clone(), message.is_cut),
        What::Http2(message, _) => (None, Vec::new(), message.is_cut),
        What::WebSocket(message, _) => (Some(message.opcode), Vec::new(), message.is_cut),
        What::Dns(..) | What::Hello(_) | What::Text(_) => (None, Vec::new(), false),
    };
    Some(Body { side, bytes, opcode, missing, is_cut })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How often each is there.
pub(crate) fn counted<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}
