//! From drafts to a pack: each rule is put to the engine, with texts that show what it finds and what it leaves alone.
//!
//! A rule that the engine refuses, or that no text shows to work, is left out with the reason. The texts are the source's
//! own where it has some that the engine finds, else they are made from the pattern. Nothing is taken on trust: each text in
//! the pack was tried in a pack of the same rules.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_engine::{Level, PackText, Promise, Wanted, lint, promises};

use crate::account::{Change, ChangeKind, Outcome, Reason, TextOrigin};
use crate::dialect::{Refused, parsed};
use crate::draft::{ChainDraft, Draft, Drafts};
use crate::limits::{MOST_EXAMPLES, MOST_TEXT};
use crate::promised::promised;
use crate::sample::{near_misses, sample};
use crate::write::{Head, Texts, pack};

/// How many texts are made from a pattern to find one that the rule matches.
const VARIANTS: u64 = 12;
/// How many texts of a kind a rule of the pack holds.
const KEPT: usize = 2;
/// A text that no rule is about.
const NOTHING: &str = "nothing of the kind stands here";

/// What a pack says of rules while it is tried.
const TRIAL: &str = "trial.yaml";

/// The pack of all drafts that the engine takes, and the accounts of all rules.
pub(crate) fn settle(head: &Head, drafts: &mut Drafts) -> Option<String> {
    number_twins(&mut drafts.drafts);
    let mut rules = std::mem::take(&mut drafts.drafts);
    refused(head, &mut rules, drafts);
    let proposals: Vec<Texts> = rules.iter().map(proposals).collect();
    let found = tried(head, &rules, &proposals);
    let mut shown: Vec<(Draft, Texts, TextOrigin)> = Vec::new();
    let mut unfound: Vec<(Draft, Texts)> = Vec::new();
    for (draft, texts) in rules.into_iter().zip(proposals) {
        let matches = kept(&found, &draft.id, Wanted::Match);
        let own = draft.examples.len().min(MOST_EXAMPLES);
        let origin = if matches.iter().any(|number| *number <= own) {
            TextOrigin::Source
        } else {
            TextOrigin::Generated
        };
        let matches: Vec<String> = chosen(&texts.matches, &matches);
        if matches.is_empty() {
            unfound.push((draft, texts));
            continue;
        }
        shown.push((draft, Texts { matches, no_matches: Vec::new() }, origin));
    }
    explain(head, drafts, unfound);
    let (rules, texts, origins) = unzip(shown);
    let negatives: Vec<Texts> =
        rules.iter().zip(&texts).map(|(draft, texts)| negatives(draft, texts)).collect();
    let found = tried(head, &rules, &negatives);
    let mut taken: Vec<(Draft, Texts)> = Vec::new();
    for (((draft, texts), tried), origin) in rules.into_iter().zip(texts).zip(negatives).zip(origins) {
        let no_matches = chosen(&tried.no_matches, &kept(&found, &draft.id, Wanted::NoMatch));
        if no_matches.is_empty() {
            drafts.leave_out(draft.of, Reason::NotShown, "it matched every text that it was to leave alone");
            continue;
        }
        book(drafts, &draft, origin);
        taken.push((draft, Texts { no_matches, ..texts }));
    }
    let rules: Vec<(&Draft, Texts)> = taken.iter().map(|(draft, texts)| (draft, texts.clone())).collect();
    let chains = chains(head, drafts);
    let has_any = !rules.is_empty() || !chains.is_empty();
    has_any.then(|| pack(head, &rules, &chains, Some(&drafts.accounts)))
}

/// The chains that the engine takes, entered into their accounts. No text holds one.
fn chains(head: &Head, drafts: &mut Drafts) -> Vec<ChainDraft> {
    let mut chains = std::mem::take(&mut drafts.chains);
    if chains.is_empty() {
        return chains;
    }
    let trial = PackText { name: TRIAL.to_owned(), text: pack(head, &[], &chains, None) };
    let errors = errors_of(&trial);
    chains.retain(|draft| match errors.get(&draft.id) {
        Some(message) => {
            drafts.leave_out(draft.of, Reason::Refused, message.clone());
            false
        }
        None => {
            if let Some(account) = drafts.accounts.get_mut(draft.of) {
                account.became.push(draft.id.clone());
                account.outcome = if account.changes.is_empty() { Outcome::Taken } else { Outcome::Changed };
            }
            true
        }
    });
    chains
}

