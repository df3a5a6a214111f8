//! The frames of an Initial packet's payload (RFC 9000, section 19); only CRYPTO frames are handed on.

use super::header::{take, varint};

/// Hands on offset and bytes of each CRYPTO frame; whether all frames could be read.
pub(super) fn crypto<'a>(payload: &'a [u8], out: &mut impl FnMut(u64, &'a [u8])) -> bool {
    let mut rest = payload;
    while !rest.is_empty() {
        if frame(&mut rest, out).is_none() {
            return false;
        }
    }
    true
}

/// Reads a frame of the kinds that an Initial packet may have (RFC 9000, section 12.4).
fn frame<'a>(rest: &mut &'a [u8], out: &mut impl FnMut(u64, &'a [u8])) -> Option<()> {
    match varint(rest)? {
        // PADDING, mostly many of them, and PING.
        0 | 1 => {}
        kind @ (2 | 3) => acknowledgement(rest, kind == 3)?,
        6 => {
            let (offset, length) = (varint(rest)?, varint(rest)?);
            out(offset, take(rest, length)?);
        }
        // CONNECTION_CLOSE: a code, the type of a frame, a reason.
        0x1c => {
            let (_, _, length) = (varint(rest)?, varint(rest)?, varint(rest)?);
            take(rest, length)?;
        }
        _ => return None,
    }
    Some(())
}

/// ACK (RFC 9000, section 19.3).
fn acknowledgement(rest: &mut &[u8], counts_congestion: bool) -> Option<()> {
    let (_, _, ranges, _) = (varint(rest)?, varint(rest)?, varint(rest)?, varint(rest)?);
    // The count may lie; the bytes end the loop.
    for _ in 0..ranges {
        varint(rest)?;
        varint(rest)?;
    }
    if counts_congestion {
        varint(rest)?;
        varint(rest)?;
        varint(rest)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &[u8]) -> (Vec<(u64, Vec<u8>)>, bool) {
        let mut found = Vec::new();
        let whole = crypto(payload, &mut |offset, bytes| found.push((offset, bytes.to_vec())));
        (found, whole)
    }

    #[test]
    fn crypto_frames_are_found_among_others() {
        let ack = [3, 9, 0, 1, 0, 2, 2, 1, 1, 1];
        let payload =
            [&[0, 0, 1][..], &ack, &[6, 0x40, 5, 2, 8, 9, 0, 6, 0, 0], &[0x1c, 0, 6, 1, b'x']].concat();
        assert_eq!(read(&payload), (vec![(5, vec![8, 9]), (0, vec![])], true));
        assert!(read(&[2, 9, 0, 0, 0]).1);
    }

    #[test]
    fn a_frame_that_may_not_be_there_or_is_cut_ends_it() {
        assert_eq!(read(&[6, 0, 1, 7, 0x1d, 0, 0]), (vec![(0, vec![7])], false));
        assert_eq!(read(&[6, 0, 2, 7]), (vec![], false));
        assert!(!read(&[2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1, 1]).1);
    }
}
