//! Where bytes that were joined from several frames stand in the capture file.

/// A stretch of bytes that stands in one piece in the capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Offset in the bytes that the list belongs to.
    pub offset: usize,
    /// Size in bytes.
    pub length: usize,
    /// Offset of its first byte in the capture file.
    pub at: u64,
}

/// The places of a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places<'a> {
    /// All of it stands in one piece, from this offset in the capture file on.
    Whole(u64),
    /// It is part of a datagram that was joined from fragments.
    Joined {
        /// The datagram's pieces, in order, without holes.
        pieces: &'a [Piece],
        /// Where in the datagram the run starts.
        skip: usize,
    },
}

impl<'a> Places<'a> {
    /// Where the byte at `offset` stands in the capture file.
    pub fn at(&self, offset: usize) -> u64 {
        match *self {
            Self::Whole(at) => at.saturating_add(offset as u64),
            Self::Joined { pieces, skip } => {
                let offset = skip.saturating_add(offset);
                let after = pieces.partition_point(|piece| piece.offset <= offset);
                let piece = after.checked_sub(1).and_then(|index| pieces.get(index));
                piece.map_or(0, |piece| piece.at.saturating_add(offset.saturating_sub(piece.offset) as u64))
            }
        }
    }

    /// The same bytes without the first `count`.
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        match self {
            Self::Whole(at) => Self::Whole(at.saturating_add(count as u64)),
            Self::Joined { pieces, skip } => Self::Joined { pieces, skip: skip.saturating_add(count) },
        }
    }

    /// The pieces of the first `length` bytes, in order; offsets count from the start of this run.
    pub fn pieces(self, length: usize) -> impl Iterator<Item = Piece> + 'a {
        let (whole, pieces, skip) = match self {
            Self::Whole(at) => (Some(Piece { offset: 0, length, at }), [].as_slice(), 0),
            Self::Joined { pieces, skip } => (None, pieces, skip),
        };
        let end = skip.saturating_add(length);
        let first = pieces.partition_point(|piece| piece.offset.saturating_add(piece.length) <= skip);
        let joined =
            pieces.iter().skip(first).take_while(move |piece| piece.offset < end).map(move |piece| {
                let from = piece.offset.max(skip);
                let to = piece.offset.saturating_add(piece.length).min(end);
                let at = piece.at.saturating_add(from.saturating_sub(piece.offset) as u64);
                Piece { offset: from.saturating_sub(skip), length: to.saturating_sub(from), at }
            });
        whole.into_iter().chain(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_across_pieces() {
        let pieces = [
            Piece { offset: 0, length: 8, at: 100 },
            Piece { offset: 8, length: 8, at: 50 },
            Piece { offset: 16, length: 3, at: 300 },
        ];
        let places = Places::Joined { pieces: &pieces, skip: 0 }.skip(5);
        assert_eq!([0, 2, 3, 10, 11].map(|offset| places.at(offset)), [105, 107, 50, 57, 300]);
        let run: Vec<_> = places.pieces(12).map(|piece| (piece.offset, piece.length, piece.at)).collect();
        assert_eq!(run, [(0, 3, 105), (3, 8, 50), (11, 1, 300)]);
        assert_eq!(
            Places::Whole(7).skip(2).pieces(4).collect::<Vec<_>>(),
            [Piece { offset: 0, length: 4, at: 9 }]
        );
    }
}
