//! Reading packs, with errors that name pack, rule and what to mend.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use coldcase_model::Digest;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::chain::Chain;
use super::chain_sets::ChainSet;
use super::compile::{self, Compiled, CompiledRule, Shape};
use super::fragments::Fragments;
use super::lens::Lenses;
use super::problem::{Member, Places, Problem};
use super::schema::{Case, PackFile, RuleFile, RuleId, RuleView};
use super::selftest;
use super::sets::{Set, Sets};
use super::sources::Sources;
use crate::yaml::{self, Misread};

/// Why a pack was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The file is not YAML of the right shape.
    #[error("pack {pack}{}: {message}", yaml::told(*place))]
    Shape {
        /// The pack's file name.
        pack: String,
        /// Line and column, from 1, where they are known.
        place: Option<(u64, u64)>,
        /// What is wrong there.
        message: String,
    },
    /// A rule breaks a demand of the schema.
    #[error("pack {pack}, line {line}, column {column}, rule {rule}: {problem}")]
    Rule {
        /// The pack's file name.
        pack: String,
        /// Where the member stands that is wrong, or the rule's id: the line, from 1.
        line: u64,
        /// And the column, from 1.
        column: u64,
        /// The rule's id.
        rule: String,
        /// Which member is wrong, what is wrong with it and how to mend it.
        problem: String,
    },
    /// A rule was named that no pack has.
    #[error(
        "no rule is called {rule}; `coldcase rules list` names the built-in ones, and a name that ends in `.` stands for all that start with it"
    )]
    NoSuchRule {
        /// The name.
        rule: String,
    },
    /// The packs that the program was built with are not whole.
    #[error("the built-in packs of this program cannot be read: {0}")]
    Frozen(String),
    /// Two rules have one id.
    #[error("pack {pack}, line {line}, column {column}, rule {rule}: {}", reused(first))]
    DuplicateId {
        /// The file name of the pack that has it again.
        pack: String,
        /// Where it stands there: the line, from 1.
        line: u64,
        /// And the column, from 1.
        column: u64,
        /// The id.
        rule: String,
        /// Where it stands first.
        first: FirstPlace,
    },
}

/// Where an id stands that a later rule takes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstPlace {
    /// In a file.
    File {
        /// The pack's file name.
        pack: String,
        /// The line, from 1.
        line: u64,
    },
    /// In a pack that is built in.
    Builtin {
        /// The pack's name.
        pack: String,
    },
}

/// What is wrong with an id that stands there already.
pub(super) fn reused(first: &FirstPlace) -> String {
    match first {
        FirstPlace::File { pack, line } => format!(
            "its id stands already in {pack}, line {line}; an id is never reused: give one of the two another"
        ),
        FirstPlace::Builtin { pack } => format!(
            "its id stands already in the built-in pack {pack}; an id is never reused: give the rule another, or leave the \
             built-in packs out"
        ),
    }
}

/// A pack's text, not yet read.
#[derive(Debug, Clone)]
pub struct PackText {
    /// The file's name, for messages.
    pub name: String,
    /// YAML.
    pub text: String,
}

/// The rules of one or more packs, compiled: immutable, shared by all threads.
#[derive(Debug)]
pub struct Pack {
    pub(crate) rules: Vec<CompiledRule>,
    pub(crate) lenses: Lenses,
    /// Its chains of calls, each with the rule sets that it belongs to.
    pub(super) chains: Vec<(Chain, Sets)>,
    sources: Vec<(String, String, Digest)>,
}

/// The packs that are built into Coldcase, as `(name, YAML)`.
pub fn builtin_texts() -> Vec<PackText> {
    macro_rules! packs {
        ($($name:literal),+ $(,)?) => {
            [$(($name, include_str!(concat!("../../packs/", $name, ".yaml")))),+]
        };
    }
    let packs = packs![
        "credentials-ai",
        "credentials-cloud",
        "credentials-generic",
        "credentials-logins",
        "credentials-named",
        "credentials-saas",
        "credentials-services",
        "credentials-source",
        "exfiltration",
        "injection",
        "injection-code",
        "injection-indirect",
        "injection-languages",
        "injection-persona",
        "injection-takeover",
        "pii",
        "ssrf",
        "tool-poisoning",
        "tool-poisoning-weighed",
    ];
    packs.iter().map(|&(name, text)| PackText { name: name.to_owned(), text: text.to_owned() }).collect()
}

