//! Bodies: by length, until close, in chunks.

use super::heads::Stretch;
use super::{Out, Phase, Piece, Ruler, Shared, State, Stream};
use crate::Side;
use crate::http1::chunk;
use crate::http1::fields::Reader;
use crate::http1::start;

/// The size of a chunk is told from something else by as many bytes at most.
const NUMBER: usize = 32;

/// The size that a line gives where chunks may go on after a loss: such a line holds nothing else.
pub(super) fn resumed(line: &[u8]) -> Option<u64> {
    let digits = line.strip_suffix(b"\r")?;
    let is_size = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    if is_size { chunk::size(digits).map(|size| size.value) } else { None }
}

impl Stream {
    pub(super) fn body(
        &mut self,
        piece: Piece<'_>,
        phase: Phase,
        shared: &mut Shared,
        out: &mut Out<'_>,
    ) -> usize {
        match phase {
            Phase::Length(left) => {
                let (used, left) = self.content(piece, left, shared);
                self.state = State::Body(Phase::Length(left));
                if left == 0 {
                    self.end(out);
                }
                used
            }
            Phase::Close => self.content(piece, piece.bytes.len() as u64, shared).0,
            Phase::Data(left) => {
                let (used, left) = self.content(piece, left, shared);
                self.state = State::Body(if left > 0 {
                    Phase::Data(left)
                } else {
                    Phase::DataEnd { after_cr: false }
                });
                used
            }
            Phase::DataEnd { after_cr } => self.data_end(piece, after_cr, shared),
            Phase::Size { is_first } => self.size(piece, is_first, shared, out),
            Phase::Trailer => self.trailer(piece, shared, out),
            Phase::Surplus(left) => {
                let used = usize::try_from(left).unwrap_or(usize::MAX).min(piece.bytes.len());
                if let Some(open) = &mut self.open {
                    open.surplus(piece.split(used).0, &shared.limits, &mut shared.count);
                }
                let left = left - used as u64;
                self.state = State::Body(Phase::Surplus(left));
                if left == 0 {
                    self.end_here(out);
                }
                used
            }
        }
    }

    /// Bytes of the body: how many were used, and how many come still.
    fn content(&mut self, piece: Piece<'_>, left: u64, shared: &mut Shared) -> (usize, u64) {
        let used = usize::try_from(left).unwrap_or(usize::MAX).min(piece.bytes.len());
        if let Some(open) = &mut self.open {
            open.add(piece.split(used).0, left, &shared.limits, &mut shared.count);
        }
        (used, left - used as u64)
    }

    fn note(&mut self, kind: &'static str, at: u64, what: &'static str) {
        if let Some(open) = &mut self.open {
            open.notes.add(kind, at, what);
        }
    }

    fn raw(&mut self, piece: Piece<'_>, shared: &Shared) {
        if let Some(open) = &mut self.open {
            open.raw(piece, &shared.limits);
        }
    }

    /// The line end after a chunk.
    fn data_end(&mut self, piece: Piece<'_>, after_cr: bool, shared: &mut Shared) -> usize {
        let size = State::Body(Phase::Size { is_first: false });
        let (used, next) = match (piece.bytes, after_cr) {
            ([b'\r', b'\n', ..], false) => (2, size),
            ([b'\r', ..], false) => (1, State::Body(Phase::DataEnd { after_cr: true })),
            ([b'\n', ..], true) => (1, size),
            ([b'\n', ..], false) => {
                self.note("http_bare_lf", piece.at, "LF alone after a chunk");
                (1, size)
            }
            (_, true) => {
                self.note("http_odd_chunk_size", piece.at, "CR alone after a chunk");
                (0, size)
            }
            (_, false) => {
                self.note("http_odd_chunk_size", piece.at, "no line end after a chunk");
                (0, size)
            }
        };
        self.state = next;
        self.raw(piece.split(used).0, shared);
        shared.count.framing += used as u64;
        used
    }

    /// The line before a chunk.
    fn size(&mut self, piece: Piece<'_>, is_first: bool, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        let line = memchr::memchr(b'\n', piece.bytes).map_or(piece.bytes.len(), |at| at + 1);
        let before = self.buf.len();
        let used = if before < NUMBER { line.min(NUMBER - before) } else { line };
        let taken = piece.split(used).0;
        self.raw(taken, shared);
        let kept = self.buf.push_capped(taken, shared.limits.trailer.max(NUMBER), shared.limits.extents);
        let over = (used - kept) as u64;
        shared.count.over_limit += over;
        if let Some(open) = &mut self.open {
            open.message.over_limit += over;
        }
        if taken.bytes.last() == Some(&b'\n') {
            self.size_line(is_first, shared, out);
        } else if before < NUMBER && self.buf.len() >= NUMBER && chunk::size(&self.buf.bytes).is_none() {
            self.no_size(is_first, shared, out);
        }
        used
    }

