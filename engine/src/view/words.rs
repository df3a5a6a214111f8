//! Words that orders to an agent, and talk of credentials, are made of.
//!
//! A disguise that ordinary writing has too (accents, digits in names, tags between words) is a sign where one of
//! these comes out of it. A phrase worth finding holds at least one; what is decoded is the whole stretch round it.

use coldcase_model::Span;

mod table;

use table::Table;

/// The longest word of the list.
pub(super) const LONGEST: usize = table::LONGEST;

/// How long a name is that could be a credential.
const LONG_NAME: usize = 20;

/// Those of them that any text is full of.
const COMMON: &[&str] = &[
    "above",
    "access",
    "account",
    "all",
    "always",
    "any",
    "anything",
    "api",
    "before",
    "call",
    "command",
    "commands",
    "context",
    "email",
    "every",
    "everything",
    "file",
    "files",
    "follow",
    "following",
    "important",
    "initial",
    "instead",
    "message",
    "messages",
    "mode",
    "must",
    "new",
    "only",
    "original",
    "output",
    "policy",
    "print",
    "private",
    "read",
    "reply",
    "response",
    "role",
    "rule",
    "run",
    "shell",
    "show",
    "system",
    "tell",
    "the",
    "token",
    "tokens",
    "tool",
    "tools",
    "user",
    "with",
    "without",
    "you",
    "your",
];

/// In lower case, sorted.
const WORDS: &[&str] = &[
    "above",
    "access",
    "account",
    "admin",
    "all",
    "always",
    "any",
    "anything",
    "api",
    "apikey",
    "assistant",
    "authorization",
    "before",
    "bypass",
    "call",
    "command",
    "commands",
    "comply",
    "confidential",
    "context",
    "conversation",
    "credential",
    "credentials",
    "delete",
    "developer",
    "directive",
    "directives",
    "disregard",
    "earlier",
    "email",
    "every",
    "everything",
    "execute",
    "exfiltrate",
    "file",
    "files",
    "follow",
    "following",
    "forget",
    "forward",
    "guidelines",
    "hidden",
    "ignore",
    "immediately",
    "important",
    "initial",
    "instead",
    "instruction",
    "instructions",
    "jailbreak",
    "leak",
    "limitations",
    "mention",
    "message",
    "messages",
    "mode",
    "must",
    "never",
    "new",
    "obey",
    "only",
    "original",
    "output",
    "override",
    "password",
    "passwords",
    "policies",
    "policy",
    "preceding",
    "previous",
    "previously",
    "print",
    "prior",
    "private",
    "prompt",
    "prompts",
    "protocol",
    "read",
    "repeat",
    "reply",
    "respond",
    "response",
    "restrictions",
    "reveal",
    "role",
    "rule",
    "rules",
    "run",
    "safety",
    "secret",
    "secretly",
    "secrets",
    "send",
    "shell",
    "show",
    "silently",
    "system",
    "tell",
    "the",
    "token",
    "tokens",
    "tool",
    "tools",
    "training",
    "unrestricted",
    "upload",
    "user",
    "with",
    "without",
    "you",
    "your",
];

static KNOWN: Table = Table::new(WORDS);
static KNOWN_COMMON: Table = Table::new(COMMON);

/// Whether a word, in any case, is one of them.
pub(super) fn is_order_word(word: &[u8]) -> bool {
    KNOWN.has(word)
}

/// Whether one of them ends where a gap in a text starts, or starts where it ends.
pub(super) fn beside(text: &[u8], gap: Span) -> bool {
    beside_any(text, gap, is_order_word)
}

/// The same of words that not every text is full of.
pub(super) fn beside_telling(text: &[u8], gap: Span) -> bool {
    beside_any(text, gap, |word| is_order_word(word) && !KNOWN_COMMON.has(word))
}

fn beside_any(text: &[u8], gap: Span, is_one: impl Fn(&[u8]) -> bool) -> bool {
    let before = text.get(..gap.start).unwrap_or_default();
    let before = before.get(before.len().saturating_sub(LONGEST + 1)..).unwrap_or_default();
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |index| index + 1);
    let after = text.get(gap.end..).unwrap_or_default();
    let end = after.iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    is_one(before.get(start..).unwrap_or_default()) || is_one(after.get(..end).unwrap_or_default())
}

/// Whether the letters on both sides of a gap make one word of orders.
pub(super) fn is_cut_by(text: &[u8], gap: Span) -> bool {
    let before = Span::new(gap.start.saturating_sub(LONGEST), gap.start).of(text);
    let after = text.get(gap.end..).unwrap_or_default();
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    if !letter(before.last()) || !letter(after.first()) {
        return false;
    }
    let left = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let right = after.iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let mut word = [0; LONGEST];
    let Some(word) = word.get_mut(..left + right) else { return false };
    let letters = before.iter().skip(before.len() - left).chain(after);
    for (place, &letter) in word.iter_mut().zip(letters) {
        *place = letter;
    }
    is_order_word(word)
}

/// Whether a gap cuts a name with letters and digits that is as long as credentials are.
pub(super) fn is_long_name_cut_by(text: &[u8], gap: Span) -> bool {
    let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let before = Span::new(gap.start.saturating_sub(LONG_NAME), gap.start).of(text);
    let after = text.get(gap.end..).unwrap_or_default();
    let left = before.iter().rev().take_while(of_name).count();
    if left < 4 || !after.first_chunk::<4>().is_some_and(|next| next.iter().all(|byte| of_name(&byte))) {
        return false;
    }
    let right = after.iter().take(LONG_NAME).take_while(of_name).count();
    let name = || before.iter().rev().take(left).chain(after.iter().take(right));
    left + right >= LONG_NAME && name().any(u8::is_ascii_digit) && name().any(u8::is_ascii_alphabetic)
}

/// The word that fits byte by byte.
pub(super) fn that_fits(word: &[u8], fits: impl Fn(u8, u8) -> bool) -> Option<&'static str> {
    let all = |known: &str| {
        known.len() == word.len() && known.bytes().zip(word).all(|(known, &byte)| fits(known, byte))
    };
    WORDS.iter().copied().find(|known| all(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        assert!(WORDS.is_sorted() && COMMON.is_sorted());
        assert!(COMMON.iter().all(|word| WORDS.contains(word)));
        assert!(
            WORDS.iter().all(|word| word.len() <= LONGEST && word.bytes().all(|b| b.is_ascii_lowercase()))
        );
        assert!(beside(b"Ignore\tit", Span::new(6, 7)) && beside(b"x all", Span::new(1, 2)));
        assert!(!beside(b"signore a", Span::new(7, 8)) && !beside(b"", Span::new(0, 0)));
        assert!(is_order_word(b"IGNORE") && !is_order_word(b"quarterly") && !is_order_word(&[b'a'; 40]));
    }
}
