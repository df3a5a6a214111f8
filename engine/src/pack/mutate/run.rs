//! Makes the changes of rules one by one, each in a pack of that rule alone, and asks the rule's texts.
//!
//! Changes are spread over threads and told in the order of the parts. A caller's clock may end the run; what was not
//! tried is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{Event, Show};

use super::super::compile;
use super::super::fragments::Fragments;
use super::super::load::{Pack, PackError, PackText, assemble, spread};
use super::super::problem::Problem;
use super::super::schema::{FeatureFile, PackFile, RuleFile};
use super::super::selftest::{Wanted, event_of, keeps, texts_of};
use super::super::sets::Set;
use super::super::sources::Sources;
use super::fields;
use super::parts::{Edit, edits};
use super::place::{PlacedPack, within};
use super::{Mutant, MutantFate, RuleMutants};
use crate::Detector;

/// How much is tried.
#[derive(Clone, Copy)]
pub struct MutateLimits<'l> {
    /// Which rules: ids, or with a `.` at the end all that start so; all if there is none. Fragments are changed where all
    /// rules take part.
    pub only: &'l [String],
    /// The most changes of one rule or fragment; of more, every so manyth is made.
    pub most: usize,
    /// Whether to end the run.
    pub stop: &'l (dyn Fn() -> bool + Sync),
    /// Told the number of changes before the first, then of each that was tried.
    pub progress: &'l (dyn Fn(Option<usize>) + Sync),
}

impl std::fmt::Debug for MutateLimits<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MutateLimits")
            .field("only", &self.only)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

/// A rule with the texts that hold it.
struct Held<'f> {
    pack: &'f Arc<str>,
    fragments: &'f BTreeMap<String, String>,
    rule: &'f RuleFile,
    events: Vec<(Wanted, Event)>,
    broken: usize,
    /// Kept so that its features, which changed rules share, are compiled once.
    _alone: Pack,
}

/// What is put in the place of a rule, or of a fragment that rules use.
enum Change {
    Rule(Option<Box<RuleFile>>),
    Fragment { name: String, text: String },
}

/// A change that is to be tried on these rules.
struct Job {
    mutant: Mutant,
    change: Change,
    /// Indexes among all rules.
    rules: Vec<usize>,
}

/// Changes each part of the rules of these packs and asks the rules' own texts.
pub fn mutants(texts: &[PackText], limits: &MutateLimits<'_>) -> Result<Vec<RuleMutants>, PackError> {
    let sources = Sources::read(None, texts)?;
    let rules: Vec<_> = sources.written().map(|(rule, _)| rule).collect();
    if let Some(unknown) =
        limits.only.iter().find(|name| !rules.iter().any(|one| is_named(name, &one.rule.id.value)))
    {
        return Err(PackError::NoSuchRule { rule: unknown.clone() });
    }
    let held = std::iter::zip(&rules, spread(&rules, |one| hold(one.pack, one.fragments, one.rule)))
        .map(|(one, held)| held.map_err(|problem| one.refused(&problem)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut subjects = Vec::new();
    let mut first = 0;
    for (source, file) in sources.packs() {
        plan(source, file, (first, &held), limits, &mut subjects)?;
        first += file.rules.len();
    }
    let jobs: Vec<&Job> = subjects.iter().flat_map(|(_, jobs)| jobs).collect();
    (limits.progress)(Some(jobs.len()));
    let fates = spread(&jobs, |job| {
        let fate = if (limits.stop)() { MutantFate::NotTried } else { job.fate(&held) };
        (limits.progress)(None);
        fate
    });
    let mut fates = fates.into_iter();
    let told = subjects.iter().map(|(subject, jobs)| {
        let tried = jobs.iter().zip(fates.by_ref());
        let mutants = tried.map(|(job, fate)| Mutant { fate, ..job.mutant.clone() }).collect();
        RuleMutants { mutants, ..subject.clone() }
    });
    Ok(told.collect())
}

fn is_named(name: &str, id: &str) -> bool {
    if name.ends_with('.') { id.starts_with(name) } else { id == name }
}

/// A rule with those of its texts that it keeps when it is alone.
fn hold<'f>(
    pack: &'f Arc<str>,
    fragments: &'f BTreeMap<String, String>,
    rule: &'f RuleFile,
) -> Result<Held<'f>, Problem> {
    let compiled = compile::rule(rule, pack, &Fragments(fragments), None)?;
    compile::check(&compiled.0)?;
    let alone = assemble(vec![(compiled, rule.case)], Vec::new(), Vec::new());
    let mut detector = Detector::new(&alone, Show::Redacted);
    let (mut events, mut broken) = (Vec::new(), 0);
    for (wanted, _, text) in texts_of(rule).filter(|(wanted, _, _)| !wanted.is_todo()) {
        let event = event_of(rule, &text);
        if keeps(&mut detector, Set::First, rule, wanted, &event) {
            events.push((wanted, event));
        } else {
            broken += 1;
        }
    }
    drop(detector);
    Ok(Held { pack, fragments, rule, events, broken, _alone: alone })
}

