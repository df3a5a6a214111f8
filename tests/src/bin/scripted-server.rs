//! A server for tests of the live mode: it sends what a test lays down for it, and writes down what it gets.
//!
//! In the folder that is its argument it sends `in-0`, `in-1`, … byte for byte as soon as each is there, appends what
//! comes in to `received`, and ends with the code in `exit`, or by abort if that says so. At the end of its input it
//! makes `eof` and ends with 0, unless there is `stay`. On `close` it closes its output. It leaves out the protocol.
#![expect(clippy::disallowed_methods, reason = "small files of a test")]

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_default();
    let also = folder.clone();
    writeln!(io::stderr(), "scripted server {}", std::process::id())?;
    fs::write(folder.join("pid"), std::process::id().to_string())?;
    std::thread::spawn(move || receive(&also));
    let mut next = 0;
    loop {
        let path = folder.join(format!("in-{next}"));
        if path.exists() {
            let mut out = io::stdout().lock();
            out.write_all(&fs::read(&path)?)?;
            out.flush()?;
            next += 1;
        } else if let Some(code) = exit(&folder) {
            match code.parse() {
                Ok(code) => std::process::exit(code),
                Err(_) => std::process::abort(),
            }
        } else if folder.join("eof").exists() && !folder.join("stay").exists() {
            return Ok(());
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// What the test says of the end; a file is there before its text is.
fn exit(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join("exit")).ok().filter(|text| !text.is_empty())
}

fn receive(folder: &Path) -> io::Result<()> {
    let mut received = OpenOptions::new().create(true).append(true).open(folder.join("received"))?;
    let mut buffer = vec![0; 64 << 10];
    let mut input = io::stdin().lock();
    loop {
        // A test may hold it up, to see who waits.
        while folder.join("hold").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let count = input.read(&mut buffer)?;
        if count == 0 {
            return fs::write(folder.join("eof"), "");
        }
        received.write_all(buffer.get(..count).unwrap_or_default())?;
    }
}
