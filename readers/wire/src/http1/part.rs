//! Bytes of a message and where in the capture file each of them stands.

use bytes::Bytes;

/// From `offset` on, the bytes of a part stand at `at` in the file, up to the next extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Offset in the part.
    pub offset: u64,
    /// Offset in the capture file.
    pub at: u64,
    /// When they were captured, in nanoseconds since 1970.
    pub time: Option<i64>,
}

/// Some bytes of a message with their map to the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The bytes.
    pub bytes: Bytes,
    /// The map, ascending by offset.
    pub extents: Vec<Extent>,
    /// How many of the bytes the map covers: fewer than all where it grew over its cap.
    pub mapped: u64,
}

impl Part {
    /// Where in the file the byte at `offset` stands.
    pub fn at(&self, offset: u64) -> Option<u64> {
        if offset >= self.mapped {
            return None;
        }
        let after = self.extents.partition_point(|extent| extent.offset <= offset);
        let extent = self.extents.get(after.checked_sub(1)?)?;
        extent.at.checked_add(offset - extent.offset)
    }

    /// The place of the byte at `offset`, or else of the first byte: for notes.
    pub(super) fn near(&self, offset: usize) -> u64 {
        self.at(offset as u64).or_else(|| self.at(0)).unwrap_or(0)
    }
}

/// Bytes as they were pushed, with their place and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: u64,
    pub(super) time: Option<i64>,
}

impl<'a> Piece<'a> {
    /// The first `len` bytes, and the rest.
    pub(super) fn split(self, len: usize) -> (Piece<'a>, Piece<'a>) {
        let (head, tail) = self.bytes.split_at_checked(len).unwrap_or((self.bytes, &[]));
        let at = self.at.saturating_add(head.len() as u64);
        (Piece { bytes: head, ..self }, Piece { bytes: tail, at, time: self.time })
    }
}

/// A part that is being put together.
#[derive(Debug, Default)]
pub(super) struct Gather {
    pub(super) bytes: Vec<u8>,
    extents: Vec<Extent>,
    mapped: u64,
}

/// A body is given this much room at once, more when it has come.
const FIRST: usize = 16 << 10;

impl Gather {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a piece whose map may have `extents` places.
    pub(super) fn push(&mut self, piece: Piece<'_>, extents: usize) {
        if piece.bytes.is_empty() {
            return;
        }
        let offset = self.bytes.len() as u64;
        self.bytes.extend_from_slice(piece.bytes);
        if self.mapped < offset {
            return;
        }
        if !self.goes_on(piece, offset) {
            if !self.extents.is_empty() && self.extents.len() >= extents {
                return;
            }
            self.extents.push(Extent { offset, at: piece.at, time: piece.time });
        }
        self.mapped = self.bytes.len() as u64;
    }

    /// Whether the piece follows the last byte in the file as well.
    fn goes_on(&self, piece: Piece<'_>, offset: u64) -> bool {
        self.extents.last().is_some_and(|last| {
            last.time == piece.time && last.at.checked_add(offset - last.offset) == Some(piece.at)
        })
    }

    /// Adds what fits under `most` bytes; says how many did.
    pub(super) fn push_capped(&mut self, piece: Piece<'_>, most: usize, extents: usize) -> usize {
        let kept = piece.split(most.saturating_sub(self.bytes.len())).0;
        self.push(kept, extents);
        kept.bytes.len()
    }

    /// Makes room for `more` bytes of a part that is said to become `whole` bytes long.
    ///
    /// A length that lies costs no more than a fixed multiple of what really came; one that holds is copied to a larger
    /// place for an eighth of its bytes at most.
    pub(super) fn expect(&mut self, more: usize, whole: usize) {
        let needed = self.bytes.len().saturating_add(more);
        if needed <= self.bytes.capacity() {
            return;
        }
        let room =
            if whole <= FIRST || needed >= whole / 8 { whole } else { needed.saturating_mul(2).max(FIRST) };
        self.bytes.reserve_exact(room.max(needed).saturating_sub(self.bytes.len()));
    }

