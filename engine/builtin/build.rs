//! Compiles the built-in packs into what the program holds of them.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // The packs are a part of the engine, which this script is built with.
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no folder for what is made")?);
    let packs = coldcase_engine::freeze(&coldcase_engine::builtin_texts())?;
    fs::write(out.join("packs"), packs)?;
    Ok(())
}
