//! Kingfisher's `pattern_requirements`: what a value must hold, and what it must not.
//!
//! Counts of characters and words that are not to be there become patterns of `allow` on the secret, or of `near` within the
//! match where Kingfisher looks at the match. A checksum by template is left out, and told.
//!
//! Source: `crates/kingfisher-rules/src/rule.rs` of Kingfisher 3.0, `PatternRequirements::validate`.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::account::ChangeKind;
use crate::draft::{Draft, Drafts, Near};
use crate::limits::MOST_PATTERN;
use crate::members::{Known, Members};

/// A count beyond this is no condition on a token; the pattern for it would grow with it.
const MOST_COUNTED: usize = 64;

/// What Kingfisher takes for special where a rule does not say.
const SPECIAL: &str = "!@#$%^&*()_+-=[]{}|;:'\",.<>?/\\`~";

/// What a rule asks of its value.
#[derive(Debug, Deserialize)]
pub(crate) struct Requirements {
    min_digits: Option<usize>,
    min_uppercase: Option<usize>,
    min_lowercase: Option<usize>,
    min_special_chars: Option<usize>,
    special_chars: Option<String>,
    ignore_if_contains: Option<Vec<String>>,
    checksum: Option<IgnoredAny>,
}

impl Known for Requirements {
    const KEYS: &'static [&'static str] = &[
        "min_digits",
        "min_uppercase",
        "min_lowercase",
        "min_special_chars",
        "special_chars",
        "ignore_if_contains",
        "checksum",
    ];
}

/// Where a requirement looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// At the secret.
    Secret,
    /// At the whole match, which is more than the secret.
    Match,
}

impl Requirements {
    /// Gives a draft what can be asked for in a pack, and tells what cannot.
    pub(crate) fn take(asked: &Members<Self>, of: Of, drafts: &mut Drafts, draft: &mut Draft) {
        asked.tell(drafts, draft.of, "pattern_requirements.");
        let special = asked.special_chars.as_deref().unwrap_or(SPECIAL);
        for (name, least, characters) in [
            ("min_digits", asked.min_digits, Some(class("0-9"))),
            ("min_uppercase", asked.min_uppercase, Some(class("A-Z"))),
            ("min_lowercase", asked.min_lowercase, Some(class("a-z"))),
            ("min_special_chars", asked.min_special_chars, class_of(special)),
        ] {
            match (least.unwrap_or(0), characters) {
                (0, _) => {}
                (least @ 1..=MOST_COUNTED, Some(characters)) => counted(least, &characters, of, draft),
                _ => left_out(drafts, draft, name),
            }
        }
        if let Some(words) = &asked.ignore_if_contains {
            match (any_word(words.iter().map(|word| word.trim())), of) {
                (None, _) => {}
                (Some(pattern), _) if pattern.len() > MOST_PATTERN => {
                    left_out(drafts, draft, "ignore_if_contains");
                }
                (Some(pattern), Of::Secret) => draft.allow.push(pattern),
                (Some(pattern), Of::Match) => draft.not_with(pattern),
            }
        }
        if asked.checksum.is_some() {
            left_out(drafts, draft, "checksum");
        }
    }
}

fn left_out(drafts: &mut Drafts, draft: &Draft, name: &str) {
    drafts.change(draft.of, ChangeKind::Requirement, &format!("pattern_requirements.{name}"));
}

/// Characters as a class and its opposite.
struct Class {
    of: String,
    others: String,
}

fn class(range: &str) -> Class {
    Class { of: format!("[{range}]"), others: format!("[^{range}]") }
}

/// The class of a text's characters; none for one beyond ASCII, since the engine counts bytes, nor for no character.
fn class_of(text: &str) -> Option<Class> {
    let is_counted = !text.is_empty() && text.is_ascii();
    is_counted.then(|| class(&text.bytes().map(|byte| format!(r"\x{byte:02x}")).collect::<String>()))
}

