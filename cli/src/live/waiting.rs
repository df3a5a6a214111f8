//! Whether somebody still waits for a scan: it is either concluded or given up, never both, so that the record of an event that
//! was given up does not say that it passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const UNDER_WAY: u8 = 0;
const CONCLUDED: u8 = 1;
const ABANDONED: u8 = 2;

/// Why nothing passes that was given up.
pub(super) const TOO_LONG: &str = "the scan took too long";

/// What who scans and who waits for it share.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<AtomicU8>);

impl Waiting {
    /// The scan has come to an end; says whether it counts.
    pub(super) fn conclude(&self) -> bool {
        self.turn(CONCLUDED)
    }

    /// Nobody waits any more; says whether that came first.
    pub(super) fn abandon(&self) -> bool {
        self.turn(ABANDONED)
    }

    fn turn(&self, to: u8) -> bool {
        self.0.compare_exchange(UNDER_WAY, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
