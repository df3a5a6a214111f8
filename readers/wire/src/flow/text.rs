//! Bytes of no protocol that is read: what is text is handed on in long pieces, the rest is opaque.

use bytes::Bytes;

use super::Output;
use crate::Side;
use crate::found::{Place, Text, What};

/// A piece is handed on when it is this long; a secret that crosses pieces may be missed, so pieces are long.
const PIECE: usize = 256 << 10;
/// Of a hundred bytes of text so many at least are printable.
const PRINTABLE: usize = 90;

/// One side's bytes.
#[derive(Debug, Default)]
struct Run {
    bytes: Vec<u8>,
    at: u64,
    time: Option<i64>,
}

/// Both sides' bytes.
#[derive(Debug, Default)]
pub(super) struct Texts {
    client: Run,
    server: Run,
}

impl Texts {
    pub(super) fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        (at, time): (u64, Option<i64>),
        place: &Place,
        out: &mut Output,
    ) {
        let run = self.run(side);
        if run.bytes.is_empty() {
            (run.at, run.time) = (at, time);
        }
        run.bytes.extend_from_slice(bytes);
        if run.bytes.len() >= PIECE {
            self.flush(side, place, out);
        }
    }

    /// Hands on what is held of a side.
    pub(super) fn flush(&mut self, side: Side, place: &Place, out: &mut Output) {
        let Run { bytes, at, time } = std::mem::take(self.run(side));
        let own = bytes.len() as u64;
        if is_text(&bytes) {
            let why = "unknown_protocol";
            out.add(place, What::Text(Text { side, why, bytes: Bytes::from(bytes), own, at, time }));
        } else {
            out.tally.opaque += own;
        }
    }

    fn run(&mut self, side: Side) -> &mut Run {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// Whether bytes look like text: mostly printable, in ASCII or UTF-8.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let printable = |byte: &&u8| matches!(**byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    let count = bytes.iter().filter(printable).count();
    let is_utf8 = || match std::str::from_utf8(bytes) {
        Ok(text) => !text.contains('\0'),
        // A piece may end inside a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    !bytes.is_empty() && (count * 100 >= bytes.len() * PRINTABLE || is_utf8() && count * 2 >= bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_binary() {
        for text in ["220 mail.example ESMTP\r\n", "żółć i gęś", "{\"a\":1}"] {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        let binary: Vec<u8> = (0..=255).collect();
        assert!(!is_text(&binary) && !is_text(b"") && !is_text(&[0; 100]));
    }
}
