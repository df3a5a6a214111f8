//! Receipts made here, each rule broken once; then real ones where their folder is at hand.

mod alone;
mod caps;
pub(crate) mod decisions;
pub(crate) mod draft;
mod file;
mod linked;
mod lost;
mod real;
mod rotated;
mod spelled;
mod walk;
