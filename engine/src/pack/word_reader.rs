//! Words next to a text, read outwards from it, a byte at a time: what a text holds and what a pattern allows are read the
//! same way, so that neither knows words that the other does not.
//!
//! A word is a run of ASCII letters and digits. Read forwards, the letter of an escape (`\n`) belongs to none.

/// Which way bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Forwards,
    Backwards,
}

/// The first letters of a word as it is read, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Word {
    letters: [u8; Self::LETTERS],
    len: u8,
}

impl Word {
    /// How many letters tell words apart.
    const LETTERS: usize = 3;

    /// Its number among 256.
    pub(crate) fn hash(self) -> u8 {
        const SPREAD: u32 = 0x9E37_79B1;
        let letters = self.letters.iter().fold(0, |all, letter| all << 8 | u32::from(*letter));
        let [hash, ..] = letters.wrapping_mul(SPREAD).to_be_bytes();
        hash
    }
}

/// Reads the words beyond a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    place: Place,
    word: Word,
}

/// What the byte before was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// A word's, of which the letters are read.
    Reading,
    /// A word's, of which no more is told.
    Inside,
    /// No word's.
    Outside,
    /// A backslash.
    Escape,
}

impl Reader {
    /// Inside a word that is not told.
    pub(super) const INSIDE: Self = Self { place: Place::Inside, word: Word { letters: [0; 3], len: 0 } };
    const OUTSIDE: Self = Self { place: Place::Outside, ..Self::INSIDE };

    /// Right beyond a text. Words that begin within it are its own.
    pub(crate) fn beyond(text: &[u8], way: Way) -> Self {
        let mut reader = Self::OUTSIDE;
        for number in 0..text.len() {
            let index = if way == Way::Forwards { number } else { text.len() - 1 - number };
            if let Some(byte) = text.get(index) {
                reader.push(*byte, way);
            }
        }
        if reader.place == Place::Reading { Self::INSIDE } else { reader }
    }

    /// A byte that is read as this one is: any sign but the backslash for all of them, any letter where none is told apart.
    pub(super) fn representative(self, byte: u8) -> u8 {
        match byte {
            b'\\' => byte,
            _ if byte.is_ascii_alphabetic() => match self.place {
                Place::Reading | Place::Outside => byte | 0x20,
                Place::Inside | Place::Escape => b'a',
            },
            _ if byte.is_ascii_digit() => {
                if self.place == Place::Inside {
                    b'a'
                } else {
                    byte
                }
            }
            _ => b' ',
        }
    }

    /// Whether it reads the letters of the word that a byte belongs to.
    pub(super) const fn tells(self, byte: u8) -> bool {
        match self.place {
            Place::Reading | Place::Outside => byte.is_ascii_alphanumeric(),
            Place::Escape => byte.is_ascii_digit(),
            Place::Inside => false,
        }
    }

    /// Takes the next byte; gives a word when enough of it is known.
    pub(crate) fn push(&mut self, byte: u8, way: Way) -> Option<Word> {
        let is_word = match self.place {
            Place::Escape => byte.is_ascii_digit(),
            Place::Reading | Place::Inside | Place::Outside => byte.is_ascii_alphanumeric(),
        };
        if !is_word {
            let ended = self.finish();
            let escapes = byte == b'\\' && way == Way::Forwards && self.place != Place::Escape;
            *self = Self { place: if escapes { Place::Escape } else { Place::Outside }, ..Self::INSIDE };
            return ended;
        }
        if self.place == Place::Inside {
            return None;
        }
        self.place = Place::Reading;
        if let Some(letter) = self.word.letters.get_mut(usize::from(self.word.len)) {
            *letter = byte | 0x20;
            self.word.len += 1;
        }
        if usize::from(self.word.len) < Word::LETTERS {
            return None;
        }
        let word = self.word;
        *self = Self::INSIDE;
        Some(word)
    }

    /// The word that is being read, if it ends here.
    pub(crate) fn finish(self) -> Option<Word> {
        (self.place == Place::Reading).then_some(self.word)
    }
}
