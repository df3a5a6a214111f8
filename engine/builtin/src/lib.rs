//! The built-in packs, compiled when the program is built, so that it starts without reading YAML.
//!
//! ```
//! let pack = coldcase_builtin::pack()?;
//! assert_eq!(pack.rules().len(), coldcase_engine::Pack::builtin()?.rules().len());
//! # Ok::<(), coldcase_engine::PackError>(())
//! ```
//!
//! Left out: packs without the built-in ones, which [`coldcase_engine::Pack`] reads.

use coldcase_engine::{Pack, PackError, PackText};

/// What [`coldcase_engine::freeze`] made of the built-in packs.
pub static PACKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs"));

/// The built-in packs; the same as [`Pack::builtin`], and ready sooner.
pub fn pack() -> Result<Pack, PackError> {
    pack_with(&[])
}

/// The built-in packs and packs of one's own; the latter are tested against their own texts.
pub fn pack_with(own: &[PackText]) -> Result<Pack, PackError> {
    Pack::thaw(PACKS, own)
}
