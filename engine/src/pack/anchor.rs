//! Where a pattern is anchored: texts of which every match holds one, with the halves of the pattern on either side.
//!
//! A hit on such a text is confirmed from there in both directions. Most hits end within a few bytes, so a rule may
//! be anchored at an everyday word; the plan still takes the texts that agent traffic holds least often.

use regex_syntax::hir::{Hir, HirKind, Repetition};

use super::beside::{Beside, Side, asks, beside, is_word, slack};
use super::plan::{Plan, Step, plan};
use super::schema::Case;

/// Texts from this length on gain nothing by being longer.
const LONG_ENOUGH: usize = 24;

/// Texts and what the pattern asks for round them.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) texts: Vec<Vec<u8>>,
    /// The pattern up to the text.
    pub(super) before: Hir,
    /// The pattern from the text on.
    pub(super) after: Hir,
    /// The nearest pieces of the half that tells sooner.
    pub(super) nearest: Hir,
    /// The bytes that may stand before a text and after it.
    pub(super) beside: [Beside; 2],
    /// Whether the pattern may end with the text.
    pub(super) ends: bool,
    /// Whether what stands before the text tells sooner than what follows that there is no match.
    pub(super) backwards_first: bool,
    /// How many bytes of nearly any kind the half that tells sooner may pass over first.
    pub(super) slack: usize,
    /// How far before the text a match may start, where the pattern does not tell where the text stands in it.
    pub(super) window: usize,
}

/// The longest window in which a match is looked for round a text that its pattern does not place.
const MAX_WINDOW: usize = 4096;

/// An anchor at texts that every match is promised to hold, somewhere.
pub(super) fn anchor_at(hir: &Hir, texts: &[String]) -> Option<Anchor> {
    let window = hir.properties().maximum_len().unwrap_or(MAX_WINDOW).min(MAX_WINDOW);
    (!texts.is_empty()).then(|| Anchor {
        texts: texts.iter().map(|text| text.clone().into_bytes()).collect(),
        before: Hir::empty(),
        after: Hir::empty(),
        nearest: Hir::empty(),
        beside: [Beside::ANYTHING; 2],
        ends: true,
        backwards_first: false,
        slack: usize::MAX,
        window,
    })
}

/// The anchors of a pattern; none where it holds no text that is long enough.
pub(super) fn anchors(hir: &Hir, case: Case) -> Vec<Anchor> {
    let Some(plan) = plan(hir) else { return Vec::new() };
    let mut found = Vec::new();
    build(&plan, hir, &[], &[], &mut found);
    let shaped = |piece: Draft| {
        let sides =
            if case == Case::Insensitive { piece.beside.map(Beside::in_either_case) } else { piece.beside };
        let [slack_before, slack_after] = piece.slack;
        let backwards_first = slack_before < slack_after;
        Anchor {
            ends: piece.ends,
            backwards_first,
            window: 0,
            slack: slack_before.min(slack_after),
            texts: piece.texts,
            nearest: Hir::concat(nearest(&piece.before, &piece.after, backwards_first)),
            before: Hir::concat(piece.before),
            after: Hir::concat(piece.after),
            beside: sides,
        }
    };
    found.into_iter().map(shaped).collect()
}

/// The pieces of a half that stand next to the text, as far as they tell most texts apart; all matches have them.
fn nearest(before: &[Hir], after: &[Hir], backwards: bool) -> Vec<Hir> {
    /// Pieces that ask for something, beside the text itself.
    const ASKING: usize = 2;
    let side = if backwards { Side::Last } else { Side::First };
    let mut left = if backwards { ASKING } else { ASKING + 1 };
    let enough = |piece: &Hir| {
        left -= usize::from(asks(piece, side));
        left == 0
    };
    if backwards {
        let from = before.iter().rposition(enough).unwrap_or(0);
        before.get(from..).unwrap_or_default().to_vec()
    } else {
        let to = after.iter().position(enough).map_or(after.len(), |last| last + 1);
        after.get(..to).unwrap_or_default().to_vec()
    }
}

/// An anchor in the making: its halves as lists of pieces.
struct Draft {
    texts: Vec<Vec<u8>>,
    before: Vec<Hir>,
    after: Vec<Hir>,
    beside: [Beside; 2],
    slack: [usize; 2],
    ends: bool,
}

