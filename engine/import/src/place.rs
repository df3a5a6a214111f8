//! Lines and columns of offsets in a text, from 1.

/// The line that an offset is on.
pub(crate) fn line_of(text: &str, offset: usize) -> u64 {
    line_column(text, offset).0
}

/// The line and column, in characters, of an offset; the end of the text for one beyond it.
pub(crate) fn line_column(text: &str, offset: usize) -> (u64, u64) {
    let bytes = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let line = memchr::memchr_iter(b'\n', bytes).count();
    let start = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column = bytes.get(start..).unwrap_or_default().iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    (line as u64 + 1, column as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_and_in_characters() {
        assert_eq!(line_column("", 0), (1, 1));
        assert_eq!(line_column("a\nbéc", 5), (2, 3));
        assert_eq!(line_column("a\n", 99), (2, 1));
    }
}
