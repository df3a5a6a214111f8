//! Rules of a pack from ways to meet a condition: one choice of strings becomes the pattern, the others must stand near it.

use std::cmp::Reverse;

use coldcase_model::Category;

use crate::account::{ChangeKind, Reason};
use crate::dialect::Refused;
use crate::draft::{Draft, Drafts, FARTHEST, Near};
use crate::limits::MOST_RULES;
use crate::sample::sample;
use crate::settle::anchors;
use crate::write::Head;

use super::meta::Frame;
use super::strings::{Sayable, guarded};
use super::ways::{Choice, Way};

/// Strings of one pattern.
const MOST_TOGETHER: usize = 48;
/// Bytes of a pattern that is made of several strings.
const LONGEST_TOGETHER: usize = 16 << 10;
/// What a string adds to a count of strings at the most.
const MOST_WEIGHT: f32 = 0.1;
/// How much of the confidence comes of a count of strings.
const SHARE: f32 = 0.9;

/// A rule that was read, before the engine was asked about its strings.
pub(super) struct Pending {
    pub(super) of: usize,
    pub(super) strings: Vec<Option<Sayable>>,
    pub(super) ways: Vec<Way>,
    pub(super) changes: Vec<(ChangeKind, String)>,
    pub(super) frame: Frame,
}

/// What the engine finds to look for in a string.
type Anchor = Result<bool, Refused>;

/// Makes drafts of all rules.
pub(super) fn drafts_of(head: &Head, pending: &[Pending], drafts: &mut Drafts) {
    let all: Vec<Vec<String>> = pending.iter().map(regexes).collect();
    let mut anchors = anchors(head, &all.concat()).into_iter();
    for (rule, regexes) in pending.iter().zip(&all) {
        let anchors: Vec<Anchor> = anchors.by_ref().take(regexes.len()).collect();
        of_rule(rule, &anchors, drafts);
    }
}

/// The patterns of a rule, with what stands beside them; an empty one for a string that cannot be said.
fn regexes(rule: &Pending) -> Vec<String> {
    rule.strings.iter().map(|one| one.as_ref().map_or_else(String::new, Sayable::guarded)).collect()
}

/// What is known of the strings of a rule.
struct Known<'r> {
    rule: &'r Pending,
    anchors: &'r [Anchor],
    /// Whether a text can hold each.
    texts: Vec<bool>,
}

impl Known<'_> {
    fn is_text(&self, number: usize) -> bool {
        self.texts.get(number).copied().unwrap_or(false)
    }
}

fn of_rule(rule: &Pending, anchors: &[Anchor], drafts: &mut Drafts) {
    let texts = rule.strings.iter().map(|one| one.as_ref().is_some_and(is_text)).collect();
    let known = Known { rule, anchors, texts };
    let mut made = Vec::new();
    for way in &rule.ways {
        match of_way(&known, way, drafts) {
            Ok(more) => made.extend(more),
            Err(refused) => drafts.refuse(rule.of, refused),
        }
    }
    if made.is_empty() {
        return;
    }
    if drafts.drafts.len() + made.len() > MOST_RULES {
        let detail = format!("the pack would have more than {MOST_RULES} rules");
        return drafts.leave_out(rule.of, Reason::TooLarge, detail);
    }
    for (change, detail) in &rule.changes {
        drafts.change(rule.of, *change, detail);
    }
    let used = rule.ways.iter().flatten().flat_map(|choice| &choice.of);
    for (change, name) in used.filter_map(|number| string(rule, *number)).flat_map(|one| &one.changes) {
        drafts.change(rule.of, *change, name);
    }
    if made.len() > 1 {
        drafts.change(rule.of, ChangeKind::Ways, "");
    }
    drafts.drafts.extend(made);
}

fn string(rule: &Pending, number: usize) -> Option<&Sayable> {
    rule.strings.get(number)?.as_ref()
}

/// The drafts of a way: one for each group of the strings that are looked for.
fn of_way(known: &Known<'_>, way: &Way, drafts: &mut Drafts) -> Result<Vec<Draft>, Refused> {
    let Known { rule, anchors, .. } = *known;
    let texts = |choice: &Choice| choice.of.iter().filter(|number| known.is_text(**number)).count();
    if way.iter().any(|choice| texts(choice) < choice.least) {
        return Err(no_text());
    }
    let is_found = |number: &usize| matches!(anchors.get(*number), Some(Ok(_)));
    let unfound = |choice: &Choice| choice.of.iter().filter(|number| !is_found(number)).count();
    // Of so many strings, one is found wherever enough are there.
    let loses = |choice: &Choice| unfound(choice) >= choice.least;
    let main = way
        .iter()
        .filter(|choice| unfound(choice) < choice.of.len())
        .min_by_key(|choice| {
            (loses(choice), choice.least > 1, choice.of.len(), Reverse(shortest(rule, choice)))
        })
        .ok_or_else(|| no_anchor(rule, way, anchors))?;
    if loses(main) {
        for number in main.of.iter().filter(|number| !is_found(number)) {
            if let (Some(one), Some(Err(refused))) = (string(rule, *number), anchors.get(*number)) {
                let detail = format!("{}: {}: {}", refused.reason.code(), one.name, refused.detail);
                drafts.change(rule.of, ChangeKind::Branch, &detail);
            }
        }
    }
    let frame = framed(rule, way, main);
    if !frame.near.is_empty() {
        drafts.change(rule.of, ChangeKind::Distance, "");
    }
    let groups = groups(known, main);
    if !main.of.iter().any(|number| is_found(number) && known.is_text(*number)) {
        return Err(no_text());
    }
    Ok(groups.iter().map(|group| with_pattern(frame.clone(), group)).collect())
}

