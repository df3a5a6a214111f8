//! Whether records follow each other: tells how long their headers are, and where sound ones begin after damage.

use super::super::bytes::size;
use super::super::limits::{MOST_FRAME, MOST_SEARCHED};
use super::super::reader::Core;
use super::super::resync::{Candidate, Records};
use super::{FIELDS, FOLLOWING, Grade, Pcap, begins_file};

/// After damage a record counts as sound if its time is this close to those before: 30 days, in nanoseconds.
const NEAR: i64 = 30 * 86_400 * 1_000_000_000;

impl Pcap {
    /// Length of a record header: the likeliest one that leads from the first record to another. `Err` is how many bytes
    /// are needed to tell.
    pub(super) fn record_header(
        &mut self,
        core: &Core,
        records: &[u8],
        is_end: bool,
    ) -> Result<usize, usize> {
        let likeliest = self.header;
        for &header in self.variant.records.iter().filter(|_| self.variant.records.len() > 1) {
            self.header = header;
            let records_after = if header == likeliest { 1 } else { 2 };
            match self.chain(core, records, is_end, records_after) {
                Candidate::Sound(_) => return Ok(header),
                Candidate::Need(need) => return Err(need),
                Candidate::No => {}
            }
        }
        Ok(likeliest)
    }

    /// Whether a good record stands at the start of `bytes`, and as many after it, or the end.
    fn chain(&self, core: &Core, bytes: &[u8], is_end: bool, after: usize) -> Candidate {
        let (mut at, mut first) = (0, 0);
        for count in 0..=after {
            let rest = bytes.get(at..).unwrap_or_default();
            if is_end && count > 0 && at == bytes.len() {
                break;
            }
            if rest.len() < FOLLOWING && !is_end {
                return Candidate::Need(at.saturating_add(FOLLOWING));
            }
            let Some(head) = self.head(rest) else { return Candidate::No };
            if count > 0 && begins_file(rest) {
                break;
            }
            if self.grade(core, head) != Grade::Good {
                return Candidate::No;
            }
            at = at.saturating_add(self.record_size(head));
            if count == 0 {
                first = at;
            }
        }
        Candidate::Sound(first)
    }
}

impl Records for Pcap {
    fn candidate(&self, core: &Core, bytes: &[u8], is_end: bool) -> Candidate {
        let Some(head) = self.head(bytes) else {
            return if is_end { Candidate::No } else { Candidate::Need(FIELDS) };
        };
        if head.captured == 0 || size(head.captured) > MOST_SEARCHED || size(head.original) > MOST_FRAME {
            return Candidate::No;
        }
        let facts = self.index.and_then(|index| core.facts.interfaces.get(index));
        if let Some((first, last)) = facts.and_then(|facts| facts.first.zip(facts.last)) {
            let time = self.time(head);
            if time < first.saturating_sub(NEAR) || time > last.saturating_add(NEAR) {
                return Candidate::No;
            }
        }
        self.chain(core, bytes, is_end, 1)
    }

    fn size(&self, core: &Core, bytes: &[u8]) -> Option<usize> {
        let head = self.head(bytes)?;
        (self.grade(core, head) == Grade::Good).then(|| self.record_size(head))
    }
}
