//! The sign of a part: under which rules it was concluded, and what tells whether it holds under others.

use std::collections::BTreeMap;

use coldcase_model::Digest;
use serde::{Deserialize, Serialize};

use crate::pack::{Book, Difference, Pack};
use crate::scan::{Grams, Seam, Traces};

/// Tells under which rules a part holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    book: Digest,
    grams: Grams,
    seams: Vec<Seam>,
    /// Whether nothing of it ended at a limit.
    is_whole: bool,
}

impl Sign {
    /// What was gathered of a batch that was concluded under a book's rules.
    pub(crate) fn of(book: Digest, traces: &mut Traces) -> Self {
        let (grams, seams, is_whole) = traces.take();
        Self { book, grams, seams, is_whole }
    }

    /// The sign as bytes, to be kept.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// From those bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sign, rest) = postcard::take_from_bytes::<Self>(bytes).ok()?;
        (rest.is_empty() && sign.grams.is_sound()).then_some(sign)
    }
}

/// Says which signs hold for a pack. Books that it is not told of are taken to differ in anything.
#[derive(Debug)]
pub struct Holds<'p> {
    pack: &'p Pack,
    book: &'p Book,
    own: Digest,
    differences: BTreeMap<Digest, Difference>,
}

impl<'p> Holds<'p> {
    /// For a pack and its book.
    pub fn new(pack: &'p Pack, book: &'p Book) -> Self {
        Self { pack, book, own: book.digest(), differences: BTreeMap::new() }
    }

    /// Whether it knows this book, so that it need not be told of it.
    pub fn knows(&self, book: Digest) -> bool {
        book == self.own || self.differences.contains_key(&book)
    }

    /// Tells it of a book under which parts were concluded.
    pub fn learn(&mut self, earlier: &Book) {
        let difference = self.book.since(earlier);
        self.differences.insert(earlier.digest(), difference);
    }

    /// Whether the pack would find in the part what was found in it.
    pub fn holds(&self, sign: &Sign) -> bool {
        if sign.book == self.own {
            return true;
        }
        let lenses = &self.pack.lenses;
        let lens = |surface, seam: &Seam| lenses.of(None, surface, seam.direction);
        let is_cut_alike = |seam: &Seam| (lens(seam.before, seam) == lens(seam.after, seam)) == seam.joined;
        let shows =
            || self.differences.get(&sign.book).is_none_or(|difference| difference.may_show(&sign.grams));
        sign.is_whole && sign.seams.iter().all(is_cut_alike) && !shows()
    }
}
