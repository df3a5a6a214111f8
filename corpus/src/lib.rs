//! Inputs for tests and benches: labelled cases, hostile files, and generators of large benign traffic.
//!
//! Product code never uses this crate. The generators are deterministic: the same seed and size give the same
//! bytes on every machine. What they write holds no credential and no attack, so that a finding in it is a mistake.
//!
//! ```
//! let mut har = Vec::new();
//! let entries = coldcase_corpus::gen_har::write(&mut har, 20_000, 1)?;
//! assert!(entries > 0 && har.len() >= 20_000);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Invariants
//! - No clock, no environment, no randomness but [`Prng`] with the caller's seed.
//! - No stored file holds a whole credential: a `{+}` stands in each, which [`cases`] takes out.
#![forbid(unsafe_code)]

pub mod cases;
mod clock;
mod counted;
pub mod gen_evidence;
pub mod gen_har;
pub mod gen_mcp;
pub mod gen_recorder;
pub mod gen_records;
pub mod hostile;
mod prng;
mod prose;

pub use prng::Prng;
