//! Chains of tool calls as packs state them, and as the fold over a session looks for them.
//!
//! A chain is a rule about the order of calls: steps, each with deeds that a call must have or must not have, and how far
//! apart the first and the last may lie. What a call does is told elsewhere ([`Deed`]). The built-in chains
//! (`engine/chains/builtin.yaml`) are the base of every rule set. Left out: texts that hold a chain, since one is told of
//! several calls; and names of tools, which deeds stand for.

use std::sync::{Arc, LazyLock};

use coldcase_model::{Category, Confidence, References, RuleInfo, Severity};
use serde::{Deserialize, Serialize};

use super::load::{PackError, PackText, parse};
use super::placed::Placed;
use super::schema::{PackFile, RuleId};
use super::spec::{Field, FieldKind, RuleSpec};
use crate::session::{Deed, Deeds};

/// How many calls of a session are looked back over, and so the most that a chain may span.
pub(crate) const MOST_CALLS: usize = 64;
/// How many chains a rule set may have: each is looked for at each call.
pub(crate) const MOST_CHAINS: usize = 256;
/// The longest id of a chain.
pub(crate) const MOST_CHAIN_ID: usize = 200;
/// The most seconds that a chain may span: a year.
const MOST_SECONDS: u64 = 31_536_000;

/// A chain as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainFile {
    pub(super) id: RuleId,
    title: String,
    gain: String,
    severity: Severity,
    confidence: Placed<f32>,
    references: References,
    /// How many calls the first and the last step may span, both counted.
    events: Placed<u64>,
    /// And how many seconds, where the recording has times.
    seconds: Placed<u64>,
    /// How often the one step must be seen.
    times: Option<Placed<u64>>,
    /// Whether all calls of it must be the same one.
    same: Option<Placed<bool>>,
    steps: Vec<Placed<StepFile>>,
}

/// A step as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    /// Deeds that the call must have, all of them.
    #[serde(default)]
    does: Vec<Deed>,
    /// Deeds of which it must have one.
    #[serde(default)]
    any: Vec<Deed>,
    /// Deeds that it must not have.
    #[serde(default)]
    not: Vec<Deed>,
    /// Whether it names a file, host or URL that the step before it names.
    #[serde(default)]
    uses: bool,
}

/// A chain, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) info: Arc<RuleInfo>,
    pub(crate) events: u64,
    pub(crate) seconds: i64,
    pub(crate) times: usize,
    pub(crate) same: bool,
    pub(crate) steps: Vec<Step>,
}

/// One step of a chain.
#[derive(Debug)]
pub(crate) struct Step {
    does: Deeds,
    /// Any deed will do where this names none.
    any: Deeds,
    not: Deeds,
    pub(crate) uses: bool,
}

impl Step {
    /// Whether a call with these deeds is the step.
    pub(crate) const fn fits(&self, deeds: Deeds) -> bool {
        deeds.has_all(self.does)
            && (self.any.is_empty() || deeds.has_any(self.any))
            && !deeds.has_any(self.not)
    }
}

/// The built-in chains, read once. A test reads them as well.
static BUILTIN: LazyLock<Result<PackFile, String>> =
    LazyLock::new(|| parse(&builtin_chains()).map_err(|error| error.to_string()));

/// The text of the built-in chains, which every rule set has.
pub fn builtin_chains() -> PackText {
    PackText { name: "chains".to_owned(), text: include_str!("../../chains/builtin.yaml").to_owned() }
}

/// The built-in chains as they are written.
pub(super) fn base() -> Result<&'static PackFile, PackError> {
    BUILTIN.as_ref().map_err(|error| PackError::Frozen(error.clone()))
}

/// Deeds by their names in packs, each once and in one order.
fn names(deeds: &[Deed]) -> String {
    let mut names: Vec<String> = deeds.iter().map(|deed| format!("{deed:?}").to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// A chain as its pack states it.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenChain<'a> {
    /// The pack's file name.
    pub(super) source: &'a str,
    pub(super) pack: &'a str,
    pub(super) chain: &'a ChainFile,
}

/// What is wrong with one chain more than there may be.
pub(super) fn too_many() -> String {
    format!("a rule set has at most {MOST_CHAINS} chains, the built-in ones counted; leave some out")
}

/// What is wrong with a chain: line, column, and what it is.
pub(super) type Fault = ((u64, u64), String);

impl WrittenChain<'_> {
    /// Compiles it; what is wrong is told with its place.
    pub(super) fn compile(&self) -> Result<Chain, PackError> {
        match self.chain.check() {
            Ok(()) => Ok(self.chain.compiled(self.pack)),
            Err(fault) => Err(self.refused(fault)),
        }
    }

    /// The error for a fault of it.
    pub(super) fn refused(&self, ((line, column), problem): Fault) -> PackError {
        let rule = self.chain.id.value.clone();
        PackError::Rule { pack: self.source.to_owned(), line, column, rule, problem }
    }

    /// What it says, field by field.
    pub(super) fn spec(&self) -> RuleSpec {
        let ChainFile { title, gain, severity, confidence, references, .. } = self.chain;
        let chain = self.chain.compiled(self.pack);
        let step = |step: &Placed<StepFile>| {
            let StepFile { does, any, not, uses } = &step.value;
            let uses = if *uses { ", uses what the step before names" } else { "" };
            format!("does [{}], any [{}], not [{}]{uses}", names(does), names(any), names(not))
        };
        let steps: Vec<String> = self.chain.steps.iter().map(step).collect();
        let references: Vec<&str> = references.iter().collect();
        let mut fields = Vec::with_capacity(11);
        let mut push = |kind, name, value| fields.push(Field { name, kind, value });
        push(FieldKind::Pattern, "steps", steps.join("\n"));
        push(FieldKind::Pattern, "events", chain.events.to_string());
        push(FieldKind::Pattern, "seconds", chain.seconds.to_string());
        push(FieldKind::Pattern, "times", chain.times.to_string());
        push(FieldKind::Pattern, "same", chain.same.to_string());
        push(FieldKind::Threshold, "confidence", confidence.value.to_string());
        push(FieldKind::Metadata, "pack", self.pack.to_owned());
        push(FieldKind::Metadata, "title", title.clone());
        push(FieldKind::Metadata, "gain", gain.clone());
        push(FieldKind::Metadata, "severity", severity.to_string());
        push(FieldKind::Metadata, "references", references.join(", "));
        RuleSpec { fields }
    }
}

