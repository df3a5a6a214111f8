//! Where a pattern is anchored: texts of which every match holds one, with the halves of the pattern on either side.
//!
//! A hit on such a text is confirmed from there in both directions. Most hits end within a few bytes, so a rule may
//! be anchored at an everyday word; the plan still takes the texts that agent traffic holds least often.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Hir, HirKind, Repetition};
use serde::{Deserialize, Serialize};

use super::around::Around;
use super::pattern::Pattern;
use super::plan::{Plan, Step, plan};
use super::schema::Case;
use super::slack::{Side, asks, slack};
use super::texts::Texts;
use super::words::starts_word;
use crate::scan::{FirstStates, expected_hits};

/// Texts from this length on gain nothing by being longer.
const LONG_ENOUGH: usize = 24;
/// The longest window in which a match is looked for round a text that its pattern does not place.
const MAX_WINDOW: usize = 4096;

/// Texts and what the pattern asks for round them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Anchor {
    pub(super) texts: Vec<Vec<u8>>,
    /// Whether the text starts a word in every match, if it begins with a letter or digit.
    pub(super) starts_word: bool,
    /// Whether a match starts with the text, and whether it may end with it.
    pub(super) edges: [bool; 2],
    /// Whether what stands before the text tells sooner than what follows that there is no match.
    pub(super) backwards_first: bool,
    /// How many bytes of nearly any kind the half that tells sooner may pass over first.
    pub(super) slack: usize,
    /// How far before the text a match may start, where the pattern does not tell where the text stands in it.
    pub(super) window: usize,
    /// What was worked out of it when the program was built.
    #[serde(skip)]
    pub(super) drawn: Option<Drawings>,
}

/// What is dear to work out of an anchor.
#[derive(Debug, Clone)]
pub(super) struct Drawings {
    /// The first states of its nearest pieces, of the half before and of the half after.
    pub(super) first: [Option<FirstStates<'static>>; 3],
    /// What can stand round each of its texts.
    pub(super) around: Vec<Around>,
}

impl Anchor {
    /// How often its texts stand in the traffic that grams were counted in.
    pub(super) fn expected_hits(&self) -> f64 {
        self.texts.iter().map(|text| expected_hits(text)).sum()
    }
}

/// A pattern with its anchors. The pieces round them are large and most are never tried, so they are made at need.
#[derive(Debug)]
pub(crate) struct Anchored {
    pattern: Arc<Pattern>,
    /// `None` where the texts stand anywhere in a match; made again at need where the anchors were known.
    plan: OnceLock<Option<Plan>>,
    /// `None` only for a pattern that was never checked and is wrong.
    parsed: OnceLock<Option<Hir>>,
}

/// Which piece of a pattern is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Before,
    After,
    Nearest,
}

/// A piece of a pattern round one of its anchors.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    anchored: Arc<Anchored>,
    anchor: usize,
    which: Which,
}

impl Piece {
    pub(super) const fn new(anchored: Arc<Anchored>, anchor: usize, which: Which) -> Self {
        Self { anchored, anchor, which }
    }

    /// The case that it is to be matched in.
    pub(crate) fn case(&self) -> Case {
        self.anchored.pattern.case()
    }

    /// The piece in the case that it is written in.
    pub(crate) fn hir(&self) -> Hir {
        let drafts = self.anchored.drafts();
        drafts.get(self.anchor).map_or_else(Hir::empty, |draft| draft.piece(self.which))
    }
}

impl Anchored {
    /// A pattern whose anchors are known, or are yet to be found.
    pub(super) const fn new(pattern: Arc<Pattern>) -> Self {
        Self { pattern, plan: OnceLock::new(), parsed: OnceLock::new() }
    }

    /// Anchors the pattern at the texts that its parts spell out, or else at texts that every match is promised to hold.
    /// There are no anchors where neither gives a text that is long enough.
    pub(super) fn anchors(&self, parsed: &Hir, promised: &[String]) -> Vec<Anchor> {
        match self.plan.get_or_init(|| plan(parsed)) {
            Some(plan) => drafts(plan, parsed).into_iter().map(Draft::anchor).collect(),
            None => anchor_at(parsed, promised).into_iter().collect(),
        }
    }

    /// Which bytes can stand round each of these texts of an anchor.
    pub(super) fn around(&self, anchor: usize, texts: impl Iterator<Item = Vec<u8>>) -> Vec<Around> {
        let drafts = self.drafts();
        let Some(draft) = drafts.get(anchor) else { return texts.map(|_| Around::ANYTHING).collect() };
        let (before, after) = (draft.piece(Which::Before), draft.piece(Which::After));
        texts.map(|text| Around::new(&before, &after, &text)).collect()
    }

