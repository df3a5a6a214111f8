//! Lines of a stdio transport, whole or, where they are too long to be held, as a glimpse.

use std::io::{self, BufRead, Read};

use coldcase_readers::MCP_LINE_BYTES;

use super::glimpse::Glimpse;

/// How much of a line that is too long is kept for the record.
const KEPT: usize = 64 << 10;

/// What comes next.
#[derive(Debug)]
pub(super) enum Line {
    /// A line with its end, which the last one may lack.
    Whole(Vec<u8>),
    /// A line over [`MCP_LINE_BYTES`].
    TooLong {
        /// Its first bytes.
        start: Vec<u8>,
        /// How many bytes it has, without its end.
        bytes: u64,
        /// What was seen of it.
        glimpse: Glimpse,
    },
}

/// Reads the next line; `None` at the end.
pub(super) fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    // Room for the line's end.
    let most = MCP_LINE_BYTES + 2;
    let read = input.by_ref().take(most as u64).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if read < most || line.last() == Some(&b'\n') {
        return Ok(Some(Line::Whole(line)));
    }
    let mut glimpse = Glimpse::of(&line);
    line.truncate(KEPT);
    line.shrink_to_fit();
    let bytes = read as u64 + pass_over(input, &mut glimpse)?;
    Ok(Some(Line::TooLong { start: line, bytes, glimpse }))
}

/// Passes over the rest of a line, and says how many bytes it had.
fn pass_over(input: &mut impl BufRead, glimpse: &mut Glimpse) -> io::Result<u64> {
    let mut passed = 0;
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let rest = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        glimpse.feed(rest);
        passed += rest.len() as u64;
        let (used, is_done) = (rest.len() + usize::from(end.is_some()), end.is_some() || buffer.is_empty());
        input.consume(used);
        if is_done {
            return Ok(passed);
        }
    }
}

/// A line's text, and the bytes that end it.
pub(super) fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = if text.len() < line.len() { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
    line.split_at(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_ends_and_the_last_may_lack_one() {
        let mut input = io::BufReader::with_capacity(3, &b"one\r\n\ntwo"[..]);
        let mut all = Vec::new();
        while let Some(Line::Whole(line)) = next_line(&mut input).unwrap() {
            all.push(line);
        }
        assert_eq!(all, [&b"one\r\n"[..], b"\n", b"two"]);
        assert_eq!(split_end(b"one\r\n"), (&b"one"[..], &b"\r\n"[..]));
        assert_eq!(split_end(b"one\r"), (&b"one\r"[..], &b""[..]));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_its_id_seen_at_its_end() {
        let long = format!("{{\"result\":\"{}\",\"id\":5}}", "x".repeat(MCP_LINE_BYTES));
        let text = format!("{long}\nnext\n");
        let mut input = text.as_bytes();
        let Some(Line::TooLong { start, bytes, glimpse }) = next_line(&mut input).unwrap() else { panic!() };
        assert_eq!((start.len(), bytes), (KEPT, long.len() as u64));
        assert_eq!(glimpse.id(), Some(&b"5"[..]));
        assert!(matches!(next_line(&mut input).unwrap(), Some(Line::Whole(line)) if line == b"next\n"));
    }

    #[test]
    fn the_longest_line_is_held() {
        let text = format!("{}\r\nx", "x".repeat(MCP_LINE_BYTES));
        let mut input = text.as_bytes();
        assert!(
            matches!(next_line(&mut input).unwrap(), Some(Line::Whole(line)) if line.len() == MCP_LINE_BYTES + 2)
        );
    }
}