fn unzip(shown: Vec<(Draft, Texts, TextOrigin)>) -> (Vec<Draft>, Vec<Texts>, Vec<TextOrigin>) {
    let (mut drafts, mut texts, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for (draft, text, origin) in shown {
        drafts.push(draft);
        texts.push(text);
        origins.push(origin);
    }
    (drafts, texts, origins)
}

/// Leaves rules out that no text shows to work, and says where it is the entropy that they ask for.
fn explain(head: &Head, drafts: &mut Drafts, unfound: Vec<(Draft, Texts)>) {
    let (mut rules, texts): (Vec<Draft>, Vec<Texts>) = unfound.into_iter().unzip();
    let asked: Vec<Option<f32>> = rules.iter_mut().map(|draft| draft.entropy.take()).collect();
    let found = tried(head, &rules, &texts);
    for ((draft, texts), entropy) in rules.iter().zip(&texts).zip(asked) {
        let tries = texts.matches.len();
        let detail = match entropy {
            Some(entropy) if !kept(&found, &draft.id, Wanted::Match).is_empty() => format!(
                "the pattern matches, but no secret in {tries} texts has the entropy of {entropy} that the rule asks for"
            ),
            _ => {
                format!("{tries} texts were tried, of the source or made from the pattern, and none is found")
            }
        };
        drafts.leave_out(draft.of, Reason::NotShown, detail);
    }
}

/// Enters a rule of the pack into the account of its source.
fn book(drafts: &mut Drafts, draft: &Draft, origin: TextOrigin) {
    let Some(account) = drafts.accounts.get_mut(draft.of) else { return };
    account.became.push(draft.id.clone());
    account.texts = Some(origin);
    if let Some(reason) = account.reason.take() {
        // Another branch of the rule was left out before.
        let detail = format!("{}: {}", reason.code(), std::mem::take(&mut account.detail));
        account.changes.push(Change { change: ChangeKind::Branch, detail });
    }
    account.outcome = if account.changes.is_empty() { Outcome::Taken } else { Outcome::Changed };
}

/// Gives rules that share an id numbers.
fn number_twins(drafts: &mut [Draft]) {
    let mut known = BTreeSet::new();
    for draft in drafts {
        let mut id = draft.id.clone();
        let mut number = 2;
        while !known.insert(id.clone()) {
            id = format!("{}-{number}", draft.id);
            number += 1;
        }
        draft.id = id;
    }
}

/// Leaves out what the engine refuses, for the reason that it gives.
fn refused(head: &Head, rules: &mut Vec<Draft>, drafts: &mut Drafts) {
    let without_text = |message: &String| message.starts_with("no text of");
    let first = errors(head, rules);
    for draft in rules.iter_mut().filter(|draft| first.get(&draft.id).is_some_and(without_text)) {
        draft.literals = parsed(&draft.regex).ok().and_then(|hir| promised(&hir)).unwrap_or_default();
    }
    let errors = errors(head, rules);
    rules.retain(|draft| {
        let Some(message) = errors.get(&draft.id) else { return true };
        if without_text(message) {
            drafts.leave_out(draft.of, Reason::NoText, Reason::NoText.means());
        } else if message.contains("too large") {
            drafts.leave_out(draft.of, Reason::TooLarge, message.clone());
        } else {
            drafts.leave_out(draft.of, Reason::Refused, message.clone());
        }
        false
    });
}

/// What the engine finds to look for in patterns that are to be branches of others: `true` for texts that a pattern spells out,
/// `false` for such as have to be named beside it.
pub(crate) fn anchors(head: &Head, regexes: &[String]) -> Vec<Result<bool, Refused>> {
    let mut rules: Vec<Draft> = (0..)
        .zip(regexes)
        .map(|(number, regex): (usize, _)| {
            Draft::new(0, format!("branch.n{number}"), "branch", regex.clone())
        })
        .collect();
    let without_text = |message: &String| message.starts_with("no text of");
    let first = errors(head, &rules);
    for draft in rules.iter_mut().filter(|draft| first.get(&draft.id).is_some_and(without_text)) {
        draft.literals = parsed(&draft.regex).ok().and_then(|hir| promised(&hir)).unwrap_or_default();
    }
    let then = if first.is_empty() { BTreeMap::new() } else { errors(head, &rules) };
    let verdict = |draft: &Draft| match then.get(&draft.id) {
        None => Ok(!first.contains_key(&draft.id)),
        Some(message) if without_text(message) => {
            Err(Refused::new(Reason::NoText, "no text of four bytes stands in every match"))
        }
        Some(message) if message.contains("too large") => {
            Err(Refused::new(Reason::TooLarge, message.clone()))
        }
        Some(message) => Err(Refused::new(Reason::Refused, message.clone())),
    };
    rules.iter().map(verdict).collect()
}

/// What the engine has against rules, by their ids.
fn errors(head: &Head, rules: &[Draft]) -> BTreeMap<String, String> {
    // Texts are not what is asked about here: each rule has one that it is not about.
    let unrelated = Texts { matches: vec![NOTHING.to_owned()], no_matches: vec![NOTHING.to_owned()] };
    let texts = vec![unrelated; rules.len()];
    errors_of(&trial(head, rules, &texts))
}

fn errors_of(trial: &PackText) -> BTreeMap<String, String> {
    lint(std::slice::from_ref(trial), None)
        .into_iter()
        .filter(|one| one.level == Level::Error)
        .filter_map(|one| Some((one.rule?, one.message)))
        .collect()
}

/// Texts that a rule may match: its source's own first, then such as are made.
fn proposals(draft: &Draft) -> Texts {
    let usable = |text: &String| !text.is_empty() && text.len() <= MOST_TEXT && !text.contains("{+}");
    let mut matches: Vec<String> =
        draft.examples.iter().filter(|text| usable(text)).take(MOST_EXAMPLES).cloned().collect();
    if let Ok(hir) = parsed(&draft.regex) {
        for variant in 0..VARIANTS {
            let Some(text) = sample(&hir, &draft.id, variant) else { continue };
            let text = if draft.company.is_empty() {
                text
            } else {
                let company = draft.company.join(" ");
                format!("{company}\n{text}\n{company}")
            };
            if usable(&text) && !matches.contains(&text) {
                matches.push(text);
            }
        }
    }
    if matches.is_empty() {
        matches.push(NOTHING.to_owned());
    }
    Texts { matches, no_matches: vec![NOTHING.to_owned()] }
}

/// Texts that a rule may leave alone: its source's own first, then such as are near to what it matches.
fn negatives(draft: &Draft, texts: &Texts) -> Texts {
    let usable = |text: &String| !text.trim().is_empty() && text.len() <= MOST_TEXT && !text.contains("{+}");
    let own = draft.counterexamples.iter().take(MOST_EXAMPLES).cloned();
    let near = texts.matches.first().map(|text| near_misses(text)).unwrap_or_default();
    let no_matches: Vec<String> = own.chain(near).filter(usable).collect();
    Texts { matches: texts.matches.clone(), no_matches }
}

/// The numbers, from 1, of the texts of each rule and list that turned out as they should.
type Found = BTreeMap<(String, &'static str), Vec<usize>>;

fn tried(head: &Head, rules: &[Draft], texts: &[Texts]) -> Found {
    let mut found = Found::new();
    if rules.is_empty() {
        return found;
    }
    let results = promises(&[trial(head, rules, texts)]).unwrap_or_default();
    for Promise { rule, wanted, number, .. } in results.into_iter().filter(|promise| promise.kept) {
        found.entry((rule, wanted.as_str())).or_default().push(number);
    }
    found
}

fn kept(found: &Found, id: &str, wanted: Wanted) -> Vec<usize> {
    found.get(&(id.to_owned(), wanted.as_str())).cloned().unwrap_or_default()
}

fn chosen(texts: &[String], numbers: &[usize]) -> Vec<String> {
    numbers.iter().filter_map(|number| texts.get(number.checked_sub(1)?)).take(KEPT).cloned().collect()
}

fn trial(head: &Head, rules: &[Draft], texts: &[Texts]) -> PackText {
    let rules: Vec<(&Draft, Texts)> = rules.iter().zip(texts.iter().cloned()).collect();
    PackText { name: TRIAL.to_owned(), text: pack(head, &rules, &[], None) }
}