    fn size_line(&mut self, is_first: bool, shared: &mut Shared, out: &mut Out<'_>) {
        let at = self.buf.first_at();
        let line = self.buf.bytes.strip_suffix(b"\n").unwrap_or(&self.buf.bytes);
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let has_cr = text.len() < line.len() || line.len() == self.buf.len();
        if text.is_empty() {
            self.note("http_odd_chunk_size", at, "an empty line before the size");
            shared.count.framing += self.buf.len() as u64;
            return self.buf.clear();
        }
        let Some(size) = chunk::size(text) else { return self.no_size(is_first, shared, out) };
        let extension = size.extension..text.len();
        shared.count.framing += (self.buf.len() - extension.len()) as u64;
        if let Some(what) = size.odd {
            self.note("http_odd_chunk_size", at, what);
        }
        if !has_cr {
            self.note("http_bare_lf", at, "LF alone after the size of a chunk");
        }
        let mut gathered = std::mem::take(&mut self.buf);
        if let Some(open) = &mut self.open
            && !extension.is_empty()
        {
            let mut offset = 0;
            for piece in gathered.pieces() {
                let end = offset + piece.bytes.len();
                let from = extension.start.clamp(offset, end) - offset;
                let to = extension.end.clamp(offset, end) - offset;
                offset = end;
                open.extension(piece.split(to).0.split(from).1, &shared.limits, &mut shared.count);
            }
        }
        gathered.clear();
        self.buf = gathered;
        self.begin_chunk(size.value);
    }

    /// A chunk of a size, or the trailer.
    pub(super) fn begin_chunk(&mut self, size: u64) {
        self.ruler = Ruler::default();
        self.over = 0;
        self.state = State::Body(if size > 0 { Phase::Data(size) } else { Phase::Trailer });
    }

    /// Where a size should stand is something else.
    fn no_size(&mut self, is_first: bool, shared: &mut Shared, out: &mut Out<'_>) {
        let at = self.buf.first_at();
        self.note("http_bad_chunk_size", at, "no number before a chunk");
        let unchunked = self.open.as_mut().filter(|_| is_first).and_then(|open| {
            open.tap(None);
            open.unchunked
        });
        if let Some(framing) = unchunked {
            self.note("http_not_chunked", at, "the body is not chunked, other than the head says");
            let gathered = std::mem::take(&mut self.buf);
            self.begin_framed(framing, out);
            return self.replay(&gathered, shared, out);
        }
        self.close(true, out);
        self.reject(shared, out);
    }

    /// The lines after the last chunk.
    fn trailer(&mut self, piece: Piece<'_>, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        let (used, stretch) = self.lines(piece, shared.limits.trailer, true, shared);
        match stretch {
            Stretch::Open => {}
            Stretch::First => {
                let line = self.buf.bytes.strip_suffix(b"\n").unwrap_or(&self.buf.bytes);
                if memchr::memchr(b':', line.get(..16).unwrap_or(line))
                    .is_none_or(|_| self.side == Side::Server)
                    && let Some(next) = start::parse(self.side, line).filter(|next| !next.is_obsolete)
                {
                    self.note(
                        "http_odd_chunk_size",
                        self.buf.first_at(),
                        "no empty line after the last chunk",
                    );
                    self.end_here(out);
                    self.begin_head(next, false);
                    return used;
                }
            }
            Stretch::End => {
                self.raw(piece.split(used).0, shared);
                self.close_trailer(shared);
                self.end(out);
                return used;
            }
        }
        self.raw(piece.split(used).0, shared);
        used
    }

    /// Puts the trailer, as far as it came, into the message.
    pub(super) fn close_trailer(&mut self, shared: &mut Shared) {
        let is_plain = matches!(self.buf.bytes.as_slice(), b"" | b"\n" | b"\r\n");
        let Some(open) = self.open.as_mut().filter(|_| !is_plain) else {
            if self.buf.bytes == b"\n" {
                self.note("http_bare_lf", self.buf.first_at(), "LF alone after the last chunk");
            }
            shared.count.framing += self.buf.len() as u64;
            return self.buf.clear();
        };
        let part = self.buf.part();
        shared.count.content += part.bytes.len() as u64;
        let mut reader = Reader { part: &part, notes: &mut open.notes, most: shared.limits.fields };
        open.message.trailers = reader.read(0, |_, _| ());
        open.message.over_limit += std::mem::take(&mut self.over);
        open.message.trailer = part;
    }
}