    /// The first `len` bytes, with the place and time of the first of them.
    pub(super) fn front(&self, len: usize) -> Piece<'_> {
        let time = self.extents.first().and_then(|extent| extent.time);
        Piece { bytes: self.bytes.get(..len).unwrap_or(&self.bytes), at: self.first_at(), time }
    }

    /// Forgets the first `len` bytes.
    pub(super) fn drop_front(&mut self, len: usize) {
        let len = len.min(self.bytes.len());
        self.bytes.drain(..len);
        let gone = len as u64;
        let first = self.extents.partition_point(|extent| extent.offset <= gone).saturating_sub(1);
        self.extents.drain(..first);
        for extent in &mut self.extents {
            extent.at = extent.at.saturating_add(gone.saturating_sub(extent.offset));
            extent.offset = extent.offset.saturating_sub(gone);
        }
        self.mapped = self.mapped.saturating_sub(gone);
        if self.bytes.is_empty() {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.extents.clear();
        self.mapped = 0;
    }

    /// The part, in a buffer of just its size; the room is kept for the next.
    pub(super) fn part(&mut self) -> Part {
        let bytes = Bytes::copy_from_slice(&self.bytes);
        self.bytes.clear();
        Part { bytes, extents: std::mem::take(&mut self.extents), mapped: std::mem::take(&mut self.mapped) }
    }

    /// The part, in the buffer in which it came.
    pub(super) fn into_part(self) -> Part {
        Part { bytes: Bytes::from(self.bytes), extents: self.extents, mapped: self.mapped }
    }

    /// The pieces as they came, to be read once more in another way.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let ends = self.extents.iter().skip(1).map(|extent| extent.offset).chain([self.bytes.len() as u64]);
        self.extents.iter().zip(ends).map(|(extent, end)| {
            let range = usize::try_from(extent.offset).unwrap_or(usize::MAX)
                ..usize::try_from(end).unwrap_or(usize::MAX);
            Piece { bytes: self.bytes.get(range).unwrap_or_default(), at: extent.at, time: extent.time }
        })
    }

    /// Where the first byte stands.
    pub(super) fn first_at(&self) -> u64 {
        self.extents.first().map_or(0, |extent| extent.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: &[u8], at: u64) -> Piece<'_> {
        Piece { bytes, at, time: None }
    }

    #[test]
    fn neighbours_in_the_file_share_an_extent_and_dropping_the_front_keeps_the_map() {
        let mut gather = Gather::default();
        for (bytes, at) in [(b"ab", 10), (b"cd", 12), (b"ef", 50)] {
            gather.push(piece(bytes, at), 9);
        }
        gather.drop_front(3);
        assert_eq!(
            gather.pieces().map(|piece| (piece.bytes, piece.at)).collect::<Vec<_>>(),
            [(&b"d"[..], 13), (b"ef", 50)]
        );
        let part = gather.part();
        assert_eq!([0, 1, 2, 3].map(|offset| part.at(offset)), [Some(13), Some(50), Some(51), None]);
    }

    #[test]
    fn a_full_map_ends_and_does_not_lie() {
        let mut gather = Gather::default();
        for at in [0, 10, 20, 21] {
            gather.push(piece(b"x", at), 2);
        }
        let part = gather.into_part();
        assert_eq!((part.at(1), part.at(2), part.at(3), part.bytes.len()), (Some(10), None, None, 4));
    }

    #[test]
    fn a_length_that_lies_takes_little_room() {
        let mut gather = Gather::default();
        gather.expect(10, 16 << 20);
        assert!(gather.bytes.capacity() <= FIRST);
        gather.bytes.resize(4 << 20, 0);
        gather.expect(1, 16 << 20);
        assert_eq!(gather.bytes.capacity(), 16 << 20);
    }
}
