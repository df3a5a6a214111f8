//! Any bytes, read in any pieces, give the same lines and the same end.

use super::*;
use proptest::prelude::*;

/// A reader that gives a few bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[derive(Debug, PartialEq)]
enum Seen {
    Line(u64, Vec<u8>),
    TooLong(u64, u64),
}

fn read_all(bytes: &[u8], step: usize, limit: usize) -> (Vec<Seen>, Tail) {
    let bytes: &'static [u8] = Box::leak(bytes.to_vec().into_boxed_slice());
    let shard = OpenShard { reader: Box::new(Slow(bytes, step)), size: Some(bytes.len() as u64) };
    let mut reader = BlockReader::new(shard, limit);
    let (mut buffer, mut seen) = (Buffer::default(), Vec::new());
    loop {
        match reader.next(&mut buffer).unwrap() {
            Piece::Lines { offset } => {
                let mut at = offset;
                for line in buffer.bytes().split_inclusive(|byte| *byte == b'\n') {
                    assert_eq!(line.last(), Some(&b'\n'));
                    seen.push(Seen::Line(at, line[..line.len() - 1].to_vec()));
                    at += line.len() as u64;
                }
            }
            Piece::TooLong { offset, bytes } => seen.push(Seen::TooLong(offset, bytes)),
            Piece::End(tail) => return (seen, tail),
        }
    }
}

#[test]
fn lines_over_the_limit_are_passed_over_and_the_next_is_read() {
    let long = "x".repeat(2 * BLOCK);
    let text = format!("one\n{long}\ntwo\nthree\n");
    let (seen, tail) = read_all(text.as_bytes(), usize::MAX, 1000);
    assert_eq!(seen[0], Seen::Line(0, b"one".to_vec()));
    assert_eq!(seen[1], Seen::TooLong(4, 2 * BLOCK as u64 + 1));
    assert_eq!(seen[2], Seen::Line(4 + 2 * BLOCK as u64 + 1, b"two".to_vec()));
    assert_eq!((seen.len(), tail.fragment.len()), (4, 0));
}

#[test]
fn an_endless_line_costs_the_limit_and_no_more() {
    let shard = OpenShard { reader: Box::new(io::repeat(b'x').take(100 << 20)), size: None };
    let mut reader = BlockReader::new(shard, 1 << 20);
    let mut buffer = Buffer::default();
    let Ok(Piece::End(tail)) = reader.next(&mut buffer) else { panic!("no end") };
    assert_eq!(tail.too_long, Some(100 << 20));
    assert!(buffer.bytes.len() <= (1 << 20) + 2 * BLOCK, "{}", buffer.bytes.len());
}

#[test]
fn zeros_at_the_end_are_told_from_a_line() {
    let mut text = b"one\n{\"v\":1".to_vec();
    text.resize(3 << 20, 0);
    let (seen, tail) = read_all(&text, usize::MAX, 1 << 20);
    assert_eq!(seen.len(), 1);
    assert_eq!((tail.offset, tail.fragment.as_slice(), tail.too_long), (4, b"{\"v\":1".as_slice(), None));
    assert_eq!(tail.zeros, (3 << 20) - 10);
    text.push(b'x');
    assert_eq!(read_all(&text, usize::MAX, 1 << 20).1.too_long, Some((3 << 20) - 3));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    for (size, changed) in [(3, true), (4, false), (5, true)] {
        let shard = OpenShard { reader: Box::new(Slow(b"one\n", 2)), size: Some(size) };
        let mut reader = BlockReader::new(shard, 100);
        let mut buffer = Buffer::default();
        let tail = loop {
            if let Piece::End(tail) = reader.next(&mut buffer).unwrap() {
                break tail;
            }
        };
        assert_eq!(tail.changed, changed, "{size}");
    }
}

/// A reader whose every second read is interrupted, and that has more after its end, as a file that grows.
struct Odd {
    pieces: Vec<&'static [u8]>,
    reads: usize,
}

impl Read for Odd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads % 2 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let piece = if self.pieces.is_empty() { b"" } else { self.pieces.remove(0) };
        out[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}

/// What the reads give, the length of the fragment that is left, and of a line that is too long.
type Pieces = (Vec<&'static [u8]>, usize, Option<u64>);

#[test]
fn the_first_end_is_the_end() {
    let long = &[b'x'; 100];
    let cases: [Pieces; 5] = [
        (vec![b"a\n", b"b", b"", b"c\n"], 1, None),
        (vec![b"a\nb\n", b"", b"c\n"], 0, None),
        (vec![long, long, b"", b"c\n"], 50, Some(200)),
        (vec![b"", b"c\n"], 0, None),
        (vec![long, b"x\nb\n", b"", b"c\n"], 0, None),
    ];
    for (pieces, fragment, too_long) in cases {
        let ends = pieces.iter().take_while(|piece| !piece.is_empty()).flat_map(|piece| piece.iter());
        let read = ends.count() as u64;
        let mut reader =
            BlockReader::new(OpenShard { reader: Box::new(Odd { pieces, reads: 0 }), size: None }, 50);
        let mut buffer = Buffer::default();
        let mut tails = Vec::new();
        while tails.len() < 2 {
            if let Piece::End(tail) = reader.next(&mut buffer).unwrap() {
                tails.push(tail);
            }
        }
        assert_eq!(
            (tails[0].fragment.len(), tails[0].too_long, tails[0].changed),
            (fragment, too_long, false)
        );
        assert_eq!((tails[1].fragment.len(), tails[1].too_long, tails[1].changed), (0, None, false));
        assert_eq!(reader.read(), read);
        // A line that is too long is passed over, also at the end.
        assert_eq!(tails[1].offset, if too_long.is_some() { read } else { tails[0].offset });
    }
}

#[test]
fn a_long_tail_is_measured_whole() {
    let mut text = vec![b'x'; 1500];
    text.resize(3 * BLOCK, 0);
    let (_, tail) = read_all(&text, usize::MAX, 1000);
    assert_eq!((tail.too_long, tail.offset), (Some(3 * BLOCK as u64), 0));
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_lines(text in "[ab\n\0]{0,200}", step in 1usize..50, limit in 1usize..60) {
        let (seen, tail) = read_all(text.as_bytes(), step, limit);
        let (whole, end) = read_all(text.as_bytes(), usize::MAX, usize::MAX);
        prop_assert_eq!(tail.offset, end.offset);
        prop_assert_eq!(seen.len(), whole.len());
        let (lines, rest) = text.split_at(text.rfind('\n').map_or(0, |last| last + 1));
        let expected: Vec<_> = lines.split_inclusive('\n').map(|line| line.trim_end_matches('\n').as_bytes()).collect();
        for ((seen, whole), expected) in seen.iter().zip(&whole).zip(expected) {
            let Seen::Line(at, bytes) = whole else { panic!("no limit") };
            prop_assert_eq!(bytes.as_slice(), expected);
            match seen {
                Seen::Line(offset, line) => prop_assert!(offset == at && line == bytes),
                Seen::TooLong(offset, len) => {
                    prop_assert!(offset == at && *len == bytes.len() as u64 + 1 && bytes.len() > limit);
                }
            }
        }
        prop_assert_eq!(tail.too_long.is_some(), rest.trim_end_matches('\0').len() > limit, "{:?}", tail);
    }
}
