//! Receipts made here, each rule broken once; then real ones where their folder is at hand.

mod alone;
mod caps;
mod decisions;
mod draft;
mod linked;
mod real;
mod rotated;
