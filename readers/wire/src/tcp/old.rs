//! Payload that was handed on before: the same, another version, or too old to tell.

use super::arrival::Arrival;
use super::half::Half;
use super::held::report;
use super::pool::{Pool, Way};
use super::{Apart, Conflict, Sink};

impl Half {
    /// Compares the part of a segment that stands before the next byte with what was handed on.
    pub(super) fn compare(
        &mut self,
        old: Arrival<'_>,
        whole: &Arrival<'_>,
        way: Way,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) {
        let (Ok(start), Ok(end)) = (u64::try_from(old.start), u64::try_from(old.end())) else { return };
        if self.is_keep_alive(whole, end) {
            pool.counts.keep_alives += 1;
            pool.counts.duplicates += old.bytes.len() as u64;
            return;
        }
        let (mut earlier, mut known) = (std::mem::take(&mut pool.earlier), std::mem::take(&mut pool.known));
        pool.history.read(self.mark, start, end, &mut earlier, &mut known);
        let mut rest = old;
        for (from, to) in &known {
            let unknown = rest.split(from.cast_signed());
            self.unknown(unknown, way, pool, out);
            let other = rest.split(to.cast_signed());
            let kept = earlier.get(index(from - start)..index(to - start)).unwrap_or_default();
            if kept == other.bytes {
                pool.counts.duplicates += other.bytes.len() as u64;
                continue;
            }
            let conflict = Conflict {
                offset: *from,
                kept,
                other: other.bytes,
                within: whole.bytes,
                at: other.at,
                is_ttl_odd: whole.is_odd,
            };
            report(&conflict, way, pool, out);
        }
        self.unknown(rest, way, pool, out);
        (pool.earlier, pool.known) = (earlier, known);
    }

    /// One old byte to provoke an acknowledgement; its value means nothing (RFC 9293, section 3.8.4).
    fn is_keep_alive(&self, whole: &Arrival<'_>, end: u64) -> bool {
        let is_acked = self.acked.map_or(whole.bytes == [0], |acked| acked >= end);
        whole.bytes.len() == 1 && end == self.next && is_acked
    }

    /// Old payload that nothing is left of to compare with: a late filler of a gap, or a retransmission.
    fn unknown(&self, mut old: Arrival<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let late = old.split(self.unsure_below.cast_signed());
        pool.decoy(way, late.apart(Apart::Late), out);
        for (from, to) in &self.gaps {
            let before = old.split(from.cast_signed());
            self.acknowledged(before, way, pool, out);
            let late = old.split(to.cast_signed());
            pool.decoy(way, late.apart(Apart::Late), out);
        }
        self.acknowledged(old, way, pool, out);
    }

    /// A receiver drops what it acknowledged unseen; what it did not may be its reading.
    fn acknowledged(&self, mut old: Arrival<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let dropped = old.split(self.acked.unwrap_or(0).cast_signed());
        pool.counts.duplicates += dropped.bytes.len() as u64;
        pool.decoy(way, old.apart(Apart::Unverified), out);
    }
}

fn index(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
