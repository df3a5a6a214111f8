//! Which texts a pattern is best anchored at: of all sets of texts of which every match holds one, the cheapest.

use regex_syntax::hir::{Hir, HirKind};

use super::texts::{MAX_TEXTS, SOME_TEXTS, Texts, beginnings, texts};
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
    Whole(Texts),
    /// Some parts of a concatenation, together, are one of these texts.
    Run { from: usize, to: usize, texts: Texts },
    /// Some parts of a concatenation, together with the start of the part after them, are one of these texts.
    Start { from: usize, texts: Texts },
    /// Within one part of a concatenation.
    Part(usize, Box<Plan>),
    /// Within every branch.
    Branches(Vec<Plan>),
    /// Within the first round.
    Round(Box<Plan>),
}

/// What texts cost as anchors; `None` where one is too short.
fn cost(texts: &Texts) -> Option<f64> {
    (texts.shortest() >= MIN_TEXT).then(|| texts.iter().map(|text| expected_hits(text) + COST_OF_TEXT).sum())
}

/// The plan to take these texts, if they cost less than `best`.
fn cheaper(best: Option<&Plan>, texts: &Texts, step: impl FnOnce(Texts) -> Step) -> Option<Plan> {
    let cost = cost(texts)?;
    let cheap = best.is_none_or(|best| cost < best.cost);
    cheap.then(|| Plan { cost, texts: texts.len(), step: step(texts.clone()) })
}

pub(super) fn plan(hir: &Hir) -> Option<Plan> {
    let whole = texts(hir).and_then(|texts| cheaper(None, &texts, Step::Whole));
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
    rarer(within, whole)
}

/// The cheaper plan; the first where they are equal.
fn rarer(first: Option<Plan>, second: Option<Plan>) -> Option<Plan> {
    match (first, second) {
        (Some(first), Some(second)) => Some(if second.cost < first.cost { second } else { first }),
        (first, second) => first.or(second),
    }
}

fn of_parts(parts: &[Hir]) -> Option<Plan> {
    let spelled: Vec<Option<Texts>> = parts.iter().map(texts).collect();
    let begun: Vec<Option<Texts>> = parts.iter().map(beginnings).collect();
    let mut best = None;
    for (from, part) in parts.iter().enumerate() {
        let within = plan(part).map(|plan| Plan {
            cost: plan.cost,
            texts: plan.texts,
            step: Step::Part(from, Box::new(plan)),
        });
        best = rarer(best, within);
        if matches!(part.kind(), HirKind::Look(_) | HirKind::Empty) {
            // It says something of what stands before the text, and nothing of the text.
            continue;
        }
        // Many texts are worth their price only where the best so far is dear.
        let dear = best.as_ref().is_none_or(|best| best.cost > DEAR);
        let most = if dear { MAX_TEXTS } else { SOME_TEXTS };
        let mut run = Texts::of(b"");
        for (to, (next, begun)) in spelled.iter().zip(&begun).enumerate().skip(from) {
            if run.shortest() < MIN_TEXT
                && let Some(start) = begun.as_ref().and_then(|begun| lengthened(&run, begun, most))
            {
                best = cheaper(best.as_ref(), &start, |texts| Step::Start { from, texts }).or(best);
            }
            let Some(longer) = next.as_ref().and_then(|next| run.crossed(next, most)) else { break };
            run = longer;
            best = cheaper(best.as_ref(), &run, |texts| Step::Run { from, to: to + 1, texts }).or(best);
            if run.shortest() >= GROWN {
                break;
            }
        }
    }
    best
}

/// The texts, those that are too short followed by each of `next`; `None` where that makes too many.
fn lengthened(texts: &Texts, next: &Texts, most: usize) -> Option<Texts> {
    let mut all = Texts::default();
    let mut short = Texts::default();
    for text in texts.iter() {
        if text.len() < MIN_TEXT { &mut short } else { &mut all }.push(text, b"");
    }
    all.append(&short.crossed(next, most)?);
    (all.len() <= most).then_some(all)
}
