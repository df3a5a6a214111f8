//! The texts that anchors want, as prefilters look for them: each once, with the four bytes that it is looked for by, and the
//! forms in which it stands in turned text.
//!
//! Worked out once for all prefilters of a pack; each takes the texts that its own rules want. Left out: the search.

use std::sync::Arc;

use coldcase_model::ViewKind;

use super::literal::{Literal, Wanted};
use super::rarity::{commonness, expected_hits};
use crate::pack::{Case, Set, Sets, word_starts};
use crate::vector::FOLD;
use crate::view;

/// The four bytes that a text is looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pick {
    /// How far into the text they stand.
    pub(super) offset: u8,
    /// The bytes, folded.
    pub(super) gram: u32,
    /// Whether a word starts with them.
    pub(super) at_start: bool,
}

/// What is looked for where it is not sure that a word starts with the text, and where it is.
type Picks = [Option<Pick>; 2];

/// The texts of all anchors of a pack, in an order that does not depend on the rules'.
#[derive(Debug)]
pub(crate) struct Texts(Vec<Text>);

#[derive(Debug)]
struct Text {
    case: Case,
    bytes: Arc<[u8]>,
    wanted_by: Vec<WantedBy>,
    picks: Picks,
    turned: [Option<Turned>; 2],
}

#[derive(Debug, Clone, Copy)]
struct WantedBy {
    anchor: u32,
    starts_word: bool,
    sets: Sets,
}

/// A text as it stands in rotated text or written backwards.
#[derive(Debug)]
struct Turned {
    kind: ViewKind,
    bytes: Arc<[u8]>,
    picks: Picks,
}

impl Texts {
    pub(crate) fn new<'w>(wanted: impl Iterator<Item = &'w Wanted>) -> Self {
        let mut all: Vec<(Case, Vec<u8>, WantedBy)> = wanted
            .map(|wanted| {
                let Wanted { anchor, starts_word, sets, .. } = *wanted;
                (wanted.case, wanted.compared(), WantedBy { anchor, starts_word, sets })
            })
            .collect();
        all.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        Self(all.chunk_by(|one, other| (one.0, &one.1) == (other.0, &other.1)).filter_map(Text::of).collect())
    }

    /// The literals that these anchors want and what each is looked for by: the texts as they are, then their turned forms.
    pub(super) fn literals(&self, looks: impl Fn(u32) -> bool) -> Vec<(Literal, Option<Pick>)> {
        let (mut plain, mut turned) = (Vec::new(), Vec::new());
        let mut wanted_by = Vec::new();
        for text in &self.0 {
            wanted_by.clear();
            wanted_by.extend(text.wanted_by.iter().copied().filter(|wanted| looks(wanted.anchor)));
            if wanted_by.is_empty() {
                continue;
            }
            plain.push(text.plain(&wanted_by));
            turned.extend(text.turned.iter().flatten().flat_map(|form| form.of_sets(text.case, &wanted_by)));
        }
        plain.extend(turned);
        plain
    }
}

impl Texts {
    /// All texts that are looked for, as they are and turned.
    pub(crate) fn forms(&self) -> impl Iterator<Item = Vec<u8>> {
        self.0.iter().flat_map(|text| {
            let turned = text.turned.iter().flatten().map(|form| &form.bytes);
            std::iter::once(&text.bytes).chain(turned).map(|bytes| bytes.to_vec())
        })
    }
}

impl Text {
    /// One text, from all that want it.
    fn of(same: &[(Case, Vec<u8>, WantedBy)]) -> Option<Self> {
        let (case, bytes, _) = same.first()?;
        Some(Self {
            case: *case,
            bytes: bytes.as_slice().into(),
            wanted_by: same.iter().map(|(_, _, wanted)| *wanted).collect(),
            picks: [false, true].map(|starts_word| pick(bytes, starts_word)),
            turned: [ViewKind::Rot13, ViewKind::Reversed].map(|kind| Turned::of(bytes, kind)),
        })
    }

