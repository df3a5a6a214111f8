//! Counts pairs of bytes in files and writes the engine's table of them, `engine/src/scan/pairs.bin`.
//!
//! `cargo run -p coldcase-corpus --example pair_counts -- FILE…`. The table has a row of 64 for each class of the
//! first byte and a column for each class of the second; a cell is log2 of the count plus one, times eight, cut to
//! a whole number below 256. Bytes are folded (`| 0x20`), and a class is their low five bits with bit 6 as bit 5.
#![expect(clippy::print_stdout, reason = "an example that says what it did")]

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut counts = vec![0u64; 64 * 64];
    let mut bytes = 0;
    for path in std::env::args_os().skip(1) {
        bytes += count(Path::new(&path), &mut counts)?;
    }
    if bytes == 0 {
        return Err(io::Error::other("name the files to count; nothing was read, so nothing is written"));
    }
    let table: Vec<u8> = counts.iter().map(|&count| cell(count)).collect();
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../engine/src/scan/pairs.bin");
    std::fs::write(&target, table)?;
    println!("{bytes} bytes counted into {}", target.display());
    Ok(())
}

/// Adds the pairs of a file; gives its size.
fn count(path: &Path, counts: &mut [u64]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut previous = None;
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(bytes);
        }
        bytes += read as u64;
        for &byte in buffer.get(..read).unwrap_or_default() {
            let class = class(byte);
            if let Some(cell) = previous.and_then(|before: usize| counts.get_mut(before * 64 + class)) {
                *cell += 1;
            }
            previous = Some(class);
        }
    }
}

/// The class of a byte after folding.
fn class(byte: u8) -> usize {
    let folded = usize::from(byte | 0x20);
    folded & 0x1F | (folded >> 6 & 1) << 5
}

/// min(255, ⌊8·log2(count + 1)⌋), in whole numbers: the greatest n with 2^n ≤ (count + 1)^8.
fn cell(count: u64) -> u8 {
    // Squared three times with the exponent kept apart: after each squaring the mantissa is brought back to 62 bits.
    let value = u128::from(count) + 1;
    let mut exponent = value.ilog2();
    let mut mantissa = if exponent > 62 { value >> (exponent - 62) } else { value << (62 - exponent) };
    for _ in 0..3 {
        mantissa = (mantissa * mantissa) >> 62;
        exponent *= 2;
        if mantissa >> 63 == 1 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    u8::try_from(exponent).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_eight_times_the_logarithm() {
        let expected =
            [(0, 0), (1, 8), (2, 12), (3, 16), (6, 22), (1000, 79), (1 << 31, 248), (u64::MAX, 255)];
        for (count, value) in expected {
            assert_eq!(cell(count), value, "{count}");
        }
    }

    #[test]
    fn letters_of_either_case_share_a_class_and_letters_differ_from_digits() {
        assert_eq!(class(b'A'), class(b'a'));
        assert_ne!(class(b'q'), class(b'1'));
    }
}
