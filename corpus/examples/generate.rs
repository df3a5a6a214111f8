//! Writes a generated recording to standard output: `generate har|mcp|recorder|records BYTES [SEED]`.
//!
//! For profiles and comparisons by hand; benches and tests call the generators themselves.

use std::io::{self, BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(kind), Some(bytes)) = (arguments.first(), arguments.get(1)) else {
        return Err("usage: generate har|mcp|recorder|records BYTES [SEED]".into());
    };
    let bytes = bytes.parse()?;
    let seed = arguments.get(2).map_or(Ok(1), |seed| seed.parse())?;
    let mut out = BufWriter::new(io::stdout().lock());
    match kind.as_str() {
        "har" => coldcase_corpus::gen_har::write(&mut out, bytes, seed)?,
        "mcp" => coldcase_corpus::gen_mcp::write(&mut out, bytes, seed)?,
        "recorder" => coldcase_corpus::gen_recorder::write(&mut out, bytes, seed)?,
        "records" => coldcase_corpus::gen_records::write(&mut out, bytes, seed)?,
        other => return Err(format!("no generator is called {other}").into()),
    };
    Ok(out.flush()?)
}