/// No finding where fewer characters of a class are there.
fn counted(least: usize, characters: &Class, of: Of, draft: &mut Draft) {
    let Class { of: character, others } = characters;
    let fewer = least - 1;
    match of {
        Of::Secret => draft.allow.push(format!("^{others}*(?:{character}{others}*){{0,{fewer}}}$")),
        Of::Match => draft.near.push(Near {
            any: Vec::new(),
            regex: Some(format!("{character}(?:{others}*{character}){{{fewer}}}")),
            within: 0,
            weight: None,
        }),
    }
}

/// A pattern of any of these words in any case; none where there is no word.
pub(crate) fn any_word<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let escaped: Vec<String> = words.filter(|word| !word.is_empty()).map(regex_syntax::escape).collect();
    (!escaped.is_empty()).then(|| format!("(?i:{})", escaped.join("|")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Place;

    fn taken(asked: &str, of: Of) -> (Draft, Drafts) {
        let asked: Members<Requirements> = serde_saphyr::from_str(asked).unwrap();
        let mut drafts = Drafts::default();
        let number = drafts.open("rule", Place::default());
        let mut draft = Draft::new(number, "a.b".to_owned(), "t", "x".to_owned());
        Requirements::take(&asked, of, &mut drafts, &mut draft);
        (draft, drafts)
    }

    /// Whether a value is let through by all patterns of `allow`.
    fn finds(asked: &str, value: &str) -> bool {
        let (draft, _) = taken(asked, Of::Secret);
        !draft.allow.iter().any(|regex| {
            regex_automata::meta::Regex::builder()
                .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
                .build(regex)
                .unwrap()
                .is_match(value)
        })
    }

    #[test]
    fn values_with_too_few_characters_of_a_kind_are_no_findings() {
        for (asked, enough, too_few) in [
            ("{min_digits: 1}", "a1", "ab"),
            ("{min_digits: 3}", "1a2\n3", "1a2b"),
            ("{min_uppercase: 2}", "AbC", "Abc"),
            ("{min_lowercase: 2}", "aBc", "ABc"),
            ("{min_special_chars: 1}", "ab-", "ab1"),
            ("{min_special_chars: 2, special_chars: ']^-\\\\'}", "a]^", "a]_"),
            ("{ignore_if_contains: [' Test ', '', '${']}", "abc", "atEstb"),
            ("{ignore_if_contains: [' Test ', '', '${']}", "a b", "${abc"),
        ] {
            assert!(finds(asked, enough), "{asked} {enough}");
            assert!(!finds(asked, too_few), "{asked} {too_few}");
        }
        assert!(finds("{min_digits: 0, ignore_if_contains: []}", ""), "nothing is asked for");
    }

    #[test]
    fn what_packs_cannot_ask_for_is_told() {
        let asked =
            "{min_digits: 65, special_chars: 'é', min_special_chars: 1, checksum: {a: 1}, min_vowels: 2}";
        let (draft, drafts) = taken(asked, Of::Secret);
        assert!(draft.allow.is_empty() && draft.near.is_empty());
        let told: Vec<(ChangeKind, &str)> =
            drafts.accounts[0].changes.iter().map(|change| (change.change, change.detail.as_str())).collect();
        assert_eq!(
            told,
            [
                (ChangeKind::Member, "pattern_requirements.min_vowels"),
                (ChangeKind::Requirement, "pattern_requirements.min_digits"),
                (ChangeKind::Requirement, "pattern_requirements.min_special_chars"),
                (ChangeKind::Requirement, "pattern_requirements.checksum"),
            ]
        );
    }

    #[test]
    fn where_the_match_is_looked_at_the_condition_stands_within_it() {
        let (draft, _) = taken("{min_digits: 2, ignore_if_contains: [test]}", Of::Match);
        assert!(draft.allow.is_empty());
        let near: Vec<(Option<&str>, usize, Option<f32>)> =
            draft.near.iter().map(|near| (near.regex.as_deref(), near.within, near.weight)).collect();
        assert_eq!(near, [(Some("[0-9](?:[^0-9]*[0-9]){1}"), 0, None), (Some("(?i:test)"), 0, Some(-1.0))]);
    }
}
