//! Receipts made here, each rule broken once; then real ones where their folder is at hand.

mod alone;
mod caps;
mod decisions;
mod draft;
mod file;
mod linked;
mod lost;
mod real;
mod rotated;
mod spelled;
mod walk;
