//! How much of what is not judged yet may be held by all connections together. Each body has a bound of its own, and a thousand of
//! them would still be more than a machine has.
//!
//! What finds no room is refused, since waiting for it would hold what is there already. Left out: the copies that a scan makes of
//! what it scans, up to some four times as much for the messages that are being scanned.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for bytes.
#[derive(Debug)]
pub(super) struct Room {
    free: AtomicUsize,
}

impl Room {
    pub(super) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { free: AtomicUsize::new(bytes) })
    }

    /// A part of it, of no bytes yet.
    pub(super) fn part(self: &Arc<Self>) -> Part {
        Part { room: Arc::clone(self), bytes: 0 }
    }
}

/// What one body has of it; given back when dropped.
#[derive(Debug)]
pub(super) struct Part {
    room: Arc<Room>,
    bytes: usize,
}

impl Part {
    /// Makes it as large as this; says whether there was room.
    pub(super) fn resize(&mut self, bytes: usize) -> bool {
        let free = &self.room.free;
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            let taken = free.fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| free.checked_sub(more));
            if taken.is_err() {
                return false;
            }
        } else {
            free.fetch_add(self.bytes - bytes, Ordering::AcqRel);
        }
        self.bytes = bytes;
        true
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.room.free.fetch_add(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more() {
        let room = Room::new(10);
        let (mut one, mut two) = (room.part(), room.part());
        assert!(one.resize(6) && two.resize(4));
        assert!(!two.resize(5), "it is full");
        assert!(one.resize(2) && two.resize(8) && !one.resize(3));
        drop(two);
        assert!(one.resize(10) && !one.resize(11));
        drop(one);
        assert!(room.part().resize(10));
    }
}
