//! Text of an input on its way out: redacted and made harmless once, before any writer sees it.
//!
//! An [`Excerpt`] cannot be made without a [`Redactor`], and a redactor knows the secrets of its event. It blanks
//! them wherever they occur, and blanks every other long mixed token too, since the next secret may be one that
//! no rule knows. Control characters and bytes that are not UTF-8 leave as visible escapes.

use std::fmt;
use std::sync::Arc;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::Span;

/// Whether secrets may leave in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Show {
    /// Blank them.
    #[default]
    Redacted,
    /// Show them: the caller asked for it in so many words.
    Secrets,
}

/// Text of the input that may be written.
///
/// Cheap to clone: the text is shared.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Excerpt(Arc<str>);

/// Read back from where an excerpt was written, and made harmless again; never read one from what is no record of ours.
impl<'de> Deserialize<'de> for Excerpt {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <String as Deserialize>::deserialize(from)?;
        Ok(Self::of_name(text.as_bytes()))
    }
}

impl Excerpt {
    /// The text; printable, without control characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Blanks the secrets of one event in whatever is shown of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Redactor {
    show: Show,
    /// Where secrets stand in the event's text, sorted and disjoint.
    spans: Vec<Span>,
    /// The secrets themselves, for every other place in which they may turn up.
    secrets: Vec<Vec<u8>>,
}

impl Redactor {
    /// Bytes of context on each side of what an excerpt is about.
    const CONTEXT: usize = 60;
    /// The most that is shown of the matching bytes themselves.
    const FOCUS: usize = 240;
    /// A token at least this long that mixes letters and digits is blanked although no rule knows it.
    const LONG_TOKEN: usize = 16;
    /// Shorter values are too common to be blanked by occurrence: they are blanked by position.
    const SHORTEST_SECRET: usize = 6;
    /// How many distinct secrets are blanked by occurrence.
    const MOST_SECRETS: usize = 256;

    /// A redactor that knows no secret.
    pub fn new(show: Show) -> Self {
        Self { show, ..Self::default() }
    }

    /// Makes a stretch of the event's text secret.
    pub fn hide(&mut self, span: Span) {
        let at = self.spans.partition_point(|known| known.end < span.start);
        let mut merged = span;
        let mut until = at;
        while let Some(next) = self.spans.get(until).filter(|next| next.start <= merged.end) {
            merged = Span::new(merged.start.min(next.start), merged.end.max(next.end));
            until += 1;
        }
        self.spans.splice(at..until, [merged]);
    }

    /// Makes a value secret wherever it occurs.
    pub fn hide_value(&mut self, secret: &[u8]) {
        let known = self.secrets.iter().any(|known| known == secret);
        if secret.len() >= Self::SHORTEST_SECRET && !known && self.secrets.len() < Self::MOST_SECRETS {
            self.secrets.push(secret.to_vec());
        }
    }

    /// What stands round `focus` in the event's text.
    pub fn excerpt(&self, text: &[u8], focus: Span) -> Excerpt {
        self.window(text, focus, &self.spans)
    }

    /// What stands round `focus` in a decoded view of the event.
    pub fn excerpt_of_view(&self, view: &[u8], focus: Span) -> Excerpt {
        self.window(view, focus, &[])
    }

    /// A name by which the event is grouped (a session, a method, a server): secrets are blanked, other long tokens
    /// stay, since ids are such tokens.
    pub fn name(&self, text: &str) -> Excerpt {
        let text = text.as_bytes();
        Excerpt(self.render(text, Span::new(0, text.len()), &[], &[Span::new(0, text.len())]).into())
    }

    /// A short string of the event as a whole: a pointer, a host, a path.
    pub fn label(&self, text: &[u8]) -> Excerpt {
        let shown = Span::new(0, text.len().min(512));
        Excerpt(self.render(text, shown, &[], &[]).into())
    }

    /// A text of the event as a whole, up to so many bytes: a description, a schema.
    pub fn text(&self, text: &[u8], most: usize) -> Excerpt {
        let shown = Span::new(0, char_edge(text, text.len().min(most)));
        Excerpt(self.render(text, shown, &[], &[]).into())
    }

    fn window(&self, text: &[u8], focus: Span, spans: &[Span]) -> Excerpt {
        let end = focus.end.min(text.len()).min(focus.start.saturating_add(Self::FOCUS));
        let shown = Span::new(
            char_edge(text, focus.start.saturating_sub(Self::CONTEXT)),
            char_edge(text, end.saturating_add(Self::CONTEXT).min(text.len())),
        );
        let mut out = String::new();
        if shown.start > 0 {
            out.push('…');
        }
        out.push_str(&self.render(text, shown, spans, &[focus]));
        if shown.end < text.len() {
            out.push('…');
        }
        Excerpt(out.into())
    }

