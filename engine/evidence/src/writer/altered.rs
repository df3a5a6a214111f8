//! What the writer changes so that every reader agrees on an entry, and that it says so.

use std::borrow::Cow;

use memchr::memchr;

/// What of an entry was written otherwise than it was given. Nothing is left out without a mark here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Altered {
    /// A text held a NUL, a broken byte or half a surrogate pair; each stands as U+FFFD.
    pub text: bool,
    /// A number had a fraction, an exponent, or more than 53 bits; it stands as a string of its spelling.
    pub numbers: bool,
    /// The entry was over the line limit: its detail stands for its size only, and long texts are cut.
    pub over_limit: bool,
}

impl Altered {
    /// Whether anything was changed.
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            text: self.text || other.text,
            numbers: self.numbers || other.numbers,
            over_limit: self.over_limit || other.over_limit,
        }
    }

    /// The text as the log holds it: a NUL and each byte that is not UTF-8 become U+FFFD.
    ///
    /// A NUL would make the hashed parts ambiguous, and readers of both eras treat broken bytes differently.
    pub(super) fn clean<'t>(&mut self, text: &'t [u8]) -> Cow<'t, str> {
        match std::str::from_utf8(text) {
            Ok(text) if memchr(0, text.as_bytes()).is_none() => Cow::Borrowed(text),
            _ => {
                self.text = true;
                Cow::Owned(replaced(text))
            }
        }
    }
}

/// One sign for each byte, as Go does it, not one for each sequence.
fn replaced(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for chunk in text.utf8_chunks() {
        out.extend(chunk.valid().chars().map(|sign| if sign == '\0' { '\u{fffd}' } else { sign }));
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_readers_agree_on_stays() {
        let mut altered = Altered::default();
        assert!(matches!(altered.clean("é\u{fffd}\n".as_bytes()), Cow::Borrowed("é\u{fffd}\n")));
        assert!(!altered.any());
    }

    #[test]
    fn nul_and_each_broken_byte_become_a_sign_and_a_flag() {
        let mut altered = Altered::default();
        assert_eq!(altered.clean(b"a\0b\xE2\x80c"), "a\u{fffd}b\u{fffd}\u{fffd}c");
        assert_eq!(altered, Altered { text: true, ..Altered::default() });
        assert!(altered.or(Altered::default()).text && Altered::default().or(altered).text);
    }
}
