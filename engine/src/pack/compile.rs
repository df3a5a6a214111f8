//! A written rule to a compiled one; refuses what could not work or could not be trusted.

use std::sync::Arc;

use coldcase_model::{Confidence, Direction, RuleInfo, Surface};
use serde::{Deserialize, Serialize};

use super::anchor::{Anchor, Anchored};
use super::fragments::Fragments;
use super::grade::Lesser;
use super::near::Near;
use super::pattern::Pattern;
use super::plan::MIN_TEXT;
use super::problem::{Member, Problem};
use super::schema::{Case, RuleFile};
use super::sets::Sets;
use super::validator::Validator;

/// A rule, ready to confirm hits of the prefilter.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) info: Arc<RuleInfo>,
    pub(crate) surfaces: SurfaceSet,
    pub(crate) direction: Option<Direction>,
    pub(crate) pattern: Arc<Pattern>,
    /// How many bytes a match can have at the most.
    pub(crate) longest: usize,
    /// The capture group that is the secret; 0 is the whole match.
    pub(crate) secret: usize,
    pub(crate) validators: Vec<Validator>,
    /// Whether its findings give way to those of other rules about the same bytes.
    pub(crate) yields: bool,
    /// Bits per character.
    pub(crate) entropy: Option<f32>,
    /// What must stand round a match, and what else stands there.
    pub(crate) near: Option<Near>,
    pub(crate) allow: Option<Pattern>,
    /// Secrets that public documentation prints.
    pub(super) examples: Option<Pattern>,
    /// What a finding of such a secret says.
    pub(super) example: Option<Lesser>,
    /// What a finding says where a validator refuses; `None` where it is dropped.
    pub(super) doubted: Option<Lesser>,
    /// The rule sets that it belongs to.
    pub(crate) sets: Sets,
}

impl CompiledRule {
    /// Whether the rule looks at a surface of an event that goes one way; an event of unknown direction is looked at.
    pub(crate) fn looks_at(&self, surface: Surface, direction: Option<Direction>) -> bool {
        let way = match (self.direction, direction) {
            (Some(only), Some(direction)) => only == direction,
            _ => true,
        };
        way && self.surfaces.contains(surface)
    }
}

/// A set of surfaces, one bit each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurfaceSet(u32);

impl SurfaceSet {
    fn new(surfaces: &[Surface]) -> Self {
        if surfaces.is_empty() {
            return Self(u32::MAX);
        }
        Self(surfaces.iter().fold(0, |set, &surface| set | 1 << surface as u32))
    }

    pub(crate) const fn contains(self, surface: Surface) -> bool {
        self.0 & (1 << surface as u32) != 0
    }
}

/// A compiled rule with its anchors, which are what the prefilter is to look for.
pub(super) type Compiled = (CompiledRule, Anchored, Vec<Anchor>);

/// What the parts of a rule's pattern tell of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shape {
    longest: usize,
    anchors: Vec<Anchor>,
}

impl Shape {
    /// The shape of a rule that was compiled.
    pub(super) fn known((rule, _, anchors): &Compiled) -> Self {
        Self { longest: rule.longest, anchors: anchors.clone() }
    }

    /// Its anchors, to add what was worked out of them.
    pub(super) fn anchors_mut(&mut self) -> impl Iterator<Item = &mut Anchor> {
        self.anchors.iter_mut()
    }

    fn of(rule: &RuleFile, pattern: &Pattern, anchored: &Anchored) -> Result<Self, Problem> {
        check_words(rule)?;
        let parsed = pattern.parsed().map_err(|unusable| unusable.of(Member::of("regex")))?;
        let groups = parsed.properties().explicit_captures_len();
        if rule.secret > groups {
            return Err(Member::of("secret").problem(format!(
                "it names group {}, and the regex has no such group: it has {groups}, and 0 is the whole match",
                rule.secret
            )));
        }
        let anchors = anchored.anchors(&parsed, &rule.literals);
        if anchors.is_empty() {
            return Err(Member::of("regex").problem(format!(
                "no text of {MIN_TEXT} bytes or more stands in every match of the regex; name texts of which every match \
                 holds one in `literals`, or the rule would have to be tried everywhere"
            )));
        }
        Ok(Self { longest: longest(&parsed, rule.case), anchors })
    }
}

