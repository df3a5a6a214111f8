//! A stream of server-sent events cut into blocks: the bytes up to and with an empty line.

/// Cuts a stream; a block comes out when it is whole.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    held: Vec<u8>,
    /// Up to where no empty line ends.
    looked: usize,
}

impl Blocks {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole block.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        let mut at = self.looked.saturating_sub(3);
        while let Some(byte) = self.held.get(at) {
            if !matches!(byte, b'\n' | b'\r') {
                at += 1;
                continue;
            }
            let first = end_of_line(self.held.get(at..).unwrap_or_default());
            let rest = self.held.get(at + first..).unwrap_or_default();
            let second = end_of_line(rest);
            // Whether a line feed belongs to the last line's end is known when the next byte is there; without it the
            // block is whole all the same, and a line feed alone is a block of its own that says nothing.
            if second > 0 {
                let block = self.held.drain(..at + first + second).collect();
                self.looked = 0;
                return Some(block);
            }
            at += first;
        }
        self.looked = self.held.len();
        None
    }

    /// How much waits for its end.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// What has no end.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        self.looked = 0;
        std::mem::take(&mut self.held)
    }
}

/// The length of the end of a line that bytes start with (WHATWG HTML, section 9.2.5).
fn end_of_line(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(stream: &[u8], size: usize) -> (Vec<String>, String) {
        let mut blocks = Blocks::default();
        let mut out = Vec::new();
        for piece in stream.chunks(size) {
            blocks.push(piece);
            while let Some(block) = blocks.next() {
                out.push(String::from_utf8(block).unwrap());
            }
        }
        (out, String::from_utf8(blocks.rest()).unwrap())
    }

    #[test]
    fn a_block_ends_at_an_empty_line_however_it_comes() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = ["data: a", "data: b", "", ": c", "", "data: d"].join(end);
            let whole: Vec<String> = ["data: a|data: b||", ": c||"].map(|text| text.replace('|', end)).into();
            assert_eq!(cut(stream.as_bytes(), stream.len()), (whole.clone(), "data: d".into()), "{end:?}");
            for size in 1..stream.len() {
                let (blocks, rest) = cut(stream.as_bytes(), size);
                // Where a line feed comes late it starts the next block.
                assert_eq!(blocks.concat() + &rest, stream);
                let texts: Vec<&str> = blocks.iter().map(|block| block.trim_matches(['\r', '\n'])).collect();
                let expected: Vec<&str> =
                    whole.iter().map(|block| block.trim_matches(['\r', '\n'])).collect();
                assert_eq!(texts, expected, "{end:?} {size}");
            }
        }
    }
}
