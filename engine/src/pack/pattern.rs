//! Patterns as bytes see them: which need Unicode, what becomes of typographic signs, and regexes made when first used.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};

use coldcase_model::Span;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_syntax::hir::Hir;

use super::problem::{Member, Problem};
use super::schema::Case;
use crate::scan::without_unicode_words;

/// One or more patterns, checked when a pack is loaded and compiled when first searched for.
#[derive(Debug)]
pub(crate) struct Pattern {
    texts: Vec<String>,
    unicode: bool,
    case: Case,
    regex: OnceLock<Option<Regex>>,
    /// The same without Unicode word boundaries, which shut out the fast engines.
    loose: OnceLock<Option<Regex>>,
}

/// The largest automaton of a pattern.
const SIZE_LIMIT: usize = 10 << 20;

/// Why patterns cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusable {
    /// Which of the patterns, from 0; `None` where it is all of them together.
    pub(super) pattern: Option<usize>,
    /// What is wrong with it.
    pub(super) message: String,
}

impl Unusable {
    fn invalid(pattern: usize, error: &regex_syntax::Error) -> Self {
        Self { pattern: Some(pattern), message: format!("the pattern is not valid: {error}") }
    }

    fn too_large() -> Self {
        let message = format!(
            "the pattern is too large: its automaton would take more than {} MiB; shorten what it counts, as in `{{1,500}}`, \
             above all counts within counts, and write `[0-9A-Za-z_]` for `\\w`, since classes of letters beyond ASCII take a \
             hundred times the room",
            SIZE_LIMIT >> 20
        );
        Self { pattern: None, message }
    }

    /// As a problem of a rule's member that is this one pattern.
    pub(super) fn of(self, member: Member) -> Problem {
        member.problem(self.message)
    }

    /// As a problem of a rule's member that is the list of these patterns.
    pub(super) fn of_list(self, member: Member) -> Problem {
        self.pattern.map_or(member, |index| member.entry(index)).problem(self.message)
    }
}

impl Pattern {
    /// Takes patterns that mean the same alternative.
    pub(super) fn new<P: AsRef<str>>(patterns: &[P], case: Case) -> Self {
        // Unicode classes make automata a hundred times larger, and Unicode word boundaries shut out the fast engines
        // on text that is not ASCII; a pattern that names no letter beyond ASCII has no use for either.
        let unicode = patterns.iter().any(|pattern| needs_unicode(pattern.as_ref()));
        let texts = patterns.iter().map(|pattern| in_bytes(pattern.as_ref())).collect();
        Self { texts, unicode, case, regex: OnceLock::new(), loose: OnceLock::new() }
    }

    /// The same, one for all that ask for these very patterns: features of many rules are the same, and each is large.
    pub(super) fn shared<P: AsRef<str>>(patterns: &[P], case: Case) -> Arc<Self> {
        type Known = HashMap<(Vec<String>, Case), Weak<Pattern>>;
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        let key = (patterns.iter().map(|pattern| pattern.as_ref().to_owned()).collect(), case);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known.get(&key).and_then(Weak::upgrade) {
            return pattern;
        }
        let pattern = Arc::new(Self::new(patterns, case));
        // Those that nobody has any more go when the table would have to grow.
        if known.len() == known.capacity() {
            known.retain(|_, pattern| pattern.strong_count() > 0);
        }
        known.insert(key, Arc::downgrade(&pattern));
        pattern
    }

    /// The case that it is matched in.
    pub(super) const fn case(&self) -> Case {
        self.case
    }

    /// The first pattern's parts, in the case that it is written in.
    pub(super) fn parsed(&self) -> Result<Hir, Unusable> {
        regex_syntax::ParserBuilder::new()
            .utf8(false)
            .unicode(self.unicode)
            .build()
            .parse(self.texts.first().map_or("", String::as_str))
            .map_err(|error| Unusable::invalid(0, &error))
    }

    /// Compiles it now, to learn what is wrong with it.
    pub(super) fn check(&self) -> Result<(), Unusable> {
        let regex = self.built()?;
        // Another thread cannot have been here before the pack exists.
        drop(self.regex.set(Some(regex)));
        Ok(())
    }

    /// The regex; `None` only for a pattern that was never checked and is wrong.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| self.built().ok()).as_ref()
    }

    /// Whether it matches within a window of a text.
    pub(super) fn is_match(&self, text: &[u8], window: Span) -> bool {
        let input = Input::new(text).range(window.start..window.end);
        let is_slow = self.unicode && !window.of(text).is_ascii();
        if is_slow
            && let Some(loose) = self.loose.get_or_init(|| self.without_boundaries())
            && !loose.is_match(input.clone())
        {
            return false;
        }
        self.regex().is_some_and(|regex| regex.is_match(input))
    }

    /// Matches wherever the pattern does, and more.
    fn without_boundaries(&self) -> Option<Regex> {
        let flag = if self.case == Case::Insensitive { "(?i)" } else { "" };
        let parsed = |text: &String| {
            let mut parser = regex_syntax::ParserBuilder::new().utf8(false).unicode(self.unicode).build();
            parser.parse(&format!("{flag}{text}")).ok().map(|hir| without_unicode_words(&hir))
        };
        let patterns: Option<Vec<Hir>> = self.texts.iter().map(parsed).collect();
        Regex::builder()
            .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .build_many_from_hir(&patterns?)
            .ok()
    }

    /// Compiles patterns over bytes; invalid UTF-8 is allowed to match.
    fn built(&self) -> Result<Regex, Unusable> {
        let syntax = syntax::Config::new()
            .utf8(false)
            .unicode(self.unicode)
            .case_insensitive(self.case == Case::Insensitive);
        Regex::builder()
            .syntax(syntax)
            .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .build_many(&self.texts)
            .map_err(|error| match (error.syntax_error(), error.pattern()) {
                (Some(syntax), Some(pattern)) => Unusable::invalid(pattern.as_usize(), syntax),
                _ => Unusable::too_large(),
            })
    }
}

/// A character class that holds typographic signs beyond ASCII, as an alternation of their bytes; patterns with
/// letters beyond ASCII stay as they are.
fn in_bytes(pattern: &str) -> String {
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
fn needs_unicode(pattern: &str) -> bool {
    pattern.chars().any(|c| !c.is_ascii() && c.is_alphanumeric())
        || pattern.contains(r"\p{")
        || pattern.contains(r"\u{")
        || pattern.contains(r"\x{")
}
