//! Large MCP transcripts, one message a line: sessions with a handshake, a tool list, calls and results.

use std::io::{self, Write};

use crate::Prng;
use crate::clock::Clock;
use crate::counted::Counted;
use crate::prose::{answer, data, path, picture, prose, quoted, word};

/// Writes a transcript of at least `bytes` bytes (by at most one exchange more); gives the number of messages.
pub fn write(out: &mut impl Write, bytes: u64, seed: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut prng = Prng::new(seed);
    let mut clock = Clock::new();
    let mut messages = 0;
    let mut line = |from: &str, message: &str, prng: &mut Prng, out: &mut Counted<_>| {
        messages += 1;
        let time = clock.next(prng);
        out.text(&format!(
            "{{\"timestamp\":\"{time}\",\"origin\":\"{from}\",\"server\":\"workspace\",\"message\":{message}}}\n"
        ))
    };
    for (from, message) in
        [("client", INITIALIZE), ("server", INITIALIZED), ("client", LIST), ("server", TOOLS)]
    {
        line(from, message, &mut prng, &mut out)?;
    }
    let mut id = 2;
    while out.bytes < bytes {
        let (call, result) = exchange(&mut prng, id);
        line("client", &call, &mut prng, &mut out)?;
        line("server", &result, &mut prng, &mut out)?;
        id += 1;
    }
    Ok(messages)
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"agent","version":"2.1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"workspace","version":"0.4"}}}"#;
const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
const TOOLS: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"view","description":"Returns the lines of a text.","inputSchema":{"type":"object","properties":{"path":{"type":"string"}}}},{"name":"edit","description":"Changes a text.","inputSchema":{"type":"object","properties":{"path":{"type":"string"},"old":{"type":"string"},"new":{"type":"string"}}}},{"name":"lookup","description":"Finds rows.","inputSchema":{"type":"object","properties":{"q":{"type":"string"}}}}]}}"#;

fn exchange(prng: &mut Prng, id: u64) -> (String, String) {
    let size = prng.between(200, 9000);
    let (name, arguments, result) = match prng.between(0, 8) {
        0..=3 => ("view", format!("{{\"path\":\"{}\"}}", path(prng)), text(&answer(prng, size))),
        4 | 5 => {
            let (old, new) = (answer(prng, size / 4), answer(prng, size / 3));
            let arguments =
                format!("{{\"path\":\"{}\",\"old\":{},\"new\":{}}}", path(prng), quoted(&old), quoted(&new));
            ("edit", arguments, text("1 change"))
        }
        6 => ("lookup", format!("{{\"q\":\"{} {}\"}}", word(prng), word(prng)), text(&data(prng, size))),
        _ => {
            let image = picture(prng, size);
            let result = format!(
                "{{\"content\":[{{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"{image}\"}},{{\"type\":\"text\",\"text\":{}}}]}}",
                quoted(&prose(prng, 60))
            );
            ("view", format!("{{\"path\":\"img/{}.png\"}}", word(prng)), result)
        }
    };
    (
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{name}\",\"arguments\":{arguments}}}}}"
        ),
        format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}"),
    )
}

fn text(text: &str) -> String {
    format!("{{\"content\":[{{\"type\":\"text\",\"text\":{}}}]}}", quoted(text))
}
