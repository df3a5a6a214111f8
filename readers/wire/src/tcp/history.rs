//! The last bytes that were handed on, of all flows, so that retransmissions can be compared with them.
//!
//! One ring of bytes. Each entry has a head that points to the entry before it of the same stream, so that a stream keeps
//! nothing but the position of its newest entry, and old bytes go by being overwritten.

/// Head of an entry: position of the entry before (8 bytes), stream offset (8), length (4).
const HEAD: usize = 20;
/// Entries of one stream that follow each other are joined up to this length: when an entry's head is overwritten, all of
/// it is lost.
const ENTRY: usize = 64 << 10;
/// Entries looked at for one segment: 4 MiB of a stream alone, less if many streams take turns.
const STEPS: usize = 256;

/// The newest entry of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark(u64);

/// The ring.
pub(super) struct History {
    ring: Vec<u8>,
    size: usize,
    /// Position of the next entry; positions only grow, and stand in the ring modulo its size. Zero is no position.
    head: u64,
    newest: Mark,
    newest_len: usize,
    newest_end: u64,
}

impl History {
    /// A ring of `size` bytes, rounded up to a power of two; it is allocated as it fills.
    pub(super) fn new(size: usize) -> Self {
        let size = if size == 0 { 0 } else { size.next_power_of_two().max(4096) };
        Self { ring: Vec::new(), size, head: size as u64, newest: Mark(0), newest_len: 0, newest_end: 0 }
    }

    /// Remembers bytes that were handed on.
    #[inline]
    pub(super) fn push(&mut self, mark: &mut Mark, offset: u64, bytes: &[u8]) {
        if bytes.len() + HEAD > self.size / 2 {
            return;
        }
        if !self.extend(*mark, offset, bytes) {
            self.start(mark, offset, bytes);
        }
    }

    fn extend(&mut self, mark: Mark, offset: u64, bytes: &[u8]) -> bool {
        let len = self.newest_len + bytes.len();
        let start = self.place(self.newest.0);
        if mark != self.newest
            || mark.0 == 0
            || offset != self.newest_end
            || len > ENTRY.min(self.size / 4)
            || start + HEAD + len > self.size
        {
            return false;
        }
        let Ok(short) = u32::try_from(len) else { return false };
        self.write(start + 16, &short.to_le_bytes());
        self.write(start + HEAD + self.newest_len, bytes);
        self.newest_len = len;
        self.newest_end += bytes.len() as u64;
        self.head += bytes.len() as u64;
        true
    }

    fn start(&mut self, mark: &mut Mark, offset: u64, bytes: &[u8]) {
        let Ok(short) = u32::try_from(bytes.len()) else { return };
        let mut start = self.place(self.head);
        if start + HEAD + bytes.len() > self.size {
            self.head += (self.size - start) as u64;
            start = 0;
        }
        let mut head = [0; HEAD];
        let (previous, rest) = head.split_at_mut(8);
        let (at, len) = rest.split_at_mut(8);
        previous.copy_from_slice(&mark.0.to_le_bytes());
        at.copy_from_slice(&offset.to_le_bytes());
        len.copy_from_slice(&short.to_le_bytes());
        self.write(start, &head);
        self.write(start + HEAD, bytes);
        *mark = Mark(self.head);
        self.newest = *mark;
        self.newest_len = bytes.len();
        self.newest_end = offset + bytes.len() as u64;
        self.head += (HEAD + bytes.len()) as u64;
    }

    fn write(&mut self, start: usize, bytes: &[u8]) {
        let end = start + bytes.len();
        if end > self.ring.len() {
            let grown = (self.ring.len() * 2).clamp(end, self.size.max(end));
            self.ring.resize(grown, 0);
        }
        if let Some(target) = self.ring.get_mut(start..end) {
            target.copy_from_slice(bytes);
        }
    }

    /// Copies what is known of a stream from `from` up to `to` into `bytes`, and lists the known parts in ascending order.
    pub(super) fn read(
        &self,
        mark: Mark,
        from: u64,
        to: u64,
        bytes: &mut Vec<u8>,
        known: &mut Vec<(u64, u64)>,
    ) {
        known.clear();
        bytes.clear();
        bytes.resize(usize::try_from(to.saturating_sub(from)).unwrap_or(0), 0);
        let mut position = mark.0;
        for _ in 0..STEPS {
            let Some((previous, offset, entry)) = self.entry(position) else { break };
            let end = offset + entry.len() as u64;
            if end <= from {
                break;
            }
            let (first, last) = (offset.max(from), end.min(to));
            if first < last {
                let source = entry.get(index(first - offset)..index(last - offset));
                let target = bytes.get_mut(index(first - from)..index(last - from));
                if let (Some(source), Some(target)) = (source, target) {
                    target.copy_from_slice(source);
                    match known.last_mut() {
                        Some(later) if later.0 == last => later.0 = first,
                        _ => known.push((first, last)),
                    }
                }
            }
            position = previous;
        }
        known.reverse();
    }

    fn entry(&self, position: u64) -> Option<(u64, u64, &[u8])> {
        if position == 0 || self.head - position > self.size as u64 {
            return None;
        }
        let rest = self.ring.get(self.place(position)..)?;
        let (previous, rest) = rest.split_first_chunk::<8>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let bytes = rest.get(..u32::from_le_bytes(*len) as usize)?;
        Some((u64::from_le_bytes(*previous), u64::from_le_bytes(*offset), bytes))
    }

    fn place(&self, position: u64) -> usize {
        index(position & (self.size as u64).saturating_sub(1))
    }
}

fn index(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_find_their_own_bytes_until_they_are_overwritten() {
        let mut history = History::new(4096);
        let (mut one, mut two) = (Mark::default(), Mark::default());
        let (mut bytes, mut known) = (Vec::new(), Vec::new());
        for turn in 0u8..100 {
            let offset = u64::from(turn) * 50;
            history.push(&mut one, offset, &[turn; 50]);
            history.push(&mut two, offset, &[turn ^ 0xff; 50]);
            history.read(one, offset.saturating_sub(100), offset + 60, &mut bytes, &mut known);
            assert_eq!(known, [(offset.saturating_sub(100), offset + 50)]);
            assert_eq!(bytes[bytes.len() - 11], turn);
        }
        history.read(one, 0, 5000, &mut bytes, &mut known);
        assert!(known.len() == 1 && known[0].0 > 3000 && known[0].1 == 5000);
        assert!(history.ring.len() <= 4096);
    }

    #[test]
    fn one_stream_alone_is_remembered_for_most_of_the_ring() {
        let mut history = History::new(1 << 16);
        let mut mark = Mark::default();
        let (mut bytes, mut known) = (Vec::new(), Vec::new());
        for turn in 0u64..1000 {
            let content: Vec<u8> = (turn * 700..(turn + 1) * 700).map(|at| (at % 251) as u8).collect();
            history.push(&mut mark, turn * 700, &content);
        }
        history.read(mark, 660_000, 700_000, &mut bytes, &mut known);
        assert_eq!(known, [(660_000, 700_000)]);
        assert!(bytes.iter().zip(660_000u64..).all(|(byte, at)| u64::from(*byte) == at % 251));
    }
}
