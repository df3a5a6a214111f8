//! A message body as a recording holds it.

use coldcase_model::{Extent, Span};

/// The bytes of a body, with where they come from.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// Where it stands in the artifact.
    pub(crate) offset: u64,
    /// How many source bytes.
    pub(crate) len: u64,
    /// Where its bytes stand, where it was sent in pieces and is not coded.
    pub(crate) places: Places,
}

/// Where the bytes of a body stand in the artifact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// From this offset of the body on they stand at that offset of the artifact; in order.
    starts: Vec<(usize, u64)>,
    /// How many bytes of the body the list is for.
    covered: usize,
    is_exact: bool,
}

/// Pieces of a body that are told apart: those of 16 MiB in full segments.
const MOST_PIECES: usize = 16 << 10;

impl Places {
    /// Of a body whose first `covered` bytes stand at these places. They do so byte by byte if it `is_exact`.
    pub(crate) fn new(mut starts: Vec<(usize, u64)>, covered: usize, is_exact: bool) -> Self {
        let covered = starts.get(MOST_PIECES).map_or(covered, |(start, _)| *start);
        starts.truncate(MOST_PIECES);
        Self { starts, covered, is_exact }
    }

    /// The same for the bytes of a document or text, in which the byte `skip` of the body stands at `base`.
    pub(crate) fn extents(&self, skip: usize, base: usize) -> Vec<Extent> {
        let ends = self.starts.iter().skip(1).map(|(start, _)| *start).chain([self.covered]);
        let extent = |((start, offset), end): (&(usize, u64), usize)| {
            let first = skip.max(*start);
            let shift = if self.is_exact { (first - start) as u64 } else { 0 };
            let span = Span::new(base + first - skip, base + end.checked_sub(skip)?);
            (!span.is_empty()).then_some(Extent { span, offset: offset + shift, is_exact: self.is_exact })
        };
        self.starts.iter().zip(ends).filter_map(extent).collect()
    }
}

/// Base64 as exporters write it: either alphabet, line breaks, padding or none. `None` where it is not base64.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut rest, mut bits, mut count, mut padded) = (text, 0u32, 0u32, false);
    loop {
        if count.is_multiple_of(4) && !padded {
            rest = whole_groups(rest, &mut out);
        }
        let Some((&byte, after)) = rest.split_first() else { break };
        rest = after;
        match byte {
            b'=' => padded = true,
            b'\r' | b'\n' | b' ' | b'\t' => {}
            _ => {
                let value = digit(byte).filter(|_| !padded)?;
                bits = bits << 6 | value;
                count += 1;
                if count.is_multiple_of(4) {
                    out.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
                }
            }
        }
    }
    match count % 4 {
        0 => {}
        2 => out.extend_from_slice((bits >> 4).to_be_bytes().get(3..).unwrap_or_default()),
        3 => out.extend_from_slice((bits >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => return None,
    }
    Some(out)
}

/// Decodes groups of four digits up to the first that holds anything else, and gives what follows them.
fn whole_groups<'t>(mut text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    loop {
        let mut decoded = [[0; 3]; 16];
        let mut done = 0;
        for ([a, b, c, d], slot) in text.as_chunks::<4>().0.iter().zip(&mut decoded) {
            let bits = value(*a) << 18 | value(*b) << 12 | value(*c) << 6 | value(*d);
            if bits >= 1 << 24 {
                break;
            }
            let [_, x, y, z] = bits.to_be_bytes();
            *slot = [x, y, z];
            done += 1;
        }
        out.extend_from_slice(decoded.as_flattened().get(..done * 3).unwrap_or_default());
        text = text.get(done * 4..).unwrap_or_default();
        if done < decoded.len() {
            return text;
        }
    }
}

fn digit(byte: u8) -> Option<u32> {
    let value = value(byte);
    (value < 64).then_some(value)
}

/// The value of a digit of either alphabet; [`NO_DIGIT`] for any other byte.
fn value(byte: u8) -> u32 {
    VALUES.get(usize::from(byte)).map_or(NO_DIGIT, |value| *value)
}

/// Shifted to any place of a group, one of its two bits is over what four digits reach.
const NO_DIGIT: u32 = 1 << 24 | 1 << 13;

/// RFC 4648 sections 4 and 5.
#[expect(clippy::indexing_slicing, reason = "filled when this is compiled; a mistake would not compile")]
const VALUES: [u32; 256] = {
    let digits = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 64 {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_bytes_in_the_text() {
        let places = Places::new(vec![(0, 100), (10, 500), (20, 300)], 25, true);
        let extents = |skip, base| {
            let extents = places.extents(skip, base).into_iter();
            extents.map(|one| (one.span.start, one.span.end, one.offset)).collect::<Vec<_>>()
        };
        assert_eq!(extents(0, 7), [(7, 17, 100), (17, 27, 500), (27, 32, 300)]);
        assert_eq!(extents(12, 0), [(0, 8, 502), (8, 13, 300)]);
        let sealed = Places::new(vec![(0, 100), (10, 500)], 20, false).extents(12, 0);
        assert_eq!(sealed, [Extent { span: Span::new(0, 8), offset: 500, is_exact: false }]);
        let many = Places::new((0..MOST_PIECES + 5).map(|start| (start, 1)).collect(), usize::MAX, true);
        assert_eq!((many.starts.len(), many.covered), (MOST_PIECES, MOST_PIECES));
        assert_eq!(Places::default().extents(3, 4), []);
    }

    #[test]
    fn base64_is_read_in_every_spelling_and_refused_where_it_is_none() {
        for text in ["aGk/aGk+", "aGk_aGk-", "aGk/\r\naGk+", "aG\nk/a Gk+"] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(&b"hi?hi>"[..]));
        }
        assert_eq!(base64(b"aA==").as_deref(), Some(&b"h"[..]));
        assert_eq!(base64(b"aGk").as_deref(), Some(&b"hi"[..]));
        for text in ["not base64!", "a", "aA==aA=="] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
        for place in 0..4 {
            let mut text = *b"aGk/aGk/";
            text[4 + place] = b'!';
            assert_eq!(base64(&text), None, "{place}");
        }
        let long = "aGk/".repeat(50) + "\n" + &"aGk/".repeat(50);
        assert_eq!(base64(long.as_bytes()), Some(b"hi?".repeat(100)));
    }
}
