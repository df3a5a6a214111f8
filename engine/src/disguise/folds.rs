//! Disguises that a reader still sees through: references and escapes of characters, look-alikes, invisible characters,
//! marks put between letters, words spelled out. Texts are ASCII.

use super::codings::{gzip, spelt};
use super::{Disguise, EACH, Place};

/// Each character as `write` spells it.
fn characters(text: &[u8], write: impl Fn(char) -> String) -> Vec<u8> {
    text.iter().map(|byte| write(char::from(*byte))).collect::<String>().into_bytes()
}

fn moved(c: char, from: u32) -> String {
    char::from_u32(u32::from(c) + from).unwrap_or(c).to_string()
}

/// Puts `mark` before every `nth` letter of a run of letters and digits.
fn cut(text: &[u8], nth: usize, mark: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut run = 0;
    for &byte in text {
        run = if byte.is_ascii_alphanumeric() || byte == b'_' { run + 1 } else { 0 };
        if run == nth {
            out.extend_from_slice(mark.as_bytes());
        }
        out.push(byte);
    }
    out
}

fn exchanged(text: &[u8], pairs: &[(char, char)]) -> Vec<u8> {
    characters(text, |c| pairs.iter().find(|pair| pair.0 == c).map_or(c, |pair| pair.1).to_string())
}

/// Bytes as variation selectors.
fn selectors(text: &[u8]) -> Vec<u8> {
    let select = |byte: u8| char::from_u32(if byte < 16 { 0xFE00 } else { 0xE0100 - 16 } + u32::from(byte));
    text.iter().filter_map(|byte| select(*byte)).collect::<String>().into_bytes()
}

/// Disguises for texts of every kind, beside the codings.
pub(crate) const MORE: [Disguise; 10] = [
    Disguise::new("gzip", gzip, Place::Whole),
    Disguise::new("\\uXXXX", |t| spelt(t, "", |b| format!("\\u{b:04x}")), EACH),
    Disguise::new("percent", |t| spelt(t, "", |b| format!("%{b:02X}")), EACH),
    Disguise::new("&#N;", |t| spelt(t, "", |b| format!("&#{b};")), EACH),
    Disguise::new("&#xN;", |t| spelt(t, "", |b| format!("&#x{b:x};")), EACH),
    Disguise::new(
        "full width",
        |t| characters(t, |c| if c.is_ascii_graphic() { moved(c, 0xFEE0) } else { c.to_string() }),
        EACH,
    ),
    Disguise::new("zero width", |t| characters(t, |c| format!("{c}\u{200B}")), EACH),
    Disguise::new(
        "tags",
        |t| {
            characters(
                t,
                |c| if c.is_ascii_graphic() || c == ' ' { moved(c, 0xE0000) } else { c.to_string() },
            )
        },
        EACH,
    ),
    Disguise::new("selectors", selectors, EACH),
    Disguise::new("strings", |t| cut(t, 5, "\" + \""), EACH),
];

/// Disguises of words.
pub(crate) const OF_WORDS: [Disguise; 7] = [
    Disguise::new(
        "look-alikes",
        |t| exchanged(t, &[('a', 'а'), ('e', 'е'), ('o', 'о'), ('i', 'і'), ('c', 'с')]),
        EACH,
    ),
    Disguise::new("leetspeak", |t| exchanged(t, &[('e', '3'), ('o', '0'), ('i', '1'), ('a', '4')]), EACH),
    Disguise::new("accents", |t| exchanged(t, &[('e', 'ë'), ('o', 'ö'), ('i', 'ï'), ('a', 'á')]), EACH),
    Disguise::new("tags of HTML", |t| cut(t, 3, "<b></b>"), EACH),
    Disguise::new("Markdown", |t| cut(t, 3, "**"), EACH),
    Disguise::new(
        "quoted lines",
        |t| characters(t, |c| if c == ' ' { "\n> ".to_owned() } else { c.to_string() }),
        EACH,
    ),
    Disguise::new(
        "spelled out",
        |t| characters(t, |c| if c == ' ' { "  ".to_owned() } else { format!("{c} ") }),
        EACH,
    ),
];
