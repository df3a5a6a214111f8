//! A list of short words to look up in a few nanoseconds: each word is a number of sixteen bytes, found by its hash.

/// The longest word that fits.
pub(super) const LONGEST: usize = 16;

const BITS: u32 = 9;
const SLOTS: usize = 1 << BITS;

/// Words of ASCII letters, in a table of open addressing that is built at compile time.
pub(super) struct Table {
    keys: [u128; SLOTS],
}

impl Table {
    /// A table of words in lower case.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
    pub(super) const fn new(words: &[&str]) -> Self {
        assert!(words.len() < SLOTS / 2, "a fuller table is slow to look up");
        let mut keys = [0; SLOTS];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            let mut key = 0;
            let mut place = 0;
            while place < word.len() {
                key |= (word[place] as u128) << (8 * place);
                place += 1;
            }
            let mut slot = slot_of(key);
            while keys[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            keys[slot] = key;
            at += 1;
        }
        Self { keys }
    }

    /// Whether a word, in any case, is in the table.
    pub(super) fn has(&self, word: &[u8]) -> bool {
        let mut bytes = [0; LONGEST];
        let Some(place) = bytes.get_mut(..word.len()) else { return false };
        place.copy_from_slice(word);
        // Only letters become lower-case letters by this bit, and no word has other bytes.
        for byte in place {
            *byte |= 0x20;
        }
        let key = u128::from_le_bytes(bytes);
        let mut slot = slot_of(key);
        loop {
            match self.keys.get(slot % SLOTS) {
                Some(&known) if known == key => return key != 0,
                Some(&known) if known != 0 => slot += 1,
                _ => return false,
            }
        }
    }
}

/// Where a word's key is looked for first.
#[expect(clippy::cast_possible_truncation, reason = "both halves of the key are taken")]
const fn slot_of(key: u128) -> usize {
    let folded = (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (key >> 64) as u64;
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_words_are_found_in_any_case() {
        const TABLE: Table = Table::new(&["all", "instructions", "confidentiality"]);
        for word in ["all", "ALL", "Instructions", "confidentiality"] {
            assert!(TABLE.has(word.as_bytes()), "{word}");
        }
        for word in
            ["", "al", "alll", "instruction", "confidentiality5", "confidentialityies", "\u{1}ll", "é"]
        {
            assert!(!TABLE.has(word.as_bytes()), "{word}");
        }
    }
}
