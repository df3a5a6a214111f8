//! The SHA-256 of every decoded body in capture files, one JSON object a line:
//! `cargo run --release --example bodies -- [--keys KEYLOG] FILE…`. Compressed captures are not read.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the hashes go to the terminal")]

use std::fs::File;
use std::io::{self, Read};

use coldcase_wire::coding::decode;
use coldcase_wire::tls::KeyLog;
use coldcase_wire::{Advance, Found, Side, What, Wire};
use sha2::{Digest, Sha256};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// The largest decoded body.
const LARGEST: usize = 64 << 20;

fn main() -> io::Result<()> {
    let mut keys = KeyLog::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--keys" {
            let mut text = Vec::new();
            File::open(arguments.next().unwrap_or_default())?.take(LARGEST as u64).read_to_end(&mut text)?;
            keys.add(&text);
            continue;
        }
        let name = argument.rsplit('/').next().unwrap_or_default();
        read(&mut File::open(&argument)?, std::mem::take(&mut keys), name)?;
    }
    Ok(())
}

fn read(file: &mut File, keys: KeyLog, name: &str) -> io::Result<()> {
    let mut wire = Wire::new(keys);
    let (mut buffer, mut start, mut end, mut is_end) = (vec![0; CHUNK], 0, 0, false);
    let mut scanned = 0;
    loop {
        let mut window = buffer.get(start..end).unwrap_or_default();
        let advance = wire.advance(&mut window, is_end);
        start = end - window.len();
        if advance == Advance::End {
            wire.finish();
        }
        for found in wire.take() {
            scanned += found.content_bytes();
            tell(&found, name);
        }
        for note in wire.take_notes() {
            eprintln!("{name}: byte {}: {}: {}", note.at, note.kind, note.what);
        }
        match advance {
            Advance::Full => {}
            Advance::End => break,
            Advance::Need(need) => {
                buffer.copy_within(start..end, 0);
                (start, end) = (0, end - start);
                buffer.resize(buffer.len().max(need + CHUNK), 0);
                let read = file.read(buffer.get_mut(end..).unwrap_or_default())?;
                is_end = read == 0;
                end += read;
            }
        }
    }
    eprintln!("{name}: {:?}, {scanned} bytes in findings", wire.accounts());
    Ok(())
}

fn tell(found: &Found, name: &str) {
    let (side, body, coding) = match &found.what {
        What::Http1(message, _) => {
            let transfer = message.transfer_codings();
            let content = message.values("content-encoding").map(std::borrow::Cow::into_owned);
            let all: Vec<Vec<u8>> = content.chain(transfer).collect();
            (message.side, &message.body.bytes, all.join(&b","[..]))
        }
        What::Http2(message, _) => {
            let coding = message.field("content-encoding").map(|value| value.to_vec()).unwrap_or_default();
            (message.side, &message.body, coding)
        }
        What::WebSocket(message, _) => (message.side, &message.data, Vec::new()),
        What::Dns(..) | What::Hello(_) | What::Text(_) => return,
    };
    let (decoded, _) = decode(body, &String::from_utf8_lossy(&coding), LARGEST);
    let hash: String = Sha256::digest(&decoded).iter().map(|byte| format!("{byte:02x}")).collect();
    let key = if side == Side::Client { "req_sha256" } else { "resp_sha256" };
    println!(r#"{{"file":"{name}","{key}":"{hash}"}}"#);
}
