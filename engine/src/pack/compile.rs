//! A written rule to a compiled one; refuses what could not work or could not be trusted.

use std::sync::Arc;

use coldcase_model::{Confidence, Direction, RuleInfo, Surface};
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::anchor::{Anchors, MIN_LITERAL, Reach};
use super::schema::{Case, RuleFile};
use super::validator::Validator;

/// A rule, ready to confirm hits of the prefilter.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) info: Arc<RuleInfo>,
    pub(crate) surfaces: SurfaceSet,
    pub(crate) direction: Option<Direction>,
    pub(crate) regex: Regex,
    /// The capture group that is the secret; 0 is the whole match.
    pub(crate) secret: usize,
    /// How far from a literal a match can start or end.
    pub(crate) reach: Reach,
    /// How many groups of literals a match contains: the anchor, then the guards.
    pub(crate) groups: u8,
    pub(crate) validators: Vec<Validator>,
    /// Bits per character.
    pub(crate) entropy: Option<f32>,
    pub(crate) keywords: Option<Keywords>,
    pub(crate) allow: Option<Regex>,
}

/// Words of which one must stand near a match.
#[derive(Debug)]
pub(crate) struct Keywords {
    pub(crate) any: Regex,
    pub(crate) within: usize,
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

/// The literals of each group of a rule.
pub(super) type Literals = Vec<Vec<Vec<u8>>>;

/// Compiles a rule, or says what is wrong with it. The literals are what the prefilter is to look for,
/// group by group.
pub(super) fn rule(rule: &RuleFile, pack: &Arc<str>) -> Result<(CompiledRule, Literals), String> {
    check_words(rule)?;
    let anchors = Anchors::of(&rule.regex, &rule.literals)?;
    let regex = regex(&[&rule.regex], rule.case)?;
    if rule.secret >= regex.group_info().group_len(regex_automata::PatternID::ZERO) {
        return Err(format!("`secret` names group {}, and the regex has no such group", rule.secret));
    }
    let keywords = match &rule.keywords {
        None => None,
        Some(words) => {
            let escaped: Vec<String> = words.any.iter().map(|word| regex_syntax::escape(word)).collect();
            let any = self::regex(&escaped, Case::Insensitive)?;
            Some(Keywords { any, within: words.within.min(4096) })
        }
    };
    let allow = if rule.allow.is_empty() { None } else { Some(self::regex(&rule.allow, Case::Sensitive)?) };
    let compiled = CompiledRule {
        info: Arc::new(RuleInfo {
            id: rule.id.as_str().into(),
            title: rule.title.as_str().into(),
            gain: rule.gain.as_str().into(),
            pack: pack.clone(),
            category: rule.category,
            severity: rule.severity,
            confidence: Confidence(rule.confidence),
            references: rule.references.clone(),
        }),
        surfaces: SurfaceSet::new(&rule.surfaces),
        direction: rule.direction.only(),
        secret: rule.secret,
        reach: anchors.reach,
        groups: u8::try_from(anchors.groups.len()).unwrap_or(1),
        regex,
        validators: rule.validators.clone(),
        entropy: rule.entropy,
        keywords,
        allow,
    };
    Ok((compiled, anchors.groups.into_iter().map(|group| group.literals).collect()))
}

fn check_words(rule: &RuleFile) -> Result<(), String> {
    let dotted = rule.id.split('.').count() >= 2
        && rule.id.split('.').all(|word| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
    if !dotted {
        return Err(
            "`id` is dotted words of lower-case letters, digits and dashes, as in `dlp.github.pat`".into()
        );
    }
    if !(0.0..=1.0).contains(&rule.confidence) {
        return Err("`confidence` lies between 0 and 1".into());
    }
    if rule.literals.is_empty() {
        return Err("`literals` is empty: name a text that every match contains".into());
    }
    if let Some(short) = rule.literals.iter().find(|text| text.len() < MIN_LITERAL) {
        return Err(format!(
            "literal {short:?} is shorter than {MIN_LITERAL} bytes and would fire everywhere"
        ));
    }
    if rule.matches.is_empty() || rule.no_match.is_empty() {
        return Err("a rule carries at least one `match` text and one `no_match` text".into());
    }
    if rule.references.iter().next().is_none() {
        return Err("`references` is empty: name at least one of owasp, atlas, attack, cwe".into());
    }
    if rule.title.trim().is_empty() || rule.gain.trim().is_empty() {
        return Err("`title` and `gain` say what it is and what an attacker gains".into());
    }
    Ok(())
}

/// A character class that holds typographic signs beyond ASCII, as an alternation of their bytes; patterns with
/// letters beyond ASCII stay as they are.
pub(super) fn in_bytes(pattern: &str) -> String {
    if pattern.is_ascii() || needs_unicode(pattern) {
        return pattern.to_owned();
    }
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, class_on)) = rest.split_once('[') {
        out.push_str(before);
        let escaped = before.len() - before.trim_end_matches('\\').len();
        let end = class_on
            .char_indices()
            .skip(1)
            .find(|&(at, c)| c == ']' && !class_on.get(..at).is_some_and(|s| s.ends_with('\\')));
        match end.filter(|_| escaped.is_multiple_of(2)) {
            None => {
                out.push('[');
                rest = class_on;
            }
            Some((end, _)) => {
                let class = class_on.get(..end).unwrap_or_default();
                push_class(&mut out, class);
                rest = class_on.get(end + 1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// A class without its non-ASCII members, which follow as alternatives. A negated class keeps only ASCII: each byte
/// of a sign beyond ASCII is outside of it anyway.
fn push_class(out: &mut String, class: &str) {
    let ascii: String = class.chars().filter(char::is_ascii).collect();
    if class.is_ascii() || class.starts_with('^') {
        out.push_str(&format!("[{ascii}]"));
        return;
    }
    let others: Vec<String> = class.chars().filter(|c| !c.is_ascii()).map(String::from).collect();
    let own = if ascii.is_empty() { String::new() } else { format!("[{ascii}]|") };
    out.push_str(&format!("(?:{own}{})", others.join("|")));
}

/// Whether a pattern names letters beyond ASCII.
pub(super) fn needs_unicode(pattern: &str) -> bool {
    pattern.chars().any(|c| !c.is_ascii() && c.is_alphanumeric())
        || pattern.contains(r"\p{")
        || pattern.contains(r"\u{")
        || pattern.contains(r"\x{")
}

/// Compiles patterns over bytes; invalid UTF-8 is allowed to match.
fn regex<P: AsRef<str>>(patterns: &[P], case: Case) -> Result<Regex, String> {
    const SIZE_LIMIT: usize = 10 << 20;
    // Unicode classes make automata a hundred times larger, and Unicode word boundaries shut out the fast engines
    // on text that is not ASCII; a pattern that names no letter beyond ASCII has no use for either.
    let unicode = patterns.iter().any(|pattern| needs_unicode(pattern.as_ref()));
    let patterns: Vec<String> = patterns.iter().map(|pattern| in_bytes(pattern.as_ref())).collect();
    Regex::builder()
        .syntax(
            syntax::Config::new().utf8(false).unicode(unicode).case_insensitive(case == Case::Insensitive),
        )
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
        .build_many(&patterns)
        .map_err(|error| match error.syntax_error() {
            Some(syntax) => format!("the regex is not valid: {syntax}"),
            None => format!("the regex is too large: {error}"),
        })
}