impl Pack {
    /// The built-in packs, from their YAML; [`Pack::thaw`] is a faster way to the same. Their texts are held by this crate's
    /// tests, so they are not tested again here.
    pub fn builtin() -> Result<Self, PackError> {
        Self::compile(&Sources::read(None, &builtin_texts())?, Check::OnUse)
    }

    /// Only these packs, tested against their own texts.
    pub fn only(texts: &[PackText]) -> Result<Self, PackError> {
        let pack = Self::untested(texts)?;
        selftest::hold(&pack, texts)?;
        Ok(pack)
    }

    /// Only these packs, whether they keep their promises or not: for trying what they are worth.
    pub fn untested(texts: &[PackText]) -> Result<Self, PackError> {
        Self::compile(&Sources::read(None, texts)?, Check::Now)
    }

    /// Compiles what was read; what the program holds was checked before.
    pub(super) fn compile(sources: &Sources, check: Check) -> Result<Self, PackError> {
        let rules: Vec<(Written<'_>, bool)> = sources.written().collect();
        let compiled =
            spread(&rules, |(rule, is_own)| rule.compile(if *is_own { check } else { Check::OnUse }));
        let parts = std::iter::zip(&rules, compiled).map(|((written, _), compiled)| {
            let compiled = compiled.map_err(|problem| written.refused(&problem))?;
            Ok((compiled, written.rule.case))
        });
        let chains = ChainSet::of(sources)?.compiled()?;
        Ok(assemble(parts.collect::<Result<_, _>>()?, chains, sources.named()))
    }

    /// Name, version and SHA-256 of each pack, in load order.
    pub fn sources(&self) -> &[(String, String, Digest)] {
        &self.sources
    }

    /// Its rules, in load order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleView<'_>> {
        self.rules.iter().map(|rule| RuleView {
            id: &rule.info.id,
            title: &rule.info.title,
            pack: &rule.info.pack,
            category: rule.info.category,
            severity: rule.info.severity,
        })
    }

    /// Its chains of calls, the built-in ones first.
    pub fn chains(&self) -> impl ExactSizeIterator<Item = RuleView<'_>> {
        self.chains.iter().map(|(chain, _)| RuleView {
            id: &chain.info.id,
            title: &chain.info.title,
            pack: &chain.info.pack,
            category: chain.info.category,
            severity: chain.info.severity,
        })
    }

    /// The chains of one of its rule sets, or of its only one, that are at least so likely.
    pub(crate) fn chains_of(&self, only: Option<Set>, least: f32) -> Vec<&Chain> {
        let counts = |chain: &Chain, sets: Sets| {
            only.is_none_or(|set| sets.has(set)) && chain.info.confidence.0 >= least
        };
        self.chains.iter().filter(|(chain, sets)| counts(chain, *sets)).map(|(chain, _)| chain).collect()
    }
}

/// Puts compiled rules and chains together to a pack of one set.
pub(super) fn assemble(
    parts: Vec<(Compiled, Case)>,
    chains: Vec<(Chain, Sets)>,
    sources: Vec<(String, String, Digest)>,
) -> Pack {
    assemble_sets(parts, chains, sources, Sets::FIRST)
}

/// Puts compiled rules and chains together to a pack that is made of these rule sets.
pub(super) fn assemble_sets(
    parts: Vec<(Compiled, Case)>,
    chains: Vec<(Chain, Sets)>,
    sources: Vec<(String, String, Digest)>,
    sets: Sets,
) -> Pack {
    let mut rules = Vec::with_capacity(parts.len());
    let mut lenses = Lenses::of_sets(sets);
    for ((compiled, anchored, anchors), case) in parts {
        let index = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        lenses.add((index, compiled.sets), case, anchored, anchors);
        rules.push(compiled);
    }
    lenses.settle(&rules);
    Pack { rules, lenses, chains, sources }
}

pub(super) fn digest(text: &str) -> Digest {
    Digest(Sha256::digest(text.as_bytes()).into())
}

/// When the regexes of a pack are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// All of them when the pack is loaded.
    Now,
    /// Each when it is first searched for: tests of this crate have compiled the built-in ones.
    OnUse,
}

