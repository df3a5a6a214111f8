//! Prints of a text: hashes of stretches of 32 letters and digits, at places that the content itself chooses, so that a
//! passage has the same prints wherever it is quoted.
//!
//! Only letters, digits and bytes beyond ASCII count, letters in either case: quoting, reflowing, escaping and markup leave
//! most prints as they are. One place in sixteen is chosen, by the hash there. Winnowing, which takes the least hash of each
//! window, would promise a print for every passage of 47 letters, for more work at each byte; here one such passage in three
//! has none by chance, and one of 130 letters in 600. Left out: passages that were translated or said in other words.

/// How many letters a print stands for.
pub(crate) const LETTERS: u32 = 32;
/// One place in `1 << SPARSE` is chosen.
const SPARSE: u32 = 4;

/// A print and where it ends, in letters from the event's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) hash: u64,
    pub(crate) at: u32,
}

/// What each byte adds to the hash; 0 for bytes that do not count.
static ADDS: [u64; 256] = adds();
/// How far each byte moves the hash; 0 for bytes that do not count, so that they leave no trace.
static MOVES: [u8; 256] = moves();

const fn counts(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const fn moves() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = if counts(byte) { 2 } else { 0 };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const fn adds() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = if counts(byte) { mixed(byte.to_ascii_lowercase() as u64 + 1) } else { 0 };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// Spreads a number over 64 bits: the finish of splitmix64.
pub(crate) const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// Adds the prints of a text, `most` in all at the most. Gives how many of its bytes were not looked at.
///
/// Each byte moves the hash by two bits, so that the highest bits depend on the last 32 letters and on nothing before.
pub(crate) fn add(text: &[u8], most: usize, from: &mut u32, prints: &mut Vec<Print>) -> u64 {
    let (mut hash, mut letters, mut last) = (0_u64, 0_u32, 0_u64);
    for (place, &byte) in text.iter().enumerate() {
        let at = usize::from(byte);
        // The tables have all bytes; `get` with a byte costs no check.
        let (Some(&moves), Some(&adds)) = (MOVES.get(at), ADDS.get(at)) else { continue };
        hash = (hash << moves).wrapping_add(adds);
        letters = letters.wrapping_add(u32::from(moves));
        if hash >> (u64::BITS - SPARSE) == 0 && letters >= 2 * LETTERS && hash != last {
            last = hash;
            if prints.len() >= most {
                *from = from.wrapping_add(letters / 2);
                return text.len().saturating_sub(place) as u64;
            }
            prints.push(Print { hash: mixed(hash), at: from.wrapping_add(letters / 2) });
        }
    }
    // Windows of two parts do not overlap.
    *from = from.wrapping_add(letters / 2).wrapping_add(LETTERS);
    0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn of(text: &[u8]) -> Vec<Print> {
        let mut prints = Vec::new();
        assert_eq!(add(text, usize::MAX, &mut 0, &mut prints), 0);
        prints
    }

    fn hashes(text: &[u8]) -> HashSet<u64> {
        of(text).into_iter().map(|print| print.hash).collect()
    }

    #[test]
    fn about_one_place_in_sixteen_is_chosen() {
        let text: Vec<u8> = (0..200_000_u64).map(|n| b'a' + (mixed(n) % 26) as u8).collect();
        let every = text.len() / of(&text).len();
        assert!((14..=18).contains(&every), "one in {every}");
    }

    #[test]
    fn what_does_not_change_between_two_letters_does_not_change_prints() {
        let text =
            "Quarterly report: revenue rose in all regions but one, where the plant was closed. ".repeat(3);
        let quoted = text.to_uppercase().replace(' ', "\n> **");
        assert!(hashes(text.as_bytes()).len() > 2);
        assert_eq!(hashes(text.as_bytes()), hashes(quoted.as_bytes()));
    }

    #[test]
    fn a_text_of_one_letter_has_one_print_at_the_most() {
        assert!(of(&[b'a'; 5000]).len() <= 1);
        assert!(of(&b"- ".repeat(5000)).is_empty());
    }

    #[test]
    fn what_is_beyond_the_most_is_counted() {
        let text: Vec<u8> = (0..5_000_u64).map(|n| b'a' + (mixed(n) % 26) as u8).collect();
        let mut prints = Vec::new();
        let beyond = add(&text, 10, &mut 0, &mut prints);
        assert_eq!(prints.len(), 10);
        assert!(beyond > 4_000 && beyond < 5_000, "{beyond}");
    }

    proptest! {
        #[test]
        fn a_passage_has_the_same_prints_in_any_text(
            before in "[a-z ]{0,80}", passage in "[a-z ]{60,400}", after in "[a-z ]{0,80}",
        ) {
            let whole = hashes(format!("{before}{passage}{after}").as_bytes());
            prop_assert!(hashes(passage.as_bytes()).is_subset(&whole));
        }
    }
}