/// Follows a plan; `before` and `after` are the pieces round `hir`.
fn build(plan: &Plan, hir: &Hir, before: &[Hir], after: &[Hir], out: &mut Vec<Draft>) {
    match (&plan.step, hir.kind()) {
        (_, HirKind::Capture(capture)) => build(plan, &capture.sub, before, after, out),
        (Step::Whole(texts), _) => out.push(draft(texts, before, std::slice::from_ref(hir), after)),
        (Step::Run { from, to, texts }, HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*from).unwrap_or_default();
            let (run, tail) = rest.split_at_checked(to - from).unwrap_or_default();
            out.push(draft(texts, &[before, head].concat(), run, &[tail, after].concat()));
        }
        (Step::Start { from, texts }, HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*from).unwrap_or_default();
            let mut draft = draft(texts, &[before, head].concat(), rest, after);
            // What follows the text lies within a part.
            let [beside_before, _] = draft.beside;
            draft.beside = [beside_before, Beside::ANYTHING];
            draft.ends = false;
            out.push(draft);
        }
        (Step::Part(index, plan), HirKind::Concat(parts)) => {
            let (head, rest) = parts.split_at_checked(*index).unwrap_or_default();
            let Some((part, tail)) = rest.split_first() else { return };
            build(plan, part, &[before, head].concat(), &[tail, after].concat(), out);
        }
        (Step::Round(plan), HirKind::Repetition(repetition)) => {
            let others = Hir::repetition(Repetition {
                min: repetition.min.saturating_sub(1),
                max: repetition.max.map(|max| max.saturating_sub(1)),
                ..repetition.clone()
            });
            build(plan, &repetition.sub, before, &[&[others], after].concat(), out);
        }
        (Step::Branches(plans), HirKind::Alternation(branches)) => {
            let mut of_branches = Vec::new();
            for (plan, branch) in plans.iter().zip(branches) {
                build(plan, branch, before, after, &mut of_branches);
            }
            // Branches that start with their text share one anchor, which tries them all at once.
            let (leading, others): (Vec<Draft>, Vec<Draft>) =
                of_branches.into_iter().partition(|draft| draft.before.len() == before.len());
            let joined = leading.into_iter().reduce(|joined, draft| Draft {
                texts: [joined.texts, draft.texts].concat(),
                before: joined.before,
                after: [std::slice::from_ref(hir), after].concat(),
                beside: either(joined.beside, draft.beside),
                slack: joined.slack,
                ends: joined.ends && draft.ends,
            });
            out.extend(joined);
            out.extend(others);
        }
        // A plan is made from the same piece that it is followed in.
        (Step::Run { .. } | Step::Start { .. } | Step::Part(..) | Step::Round(_) | Step::Branches(_), _) => {}
    }
}

fn either([before, after]: [Beside; 2], [other_before, other_after]: [Beside; 2]) -> [Beside; 2] {
    [before.or(other_before), after.or(other_after)]
}

fn draft(texts: &[Vec<u8>], before: &[Hir], run: &[Hir], after: &[Hir]) -> Draft {
    // A boundary inside the run may stand at its very edge.
    let word =
        |edge: fn(&[u8]) -> Option<&u8>| texts.iter().all(|text| edge(text).copied().is_some_and(is_word));
    let mut next = beside(after.iter(), Side::First, word(<[u8]>::last));
    let cut = |text: &Vec<u8>| text.get(..LONG_ENOUGH).map_or_else(|| text.clone(), <[u8]>::to_vec);
    let ends = next.nothing;
    if texts.iter().any(|text| text.len() > LONG_ENOUGH) {
        // What follows a text that is cut is the rest of it.
        next = Beside::ANYTHING;
    }
    Draft {
        texts: texts.iter().map(cut).collect(),
        before: before.to_vec(),
        after: [run, after].concat(),
        beside: [beside(before.iter().rev(), Side::Last, word(<[u8]>::first)), next],
        slack: [slack(before.iter().rev(), Side::Last), slack(after.iter(), Side::First)],
        ends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str) -> Vec<(Vec<String>, String, String)> {
        let hir = regex_syntax::ParserBuilder::new()
            .utf8(false)
            .unicode(false)
            .build()
            .parse(pattern)
            .expect("valid");
        let texts = |anchor: &Anchor| {
            anchor.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
        };
        anchors(&hir, Case::Sensitive)
            .iter()
            .map(|anchor| (texts(anchor), anchor.before.to_string(), anchor.after.to_string()))
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