    fn plain(&self, wanted_by: &[WantedBy]) -> (Literal, Option<Pick>) {
        let starts_word = wanted_by.iter().all(|wanted| wanted.starts_word);
        let mut anchors: Vec<u32> = wanted_by.iter().map(|wanted| wanted.anchor).collect();
        anchors.dedup();
        let sets = union(wanted_by.iter()).unwrap_or(Sets::FIRST);
        let [unsure, sure] = self.picks;
        let literal = Literal::plain(self.case, self.bytes.clone(), sets, anchors);
        (literal, if starts_word { sure } else { unsure })
    }
}

impl Turned {
    /// A form that ordinary text seldom holds and that is looked for where words start; `None` where there is none such.
    fn of(text: &[u8], kind: ViewKind) -> Option<Self> {
        /// Text that is decoded in vain costs as much as some twenty times as much clean text.
        const SELDOM: f64 = 256.0;
        let mut bytes = Vec::new();
        view::decode(kind, text, &mut bytes, |_, _| {});
        if !text.is_ascii() || bytes == text || expected_hits(&bytes) >= SELDOM {
            return None;
        }
        // Written backwards it starts a word only if the plain text ends one, which is not known.
        let picks =
            [false, true].map(|starts_word| pick_turned(&bytes, starts_word && kind == ViewKind::Rot13));
        picks.iter().any(Option::is_some).then(|| Self { kind, bytes: bytes.into(), picks })
    }

    /// The form as each rule set looks for it, once where both look for the same: a text that is turned in one set alone is a
    /// sign of a view for that set and not for the other.
    fn of_sets(&self, case: Case, wanted_by: &[WantedBy]) -> impl Iterator<Item = (Literal, Option<Pick>)> {
        let of_set = |set: Set| {
            let own = || wanted_by.iter().filter(move |wanted| wanted.sets.has(set));
            own().next().map(|_| own().all(|wanted| wanted.starts_word) && self.kind == ViewKind::Rot13)
        };
        let forms = match (of_set(Set::First), of_set(Set::Second)) {
            (Some(first), Some(second)) if first == second => [Some((first, Sets::BOTH)), None],
            (first, second) => [
                first.map(|starts_word| (starts_word, Sets::FIRST)),
                second.map(|starts_word| (starts_word, Sets::SECOND)),
            ],
        };
        forms.into_iter().flatten().filter_map(move |(starts_word, sets)| {
            let [unsure, sure] = self.picks;
            let pick = if starts_word { sure } else { unsure }?;
            let literal = Literal::turned_form(case, self.bytes.clone(), sets, self.kind);
            Some((literal, Some(pick)))
        })
    }
}

fn union<'w>(wanted_by: impl Iterator<Item = &'w WantedBy>) -> Option<Sets> {
    wanted_by.map(|wanted| wanted.sets).reduce(Sets::and)
}

fn folded(bytes: &[u8]) -> impl Iterator<Item = (u8, u32)> {
    let fold = |four: &[u8; 4]| u32::from_le_bytes(*four) | FOLD;
    (0..=u8::MAX).zip(bytes.array_windows::<4>().map(fold))
}

/// The rarest four bytes with which a word starts.
fn rarest_start(bytes: &[u8], starts_word: bool) -> Option<Pick> {
    let starts = word_starts(bytes, starts_word).filter_map(|offset| folded(bytes).nth(offset));
    let (offset, gram) = starts.min_by_key(|(_, gram)| commonness(*gram))?;
    Some(Pick { offset, gram, at_start: true })
}

/// The four bytes that a text is looked for by: the rarest of those at the start of a word; the rarest of all where there
/// are none, or all of them are far more common.
fn pick(bytes: &[u8], starts_word: bool) -> Option<Pick> {
    /// Four times log2 of how much more common, in the unit of [`commonness`].
    const FAR_MORE: u8 = 32;
    let (offset, gram) = folded(bytes).min_by_key(|(_, gram)| commonness(*gram))?;
    let start = rarest_start(bytes, starts_word)
        .filter(|start| commonness(start.gram) <= commonness(gram).saturating_add(FAR_MORE));
    Some(start.unwrap_or(Pick { offset, gram, at_start: false }))
}

/// The same of a turned form, which is looked for where words start or not at all; where no start is sure, its own is
/// likely.
fn pick_turned(bytes: &[u8], starts_word: bool) -> Option<Pick> {
    rarest_start(bytes, starts_word).or_else(|| rarest_start(bytes, true))
}
