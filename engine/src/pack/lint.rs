//! What is wrong with packs, all of it at once, and what could be better: for those who write them.
//!
//! Left out: whether rules keep their promises, which [`promises`](super::selftest::promises) tells.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::chain::{ChainFile, MOST_CHAINS, base, too_many};
use super::compile;
use super::fragments::Fragments;
use super::load::{FirstPlace, Pack, PackError, PackText, parse, reused};
use super::problem::{Places, Problem};
use super::schema::{Case, PackFile, RuleFile};
use crate::scan::EXPECTED_IN;
use coldcase_model::Category;

/// Something to mend, or to think about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The pack's file name.
    pub pack: String,
    /// Line and column, from 1, where they are known.
    pub place: Option<(u64, u64)>,
    /// The rule's id; `None` for the pack itself.
    pub rule: Option<String>,
    /// Which member of the rule it is about, in words; `None` for the rule as such.
    pub member: Option<String>,
    /// Whether the pack can be loaded all the same.
    pub level: Level,
    /// What it is, and the way out.
    pub message: String,
}

/// How grave a piece of advice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The pack loads; it could be better.
    Warning,
    /// The pack is refused.
    Error,
}

/// A rule whose texts are expected more often in a megabyte of traffic costs every scan.
const MANY_HITS: f64 = 400.0;
/// A rule that may pass over so many bytes on both sides of its text is slow to tell that there is no match.
const FAR: usize = 64;

/// Everything to be said of packs, in their order. The packs of `beside` are those that they are to be used with.
pub fn lint(texts: &[PackText], beside: Option<&Pack>) -> Vec<Advice> {
    let mut seen = Seen::default();
    for rule in beside.iter().flat_map(|pack| pack.rules()) {
        seen.ids.insert(rule.id.to_owned(), FirstPlace::Builtin { pack: rule.pack.to_owned() });
    }
    let mut all = Vec::new();
    for source in texts {
        match parse(source) {
            Err(PackError::Shape { place, message, .. }) => {
                all.push(of_file(source, place, Level::Error, message));
            }
            Err(error) => all.push(of_file(source, None, Level::Error, error.to_string())),
            Ok(file) => of_pack(source, &file, &mut seen, &mut all),
        }
    }
    all
}

/// What is said of a pack's file, not of one of its rules.
fn of_file(source: &PackText, place: Option<(u64, u64)>, level: Level, message: String) -> Advice {
    Advice { pack: source.name.clone(), place, rule: None, member: None, level, message }
}

/// What earlier rules were called, and what they look for.
#[derive(Default)]
struct Seen {
    ids: BTreeMap<String, FirstPlace>,
    chains: usize,
    patterns: BTreeMap<(String, Case), String>,
}

fn of_pack(source: &PackText, file: &PackFile, seen: &mut Seen, all: &mut Vec<Advice>) {
    let places = LazyCell::new(|| Places::read(&source.text));
    let pack: Arc<str> = file.pack.as_str().into();
    for rule in &file.rules {
        let said = of_rule(source, rule, &pack, &Fragments(&file.fragments), seen);
        all.extend(said.into_iter().map(|(level, Problem { member, message })| Advice {
            pack: source.name.clone(),
            place: Some(member.map_or((rule.id.line, rule.id.column), |_| places.of(&rule.id, member))),
            rule: Some(rule.id.value.clone()),
            member: member.map(|member| member.to_string()),
            level,
            message,
        }));
    }
    for chain in &file.chains {
        of_chain(source, chain, seen, all);
    }
    for name in file.fragments.keys().filter(|name| !is_used(file, name)) {
        all.push(of_file(source, None, Level::Warning, format!("no regex uses the fragment `{name}`")));
    }
}

/// What is wrong with a chain: each is looked for at each call, so none is dearer than another.
fn of_chain(source: &PackText, chain: &ChainFile, seen: &mut Seen, all: &mut Vec<Advice>) {
    let id = &chain.id;
    let mut say = |place, message| {
        all.push(Advice {
            pack: source.name.clone(),
            place: Some(place),
            rule: Some(id.value.clone()),
            member: None,
            level: Level::Error,
            message,
        });
    };
    let place = (id.line, id.column);
    let own = FirstPlace::File { pack: source.name.clone(), line: id.line };
    let builtin = base().ok().filter(|file| file.chains.iter().any(|known| known.id.value == id.value));
    let builtin = builtin.map(|file| FirstPlace::Builtin { pack: file.pack.clone() });
    if let Some(first) = seen.ids.insert(id.value.clone(), own).or(builtin) {
        say(place, reused(&first));
    }
    seen.chains += 1;
    if let Err((place, problem)) = chain.check() {
        say(place, problem);
    } else if base().is_ok_and(|file| file.chains.len() + seen.chains > MOST_CHAINS) {
        say(place, too_many());
    }
}