/// Compiles a rule, or says what is wrong with it. A `known` shape is that of this very rule.
pub(super) fn rule(
    rule: &RuleFile,
    pack: &Arc<str>,
    fragments: &Fragments<'_>,
    known: Option<&Shape>,
) -> Result<Compiled, Problem> {
    let expanded =
        |pattern: &str, member: Member| fragments.expand(pattern).map_err(|message| member.problem(message));
    let pattern = Arc::new(Pattern::new(&[expanded(&rule.regex, Member::of("regex"))?], rule.case));
    let anchored = Anchored::new(pattern.clone());
    let shape = known.cloned().map_or_else(|| Shape::of(rule, &pattern, &anchored), Ok)?;
    let near = (!rule.near.is_empty()).then(|| Near::new(&rule.near, rule.least, fragments)).transpose()?;
    let any_of = |patterns: &[String], list: Member| {
        let expanded = patterns.iter().enumerate().map(|(index, one)| expanded(one, list.entry(index)));
        let expanded: Vec<String> = expanded.collect::<Result<_, _>>()?;
        Ok::<_, Problem>((!expanded.is_empty()).then(|| Pattern::new(&expanded, Case::Sensitive)))
    };
    let info = RuleInfo {
        id: rule.id.value.as_str().into(),
        title: rule.title.as_str().into(),
        gain: rule.gain.as_str().into(),
        pack: pack.clone(),
        category: rule.category,
        severity: rule.severity,
        lowered_from: None,
        confidence: Confidence(rule.confidence),
        references: rule.references.clone(),
    };
    let compiled = CompiledRule {
        examples: any_of(&rule.examples, Member::of("examples"))?,
        example: (!rule.examples.is_empty()).then(|| Lesser::example(&info)),
        doubted: rule.unless_valid.map(|unless| Lesser::doubted(&info, unless)),
        info: Arc::new(info),
        surfaces: SurfaceSet::new(&rule.surfaces),
        direction: rule.direction.only(),
        secret: rule.secret,
        pattern,
        longest: shape.longest,
        validators: rule.validators.clone(),
        yields: rule.yields,
        entropy: rule.entropy,
        near,
        allow: any_of(&rule.allow, Member::of("allow"))?,
        sets: Sets::FIRST,
    };
    Ok((compiled, anchored, shape.anchors))
}

/// How long a match can be. A letter has up to three bytes more in its other case.
fn longest(parsed: &regex_syntax::hir::Hir, case: Case) -> usize {
    let longest = parsed.properties().maximum_len().unwrap_or(usize::MAX);
    if case == Case::Insensitive { longest.saturating_mul(4) } else { longest }
}

/// Compiles what a rule searches for, which is otherwise left to its first use.
pub(super) fn check(rule: &CompiledRule) -> Result<(), Problem> {
    rule.pattern.check().map_err(|unusable| unusable.of(Member::of("regex")))?;
    rule.near.as_ref().map_or(Ok(()), Near::check)?;
    for (name, patterns) in [("examples", &rule.examples), ("allow", &rule.allow)] {
        let Some(patterns) = patterns else { continue };
        patterns.check().map_err(|unusable| unusable.of_list(Member::of(name)))?;
    }
    Ok(())
}

/// Refuses a rule for what it says beside its patterns.
pub(super) fn check_words(rule: &RuleFile) -> Result<(), Problem> {
    let wrong = |member: Member, message: &str| Err(member.problem(message));
    if !rule.id.is_dotted() {
        return wrong(
            Member::of("id"),
            "an id is dotted words of lower-case letters, digits and dashes, as in `dlp.github.pat`",
        );
    }
    check_numbers(rule)?;
    if !rule.lesser.is_empty() && rule.unless_valid.is_none() && rule.examples.is_empty() {
        return wrong(
            Member::of("lesser"),
            "such texts are found by way of `examples` or `unless_valid`, and the rule has neither",
        );
    }
    if let Some((index, short)) =
        rule.literals.iter().enumerate().find(|(_, literal)| literal.len() < MIN_TEXT)
    {
        return Err(Member::of("literals").entry(index).problem(format!(
            "literal {short:?} is shorter than {MIN_TEXT} bytes and would fire everywhere"
        )));
    }
    for (name, texts) in [("match", &rule.matches), ("no_match", &rule.no_match)] {
        if texts.is_empty() {
            return wrong(
                Member::of(name),
                "it is empty: a rule carries at least one `match` text and one `no_match` text",
            );
        }
    }
    if rule.references.iter().next().is_none() {
        return wrong(
            Member::of("references"),
            "it is empty: name at least one of owasp, atlas, attack, cwe",
        );
    }
    for (name, text, says) in
        [("title", &rule.title, "what the rule recognises"), ("gain", &rule.gain, "what an attacker gains")]
    {
        if text.trim().is_empty() {
            return Err(Member::of(name).problem(format!("it is empty: it says {says}")));
        }
    }
    Ok(())
}

fn check_numbers(rule: &RuleFile) -> Result<(), Problem> {
    let is_share = |value: f32| (0.0..=1.0).contains(&value);
    if !is_share(rule.confidence) {
        return Err(Member::of("confidence").problem("it lies between 0 and 1"));
    }
    if !is_share(rule.least) || (rule.least > 0.0 && rule.near.is_empty()) {
        return Err(Member::of("least")
            .problem("it lies between 0 and 1, and is what the features of `near` must come to"));
    }
    let Some(unless) = rule.unless_valid else { return Ok(()) };
    if !is_share(unless.confidence) {
        return Err(Member::of("unless_valid").inner("confidence").problem("it lies between 0 and 1"));
    }
    if rule.validators.is_empty() {
        return Err(
            Member::of("unless_valid").problem("it needs a validator that may refuse, and the rule has none")
        );
    }
    Ok(())
}
