//! Large flight-recorder logs of version 2 with a true hash chain: mostly decisions, now and then a capture.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::Prng;
use crate::clock::Clock;
use crate::counted::Counted;
use crate::prose::{answer, path, prose, quoted, word};

/// Writes a log of at least `bytes` bytes (by at most one entry more); gives the number of entries.
pub fn write(out: &mut impl Write, bytes: u64, seed: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut prng = Prng::new(seed);
    let mut clock = Clock::new();
    let mut previous = "genesis".to_owned();
    let mut seq = 0;
    while out.bytes < bytes {
        let entry = entry(&mut prng);
        let time = clock.next(&mut prng);
        let hash = hash(seq, &time, &entry, &previous);
        out.text(&format!(
            "{{\"v\":2,\"seq\":{seq},\"ts\":\"{time}\",\"session_id\":\"proxy\",\"type\":\"{}\",\"event_kind\":\"{}\",\
             \"transport\":\"{}\",\"summary\":{},\"detail\":{},\"prev_hash\":\"{previous}\",\"hash\":\"{hash}\"}}\n",
            entry.kind,
            entry.event_kind,
            entry.transport,
            quoted(&entry.summary),
            entry.detail,
        ))?;
        previous = hash;
        seq += 1;
    }
    Ok(seq)
}

struct Entry {
    kind: &'static str,
    event_kind: &'static str,
    transport: &'static str,
    summary: String,
    detail: String,
}

fn entry(prng: &mut Prng) -> Entry {
    let transport = prng.pick(&["forward", "connect", "websocket", "mcp_stdio", "fetch"]);
    let id = prng.between(1, 900_000);
    if prng.chance(80) {
        let verdict = prng.pick(&["allow", "allow", "allow", "warn"]);
        let detail = format!(
            "{{\"layer\":\"dlp\",\"pattern\":\"{} {}\",\"request_id\":\"req-{id}\",\"verdict\":\"{verdict}\"}}",
            word(prng),
            prng.between(1, 60),
        );
        let summary = format!("{verdict}: dlp ({})", word(prng));
        return Entry { kind: "decision", event_kind: "proxy_decision", transport, summary, detail };
    }
    let size = prng.between(200, 4000);
    let detail = format!(
        "{{\"surface\":\"response\",\"request\":{{\"method\":\"GET\",\"url\":\"https://api.service.test/{}\",\
         \"body_sample\":{}}},\"wire_payload_sample\":{},\"effective_action\":\"allow\",\"request_id\":\"req-{id}\"}}",
        path(prng),
        quoted(&prose(prng, size / 4)),
        quoted(&answer(prng, size)),
    );
    let summary = format!("capture of {}", word(prng));
    Entry { kind: "capture", event_kind: "capture", transport, summary, detail }
}

/// SHA-256 over the fields of the entry, joined by zero bytes, with `detail` as it stands in the line.
fn hash(seq: u64, time: &str, entry: &Entry, previous: &str) -> String {
    let number = seq.to_string();
    let parts = [
        "2",
        &number,
        time,
        "proxy",
        "",
        entry.kind,
        entry.event_kind,
        entry.transport,
        &entry.summary,
        &entry.detail,
        "",
        previous,
    ];
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}
