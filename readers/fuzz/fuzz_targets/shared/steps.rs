//! A connection as bytes tell it: what each side sends, in order, and what of it is lost.

use coldcase_wire::Side;

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A side sends bytes.
    Push(Side, &'a [u8]),
    /// So many bytes of a side are not in the capture.
    Gap(Side, u64),
}

/// A piece of a step, with its place in the capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Bytes(&'a [u8], u64),
    Gap(u64, u64),
}

/// The steps that bytes tell: a byte for the side and what it is, a byte for its length, then what is sent.
pub fn steps(mut bytes: &[u8]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    while let Some(([kind, length], rest)) = bytes.split_first_chunk::<2>() {
        let side = if kind & 1 == 0 { Side::Client } else { Side::Server };
        if kind & 0x1e == 0x1e {
            steps.push(Step::Gap(side, u64::from(*length) + 1));
            bytes = rest;
            continue;
        }
        // Half of the lengths are whatever is left, up to some kilobytes: whole messages are longer than a byte tells.
        let length = if kind & 0x20 == 0 { usize::from(*length) } else { usize::from(*length) << 5 };
        let (sent, rest) = rest.split_at(length.min(rest.len()));
        if !sent.is_empty() {
            steps.push(Step::Push(side, sent));
        }
        bytes = rest;
    }
    steps
}

/// Gives the steps in pieces of at most `most` bytes; each step stands a little behind the one before it in the file.
pub fn play<'a>(steps: &[Step<'a>], most: usize, take: &mut impl FnMut(Side, Piece<'a>)) {
    let mut at = 24;
    for step in steps {
        match *step {
            Step::Push(side, bytes) => {
                for piece in bytes.chunks(most.max(1)) {
                    take(side, Piece::Bytes(piece, at));
                    at += piece.len() as u64;
                }
            }
            Step::Gap(side, len) => take(side, Piece::Gap(len, at)),
        }
        at += 70;
    }
}

/// How many bytes a side sends, and how many of it are lost.
#[allow(dead_code, reason = "not every target asks for each side")]
pub fn sent(steps: &[Step<'_>], side: Side) -> (u64, u64) {
    let (mut pushed, mut lost) = (0, 0);
    for step in steps {
        match step {
            Step::Push(from, bytes) if *from == side => pushed += bytes.len() as u64,
            Step::Gap(from, len) if *from == side => lost += len,
            Step::Push(..) | Step::Gap(..) => {}
        }
    }
    (pushed, lost)
}
