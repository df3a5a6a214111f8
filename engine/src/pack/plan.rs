//! Which texts a pattern is best anchored at: of all sets of texts of which every match holds one, the cheapest.

use regex_syntax::hir::{Hir, HirKind};

use super::texts::{MAX_TEXTS, SOME_TEXTS, beginnings, crossed, texts};
use crate::scan::expected_hits;

/// What a text costs besides its hits: it makes other hits of the prefilter likelier.
const COST_OF_TEXT: f64 = 8.0;
/// A run of parts is not made longer once its texts are this long.
const GROWN: usize = 12;
/// A plan of more cost is worth many texts.
const DEAR: f64 = 2000.0;
/// The shortest text that the prefilter can look for.
pub(super) const MIN_TEXT: usize = 4;

/// Which texts to anchor at, as a path through the pattern.
#[derive(Debug)]
pub(super) struct Plan {
    /// What the texts cost: how often they are expected in the traffic that grams were counted in, and a little for
    /// each text.
    cost: f64,
    texts: usize,
    pub(super) step: Step,
}

#[derive(Debug)]
pub(super) enum Step {
    /// The piece is one of these texts.
    Whole(Vec<Vec<u8>>),
    /// Some parts of a concatenation, together, are one of these texts.
    Run { from: usize, to: usize, texts: Vec<Vec<u8>> },
    /// Some parts of a concatenation, together with the start of the part after them, are one of these texts.
    Start { from: usize, texts: Vec<Vec<u8>> },
    /// Within one part of a concatenation.
    Part(usize, Box<Plan>),
    /// Within every branch.
    Branches(Vec<Plan>),
    /// Within the first round.
    Round(Box<Plan>),
}

fn listed(texts: Vec<Vec<u8>>, step: impl FnOnce(Vec<Vec<u8>>) -> Step) -> Option<Plan> {
    let cost = texts.iter().map(|text| expected_hits(text) + COST_OF_TEXT).sum();
    let long_enough = texts.iter().all(|text| text.len() >= MIN_TEXT);
    long_enough.then(|| Plan { cost, texts: texts.len(), step: step(texts) })
}

pub(super) fn plan(hir: &Hir) -> Option<Plan> {
    let whole = texts(hir).and_then(|texts| listed(texts, Step::Whole));
    let within = match hir.kind() {
        HirKind::Capture(capture) => return plan(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => plan(&repetition.sub).map(|sub| Plan {
            cost: sub.cost,
            texts: sub.texts,
            step: Step::Round(Box::new(sub)),
        }),
        HirKind::Alternation(branches) => {
            let plans: Option<Vec<Plan>> = branches.iter().map(plan).collect();
            plans
                .map(|plans| Plan {
                    cost: plans.iter().map(|plan| plan.cost).sum(),
                    texts: plans.iter().map(|plan| plan.texts).sum(),
                    step: Step::Branches(plans),
                })
                .filter(|plan| plan.texts <= 2 * MAX_TEXTS)
        }
        HirKind::Concat(parts) => of_parts(parts),
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Class(_)
        | HirKind::Literal(_)
        | HirKind::Repetition(_) => None,
    };
    rarer(whole, within)
}

/// The cheaper plan; the first where they are equal.
fn rarer(first: Option<Plan>, second: Option<Plan>) -> Option<Plan> {
    match (first, second) {
        (Some(first), Some(second)) => Some(if second.cost < first.cost { second } else { first }),
        (first, second) => first.or(second),
    }
}

fn of_parts(parts: &[Hir]) -> Option<Plan> {
    let spelled: Vec<Option<Vec<Vec<u8>>>> = parts.iter().map(texts).collect();
    let begun: Vec<Option<Vec<Vec<u8>>>> = parts.iter().map(beginnings).collect();
    let mut best = None;
    for (from, part) in parts.iter().enumerate() {
        let within = plan(part).map(|plan| Plan {
            cost: plan.cost,
            texts: plan.texts,
            step: Step::Part(from, Box::new(plan)),
        });
        best = rarer(best, within);
        // Many texts are worth their price only where the best so far is dear.
        let dear = best.as_ref().is_none_or(|best| best.cost > DEAR);
        let most = if dear { MAX_TEXTS } else { SOME_TEXTS };
        let mut run = vec![Vec::new()];
        for (to, (next, begun)) in spelled.iter().zip(&begun).enumerate().skip(from) {
            if run.iter().any(|text| text.len() < MIN_TEXT) {
                let start = begun.as_ref().and_then(|begun| lengthened(&run, begun, most));
                best =
                    rarer(best, start.and_then(|texts| listed(texts, |texts| Step::Start { from, texts })));
            }
            let Some(longer) = next.as_ref().and_then(|next| crossed(&run, next, most)) else { break };
            run = longer;
            best = rarer(best, listed(run.clone(), |texts| Step::Run { from, to: to + 1, texts }));
            if run.iter().all(|text| text.len() >= GROWN) {
                break;
            }
        }
    }
    best
}

/// The texts, those that are too short followed by each of `next`; `None` where that makes too many.
fn lengthened(texts: &[Vec<u8>], next: &[Vec<u8>], most: usize) -> Option<Vec<Vec<u8>>> {
    let (mut long, short): (Vec<_>, Vec<_>) = texts.iter().cloned().partition(|text| text.len() >= MIN_TEXT);
    long.extend(crossed(&short, next, most)?);
    (long.len() <= most).then_some(long)
}
