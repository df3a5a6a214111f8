//! Characters that stand for ASCII letters, digits and signs, or are drawn like them: a table of pages, so that a look
//! is two loads.
//!
//! `confusables.txt` is made from Unicode's data and held to it by a test: compatibility forms (NFKC), then the
//! single-character skeletons of Unicode Technical Standard 39 for letters and digits. [`BY_HAND`] comes before both.

use std::sync::LazyLock;

/// Lines of an ASCII character, the space, and the characters that are drawn like it. Lines of letters of other scripts
/// begin with a tab; that of characters that decompose to several, with two spaces.
const TABLE: &str = include_str!("confusables.txt");

/// What the standard leaves out: small letters that are drawn like a Latin capital made small, or like a letter of
/// another shape of which only the sense of the word tells; and capital iotas, whose skeleton is a small `l`.
const BY_HAND: &str = "вbкkмmнhтtьbпnβbεeηnκkτtχxωwʀrɴnʟlʜhʙbɢgᴀaᴅdᴇeᴊjᴋkᴍmᴘpᴛtІIΙI";

/// What a character stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    /// A form of an ASCII character.
    Form(char),
    /// A letter of its own that is drawn like an ASCII one.
    Like(char),
    /// A form of several ASCII characters: its compatibility decomposition.
    Several,
}

/// What a character beyond ASCII stands for.
pub(super) fn drawn_like(c: char) -> Option<Drawn> {
    PAGES.of(c)
}

static PAGES: LazyLock<Pages> = LazyLock::new(Pages::new);

/// Set for letters of other scripts; the rest is the ASCII character.
const LIKE: u8 = 0x80;
/// Stands for several characters.
const SEVERAL: u8 = 0x7F;

/// By the high bits of a character the page that it stands on, by the low ones what stands there.
#[derive(Debug)]
struct Pages {
    numbers: Vec<u8>,
    pages: Vec<[u8; 256]>,
}

impl Pages {
    fn new() -> Self {
        // The first page is that of characters that stand for themselves.
        let mut pages = Self { numbers: Vec::new(), pages: vec![[0; 256]] };
        for line in TABLE.lines() {
            let (script, chars) = line.strip_prefix('\t').map_or((0, line), |rest| (LIKE, rest));
            let mut chars = chars.chars();
            let Some(ascii) = chars.next().and_then(|c| u8::try_from(c).ok()) else { continue };
            let several = ascii == b' ';
            for c in chars.filter(|c| !c.is_ascii()) {
                pages.put(c, if several { SEVERAL } else { script | ascii });
            }
        }
        let mut by_hand = BY_HAND.chars();
        while let (Some(c), Some(latin)) = (by_hand.next(), by_hand.next()) {
            pages.put(c, u8::try_from(latin).map_or(0, |latin| LIKE | latin));
        }
        pages
    }

    fn put(&mut self, c: char, value: u8) {
        let code = u32::from(c) as usize;
        if self.numbers.len() <= code >> 8 {
            self.numbers.resize((code >> 8) + 1, 0);
        }
        let Some(number) = self.numbers.get_mut(code >> 8) else { return };
        if *number == 0 {
            let Ok(next) = u8::try_from(self.pages.len()) else { return };
            *number = next;
            self.pages.push([0; 256]);
        }
        if let Some(place) =
            self.pages.get_mut(usize::from(*number)).and_then(|page| page.get_mut(code & 0xFF))
        {
            *place = value;
        }
    }

    fn of(&self, c: char) -> Option<Drawn> {
        let code = u32::from(c) as usize;
        let number = self.numbers.get(code >> 8)?;
        match *self.pages.get(usize::from(*number))?.get(code & 0xFF)? {
            0 => None,
            SEVERAL => Some(Drawn::Several),
            value if value & LIKE != 0 => Some(Drawn::Like(char::from(value & !LIKE))),
            value => Some(Drawn::Form(char::from(value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use unicode_normalization::UnicodeNormalization;
    use unicode_security::confusable_detection::skeleton;

    use super::*;

    /// What a line of the table begins with for a character, as Unicode's data has it.
    fn line_of(c: char) -> Option<String> {
        let form: String = std::iter::once(c).nfkc().collect();
        let mut bytes = form.bytes();
        match (bytes.next(), bytes.next(), bytes.next(), bytes.next()) {
            _ if c == ' ' || !form.is_ascii() => {}
            (Some(one), None, ..) if one.is_ascii_graphic() => return Some(format!("{} ", char::from(one))),
            // A letter in brackets is that letter.
            (Some(b'('), Some(one), Some(b')'), None) => return Some(format!("{} ", char::from(one))),
            (Some(_), Some(_), ..) if form.bytes().any(|byte| byte.is_ascii_alphanumeric()) => {
                return Some("  ".to_owned());
            }
            _ => return None,
        }
        let drawn: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
        let one = if drawn == "rn" { 'm' } else { drawn.chars().next().filter(|_| drawn.len() == 1)? };
        let letters = c.is_alphanumeric() && one.is_ascii_alphanumeric();
        letters.then(|| format!("\t{one} "))
    }

    #[test]
    fn the_table_is_what_unicode_says() {
        let mut lines: BTreeMap<String, String> = BTreeMap::new();
        for c in ('\u{80}'..=char::MAX).filter(|c| u32::from(*c) < 0x2_0000) {
            if let Some(line) = line_of(c) {
                lines.entry(line).or_default().push(c);
            }
        }
        let mut made = String::new();
        for (head, chars) in lines {
            writeln!(made, "{head}{chars}").expect("a string takes any text");
        }
        assert_eq!(TABLE, made, "confusables.txt is to be what stands on the right");
    }

    #[test]
    fn the_list_by_hand_says_what_the_data_does_not() {
        let by_hand: Vec<char> = BY_HAND.chars().collect();
        for pair in by_hand.chunks_exact(2) {
            let &[c, latin] = pair else { continue };
            assert!(!c.is_ascii() && latin.is_ascii_alphabetic());
            assert_ne!(line_of(c), Some(format!("\t{latin} ")), "{c} is in the data");
            assert_eq!(drawn_like(c), Some(Drawn::Like(latin)));
        }
    }

    #[test]
    fn forms_likenesses_and_others_are_told_apart() {
        assert_eq!(drawn_like('ｉ'), Some(Drawn::Form('i')));
        assert_eq!(drawn_like('𝒎'), Some(Drawn::Form('m')));
        assert_eq!(drawn_like('о'), Some(Drawn::Like('o')));
        assert_eq!(drawn_like('ﬁ'), Some(Drawn::Several));
        for c in ['é', 'ß', 'щ', '語', '×', '\u{10FFFF}'] {
            assert_eq!(drawn_like(c), None);
        }
    }
}