    /// The anchors again, as lists of pieces.
    fn drafts(&self) -> Vec<Draft<'_>> {
        // The pattern was parsed when its pack was made.
        let Some(parsed) = self.parsed.get_or_init(|| self.pattern.parsed().ok()) else { return Vec::new() };
        let plan = self.plan.get_or_init(|| plan(parsed)).as_ref();
        plan.map_or_else(Vec::new, |plan| drafts(plan, parsed))
    }
}

/// An anchor at texts that every match is promised to hold, somewhere.
fn anchor_at(hir: &Hir, texts: &[String]) -> Option<Anchor> {
    let window = hir.properties().maximum_len().unwrap_or(MAX_WINDOW).min(MAX_WINDOW);
    (!texts.is_empty()).then(|| Anchor {
        texts: texts.iter().map(|text| text.clone().into_bytes()).collect(),
        starts_word: false,
        edges: [true; 2],
        backwards_first: false,
        slack: usize::MAX,
        window,
        drawn: None,
    })
}

/// The pieces of a half that stand next to the text, as far as they tell most texts apart; all matches have them.
fn nearest<'d, 'h>(
    before: &'d [Cow<'h, Hir>],
    after: &'d [Cow<'h, Hir>],
    backwards: bool,
) -> &'d [Cow<'h, Hir>] {
    /// Pieces that ask for something, beside the text itself.
    const ASKING: usize = 2;
    let side = if backwards { Side::Last } else { Side::First };
    let mut left = if backwards { ASKING } else { ASKING + 1 };
    let enough = |piece: &Cow<'_, Hir>| {
        left -= usize::from(asks(piece, side));
        left == 0
    };
    if backwards {
        let from = before.iter().rposition(enough).unwrap_or(0);
        before.get(from..).unwrap_or_default()
    } else {
        let to = after.iter().position(enough).map_or(after.len(), |last| last + 1);
        after.get(..to).unwrap_or_default()
    }
}

fn joined(pieces: &[Cow<'_, Hir>]) -> Hir {
    Hir::concat(pieces.iter().map(|piece| Hir::clone(piece)).collect())
}

/// An anchor in the making: its halves as lists of pieces.
struct Draft<'h> {
    texts: Vec<Vec<u8>>,
    before: Vec<Cow<'h, Hir>>,
    after: Vec<Cow<'h, Hir>>,
    slack: [usize; 2],
    ends: bool,
}

impl Draft<'_> {
    fn backwards_first(&self) -> bool {
        let [slack_before, slack_after] = self.slack;
        slack_before < slack_after
    }

    fn anchor(self) -> Anchor {
        Anchor {
            starts_word: starts_word(self.before.iter().map(Cow::as_ref)),
            edges: [self.before.iter().all(|piece| matches!(piece.kind(), HirKind::Empty)), self.ends],
            backwards_first: self.backwards_first(),
            window: 0,
            slack: self.slack.into_iter().min().unwrap_or(0),
            drawn: None,
            texts: self.texts,
        }
    }

    fn piece(&self, which: Which) -> Hir {
        joined(match which {
            Which::Before => &self.before,
            Which::After => &self.after,
            Which::Nearest => nearest(&self.before, &self.after, self.backwards_first()),
        })
    }
}

/// The anchors that a plan made from this very pattern leads to.
fn drafts<'h>(plan: &Plan, hir: &'h Hir) -> Vec<Draft<'h>> {
    let mut found = Vec::new();
    build(plan, hir, &[], &[], &mut found);
    found
}

fn borrowed(pieces: &[Hir]) -> Vec<Cow<'_, Hir>> {
    pieces.iter().map(Cow::Borrowed).collect()
}

