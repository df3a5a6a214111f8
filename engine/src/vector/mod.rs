//! The loops that look at every byte, with vector instructions where the processor has them.
//!
//! The one place of the engine with `unsafe`: intrinsics behind a check of the processor, each load within the slice
//! that it was cut from. Every function has a portable twin that gives the same, and a property test holds the two to
//! it.

mod buckets;
mod classes;
mod marks;
mod runs;

pub(crate) use buckets::Buckets;
pub(crate) use classes::{BLOCK, Class, Masks, each_block};
pub(crate) use marks::{BITS, FOLD, Marked, hash, marks, marks_at};
pub(crate) use runs::{end_of_run, is_digit};
