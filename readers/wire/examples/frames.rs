//! Sums up capture files: `cargo run --example frames -- FILE…`. Compressed ones are not read.
#![expect(clippy::print_stdout, reason = "the summary goes to the terminal")]

use std::fs::File;
use std::io::{self, Read};

use coldcase_wire::capture::{CaptureReader, Limits, Step};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

fn main() -> io::Result<()> {
    for path in std::env::args().skip(1) {
        let reader = read(&mut File::open(&path)?)?;
        let (facts, count) = (reader.facts(), reader.count());
        println!(
            "{path}: {} bytes, {:?} {}, sections {}",
            reader.at(),
            facts.kind,
            facts.variant,
            facts.sections
        );
        println!("  {count:?}");
        for interface in &facts.interfaces {
            println!(
                "  link {} snap {}: {} packets, {} bytes, {} cut, {:?} to {:?}, dropped {:?}, clock back {}",
                interface.link,
                interface.snap_length,
                interface.packets,
                interface.bytes,
                interface.cut,
                interface.first,
                interface.last,
                interface.dropped,
                interface.clock_back,
            );
        }
        for (kind, count) in reader.note_counts() {
            println!("  note {kind}: {count}");
        }
    }
    Ok(())
}

/// Keeps a window over the file, as short as the reader lets it be.
fn read(file: &mut File) -> io::Result<CaptureReader> {
    let mut reader = CaptureReader::new(Limits::default());
    let (mut buffer, mut start, mut end, mut is_end) = (vec![0; CHUNK], 0, 0, false);
    loop {
        let mut window = buffer.get(start..end).unwrap_or_default();
        let need = loop {
            match reader.next(&mut window, is_end) {
                Step::Frame(_) | Step::Item(_) => {}
                Step::Need(need) => break need,
                Step::End => return Ok(reader),
            }
        };
        start = end - window.len();
        buffer.copy_within(start..end, 0);
        (start, end) = (0, end - start);
        buffer.resize(buffer.len().max(need + CHUNK), 0);
        let read = file.read(buffer.get_mut(end..).unwrap_or_default())?;
        is_end = read == 0;
        end += read;
    }
}
