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
    has_begun: bool,
}

impl Texts {
    /// Whether nothing was ever pushed.
    pub(super) fn is_empty(&self) -> bool {
        !self.has_begun
    }

    pub(super) fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        (at, time): (u64, Option<i64>),
        place: &Place,
        out: &mut Output,
    ) {
        self.has_begun |= !bytes.is_empty();
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
    !bytes.is_empty() && (count * 100 >= bytes.len() * PRINTABLE || is_utf8_text(bytes))
}

/// Whether bytes are UTF-8 with hardly a control character. They may begin and end inside a character, as pieces do.
fn is_utf8_text(bytes: &[u8]) -> bool {
    let inside = bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let bytes = bytes.get(inside..).unwrap_or_default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_printable = |one: &char| !one.is_control() || matches!(one, '\t' | '\r' | '\n');
    let (all, printable) = (text.chars().count(), text.chars().filter(is_printable).count());
    all > 0 && !text.contains('\0') && printable * 100 >= all * PRINTABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_binary() {
        for text in ["220 mail.example ESMTP\r\n", "żółć i gęś", "秘密の鍵", "{\"a\":1}"] {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        let piece = "秘密の鍵".as_bytes();
        assert!(is_text(&piece[1..piece.len() - 1]), "a piece that begins and ends inside a character");
        let binary: Vec<u8> = (0..=255).collect();
        assert!(!is_text(&binary) && !is_text(b"") && !is_text(&[0; 100]) && !is_text(&[0x80; 2]));
    }
}