    /// `keep` are spans whose long tokens stay unless they are secrets: the match of a rule that is not about secrets.
    fn render(&self, text: &[u8], shown: Span, spans: &[Span], keep: &[Span]) -> String {
        let mut out = String::with_capacity(shown.len() + 16);
        if self.show == Show::Secrets {
            push_printable(&mut out, shown.of(text));
            return out;
        }
        let blanked = self.blanked(text, shown, spans, keep);
        let mut at = shown.start;
        for span in blanked {
            if span.end <= at || span.start >= shown.end {
                continue;
            }
            push_printable(&mut out, Span::new(at, span.start.max(at)).of(text));
            push_blank(&mut out, span, text);
            at = span.end;
        }
        push_printable(&mut out, Span::new(at.min(shown.end), shown.end).of(text));
        out
    }

    /// What must not be seen near `shown`, sorted and disjoint.
    fn blanked(&self, text: &[u8], shown: Span, spans: &[Span], keep: &[Span]) -> Vec<Span> {
        let mut blanked: Vec<Span> = spans.iter().copied().filter(|span| span.overlaps(shown)).collect();
        for secret in &self.secrets {
            let from = shown.start.saturating_sub(secret.len());
            let near = Span::new(from, shown.end.saturating_add(secret.len()).min(text.len())).of(text);
            blanked.extend(
                memmem::find_iter(near, secret).map(|at| Span::new(from + at, from + at + secret.len())),
            );
        }
        blanked.extend(
            long_tokens(text, shown)
                .into_iter()
                .filter(|token| !keep.iter().any(|kept| kept.overlaps(*token))),
        );
        blanked.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(blanked.len());
        for span in blanked {
            match merged.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }
}

/// Says how much is blanked, with the first four bytes where they are a telling prefix of something long.
fn push_blank(out: &mut String, span: Span, text: &[u8]) {
    let secret = span.of(text);
    if secret.len() >= 16 {
        let prefix = secret.get(..4).unwrap_or_default();
        if prefix.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            push_printable(out, prefix);
        }
    }
    out.push_str(&format!("‹{} bytes redacted›", secret.len()));
}

/// Long tokens that mix letters and digits, whole, even where they reach out of `shown`.
fn long_tokens(text: &[u8], shown: Span) -> Vec<Span> {
    const REACH: usize = 4096;
    let from = shown.start.saturating_sub(REACH);
    let until = shown.end.saturating_add(REACH).min(text.len());
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'_' | b'-' | b'=');
    let mut tokens = Vec::new();
    let mut at = from;
    for run in Span::new(from, until).of(text).split(|byte| !is_token(byte)) {
        let span = Span::new(at, at + run.len());
        at = span.end + 1;
        let mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
        if run.len() >= Redactor::LONG_TOKEN && mixed && span.overlaps(shown) {
            tokens.push(span);
        }
    }
    tokens
}

/// Moves a position forward out of the middle of a UTF-8 character.
fn char_edge(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        at += 1;
    }
    at
}

/// Appends bytes as text that cannot act on a terminal, page or spreadsheet cell's layout.
fn push_printable(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\r' | '\t' => out.push(' '),
                c if c.is_control() || is_invisible(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
}

/// Text from outside the events (a path, a creator's name) as it may be shown: no control or invisible characters.
fn printable(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    push_printable(&mut out, text);
    out
}

impl Excerpt {
    /// A path or program name: not content of an event, so there is nothing to redact, only to make harmless.
    pub fn of_name(text: &[u8]) -> Self {
        Self(printable(text).into())
    }
}

/// Characters that show nothing or turn the writing direction: they would let an excerpt lie.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blanked_by_position_by_value_and_at_the_edge_of_the_window() {
        let text = format!("{} token=hunter2hunter2! end", "x ".repeat(40));
        let at = text.find("hunter2").unwrap_or_default();
        let mut redactor = Redactor::default();
        redactor.hide(Span::new(at, at + 14));
        redactor.hide_value(b"hunter2hunter2");
        let shown = redactor.excerpt(text.as_bytes(), Span::new(at - 50, at - 48));
        assert!(!shown.as_str().contains("hunter"), "{shown}");
        assert!(redactor.label(b"/a/hunter2hunter2/b").as_str().contains("‹14 bytes redacted›"));
    }

    #[test]
    fn long_mixed_tokens_are_blanked_although_no_rule_knows_them() {
        let text = b"see abcd1234abcd1234abcd and internationalization";
        let shown = Redactor::default().excerpt(text, Span::new(0, 3));
        assert_eq!(shown.as_str(), "see abcd‹20 bytes redacted› and internationalization");
    }

    #[test]
    fn control_and_invisible_characters_leave_as_escapes() {
        let shown = Redactor::default().label("a\u{1b}[31m\u{202e}b\u{200b}\n".as_bytes());
        assert_eq!(shown.as_str(), "a\\u{1b}[31m\\u{202e}b\\u{200b} ");
        assert_eq!(Redactor::default().label(b"\xff!").as_str(), "\\xff!");
    }

    #[test]
    fn hidden_spans_merge() {
        let mut redactor = Redactor::default();
        for (start, end) in [(10, 20), (30, 40), (18, 32), (0, 2)] {
            redactor.hide(Span::new(start, end));
        }
        assert_eq!(redactor.spans, [Span::new(0, 2), Span::new(10, 40)]);
    }
}