impl ChainFile {
    fn compiled(&self, pack: &str) -> Chain {
        let step = |step: &Placed<StepFile>| Step {
            does: Deeds::of(&step.value.does),
            any: Deeds::of(&step.value.any),
            not: Deeds::of(&step.value.not),
            uses: step.value.uses,
        };
        Chain {
            info: Arc::new(RuleInfo {
                id: self.id.value.as_str().into(),
                title: self.title.as_str().into(),
                gain: self.gain.as_str().into(),
                pack: pack.into(),
                category: Category::Chain,
                severity: self.severity,
                lowered_from: None,
                confidence: Confidence(self.confidence.value),
                references: self.references.clone(),
            }),
            events: self.events.value,
            seconds: i64::try_from(self.seconds.value).unwrap_or(i64::MAX),
            times: self.times.and_then(|times| usize::try_from(times.value).ok()).unwrap_or(1),
            same: self.same.is_some_and(|same| same.value),
            steps: self.steps.iter().map(step).collect(),
        }
    }

    /// What is wrong with it first of all.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let fault = |place, problem: String| Err((place, problem));
        let id = (self.id.line, self.id.column);
        if !self.id.is_dotted() {
            return fault(
                id,
                "`id` is dotted words of lower-case letters, digits and dashes, as in `chain.acme.read-then-send`"
                    .to_owned(),
            );
        }
        if self.id.value.len() > MOST_CHAIN_ID {
            return fault(id, format!("`id` has more than {MOST_CHAIN_ID} bytes"));
        }
        if self.title.trim().is_empty() || self.gain.trim().is_empty() {
            return fault(id, "`title` and `gain` say what it is and what an attacker gains".to_owned());
        }
        if self.references.iter().next().is_none() {
            return fault(
                id,
                "`references` is empty: name at least one of owasp, atlas, attack, cwe".to_owned(),
            );
        }
        if !(0.0..=1.0).contains(&self.confidence.value) {
            return fault(self.confidence.place(), "`confidence` lies between 0 and 1".to_owned());
        }
        if !(2..=MOST_CALLS as u64).contains(&self.events.value) {
            return fault(
                self.events.place(),
                format!(
                    "`events` lies between 2 and {MOST_CALLS}: so many calls of a session are looked back over"
                ),
            );
        }
        if !(1..=MOST_SECONDS).contains(&self.seconds.value) {
            return fault(self.seconds.place(), format!("`seconds` lies between 1 and {MOST_SECONDS}"));
        }
        self.check_counts()?;
        self.check_steps()
    }

    /// Checks how many steps there are and how often they are asked for.
    fn check_counts(&self) -> Result<(), Fault> {
        let events = self.events.value;
        let Some(first) = self.steps.first() else {
            let id = (self.id.line, self.id.column);
            return Err((
                id,
                "`steps` is empty: name at least one call, as in `- {does: [send]}`".to_owned(),
            ));
        };
        if self.steps.len() as u64 > events {
            return Err((
                first.place(),
                "it has more steps than `events`, so it can never be seen".to_owned(),
            ));
        }
        let times = self.times.map_or(1, |times| times.value);
        if let Some(written) = self.times
            && !(1..=events).contains(&times)
        {
            return Err((written.place(), format!("`times` lies between 1 and `events`, which is {events}")));
        }
        if let Some(second) = self.steps.get(1)
            && times > 1
        {
            return Err((
                second.place(),
                "with `times` a chain has one step, which is seen so often".to_owned(),
            ));
        }
        match self.same {
            Some(same) if same.value && times < 2 => Err((
                same.place(),
                "`same` asks that calls are alike, and needs `times` of two or more".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Checks each step by itself.
    fn check_steps(&self) -> Result<(), Fault> {
        let is_same = self.same.is_some_and(|same| same.value);
        for (number, step) in self.steps.iter().enumerate() {
            let StepFile { does, any, not, uses } = &step.value;
            let never_any = !any.is_empty() && any.iter().all(|deed| not.contains(deed));
            let problem = if does.is_empty() && any.is_empty() && !is_same {
                "a step names in `does` or `any` what the call does; without it, it would be any call"
            } else if never_any || does.iter().any(|deed| not.contains(deed)) {
                "the step asks for a deed that it has in `not` as well, so no call is it"
            } else if *uses && number == 0 {
                "`uses` asks for a file, host or URL of the step before, and this is the first"
            } else {
                continue;
            };
            return Err((step.place(), problem.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