/// Follows a plan; `before` and `after` are the pieces round `hir`.
fn build<'h>(
    plan: &Plan,
    hir: &'h Hir,
    before: &[Cow<'h, Hir>],
    after: &[Cow<'h, Hir>],
    out: &mut Vec<Draft<'h>>,
) {
    match (&plan.step, hir.kind()) {
        (_, HirKind::Capture(capture)) => build(plan, &capture.sub, before, after, out),
        (Step::Whole(texts), _) => out.push(draft(texts, before, &[Cow::Borrowed(hir)], after)),
        (Step::Run { from, to, texts }, HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*from).unwrap_or_default();
            let (run, tail) = rest.split_at_checked(to - from).unwrap_or_default();
            let (head, tail) = (borrowed(head), borrowed(tail));
            out.push(draft(texts, &[before, &head].concat(), &borrowed(run), &[&tail, after].concat()));
        }
        (Step::Start { from, texts }, HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*from).unwrap_or_default();
            let mut draft = draft(texts, &[before, &borrowed(head)].concat(), &borrowed(rest), after);
            // The text may end within a part.
            draft.ends = false;
            out.push(draft);
        }
        (Step::Part(index, plan), HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*index).unwrap_or_default();
            let Some((part, tail)) = rest.split_first() else { return };
            build(plan, part, &[before, &borrowed(head)].concat(), &[&borrowed(tail), after].concat(), out);
        }
        (Step::Round(plan), HirKind::Repetition(repetition)) => {
            let others = Hir::repetition(Repetition {
                min: repetition.min.saturating_sub(1),
                max: repetition.max.map(|max| max.saturating_sub(1)),
                ..repetition.clone()
            });
            build(plan, &repetition.sub, before, &[&[Cow::Owned(others)], after].concat(), out);
        }
        (Step::Branches(plans), HirKind::Alternation(branches)) => {
            let mut of_branches = Vec::new();
            for (plan, branch) in plans.iter().zip(branches) {
                build(plan, branch, before, after, &mut of_branches);
            }
            // Branches that start with their text share one anchor, which tries them all at once.
            let (leading, others): (Vec<Draft<'_>>, Vec<Draft<'_>>) =
                of_branches.into_iter().partition(|draft| draft.before.len() == before.len());
            out.extend(merged(leading, hir, after));
            out.extend(others);
        }
        // A plan is made from the same piece that it is followed in.
        (Step::Run { .. } | Step::Start { .. } | Step::Part(..) | Step::Round(_) | Step::Branches(_), _) => {}
    }
}

/// One anchor for branches that start with their texts; `after` are the pieces behind `hir`, which has the branches.
fn merged<'h>(leading: Vec<Draft<'h>>, hir: &'h Hir, after: &[Cow<'h, Hir>]) -> Option<Draft<'h>> {
    let mut leading = leading.into_iter();
    let first = leading.next()?;
    if leading.len() == 0 {
        return Some(first);
    }
    let mut all = Draft { after: [&[Cow::Borrowed(hir)], after].concat(), ..first };
    for draft in leading {
        all.texts.extend(draft.texts);
        all.ends &= draft.ends;
    }
    Some(all)
}

fn draft<'h>(
    texts: &Texts,
    before: &[Cow<'h, Hir>],
    run: &[Cow<'h, Hir>],
    after: &[Cow<'h, Hir>],
) -> Draft<'h> {
    let nearest_first = || before.iter().rev().map(Cow::as_ref);
    let next_first = || after.iter().map(Cow::as_ref);
    let cut = |text: &[u8]| text.get(..LONG_ENOUGH).unwrap_or(text).to_vec();
    Draft {
        texts: texts.iter().map(cut).collect(),
        before: before.to_vec(),
        after: [run, after].concat(),
        slack: [slack(nearest_first(), Side::Last), slack(next_first(), Side::First)],
        ends: after.iter().all(|piece| piece.properties().minimum_len() == Some(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str) -> Vec<(Vec<String>, String, String)> {
        let pattern = Arc::new(Pattern::new(&[pattern], Case::Sensitive));
        let parsed = pattern.parsed().expect("valid");
        let anchored = Anchored::new(pattern);
        let anchors = anchored.anchors(&parsed, &[]);
        let texts = |anchor: &Anchor| {
            anchor.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
        };
        let drafts = anchored.drafts();
        assert_eq!(drafts.len(), anchors.len());
        let piece = |draft: &Draft<'_>, which| draft.piece(which).to_string();
        std::iter::zip(&anchors, &drafts)
            .map(|(anchor, draft)| (texts(anchor), piece(draft, Which::Before), piece(draft, Which::After)))
            .collect()
    }

    #[test]
    fn the_rarest_texts_are_taken_and_split_the_pattern() {
        let anchors = found(r"(?:the|this) of (?:zyzzyva|quokka)!{3,}");
        assert_eq!(anchors.len(), 1);
        assert_eq!(anchors[0].0, [" of zyzzyva", " of quokka"]);
        assert_eq!(anchors[0].1, "(?:(?:the)|(?:this))");
    }

    #[test]
    fn short_pieces_are_joined_into_longer_texts() {
        assert_eq!(found("gh[pousr]_[0-9A-Za-z]{36}")[0].0, ["gho_", "ghp_", "ghr_", "ghs_", "ghu_"]);
    }

    #[test]
    fn each_branch_has_its_own_halves() {
        let anchors = found("a+(?:b+zyzzyva|quokka)c");
        assert_eq!(anchors.len(), 2);
        assert!(anchors.iter().any(|anchor| anchor.0 == ["zyzzyva"] || anchor.0 == ["zyzzyvac"]));
    }

    #[test]
    fn what_may_be_absent_is_no_anchor() {
        for pattern in [r"(?:zyzzyva)?[a-z]{40}", r"(?:zyzzyva|[0-9]{40})", "abc"] {
            assert_eq!(found(pattern), [], "{pattern}");
        }
        assert_eq!(found(r"(?:zyzzyva)+x")[0].0, ["zyzzyva"]);
    }
}