/// Everything to be said of a rule.
fn of_rule(
    source: &PackText,
    rule: &RuleFile,
    pack: &Arc<str>,
    fragments: &Fragments<'_>,
    seen: &mut Seen,
) -> Vec<(Level, Problem)> {
    let mut said = Vec::new();
    let mut say = |level, message| said.push((level, Problem { member: None, message }));
    let id = &rule.id.value;
    let place = FirstPlace::File { pack: source.name.clone(), line: rule.id.line };
    if let Some(first) = seen.ids.insert(id.clone(), place) {
        say(Level::Error, reused(&first));
    }
    let compiled = compile::rule(rule, pack, fragments, None)
        .and_then(|compiled| compile::check(&compiled.0).map(|()| compiled));
    let (_, _, anchors) = match compiled {
        Ok(compiled) => compiled,
        Err(problem) => {
            said.push((Level::Error, problem));
            return said;
        }
    };
    let hits: f64 = anchors.iter().map(super::anchor::Anchor::expected_hits).sum::<f64>() / EXPECTED_IN;
    if hits > MANY_HITS {
        say(Level::Warning, dear(hits, &anchors));
    }
    if let Some(anchor) = anchors.iter().find(|anchor| anchor.slack >= FAR && anchor.window == 0) {
        let text = anchor.texts.first().map(|text| String::from_utf8_lossy(text).into_owned());
        say(
            Level::Warning,
            format!(
                "nearly anything may stand on both sides of {:?}, so that many bytes are looked at before a try ends; \
                 bound what stands next to it, or exclude line breaks and brackets from the gap",
                text.unwrap_or_default()
            ),
        );
    }
    for message in manners(rule) {
        say(Level::Warning, message);
    }
    let pattern = fragments.expand(&rule.regex).unwrap_or_default();
    if let Some(first) = seen.patterns.insert((pattern, rule.case), id.clone()) {
        say(Level::Warning, format!("its regex is that of {first}"));
    }
    said
}

fn dear(hits: f64, anchors: &[super::anchor::Anchor]) -> String {
    let texts = anchors.iter().flat_map(|anchor| &anchor.texts);
    let worst = texts.max_by(|a, b| crate::scan::expected_hits(a).total_cmp(&crate::scan::expected_hits(b)));
    let worst = String::from_utf8_lossy(worst.map_or(&[], Vec::as_slice)).into_owned();
    format!(
        "its texts stand about {hits:.0} times in a megabyte of agent traffic, {worst:?} most of all; a rarer text that \
         every match holds makes it cheaper"
    )
}

/// What a careful author adds.
fn manners(rule: &RuleFile) -> Vec<String> {
    let mut all = Vec::new();
    if rule.category == Category::Dlp && rule.source.is_none() {
        all.push("it has no `source`: the page that describes the format".to_owned());
    }
    if rule.matches.len() < 2 {
        all.push("it has a single `match` text; two hold more of its pattern".to_owned());
    }
    all
}

fn is_used(file: &PackFile, name: &str) -> bool {
    let use_of = format!("(?&{name})");
    let in_rule = |rule: &RuleFile| {
        rule.regex.contains(&use_of)
            || rule.allow.iter().any(|allow| allow.contains(&use_of))
            || rule.near.iter().any(|near| near.regex.as_ref().is_some_and(|regex| regex.contains(&use_of)))
    };
    file.rules.iter().any(in_rule) || file.fragments.values().any(|text| text.contains(&use_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rules: &str) -> Vec<String> {
        let text = format!("pack: p\nversion: '1'\ntitle: t\nfragments: {{gap: '\\s+'}}\nrules:\n{rules}");
        let advice = lint(&[PackText { name: "p.yaml".into(), text }], None);
        advice.iter().map(|one| format!("{:?} {:?} {}", one.level, one.place, one.message)).collect()
    }

    fn rule(id: &str, regex: &str) -> String {
        format!(
            "- {{id: {id}, title: t, gain: g, category: injection, severity: low, confidence: 0.5, added: '1', \
             regex: '{regex}', references: {{cwe: [X]}}, match: [a, b], no_match: [c]}}\n"
        )
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let said = said(
            &[rule("a.one", "zyzzyva("), rule("a.two", "zyzzyva"), rule("a.two", "(?&gpa)quokka")].concat(),
        );
        assert_eq!(said.len(), 4, "{said:#?}");
        assert!(
            said[0].starts_with("Error Some((6, 106))") && said[0].contains("unclosed group"),
            "{said:#?}"
        );
        assert!(said[1].starts_with("Error Some((8, 8))") && said[1].contains("p.yaml, line 7"), "{said:#?}");
        assert!(said[2].starts_with("Error Some((8, 106))") && said[2].contains("gpa"), "{said:#?}");
        assert!(said[3].starts_with("Warning None") && said[3].contains("`gap`"), "{said:#?}");
    }

    #[test]
    fn dear_and_doubled_rules_are_pointed_out() {
        let said = said(
            &[
                rule("a.one", "(?&gap)quokka"),
                rule("a.two", "(?&gap)quokka"),
                rule("a.three", "[^x]{0,300}type[^x]{0,300}!"),
            ]
            .concat(),
        );
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(said[0].contains("that of a.one"), "{said:#?}");
        assert!(said[1].contains("times in a megabyte") && said[2].contains("both sides"), "{said:#?}");
    }
}
