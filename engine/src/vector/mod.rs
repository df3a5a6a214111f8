//! The loops that look at every byte, with vector instructions where the processor has them.
//!
//! The one place of the engine with `unsafe`: intrinsics behind a check of the processor, each load within the slice
//! that it was cut from. Every function has a portable twin, and property tests hold the two to each other: to the same
//! result, or for [`marks`] to the same marked places among some that only hash alike.

mod buckets;
mod classes;
mod marks;
mod runs;

pub(crate) use buckets::Buckets;
pub(crate) use classes::{BLOCK, Class, Masks, each_block};
pub(crate) use marks::{BITS, FOLD, Marked, hash, marks, marks_at};
pub(crate) use runs::{end_of_run, is_digit};

/// Whether the processor has all that the functions with AVX-512 are compiled for.
#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi")
        && has_avx2()
}

#[cfg(not(target_arch = "x86_64"))]
const fn has_avx512() -> bool {
    false
}

/// Whether the processor has all that the functions with AVX2 are compiled for.
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
}
