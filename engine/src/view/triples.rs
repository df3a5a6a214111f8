//! A search for three bytes in a row by what each of them is, in blocks that the compiler turns into vector code.

/// How many places are looked at in one go.
const BLOCK: usize = 64;

/// The place of the middle one of the next three bytes from `from` on that pass.
///
/// The question is vectorised where it is made of comparisons, without branches and short circuits.
pub(super) fn next(text: &[u8], from: usize, passes: impl Fn(u8, u8, u8) -> bool) -> Option<usize> {
    let mut at = from;
    while let Some((before, here, after)) = blocks(text, at) {
        let mut any = false;
        for ((&before, &here), &after) in before.iter().zip(here).zip(after) {
            any |= passes(before, here, after);
        }
        if any && let Some(found) = plain(text, at, at + BLOCK, &passes) {
            return Some(found);
        }
        at += BLOCK;
    }
    plain(text, at, text.len(), &passes)
}

fn blocks(text: &[u8], at: usize) -> Option<(&[u8; BLOCK], &[u8; BLOCK], &[u8; BLOCK])> {
    let rest = text.get(at..)?;
    Some((rest.first_chunk()?, rest.get(1..)?.first_chunk()?, rest.get(2..)?.first_chunk()?))
}

/// The same a byte at a time, for what starts before `end`.
fn plain(text: &[u8], from: usize, end: usize, passes: &impl Fn(u8, u8, u8) -> bool) -> Option<usize> {
    let rest = text.get(from..end.saturating_add(2).min(text.len()))?;
    let found = rest.array_windows::<3>().position(|&[before, here, after]| passes(before, here, after));
    found.map(|index| from + index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_bytes_are_found_wherever_they_stand() {
        let asked = |a: u8, b: u8, c: u8| [a, b, c] == *b"a1c";
        for shift in 0..200 {
            let content = format!("{}a1c{}", ".".repeat(shift), "a1".repeat(shift % 70));
            assert_eq!(next(content.as_bytes(), 0, asked), Some(shift + 1));
            assert_eq!(next(content.as_bytes(), shift + 1, asked), None);
        }
        assert_eq!(next(b"a1", 0, asked), None);
        assert_eq!(next(b"a1c", 7, asked), None);
    }
}
