//! An excerpt as a draft of a text: words as they stand, and blanks where something was redacted.

/// What an excerpt holds, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    /// A blank: the first bytes of what stood there, where they are shown, and how many there were.
    Blank {
        prefix: String,
        bytes: usize,
    },
}

/// An excerpt, taken apart.
#[derive(Debug)]
pub(super) struct Draft(Vec<Piece>);

/// A text without blanks. In its words nothing may be left out that is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Words, and whether they were made up for the value that was found.
    pieces: Vec<(String, bool)>,
}

const OPEN: char = '‹';
const CLOSE: &str = " bytes redacted›";
/// How many letters of a blanked value an excerpt shows.
const PREFIX: usize = 4;
/// Blanks of an excerpt are few; each is tried with each value.
const MOST_TEXTS: usize = 256;

impl Draft {
    /// Takes an excerpt apart.
    pub(super) fn of(excerpt: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = excerpt.trim_start_matches('…').trim_end_matches('…');
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((digits, behind)) = after.split_once(CLOSE) else { break };
            let Ok(bytes) = digits.parse() else { break };
            // The prefix is part of the value: what stands before it does not touch it.
            let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let start = before.trim_end_matches(is_token).len();
            let run = before.get(start..).unwrap_or_default();
            let shown = if bytes >= 16 && run.len() >= PREFIX { run.len() - PREFIX } else { run.len() };
            let (words, prefix) = before.split_at(start + shown);
            pieces.push(Piece::Words(words.to_owned()));
            pieces.push(Piece::Blank { prefix: prefix.to_owned(), bytes });
            rest = behind;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Self(pieces)
    }

    /// Texts with a value of the rule in the place of one blank and made-up tokens in the others, the likeliest first.
    pub(super) fn texts(&self, values: &[String]) -> Vec<Text> {
        let blanks = self.0.iter().enumerate().filter_map(|(at, piece)| match piece {
            Piece::Blank { prefix, bytes } => Some((at, prefix, *bytes)),
            Piece::Words(_) => None,
        });
        let mut tries: Vec<(bool, usize, usize, &str)> = Vec::new();
        for (at, prefix, bytes) in blanks {
            let value = |value: &String| (!value.starts_with(prefix.as_str()), value.len().abs_diff(bytes));
            tries.extend(values.iter().map(|one| {
                let (other, apart) = value(one);
                (other, apart, at, one.as_str())
            }));
        }
        tries.sort_unstable();
        let filled = tries.into_iter().map(|(.., at, value)| self.filled(Some(at), value));
        // Nothing blanked is what was found: the words themselves are.
        std::iter::once(self.filled(None, ""))
            .filter(|_| !self.has_blanks())
            .chain(filled)
            .take(MOST_TEXTS)
            .collect()
    }

    fn has_blanks(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Blank { .. }))
    }

    fn filled(&self, found: Option<usize>, value: &str) -> Text {
        let piece = |(at, piece): (usize, &Piece)| match piece {
            Piece::Words(words) => (words.clone(), false),
            Piece::Blank { .. } if found == Some(at) => (value.to_owned(), true),
            Piece::Blank { prefix, bytes } => (token(prefix, *bytes), false),
        };
        Text { pieces: self.0.iter().enumerate().map(piece).collect() }
    }
}

impl Text {
    /// The text.
    pub(super) fn whole(&self) -> String {
        self.pieces.iter().map(|(words, _)| words.as_str()).collect()
    }

    /// The text as a pack's file has it: cut where the value is, so that the file holds no whole credential.
    fn written(&self, from: usize, until: usize) -> String {
        let mut out = String::new();
        let mut at = 0;
        for (words, is_value) in &self.pieces {
            let (start, end) =
                (from.clamp(at, at + words.len()) - at, until.clamp(at, at + words.len()) - at);
            let kept = words.get(start..end).unwrap_or_default();
            let middle = kept.char_indices().nth(kept.chars().count() / 2).map_or(0, |(middle, _)| middle);
            if *is_value && middle > 0 {
                let (first, second) = kept.split_at(middle);
                out.push_str(&format!("{first}{{+}}{second}"));
            } else {
                out.push_str(kept);
            }
            at += words.len();
        }
        out
    }
}

/// The shortest stretch of whole words that still holds, as a pack's file has it.
pub(super) fn shortest(text: &Text, holds: impl Fn(&str) -> bool) -> String {
    let whole = text.whole();
    let (mut from, mut until) = (0, whole.len());
    let edges: Vec<usize> = whole.match_indices(' ').map(|(at, _)| at).collect();
    for edge in &edges {
        let after = edge + 1;
        if after < until && holds(whole.get(after..until).unwrap_or_default()) {
            from = after;
        } else {
            break;
        }
    }
    for edge in edges.iter().rev() {
        if *edge > from && holds(whole.get(from..*edge).unwrap_or_default()) {
            until = *edge;
        } else {
            break;
        }
    }
    text.written(from, until)
}

/// A token of so many bytes that means nothing.
fn token(prefix: &str, bytes: usize) -> String {
    /// No redacted token that is replaced needs to be longer.
    const MOST: usize = 256;
    let filler = "made0up1".chars().cycle();
    prefix.chars().chain(filler).take(bytes.min(MOST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_told_with_their_prefix_and_length() {
        let draft = Draft::of("…see id=abcd‹20 bytes redacted› or ‹6 bytes redacted›!…");
        assert_eq!(
            draft.0,
            [
                Piece::Words("see id=".to_owned()),
                Piece::Blank { prefix: "abcd".to_owned(), bytes: 20 },
                Piece::Words(" or ".to_owned()),
                Piece::Blank { prefix: String::new(), bytes: 6 },
                Piece::Words("!".to_owned()),
            ]
        );
        let texts = draft.texts(&["abcd".repeat(5), "x".to_owned()]);
        assert_eq!(texts[0].whole(), format!("see id={} or made0u!", "abcd".repeat(5)));
        assert_eq!(Draft::of("‹no blank› at all").texts(&[])[0].whole(), "‹no blank› at all");
    }

    #[test]
    fn what_is_not_needed_is_left_out_and_the_value_is_cut() {
        let draft = Draft::of("a b key=‹8 bytes redacted› c d");
        let text = &draft.texts(&["12345678".to_owned()])[0];
        assert_eq!(shortest(text, |words| words.contains("key=12345678")), "key=1234{+}5678");
        assert_eq!(shortest(text, |words| words.contains("b key=12345678 c")), "b key=1234{+}5678 c");
    }
}
