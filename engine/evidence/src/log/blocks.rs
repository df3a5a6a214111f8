//! A shard's bytes in blocks of whole lines, and what stands after the last newline.
//!
//! Memory is a block and at most one line of the limit, whatever the shard holds.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

/// How much is read at once: small enough to be in the cache when it is hashed, large enough to be worth handing over.
const BLOCK: usize = 256 << 10;

/// A shard that was opened.
pub struct OpenShard {
    /// Its bytes.
    pub reader: Box<dyn Read>,
    /// Its size when it was opened, if it has one: what is written to it later is not looked at.
    pub size: Option<u64>,
}

/// Memory for a block, used again and again.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

/// The next piece of a shard.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Whole lines, each with its newline, in the buffer.
    Lines {
        /// Where they start in the shard.
        offset: u64,
    },
    /// A line over the limit, newline included; it was not kept.
    TooLong {
        /// Where it starts.
        offset: u64,
        /// How long it is.
        bytes: u64,
    },
    /// The end.
    End(Tail),
}

/// How a shard ends.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Where the last newline ends.
    pub(crate) offset: u64,
    /// What follows it, without zero bytes at the end.
    pub(crate) fragment: Vec<u8>,
    /// Zero bytes at the very end.
    pub(crate) zeros: u64,
    /// The bytes after the last newline, if they are over the limit and not just zeros.
    pub(crate) too_long: Option<u64>,
    /// Whether the file had more, or fewer, bytes than when it was opened.
    pub(crate) changed: bool,
}

/// Reads one shard.
pub(crate) struct BlockReader {
    shard: OpenShard,
    limit: usize,
    /// The start of a line whose end has not been read.
    carry: Vec<u8>,
    /// Where in the shard `carry` starts.
    offset: u64,
    read: u64,
    at_end: bool,
}

impl Buffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Reads up to a block more.
    fn fill(&mut self, reader: &mut dyn Read, most: u64) -> io::Result<usize> {
        let room = usize::try_from(most).unwrap_or(BLOCK).min(BLOCK);
        if self.bytes.len() < self.len + room {
            self.bytes.resize(self.len + room, 0);
        }
        let Some(free) = self.bytes.get_mut(self.len..self.len + room) else { return Ok(0) };
        loop {
            match reader.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) => {
                    self.len += count;
                    return Ok(count);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl BlockReader {
    pub(crate) fn new(shard: OpenShard, limit: usize) -> Self {
        Self { shard, limit, carry: Vec::new(), offset: 0, read: 0, at_end: false }
    }

    /// Bytes read so far.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// The next piece; lines are left in `buffer`.
    pub(crate) fn next(&mut self, buffer: &mut Buffer) -> io::Result<Piece> {
        if buffer.bytes.len() < self.carry.len() {
            buffer.bytes.resize(self.carry.len(), 0);
        }
        if let Some(start) = buffer.bytes.get_mut(..self.carry.len()) {
            start.copy_from_slice(&self.carry);
        }
        buffer.len = self.carry.len();
        self.carry.clear();
        // What was carried over may hold newlines only after a line that was too long.
        let mut searched = 0;
        loop {
            let ended = self.at_end || self.more(buffer)? == 0;
            let new = buffer.bytes().get(searched..).unwrap_or_default();
            if let Some(last) = memrchr(b'\n', new) {
                let end = searched + last + 1;
                let offset = self.offset;
                self.carry.extend_from_slice(buffer.bytes().get(end..).unwrap_or_default());
                self.offset += end as u64;
                self.at_end = ended;
                buffer.len = end;
                return Ok(Piece::Lines { offset });
            }
            searched = buffer.len;
            if ended {
                return self.end(buffer);
            }
            if buffer.len > self.limit {
                return self.pass_over(buffer);
            }
        }
    }

    /// Reads on; 0 at the end, or at what was the end when the shard was opened.
    fn more(&mut self, buffer: &mut Buffer) -> io::Result<usize> {
        let left = self.shard.size.map_or(u64::MAX, |size| size.saturating_sub(self.read));
        let count = if left == 0 { 0 } else { buffer.fill(&mut self.shard.reader, left)? };
        self.read += count as u64;
        Ok(count)
    }

    /// Passes over a line that is over the limit.
    fn pass_over(&mut self, buffer: &mut Buffer) -> io::Result<Piece> {
        let kept = buffer.len.min(self.limit);
        let mut zeros_only = buffer.bytes().get(kept..).unwrap_or_default().iter().all(|byte| *byte == 0);
        let mut bytes = buffer.len as u64;
        let offset = self.offset;
        loop {
            // What was kept stays in front; the rest is read over and over into the same place.
            buffer.len = kept;
            if self.more(buffer)? == 0 {
                let mut tail = self.tail(buffer)?;
                if zeros_only {
                    tail.zeros = bytes - tail.fragment.len() as u64;
                } else {
                    tail.too_long = Some(bytes);
                }
                self.at_end = true;
                self.offset += bytes;
                return Ok(Piece::End(tail));
            }
            let new = buffer.bytes().get(kept..).unwrap_or_default();
            if let Some(end) = memchr(b'\n', new) {
                bytes += end as u64 + 1;
                self.carry.extend_from_slice(new.get(end + 1..).unwrap_or_default());
                self.offset += bytes;
                return Ok(Piece::TooLong { offset, bytes });
            }
            zeros_only &= new.iter().all(|byte| *byte == 0);
            bytes += new.len() as u64;
        }
    }

    fn end(&mut self, buffer: &Buffer) -> io::Result<Piece> {
        self.at_end = true;
        Ok(Piece::End(self.tail(buffer)?))
    }

    fn tail(&mut self, buffer: &Buffer) -> io::Result<Tail> {
        let rest = buffer.bytes();
        let kept = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let size = self.shard.size;
        let grew = size.is_some_and(|size| self.read >= size) && self.shard.reader.read(&mut [0])? > 0;
        let shrank = size.is_some_and(|size| self.read < size);
        Ok(Tail {
            offset: self.offset,
            fragment: rest.get(..kept).unwrap_or_default().to_vec(),
            zeros: (rest.len() - kept) as u64,
            too_long: (kept > self.limit).then_some(rest.len() as u64),
            changed: grew || shrank,
        })
    }
}

#[cfg(test)]
mod tests;
