//! Writes a generated recording to standard output: `generate har|mcp|recorder|records BYTES [SEED]`; or a signed log
//! into a folder: `generate evidence|receipts ENTRIES DIR`.
//!
//! For profiles and comparisons by hand; benches and tests call the generators themselves.

use std::io::{self, BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(kind), Some(bytes)) = (arguments.first(), arguments.get(1)) else {
        return Err(
            "usage: generate har|mcp|recorder|records BYTES [SEED], or evidence|receipts ENTRIES DIR".into(),
        );
    };
    let bytes = bytes.parse()?;
    if let ("evidence" | "receipts", Some(folder)) = (kind.as_str(), arguments.get(2)) {
        let receipts = kind == "receipts";
        return Ok(coldcase_corpus::gen_evidence::write(folder.as_ref(), bytes, receipts)?);
    }
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
