//! A known defect of recorders before a fix of 2026: they hashed broken UTF-8 as it came and stored U+FFFD.
//!
//! Such an entry never agrees with its hash. With one or two broken bytes, trying all of them can prove the cause.
//! Source: FLIGHT_RECORDER_FORMAT, section 12, "Invalid UTF-8 in hashed strings".

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::breaks::Replaced;
use crate::entry::{Entry, Room, project, read};

/// Longer lines are not tried: two broken bytes take 16,384 hashes.
const LONGEST: usize = 4096;
/// More broken bytes are not tried.
const MOST: usize = 2;
/// U+FFFD as it stands in a file and, decoded, in the hashed bytes.
const STAND_IN: &[u8] = "\u{FFFD}".as_bytes();

/// A run tries so many bytes, which take about two seconds: else a folder of many small logs would take hours.
const MOST_HASHED: u64 = 1 << 30;

/// What a run may still spend on trying bytes. Clones share it.
///
/// Units: bytes that are hashed.
#[derive(Debug, Clone)]
pub struct ReplacedBudget(Arc<AtomicU64>);

impl Default for ReplacedBudget {
    fn default() -> Self {
        Self::of(MOST_HASHED)
    }
}

impl ReplacedBudget {
    /// So many bytes.
    pub fn of(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Takes so many bytes; `false`: there are not as many left.
    fn take(&self, bytes: u64) -> bool {
        let rest = |left: u64| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest).is_ok()
    }
}

/// Whether a hashed string holds what stands for a broken byte.
pub(crate) fn has_replaced(entry: &Entry<'_>) -> bool {
    let texts = [entry.summary, entry.kind, entry.event_kind, entry.transport, entry.trace, entry.session];
    let held = |content: &[u8]| {
        memmem::find(content, STAND_IN).is_some() || memmem::find(content, br"\ufffd").is_some()
    };
    texts.iter().any(|text| held(text.content))
}

/// Whether it is worth trying which bytes were replaced.
pub(crate) fn is_possible(entry: &Entry<'_>, line: &[u8]) -> bool {
    line.len() <= LONGEST && has_replaced(entry)
}

/// Tries the bytes that may have been replaced, unless the budget is spent.
pub(crate) fn try_bytes(line: &[u8], budget: &ReplacedBudget) -> Replaced {
    let mut room = Room::default();
    let Ok(entry) = read(line, &mut room) else { return Replaced::Possible };
    let (mut decoded, mut hashed) = (Vec::new(), Vec::new());
    project(&entry.fields(&mut decoded), &mut hashed);
    // A stand-in inside `detail` was hashed as it stands; only those outside it are in question.
    let detail = memmem::find(&hashed, entry.detail).map_or(0..0, |at| at..at + entry.detail.len());
    let places: Vec<usize> = memmem::find_iter(&hashed, STAND_IN).filter(|at| !detail.contains(at)).collect();
    let tries = match places.len() {
        1..=MOST => 128usize.pow(u32::try_from(places.len()).unwrap_or(1)),
        _ => return Replaced::Possible,
    };
    if !budget.take(tries as u64 * hashed.len() as u64) {
        return Replaced::Possible;
    }
    let proved = (0..tries).any(|attempt| {
        let mut hash = Sha256::new();
        let (mut from, mut left) = (0, attempt);
        for place in &places {
            hash.update(hashed.get(from..*place).unwrap_or_default());
            hash.update([0x80 | left.to_le_bytes()[0] & 0x7F]);
            left /= 128;
            from = place + STAND_IN.len();
        }
        hash.update(hashed.get(from..).unwrap_or_default());
        <[u8; 32]>::from(hash.finalize()) == entry.hash
    });
    if proved { Replaced::Proved } else { Replaced::Possible }
}
