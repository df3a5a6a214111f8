//! Disguises: a text written so that it reads otherwise, for tests of what sees through them; the views' counterpart.
//!
//! Each is a function from bytes to bytes and knows where a span of the text stands afterwards, so that a test can ask
//! whether a finding was led back to the right bytes. Left out: pairs of disguises, which callers nest, and texts beyond
//! ASCII, which are written in no second alphabet.

pub(crate) mod codings;
pub(crate) mod folds;

use coldcase_model::Span;

/// How a text is disguised, and where a span of it then stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disguise {
    pub(crate) name: &'static str,
    pub(crate) encode: fn(&[u8]) -> Vec<u8>,
    place: Place,
}

/// Where a span of the plain text stands in the disguised one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// After a lead, so many bytes are spelt together, by so many; of these the last ones part groups.
    Groups { lead: usize, of: usize, by: usize, parting: usize },
    /// Nothing less than the whole stands for a part.
    Whole,
    /// From the end.
    Mirrored,
    /// Each byte is spelt alone, by more or fewer; of these the last ones part it from the next.
    Bytes { parting: usize },
}

/// Each byte is spelt alone, and nothing parts it from the next.
const EACH: Place = Place::Bytes { parting: 0 };

impl Disguise {
    pub(crate) const fn new(name: &'static str, encode: fn(&[u8]) -> Vec<u8>, place: Place) -> Self {
        Self { name, encode, place }
    }

    pub(crate) const fn groups(
        name: &'static str,
        encode: fn(&[u8]) -> Vec<u8>,
        of: usize,
        by: usize,
        parting: usize,
    ) -> Self {
        Self::new(name, encode, Place::Groups { lead: 0, of, by, parting })
    }

    /// Where a span of `text` stands once it is disguised.
    pub(crate) fn locate(&self, text: &[u8], span: Span) -> Span {
        let len = (self.encode)(text).len();
        match self.place {
            Place::Groups { lead, of, by, parting } => Span::new(
                lead + span.start / of * by,
                (lead + span.end.div_ceil(of) * by - parting).min(len - lead),
            ),
            Place::Whole => Span::new(0, len),
            Place::Mirrored => Span::new(len - span.end, len - span.start),
            Place::Bytes { parting } => {
                let upto = |at: usize| (self.encode)(text.get(..at).unwrap_or(text)).len();
                Span::new(upto(span.start), upto(span.end) - parting)
            }
        }
    }
}

/// All disguises, those of words last, and how many are for texts of every kind.
pub(crate) fn all() -> (Vec<Disguise>, usize) {
    let any = codings::ALONE.into_iter().chain([codings::DEFLATE]).chain(folds::MORE);
    let mut all: Vec<Disguise> = any.collect();
    let of_any = all.len();
    all.extend(folds::OF_WORDS);
    (all, of_any)
}

/// Whether a text is prose: disguises of words are for prose alone.
pub(crate) fn is_prose(text: &str) -> bool {
    text.matches(' ').count() >= 3
}
