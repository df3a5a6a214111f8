//! UTF-16: every second byte is zero over sixteen bytes or more of plain text, or a part starts with the mark of it.
//!
//! UTF-16 without a single ASCII character has no zero byte and goes unseen.
//! After an ASCII character the low byte is taken to come first, which reads the same; spans may then be a byte early.

use coldcase_model::{Span, ViewKind};

use super::{Places, Region};
use crate::view::utf16::Order;

/// How many plain characters in a row are a sign.
const SHORTEST: usize = 8;

pub(super) fn wide(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let (mut at, mut floor) = (0, 0);
    while let Some(zero) = places.next(at) {
        at = zero + 1;
        if text.get(zero) != Some(&0) {
            continue;
        }
        let part = bounds(zero);
        let rest = Span::new(part.start.max(floor), part.end);
        let Some((order, span)) = stretch(text, rest, part, zero) else {
            let zeros = text.get(zero..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
            floor = zero + zeros;
            at = floor;
            continue;
        };
        let kind = match order {
            Order::Little => ViewKind::Utf16Le,
            Order::Big => ViewKind::Utf16Be,
        };
        out.push(Region { span, kind });
        floor = span.end.max(at);
        at = floor;
    }
}

/// Whether most of a sample is plain text in UTF-16.
pub(super) fn is_wide(sample: &[u8]) -> bool {
    let pairs = sample.as_chunks::<2>().0;
    let plain = |order: Order| pairs.iter().filter(|pair| is_plain(order.unit(**pair))).count();
    let zero = sample.iter().take(4).any(|byte| *byte == 0);
    zero && pairs.len() >= 6 && plain(Order::Little).max(plain(Order::Big)) * 4 >= pairs.len() * 3
}

/// The stretch of UTF-16 that holds a zero byte, within what is left of a part.
fn stretch(text: &[u8], rest: Span, part: Span, zero: usize) -> Option<(Order, Span)> {
    let marked = match part.of(text) {
        [0xFF, 0xFE, ..] => Some(Order::Little),
        [0xFE, 0xFF, ..] => Some(Order::Big),
        _ => None,
    };
    if let Some(order) = marked.filter(|_| rest.start == part.start) {
        return Some((order, Span::new(part.start + 2, part.end)));
    }
    let little = zero.checked_sub(1).filter(|start| *start >= rest.start).map(|start| (Order::Little, start));
    let starts = little.into_iter().chain([(Order::Big, zero)]);
    starts.into_iter().find_map(|(order, start)| {
        let bytes = Span::new(start, rest.end).of(text);
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| order.unit(*pair));
        let plain = units.clone().take(SHORTEST).filter(|unit| is_plain(*unit)).count();
        (plain == SHORTEST).then(|| (order, Span::new(start, start + 2 * length(units))))
    })
}

/// How many units read as text. Two in a row whose low byte alone is zero are units of the other order.
fn length(units: impl Iterator<Item = u16>) -> usize {
    let mut swapped = false;
    units
        .take_while(|&unit| {
            let [low, _] = unit.to_le_bytes();
            let before = std::mem::replace(&mut swapped, low == 0);
            let control =
                matches!(unit, 0x00..=0x08 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F..=0x9F | 0xFFFE | 0xFFFF);
            !(control || before && swapped)
        })
        .count()
}

fn is_plain(unit: u16) -> bool {
    matches!(unit, 0x20..=0x7E | 0x09 | 0x0A | 0x0D)
}
