//! Counts runs of four bytes in files and writes the engine's table of them, `engine/src/scan/grams.bin`.
//!
//! `cargo run --release -p coldcase-corpus --example gram_counts -- FILE…`. The table has a cell for each of the
//! 65,536 values that the prefilter's hash can take; a cell is log2 of the count plus one, times eight, cut to a
//! whole number below 256. Bytes are folded (`| 0x20`) as the prefilter folds them.
#![expect(clippy::print_stdout, reason = "an example that says what it did")]

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut counts = vec![0u64; 1 << 16];
    let mut bytes = 0;
    for path in std::env::args_os().skip(1) {
        bytes += count(Path::new(&path), &mut counts)?;
    }
    if bytes == 0 {
        return Err(io::Error::other("name the files to count; nothing was read, so nothing is written"));
    }
    let table: Vec<u8> = counts.iter().map(|&count| cell(count)).collect();
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../engine/src/scan/grams.bin");
    std::fs::write(&target, table)?;
    println!("{bytes} bytes counted into {}", target.display());
    Ok(())
}

/// Adds the grams of a file; gives its size.
fn count(path: &Path, counts: &mut [u64]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut gram = 0;
    let mut bytes: u64 = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(bytes);
        }
        for &byte in buffer.get(..read).unwrap_or_default() {
            gram = gram >> 8 | u32::from(byte | 0x20) << 24;
            bytes += 1;
            if let Some(cell) = counts.get_mut(hash(gram)).filter(|_| bytes >= 4) {
                *cell += 1;
            }
        }
    }
}

/// The prefilter's hash of four folded bytes, the first one lowest.
const fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> 16) as usize
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
    fn either_case_is_counted_and_grams_run_over_buffers() -> io::Result<()> {
        let path = std::env::temp_dir().join(format!("coldcase-grams-{}", std::process::id()));
        std::fs::write(&path, b"Abcd abcd")?;
        let mut counts = vec![0; 1 << 16];
        let bytes = count(&path, &mut counts)?;
        std::fs::remove_file(&path)?;
        assert_eq!((bytes, counts.iter().sum::<u64>()), (9, 6));
        assert_eq!(counts[hash(u32::from_le_bytes(*b"abcd"))], 2);
        Ok(())
    }
}
