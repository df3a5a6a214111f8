//! Large files of event records: every kind of event, model messages and HTTP most of all.

use std::io::{self, Write};

use crate::Prng;
use crate::clock::Clock;
use crate::counted::Counted;
use crate::prose::{answer, data, path, prose, quoted, word};

/// Writes event records of at least `bytes` bytes (by at most one line more); gives the number of lines.
pub fn write(out: &mut impl Write, bytes: u64, seed: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut prng = Prng::new(seed);
    let mut clock = Clock::new();
    let mut lines = 0;
    while out.bytes < bytes {
        let time = clock.next(&mut prng);
        let (kind, payload) = event(&mut prng, lines);
        out.text(&format!(
            "{{\"v\":1,\"kind\":\"{kind}\",\"id\":\"e{lines}\",\"session\":\"run-{}\",\"time\":\"{time}\",{payload}}}\n",
            lines % 7,
        ))?;
        lines += 1;
    }
    Ok(lines)
}

/// The kind and the payload field.
fn event(prng: &mut Prng, number: u64) -> (&'static str, String) {
    let size = prng.between(100, 6000);
    let url = format!("https://api.service.test/v1/{}/{}", word(prng), prng.between(1, 999));
    match prng.between(0, 12) {
        0..=2 => {
            let (role, content) = match prng.between(0, 3) {
                0 => ("user", prose(prng, size / 8)),
                1 => ("tool", data(prng, size)),
                _ => ("assistant", answer(prng, size)),
            };
            ("model", format!("\"model\":{{\"role\":\"{role}\",\"content\":{}}}", quoted(&content)))
        }
        3 | 4 => (
            "http_response",
            format!(
                "\"response\":{{\"url\":\"{url}\",\"status\":200,\"headers\":[[\"content-type\",\"application/json\"]],\
                 \"body\":{{\"text\":{}}}}}",
                quoted(&data(prng, size))
            ),
        ),
        5 | 6 => (
            "http_request",
            format!(
                "\"request\":{{\"method\":\"POST\",\"url\":\"{url}\",\"headers\":[[\"accept\",\"*/*\"]],\"body\":{{\"text\":{}}}}}",
                quoted(&data(prng, size / 4))
            ),
        ),
        7 => (
            "sse_event",
            format!(
                "\"sse\":{{\"url\":\"{url}\",\"event\":\"delta\",\"data\":{}}}",
                quoted(&prose(prng, 80))
            ),
        ),
        8 => (
            "ws_message",
            format!(
                "\"ws\":{{\"url\":\"wss://live.service.test/\",\"opcode\":\"text\",\"data\":{{\"text\":{}}}}}",
                quoted(&data(prng, size / 8))
            ),
        ),
        9 => (
            "dns",
            format!(
                "\"dns\":{{\"query\":\"{}.service.test\",\"qtype\":\"A\",\"answers\":[\"192.0.2.7\"]}}",
                word(prng)
            ),
        ),
        10 => ("log", format!("\"log\":{{\"level\":\"info\",\"msg\":{}}}", quoted(&prose(prng, 90)))),
        _ => (
            "mcp",
            format!(
                "\"mcp\":{{\"transport\":\"stdio\",\"message\":{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"tools/call\",\
                 \"params\":{{\"name\":\"view\",\"arguments\":{{\"path\":\"{}\"}}}}}}}}",
                path(prng)
            ),
        ),
    }
}
