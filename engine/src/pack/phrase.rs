//! Phrases of words that are a wallet's key (BIP 39): words of one of the ten official lists, with their checksum.
//!
//! The lists in `phrase/` are those of the standard as python-mnemonic 0.21 carries them (MIT, `phrase/LICENSE-MIT`).
//! Left out: phrases of other standards (Electrum, SLIP 39), and wallets whose words are not in an official list.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Words in the order of their numbers, one a line, in NFKD.
const LISTS: [&str; 10] = [
    include_str!("phrase/english.txt"),
    include_str!("phrase/japanese.txt"),
    include_str!("phrase/korean.txt"),
    include_str!("phrase/spanish.txt"),
    include_str!("phrase/chinese_simplified.txt"),
    include_str!("phrase/chinese_traditional.txt"),
    include_str!("phrase/french.txt"),
    include_str!("phrase/italian.txt"),
    include_str!("phrase/czech.txt"),
    include_str!("phrase/portuguese.txt"),
];
/// How many words a phrase may have; the longest is tried first.
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];
/// Bits that a word stands for.
const BITS: usize = 11;

/// Whether the text begins with a phrase. What follows it may be anything.
pub(super) fn is_phrase(secret: &[u8]) -> bool {
    // A match may end within a character: what stands before that counts.
    let text = match std::str::from_utf8(secret) {
        Ok(text) => text,
        Err(error) => secret
            .get(..error.valid_up_to())
            .and_then(|whole| std::str::from_utf8(whole).ok())
            .unwrap_or_default(),
    };
    let text: String = text.nfkd().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c.is_ascii_digit() || c == '、')
        .filter(|word| !word.is_empty())
        .take(24)
        .collect();
    LISTS.iter().any(|list| {
        let numbers: Vec<u16> = words.iter().map_while(|word| number(list, word)).collect();
        LENGTHS.iter().any(|&length| numbers.get(..length).is_some_and(fits))
    })
}

/// A word's number in a list. The lists are too seldom looked at to be kept in another form.
fn number(list: &str, word: &str) -> Option<u16> {
    list.lines().position(|known| known == word).and_then(|at| u16::try_from(at).ok())
}

/// Whether the last bits of the numbers are the first of the SHA-256 of the others.
fn fits(numbers: &[u16]) -> bool {
    let bit =
        |at: usize| numbers.get(at / BITS).is_some_and(|number| number >> (BITS - 1 - at % BITS) & 1 == 1);
    let all = numbers.len() * BITS;
    let check = all / 33;
    let entropy: Vec<u8> = (0..(all - check) / 8)
        .map(|byte| (0..8).fold(0, |value, at| value << 1 | u8::from(bit(byte * 8 + at))))
        .collect();
    let digest = Sha256::digest(&entropy);
    let expected = |at: usize| digest.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    (0..check).all(|at| bit(all - check + at) == expected(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phrase of `length` words in a list, made from bytes that no wallet uses.
    fn made(list: &str, length: usize, seed: u8) -> String {
        let check = length * BITS / 33;
        let entropy: Vec<u8> = (0..(length * BITS - check) / 8)
            .map(|at| seed.wrapping_mul(31).wrapping_add(u8::try_from(at).unwrap().wrapping_mul(17)))
            .collect();
        let mut bytes = entropy.clone();
        bytes.extend(Sha256::digest(&entropy));
        let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
        let words: Vec<&str> = list.lines().collect();
        let word = |word: usize| words[(0..BITS).fold(0, |number, at| number << 1 | bit(word * BITS + at))];
        (0..length).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_list_has_its_2048_words_in_normal_form() {
        for list in LISTS {
            assert_eq!(list.lines().count(), 2048);
            assert!(
                list.lines().all(|word| word.nfkd().eq(word.chars()) && word.trim() == word),
                "{list:.20}"
            );
        }
    }

    #[test]
    fn phrases_of_every_list_and_length_are_known_in_composed_form_too() {
        for list in LISTS {
            for length in LENGTHS {
                let phrase = made(list, length, 7);
                assert!(is_phrase(phrase.as_bytes()), "{phrase}");
                assert!(is_phrase(phrase.nfc().collect::<String>().as_bytes()), "{phrase}");
                assert!(is_phrase(format!("{} keep it", phrase.replace(' ', ", ")).as_bytes()), "{phrase}");
            }
        }
        assert!(
            is_phrase("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong".as_bytes()),
            "the standard's own vector"
        );
        assert!(is_phrase(
            "そつう\u{3000}れきだい\u{3000}ほんやく\u{3000}わかす\u{3000}りくつ\u{3000}ばいか\u{3000}ろせん\u{3000}やちん\u{3000}そつう\u{3000}れきだい\u{3000}ほんやく\u{3000}わかめ"
                .as_bytes()
        ));
    }

    #[test]
    fn a_changed_word_a_short_phrase_and_prose_are_none() {
        assert!(!is_phrase(b"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo"));
        assert!(!is_phrase(b"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"));
        assert!(!is_phrase(b"these words are about what a person would write on any day of the week here"));
        assert!(!is_phrase(b"\xff\xfe") && !is_phrase(b""));
    }
}
