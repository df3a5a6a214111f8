//! What anchors want to hear of, and the literals that a prefilter makes of it.

use std::sync::{Arc, OnceLock};

use coldcase_model::ViewKind;

use crate::pack::{Around, Case, Lenses, Sets};

/// A text that an anchor wants to hear of.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The anchor, by its index in the pack.
    pub(crate) anchor: u32,
    /// Whether it starts a word, if it begins with a letter or digit.
    pub(crate) starts_word: bool,
    /// How it is compared.
    pub(crate) case: Case,
    /// The rule sets that want it.
    pub(crate) sets: Sets,
    /// At least four bytes.
    pub(crate) text: Vec<u8>,
}

impl Wanted {
    /// The text as it is compared.
    pub(crate) fn compared(&self) -> Vec<u8> {
        match self.case {
            Case::Sensitive => self.text.clone(),
            Case::Insensitive => self.text.to_ascii_lowercase(),
        }
    }

    /// Whether it is compared as this text is.
    pub(crate) fn is(&self, compared: &[u8]) -> bool {
        match self.case {
            Case::Sensitive => self.text == compared,
            Case::Insensitive => self.text.eq_ignore_ascii_case(compared),
        }
    }
}

/// A literal, once however many anchors want it.
#[derive(Debug)]
pub(crate) struct Literal {
    pub(super) case: Case,
    pub(super) bytes: Arc<[u8]>,
    /// The view that shows it, where it is the turned form of another: a sign of that view and of no match.
    pub(super) turned: Option<ViewKind>,
    /// The rule sets in which it is looked for.
    sets: Sets,
    /// The anchors, by their index in the pack.
    pub(super) wanted_by: Vec<u32>,
    /// What each of them can have round it, worked out when the literal is first met.
    around: OnceLock<Box<[Around]>>,
}

impl Literal {
    /// A text as anchors want it.
    pub(super) const fn plain(case: Case, bytes: Arc<[u8]>, sets: Sets, wanted_by: Vec<u32>) -> Self {
        Self { case, bytes, turned: None, sets, wanted_by, around: OnceLock::new() }
    }

    /// A text as a view would show it.
    pub(super) const fn turned_form(case: Case, bytes: Arc<[u8]>, sets: Sets, kind: ViewKind) -> Self {
        Self { case, bytes, turned: Some(kind), sets, wanted_by: Vec::new(), around: OnceLock::new() }
    }

    /// The view that shows it, where it is the turned form of another.
    pub(crate) const fn turned(&self) -> Option<ViewKind> {
        self.turned
    }

    /// The rule sets in which it is looked for.
    pub(crate) const fn sets(&self) -> Sets {
        self.sets
    }

    /// The anchors that want it.
    pub(crate) fn wanted_by(&self) -> &[u32] {
        &self.wanted_by
    }

    /// The anchors that want it, each with the bytes that it can have round it.
    pub(in crate::scan) fn with_around(&self, lenses: &Lenses) -> impl Iterator<Item = (u32, &Around)> {
        let around = self.around.get_or_init(|| {
            self.wanted_by.iter().map(|anchor| lenses.around(*anchor, &self.bytes)).collect()
        });
        std::iter::zip(self.wanted_by.iter().copied(), around)
    }

    /// How long it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}
