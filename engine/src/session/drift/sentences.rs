//! Sentences of a text, and the words that differ between two texts.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How long a sentence may get; a longer one is cut into several.
const LONGEST: usize = 2048;

/// The sentences of a text: up to a full stop, a question or exclamation mark before a space, a line's end, or a closing
/// tag.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = end(rest);
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence.trim_end())
    })
}

fn end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let most = text.floor_char_boundary(LONGEST);
    for (at, byte) in bytes.iter().enumerate().take(most) {
        let next = bytes.get(at + 1);
        let ends = match byte {
            b'\n' => true,
            b'.' | b'!' | b'?' => next.is_none_or(u8::is_ascii_whitespace),
            _ => false,
        };
        if ends {
            return at + 1;
        }
    }
    most.max(1)
}

/// A sentence's hash: letters and digits in small letters count, signs and white space do not.
///
/// FNV-1a, and not the hash of the standard library: a baseline keeps it, so it must never change.
pub(super) fn hash(sentence: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut gap = false;
    for c in sentence.chars() {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            hash = (hash ^ 0x20).wrapping_mul(0x0100_0000_01b3);
        }
        for c in c.to_lowercase() {
            hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// How many words of either side are compared one by one, after what both begin and end with.
const MOST_WORDS: usize = 256;
/// How many bytes of differences are shown.
const MOST_SHOWN: usize = 2048;

/// The words that went, with `-` before each run of them, and that came, with `+`.
pub(super) fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (words(old), words(new));
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let most_tail = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most_tail).take_while(same).count();
    let old = old.get(head..old.len() - tail).unwrap_or_default();
    let new = new.get(head..new.len() - tail).unwrap_or_default();
    let mut out = Diff::default();
    if old.len() > MOST_WORDS || new.len() > MOST_WORDS {
        for word in old {
            out.push('-', word);
        }
        for word in new {
            out.push('+', word);
        }
        return out.text;
    }
    let lengths = common_lengths(old, new);
    let width = new.len() + 1;
    let at = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (Some(gone), Some(come)) if gone == come => {
                out.keep();
                (i, j) = (i + 1, j + 1);
            }
            (Some(gone), come) if come.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                out.push('-', gone);
                i += 1;
            }
            (_, Some(come)) => {
                out.push('+', come);
                j += 1;
            }
            _ => return out.text,
        }
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().take(1 << 16).collect()
}

/// For each pair of places how long the longest common subsequence of what follows is.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<u16> {
    let hashes = |words: &[&str]| words.iter().map(|word| word_hash(word)).collect::<Vec<_>>();
    let (old, new) = (hashes(old), hashes(new));
    let width = new.len() + 1;
    let mut lengths = vec![0_u16; (old.len() + 1) * width];
    for (i, gone) in old.iter().enumerate().rev() {
        for (j, come) in new.iter().enumerate().rev() {
            let get = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
            let longest = if gone == come { get(i + 1, j + 1) + 1 } else { get(i + 1, j).max(get(i, j + 1)) };
            if let Some(slot) = lengths.get_mut(i * width + j) {
                *slot = longest;
            }
        }
    }
    lengths
}

fn word_hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Runs of words that went and came.
#[derive(Default)]
struct Diff {
    text: String,
    /// The sign of the run under way.
    sign: Option<char>,
}

impl Diff {
    fn keep(&mut self) {
        self.sign = None;
    }

    fn push(&mut self, sign: char, word: &str) {
        if self.text.len() > MOST_SHOWN {
            if !self.text.ends_with('…') {
                self.text.push_str(" …");
            }
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        if self.sign != Some(sign) {
            self.text.push(sign);
            self.sign = Some(sign);
        }
        self.text.push_str(word.get(..word.floor_char_boundary(MOST_SHOWN)).unwrap_or(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_and_lines_and_not_within_names() {
        let text = "Reads a.txt, v1.2. Fast!\n- one\n- two? yes";
        let found: Vec<_> = sentences(text).collect();
        assert_eq!(found, ["Reads a.txt, v1.2.", "Fast!", "- one", "- two?", "yes"]);
        assert_eq!(sentences(&"x".repeat(5000)).count(), 3);
        assert_eq!(hash("Only reads, once."), hash("only reads — once"));
        assert_ne!(hash("only reads"), hash("onlyreads"));
    }

    #[test]
    fn words_that_went_and_came_are_shown_in_runs() {
        assert_eq!(diff("Reads one file now.", "Reads many large files now."), "-one file +many large files");
        assert_eq!(diff("a b c d", "a x c y"), "-b +x -d +y");
        assert_eq!(diff("", "all new"), "+all new");
        assert_eq!(diff("same", "same"), "");
        let long = "w ".repeat(5000);
        assert!(diff("", &long).len() < 2100);
    }
}