/// All changes of a pack's rules and fragments. `held` are the rules of all packs; those of this one start at `first`.
fn plan(
    source: &PackText,
    file: &PackFile,
    (first, held): (usize, &[Held<'_>]),
    limits: &MutateLimits<'_>,
    subjects: &mut Vec<(RuleMutants, Vec<Job>)>,
) -> Result<(), PackError> {
    let placed = PlacedPack::read(source)?;
    let mut push = |name: &str, is_fragment, broken_texts, mut jobs: Vec<Job>| {
        let all = jobs.len();
        thin(&mut jobs, limits.most);
        let subject = RuleMutants {
            pack: source.name.clone(),
            name: name.to_owned(),
            is_fragment,
            mutants: Vec::new(),
            left_out: all - jobs.len(),
            broken_texts,
        };
        subjects.push((subject, jobs));
    };
    for (name, text) in placed.fragments.iter().filter(|_| limits.only.is_empty()) {
        let uses: Vec<usize> = (0..file.rules.len())
            .filter(|index| file.rules.get(*index).is_some_and(|rule| uses(rule, file, name)))
            .collect();
        let rules: Vec<usize> = uses.into_iter().map(|index| first + index).collect();
        let job = |edit: Edit| {
            let change = Change::Fragment { name: name.clone(), text: edit.apply(&text.value)? };
            Some(Job { mutant: mutant("fragments", &source.text, text, &edit), change, rules: rules.clone() })
        };
        push(name, true, 0, edits(&text.value).into_iter().filter_map(job).collect());
    }
    for (index, (rule, placed)) in file.rules.iter().zip(&placed.rules).enumerate() {
        let id = &rule.id.value;
        if !limits.only.is_empty() && !limits.only.iter().any(|name| is_named(name, id)) {
            continue;
        }
        let index = first + index;
        let of_regex = edits(&rule.regex).into_iter().filter_map(|edit| {
            let changed = RuleFile { regex: edit.apply(&rule.regex)?, ..rule.clone() };
            let mutant = mutant("regex", &source.text, &placed.regex, &edit);
            Some(Job { mutant, change: Change::Rule(Some(Box::new(changed))), rules: vec![index] })
        });
        let of_fields = fields::changes(rule, placed).into_iter().map(|changed| Job {
            mutant: Mutant {
                field: changed.field,
                part: changed.part,
                change: changed.change.to_owned(),
                line: changed.place.0,
                column: changed.place.1,
                fate: MutantFate::NotTried,
            },
            change: Change::Rule(changed.rule.map(Box::new)),
            rules: vec![index],
        });
        let broken = held.get(index).map_or(0, |held| held.broken);
        push(id, false, broken, of_regex.chain(of_fields).collect());
    }
    Ok(())
}

fn mutant(field: &'static str, file: &str, value: &serde_saphyr::Spanned<String>, edit: &Edit) -> Mutant {
    let (start, end) = edit.part;
    let (line, column) = within(file, value, start);
    let part = value.value.get(start..end).unwrap_or_default().to_owned();
    Mutant { field, part, change: edit.change.clone(), line, column, fate: MutantFate::NotTried }
}

/// Keeps so many of a list, spread evenly over it.
fn thin<T>(list: &mut Vec<T>, most: usize) {
    let all = list.len();
    let mut index = 0;
    list.retain(|_| {
        let stays = all <= most || index * most / all != (index + 1) * most / all;
        index += 1;
        stays
    });
}

/// Whether a rule uses a fragment, also by way of another.
fn uses(rule: &RuleFile, file: &PackFile, name: &str) -> bool {
    let feature =
        |feature: &FeatureFile| feature.regex.as_deref().is_some_and(|regex| says(regex, file, name, 8));
    let patterns = [&rule.regex].into_iter().chain(&rule.allow).chain(&rule.examples);
    patterns.into_iter().any(|pattern| says(pattern, file, name, 8)) || rule.near.iter().any(feature)
}

fn says(pattern: &str, file: &PackFile, name: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let names = pattern.split("(?&").skip(1).filter_map(|rest| rest.split_once(')'));
    names.into_iter().any(|(used, _)| {
        used == name || file.fragments.get(used).is_some_and(|text| says(text, file, name, depth))
    })
}

impl Job {
    fn fate(&self, held: &[Held<'_>]) -> MutantFate {
        let mut worst = MutantFate::Refused;
        for held in self.rules.iter().filter_map(|index| held.get(*index)) {
            let fate = match &self.change {
                Change::Rule(None) => MutantFate::Killed,
                Change::Rule(Some(rule)) => tried(held, rule, held.fragments),
                Change::Fragment { name, text } => {
                    let mut fragments = held.fragments.clone();
                    fragments.insert(name.clone(), text.clone());
                    tried(held, held.rule, &fragments)
                }
            };
            match fate {
                MutantFate::Killed => return fate,
                // A change that one rule is the same under may be another for the next.
                MutantFate::Alive => worst = fate,
                MutantFate::Same if worst == MutantFate::Refused => worst = fate,
                MutantFate::Same | MutantFate::Refused | MutantFate::NotTried => {}
            }
        }
        worst
    }
}

/// What the texts of a rule make of a changed one.
fn tried(held: &Held<'_>, rule: &RuleFile, fragments: &BTreeMap<String, String>) -> MutantFate {
    let Ok(compiled) = compile::rule(rule, held.pack, &Fragments(fragments), None) else {
        return MutantFate::Refused;
    };
    if is_same(held, rule, fragments) {
        return MutantFate::Same;
    }
    // Patterns beside the regex are those of the rule, or were loosened within a fragment; they are compiled when asked.
    if compiled.0.pattern.check().is_err() {
        return MutantFate::Refused;
    }
    let alone = assemble(vec![(compiled, rule.case)], Vec::new(), Vec::new());
    let mut detector = Detector::new(&alone, Show::Redacted);
    // Severity and id are those of the rule itself, whose promises are asked for.
    let is_kept =
        |(wanted, event): &(Wanted, Event)| keeps(&mut detector, Set::First, held.rule, *wanted, event);
    if held.events.iter().all(is_kept) { MutantFate::Alive } else { MutantFate::Killed }
}

/// Whether a changed rule says the same, with its fragments written out and its patterns parsed.
fn is_same(held: &Held<'_>, rule: &RuleFile, fragments: &BTreeMap<String, String>) -> bool {
    use super::super::pattern::Pattern;
    use super::super::spec::RuleSpec;
    let parsed = |rule: &RuleFile, fragments: &BTreeMap<String, String>| {
        let expanded = Fragments(fragments).expand(&rule.regex).ok()?;
        Pattern::new(&[expanded], rule.case).parsed().ok()
    };
    let before = RuleSpec::of(held.pack, held.rule, &Fragments(held.fragments));
    let after = RuleSpec::of(held.pack, rule, &Fragments(fragments));
    before
        .changes(&after)
        .all(|(old, _)| old.name == "regex" && parsed(held.rule, held.fragments) == parsed(rule, fragments))
}
