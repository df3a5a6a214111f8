//! Line by line through the files of a log, for formats whose records are dear enough that one thread will do.

use super::blocks::{BlockReader, Buffer, Piece, Tail};
use super::verify::LogFiles;
use crate::place::Place;

/// What was met on the way.
pub(crate) enum Met<'l> {
    /// A line.
    Line(&'l [u8]),
    /// A line over the limit, of so many bytes.
    TooLong(u64),
    /// The file cannot be read on.
    Unreadable(String),
    /// What stands after the last newline, if anything does.
    Tail(&'l Tail),
}

/// Goes through all lines; gives the bytes of all files.
pub(crate) fn each_line(files: &mut dyn LogFiles, limit: usize, each: &mut dyn FnMut(Place, Met<'_>)) -> u64 {
    let mut bytes = 0;
    for index in 0..files.len() {
        let file = u32::try_from(index).unwrap_or(u32::MAX);
        let mut place = Place { file, line: 1, offset: 0 };
        let mut reader = match files.open(index) {
            Ok(shard) => BlockReader::new(shard, limit),
            Err(error) => {
                each(place, Met::Unreadable(error.to_string()));
                continue;
            }
        };
        let mut buffer = Buffer::default();
        loop {
            match reader.next(&mut buffer) {
                Ok(Piece::Lines { offset }) => {
                    place.offset = offset;
                    for line in buffer.bytes().split_inclusive(|byte| *byte == b'\n') {
                        let text = line.strip_suffix(b"\n").unwrap_or(line);
                        let over = text.len() > limit;
                        each(place, if over { Met::TooLong(line.len() as u64) } else { Met::Line(text) });
                        place.line += 1;
                        place.offset += line.len() as u64;
                    }
                }
                Ok(Piece::TooLong { offset, bytes }) => {
                    place.offset = offset;
                    each(place, Met::TooLong(bytes));
                    place.line += 1;
                    place.offset = offset + bytes;
                }
                Ok(Piece::End(tail)) => {
                    place.offset = tail.offset;
                    if !tail.fragment.is_empty() || tail.zeros > 0 || tail.too_long.is_some() {
                        each(place, Met::Tail(&tail));
                    }
                    break;
                }
                Err(error) => {
                    each(place, Met::Unreadable(error.to_string()));
                    break;
                }
            }
        }
        bytes += reader.read();
    }
    bytes
}
