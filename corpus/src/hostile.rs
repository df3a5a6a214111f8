//! Malformed inputs: those stored in `corpus/hostile`, and those that are made here because they are large.

use std::io;
use std::path::PathBuf;

/// A malformed input.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// What is wrong with it, as a file name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All of them, sorted by name.
pub fn all() -> io::Result<Vec<Hostile>> {
    let mut all = stored()?;
    all.extend(made());
    all.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(all)
}

#[expect(clippy::disallowed_methods, reason = "the files are tiny and part of this repository")]
fn stored() -> io::Result<Vec<Hostile>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("hostile");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Hostile { name, bytes: std::fs::read(&path)? })
        })
        .collect()
}

const RPC: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"#;
const ENTRY: &str = r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":["#;

fn made() -> Vec<Hostile> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let keys = many(|number| format!("\"k{number}\":{number},"));
    let same = many(|number| format!("\"k\":{number},"));
    let long = "x".repeat(300_000);
    let list: [(&str, String); 14] = [
        ("deep-arrays.json", deep("[", "]")),
        ("deep-objects.json", deep("{\"a\":", "}")),
        ("deep-params.jsonl", format!("{RPC}{}}}\n", deep("[", "]"))),
        ("deep-unclosed.json", "[".repeat(200_000)),
        ("deep-mixed.json", "[{\"a\":".repeat(60_000)),
        ("closers-only.jsonl", format!("{RPC}{{}}}}\n{}\n", "]}".repeat(50_000))),
        ("deep-har-entry.har", format!("{ENTRY}{}]}}}}", deep("[", "]"))),
        ("har-of-ten-thousand-keys.har", format!("{ENTRY}{{{keys}\"end\":0}}]}}}}")),
        ("har-of-empty-entries.har", format!("{ENTRY}{}null]}}}}", "{},".repeat(5000))),
        ("message-of-ten-thousand-keys.jsonl", format!("{RPC}{{{keys}\"end\":0}}}}\n")),
        ("ten-thousand-equal-keys.jsonl", format!("{RPC}{{{same}\"k\":0}}}}\n")),
        ("long-key.jsonl", format!("{RPC}{{\"{long}\":1}}}}\n")),
        ("backslashes.jsonl", format!("{RPC}{{\"a\":\"{}\"}}}}\n", "\\\\".repeat(150_000))),
        ("percent-and-entities.jsonl", format!("{RPC}{{\"a\":\"{}\"}}}}\n", "%25&amp;".repeat(30_000))),
    ];
    list.into_iter().map(|(name, text)| Hostile { name: name.to_owned(), bytes: text.into_bytes() }).collect()
}

/// Ten thousand pieces in a row.
fn many(piece: impl Fn(usize) -> String) -> String {
    (0..10_000).map(piece).collect::<Vec<_>>().concat()
}