/// How long the shortest of some strings is: a long one is tried seldom.
fn shortest(rule: &Pending, choice: &Choice) -> usize {
    let lengths = choice.of.iter().filter_map(|number| string(rule, *number)).map(|one| one.regex.len());
    lengths.min().unwrap_or(0)
}

/// Why none of the strings can be looked for.
fn no_anchor(rule: &Pending, way: &Way, anchors: &[Anchor]) -> Refused {
    let first = way.iter().flat_map(|choice| &choice.of).find_map(|number| {
        let refused = anchors.get(*number)?.as_ref().err()?;
        Some(Refused::new(refused.reason, format!("{}: {}", string(rule, *number)?.name, refused.detail)))
    });
    first.unwrap_or_else(|| Refused::new(Reason::NoText, Reason::NoText.means()))
}

/// A draft with all but its pattern.
fn framed(rule: &Pending, way: &Way, main: &Choice) -> Draft {
    let frame = &rule.frame;
    let mut draft = Draft::new(rule.of, frame.id.clone(), &frame.title, String::new());
    draft.severity = frame.severity;
    draft.confidence = frame.confidence;
    draft.reference.clone_from(&frame.reference);
    match frame.category {
        Some(category) => draft.category = category,
        None => draft.category = Category::Injection,
    }
    let is_known = matches!(
        frame.category,
        Some(Category::Dlp | Category::Injection | Category::ToolPoison | Category::ToolPolicy)
    );
    if !is_known {
        draft.gain = Some("The source says no more than the title.");
    }
    for choice in way {
        if choice.least > 1 {
            count(rule, choice, &mut draft);
        } else if choice != main {
            let regex = choice.of.iter().filter_map(|number| string(rule, *number)).map(Sayable::guarded);
            let regex: Vec<String> = regex.collect();
            draft.near.push(Near {
                any: Vec::new(),
                regex: Some(regex.join("|")),
                within: FARTHEST,
                weight: None,
            });
            keep_company(rule, choice, &mut draft);
        }
    }
    draft
}

/// Asks for a number of strings: each adds to the confidence, and as many as are asked for make it what the rule states.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn count(rule: &Pending, choice: &Choice, draft: &mut Draft) {
    let least = choice.least as f32;
    let rounded = |value: f32| (value * 10_000.0).round() / 10_000.0;
    // So that something is left where none is there, whatever the rule states.
    let weight = rounded(MOST_WEIGHT.min(draft.confidence * SHARE / least));
    draft.confidence = rounded(draft.confidence - weight * least);
    // Between what one less comes to and what so many do.
    draft.least = rounded(draft.confidence + weight * (least - 0.5));
    for one in choice.of.iter().filter_map(|number| string(rule, *number)) {
        let regex = Some(one.guarded());
        draft.near.push(Near { any: Vec::new(), regex, within: FARTHEST, weight: Some(weight) });
    }
    keep_company(rule, choice, draft);
}

/// Texts that a made text is put among, so that a choice is met.
fn keep_company(rule: &Pending, choice: &Choice, draft: &mut Draft) {
    let texts = choice.of.iter().filter_map(|number| {
        let one = string(rule, *number)?;
        sample(&one.hir()?, &one.name, 0)
    });
    draft.company.extend(texts.take(choice.least));
}

/// The strings to look for, in groups that become a pattern each; such as can be written as text stand first.
fn groups<'r>(known: &Known<'r>, main: &Choice) -> Vec<Vec<&'r Sayable>> {
    let (mut groups, mut alone) = (Vec::new(), Vec::new());
    let (mut group, mut length) = (Vec::new(), 0);
    let mut spelled = Vec::new();
    for number in &main.of {
        let Some(one) = string(known.rule, *number) else { continue };
        match known.anchors.get(*number) {
            Some(Ok(true)) => spelled.push((!known.is_text(*number), one)),
            Some(Ok(false)) => alone.push(vec![one]),
            _ => {}
        }
    }
    spelled.sort_by_key(|(is_bytes, _)| *is_bytes);
    for (_, one) in spelled {
        if group.len() >= MOST_TOGETHER || (length + one.regex.len() > LONGEST_TOGETHER && !group.is_empty())
        {
            groups.push(std::mem::take(&mut group));
            length = 0;
        }
        length += one.regex.len();
        group.push(one);
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups.extend(alone);
    groups
}

/// Why a rule is left out that no text can hold.
fn no_text() -> Refused {
    Refused::new(Reason::NotShown, "its bytes are no UTF-8, and the texts that hold a rule are")
}

fn is_text(one: &Sayable) -> bool {
    one.hir().is_some_and(|hir| (0..4).any(|variant| sample(&hir, &one.name, variant).is_some()))
}

fn with_pattern(mut draft: Draft, group: &[&Sayable]) -> Draft {
    if group.iter().all(|one| one.fullword) {
        let plain: Vec<&str> = group.iter().map(|one| one.regex.as_str()).collect();
        draft.regex = guarded(&format!("({})", plain.join("|")));
        draft.secret = 1;
    } else {
        let each: Vec<String> = group.iter().map(|one| one.guarded()).collect();
        draft.regex = each.join("|");
    }
    draft
}
