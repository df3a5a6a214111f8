//! A key with its place in the sequence of records, which is found again after lost records by trying.

use super::record::Record;
use super::seal::Seal;

/// What opens the records of one side, under one key.
#[derive(Debug)]
pub(super) struct Opener {
    seal: Seal,
    /// The number of the next record, if none was lost.
    next: u64,
    /// Records that failed since one was opened: they may or may not have counted.
    failed: u64,
}

/// How far may be tried, for one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tries {
    /// Numbers to try after the next one for the record at hand.
    pub(super) ahead: u64,
    /// Failed tries that are left in all.
    pub(super) left: u64,
}

impl Tries {
    /// Uses one; whether there was one.
    pub(super) fn take(&mut self) -> bool {
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

/// Failed tries that each record that opens gives back.
const REFUND: u64 = 8;

impl Opener {
    pub(super) fn new(seal: Seal) -> Self {
        Self { seal, next: 0, failed: 0 }
    }

    /// Opens a record as the next one or, within `tries`, as one of those after it. The type of the content.
    pub(super) fn open(&mut self, record: &Record<'_>, tries: &mut Tries, out: &mut Vec<u8>) -> Option<u8> {
        // The likely number first: each record that failed before has taken one.
        let likely = self.next.saturating_add(self.failed);
        let window = self.failed.saturating_add(tries.ahead);
        let others =
            (0..=window).map(|step| self.next.saturating_add(step)).filter(|number| *number != likely);
        let mut opened = None;
        for (index, number) in std::iter::once(likely).chain(others).enumerate() {
            if index > 0 && !tries.take() {
                break;
            }
            if let Some(kind) = self.seal.open(number, record, out) {
                opened = Some((kind, number));
                break;
            }
        }
        self.seal.pass(record);
        let (kind, number) = opened?;
        self.next = number.saturating_add(1);
        self.failed = 0;
        tries.ahead = 0;
        tries.left = tries.left.saturating_add(REFUND);
        Some(kind)
    }

    /// Counts a record that no key opened.
    pub(super) fn fail(&mut self) {
        self.failed = self.failed.saturating_add(1);
    }
}