/// A rule as its pack states it.
pub(super) struct Written<'a> {
    pub(super) source: &'a PackText,
    pub(super) pack: &'a Arc<str>,
    pub(super) fragments: &'a BTreeMap<String, String>,
    pub(super) rule: &'a RuleFile,
    /// What was worked out of it before.
    pub(super) shape: Option<&'a Shape>,
}

impl Written<'_> {
    /// Compiles it; where the problem stands is for the caller to ask for, since that takes another reading of the file.
    pub(super) fn compile(&self, check: Check) -> Result<Compiled, Problem> {
        let compiled = compile::rule(self.rule, self.pack, &Fragments(self.fragments), self.shape)?;
        if check == Check::Now {
            compile::check(&compiled.0)?;
        }
        Ok(compiled)
    }

    /// The refusal of the pack for a problem of this rule.
    pub(super) fn refused(&self, problem: &Problem) -> PackError {
        refused(self.source, self.rule, problem.member, problem.to_string())
    }
}

/// What is wrong with a rule, and where it stands.
pub(super) fn refused(
    source: &PackText,
    rule: &RuleFile,
    member: Option<Member>,
    problem: String,
) -> PackError {
    let (line, column) = Places::read(&source.text).of(&rule.id, member);
    PackError::Rule { pack: source.name.clone(), line, column, rule: rule.id.value.clone(), problem }
}

/// What `each` makes of all items, in their order, by as many threads as the machine has.
pub(super) fn spread<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, each(item)));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let mut all = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, made)| made).collect()
}

/// The first line after this one that a key of the pack itself begins.
fn next_key(text: &str, after: u64) -> Option<u64> {
    let is_key = |line: &str| line.starts_with(|first: char| first.is_ascii_alphabetic());
    (1..).zip(text.lines()).find(|(number, line)| *number > after && is_key(line)).map(|(number, _)| number)
}

/// A rule or chain of a pack as it is written, with the line that it starts on; `None` where the pack has
/// neither.
pub fn rule_text<'t>(source: &'t PackText, id: &str) -> Result<Option<(u64, &'t str)>, PackError> {
    let file = parse(source)?;
    let rules: Vec<&RuleId> = file.rules.iter().map(|rule| &rule.id).collect();
    let chains: Vec<&RuleId> = file.chains.iter().map(|chain| &chain.id).collect();
    // A text goes on to the next of its list, or to the line that begins the other list.
    let found = [rules, chains].into_iter().find_map(|ids| {
        let at = ids.iter().position(|known| known.value == id)?;
        Some((ids.get(at)?.line, ids.get(at + 1).map(|next| next.line)))
    });
    let Some((first, next)) = found else { return Ok(None) };
    let next = next.or_else(|| next_key(&source.text, first)).unwrap_or(u64::MAX);
    let (mut start, mut end) = (0, source.text.len());
    let mut line = 1;
    for at in memchr::memchr_iter(b'\n', source.text.as_bytes()) {
        line += 1;
        if line == first {
            start = at + 1;
        }
        if line == next {
            end = at + 1;
            break;
        }
    }
    Ok(Some((first, source.text.get(start..end).unwrap_or_default())))
}

/// Reads one pack's YAML.
pub(super) fn parse(source: &PackText) -> Result<PackFile, PackError> {
    let file: PackFile = yaml::read(&source.text).map_err(|misread| misshapen(source, misread))?;
    if file.rules.is_empty() && file.chains.is_empty() && !states_a_list(&source.text) {
        let message = "it has neither `rules` nor `chains`; an empty pack says `rules: []`".to_owned();
        return Err(PackError::Shape { pack: source.name.clone(), place: None, message });
    }
    Ok(file)
}

/// Whether a pack names a list of rules or chains, be it empty.
fn states_a_list(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Lists {
        rules: Option<IgnoredAny>,
        chains: Option<IgnoredAny>,
    }
    serde_saphyr::from_str::<Lists>(text).is_ok_and(|lists| lists.rules.is_some() || lists.chains.is_some())
}

/// The refusal of a pack that is not of the right shape.
pub(super) fn misshapen(source: &PackText, Misread { place, message }: Misread) -> PackError {
    PackError::Shape { pack: source.name.clone(), place, message }
}
