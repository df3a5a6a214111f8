//! Large HAR files: API calls, pages, scripts, pictures, calls of a model's API.

use std::io::{self, Write};

use crate::Prng;
use crate::clock::Clock;
use crate::counted::Counted;
use crate::prose::{answer, data, page, path, picture, prose, quoted, script, word};

/// Writes a HAR file of at least `bytes` bytes (by at most one entry more); gives the number of entries.
pub fn write(out: &mut impl Write, bytes: u64, seed: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut prng = Prng::new(seed);
    let mut clock = Clock::new();
    out.text("{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"creator\": { \"name\": \"WebInspector\", \"version\": \"537.36\" },\n    \"pages\": [],\n    \"entries\": [")?;
    let mut entries = 0;
    while out.bytes < bytes {
        out.text(if entries == 0 { "\n      " } else { ",\n      " })?;
        out.text(&entry(&mut prng, &mut clock))?;
        entries += 1;
    }
    out.text("\n    ]\n  }\n}\n")?;
    Ok(entries)
}

/// A message's body with its media type, and whether it stands in base64.
struct Body {
    media_type: &'static str,
    text: String,
    base64: bool,
}

fn entry(prng: &mut Prng, clock: &mut Clock) -> String {
    let time = clock.next(prng);
    let (method, url, posted, body) = exchange(prng);
    let post_data = posted.map_or(String::new(), |posted| {
        format!(",\"postData\":{{\"mimeType\":\"application/json\",\"text\":{}}}", quoted(&posted))
    });
    let encoding = if body.base64 { ",\"encoding\":\"base64\"" } else { "" };
    format!(
        "{{\"startedDateTime\":\"{time}\",\"time\":{},\"request\":{{\"method\":\"{method}\",\"url\":{},\
         \"httpVersion\":\"http/2.0\",\"headers\":[{{\"name\":\"accept\",\"value\":\"*/*\"}},{{\"name\":\"user-agent\",\
         \"value\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"}},{{\"name\":\"x-request-id\",\"value\":\"{}\"}}],\
         \"queryString\":[],\"cookies\":[],\"headersSize\":-1,\"bodySize\":-1{post_data}}},\"response\":{{\"status\":{},\
         \"statusText\":\"\",\"httpVersion\":\"http/2.0\",\"headers\":[{{\"name\":\"content-type\",\"value\":\"{}\"}},\
         {{\"name\":\"cache-control\",\"value\":\"max-age={}\"}}],\"cookies\":[],\"content\":{{\"size\":{},\"mimeType\":\"{}\"\
         ,\"text\":{}{encoding}}},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1}},\"cache\":{{}},\
         \"timings\":{{\"send\":0.1,\"wait\":{},\"receive\":1}}}}",
        prng.between(4, 900),
        quoted(&url),
        prng.hex(16),
        prng.pick(&["200", "200", "200", "304", "404"]),
        body.media_type,
        prng.between(0, 86400),
        body.text.len(),
        body.media_type,
        quoted(&body.text),
        prng.between(1, 800),
    )
}

/// Method, URL, what was posted, and the answer.
fn exchange(prng: &mut Prng) -> (&'static str, String, Option<String>, Body) {
    let plain = |media_type, text| Body { media_type, text, base64: false };
    let size = prng.between(400, 12_000);
    match prng.between(0, 10) {
        0..=3 => {
            let url =
                format!("https://api.service.test/v2/{}?page={}&limit=50", word(prng), prng.between(1, 40));
            ("GET", url, None, plain("application/json", data(prng, size)))
        }
        4 | 5 => {
            let url = format!("https://docs.service.test/{}/{}", word(prng), word(prng));
            ("GET", url, None, plain("text/html; charset=utf-8", page(prng, size)))
        }
        6 => {
            let url = format!("https://static.service.test/{}.{}.js", word(prng), prng.hex(8));
            ("GET", url, None, plain("application/javascript", script(prng, size)))
        }
        7 => {
            let url = format!("https://static.service.test/{}.png", word(prng));
            ("GET", url, None, Body { media_type: "image/png", text: picture(prng, size), base64: true })
        }
        _ => {
            let asked = format!(
                "{{\"model\":\"large-1\",\"messages\":[{{\"role\":\"user\",\"content\":{}}}],\"stream\":false}}",
                quoted(&prose(prng, size / 4)),
            );
            let said = format!(
                "{{\"id\":\"msg_{}\",\"content\":[{{\"type\":\"text\",\"text\":{}}},{{\"type\":\"tool_use\",\"name\":\"read_file\",\
                 \"input\":{{\"path\":\"{}\"}}}}],\"usage\":{{\"input_tokens\":{}}}}}",
                prng.hex(12),
                quoted(&answer(prng, size)),
                path(prng),
                prng.between(10, 9000),
            );
            let url = "https://models.service.test/v1/messages".to_owned();
            ("POST", url, Some(asked), plain("application/json", said))
        }
    }
}
