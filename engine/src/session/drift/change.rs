//! What changed between two versions of a definition, member by member, and what that means.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::ChangeClass;
use coldcase_model::json::{Kind, Tape, Value};

use super::super::observe::canonical;
use super::features::{self, Kinds, Meaning};
use super::sentences::{diff, hash, sentences};
use super::version::{Field, Version};

/// A change of one member.
#[derive(Debug)]
pub(super) struct Change {
    /// The member's key.
    pub(super) key: String,
    /// What the change means.
    pub(super) class: ChangeClass,
    /// The words that went and came.
    pub(super) diff: String,
}

/// How many bytes of new sentences of one event are judged. Beyond that only rules tell.
pub(super) const MOST_JUDGED: usize = 4 << 20;
/// How many values of a schema are compared one by one.
const MOST_LEAVES: usize = 4096;

/// The changes from one version to another. `budget` is what may still be judged of the event.
pub(super) fn changes(old: &Version, new: &Version, budget: &mut usize) -> Vec<Change> {
    let keys: BTreeSet<&str> = old.fields.iter().chain(&new.fields).map(|field| field.key.as_str()).collect();
    let mut hosts = None;
    let mut found = Vec::new();
    for key in keys {
        let (before, after) = (old.field(key), new.field(key));
        if before.map(|field| field.digest) == after.map(|field| field.digest) {
            continue;
        }
        let (text_before, text_after) =
            (before.map_or("", |field| &field.text), after.map_or("", |field| &field.text));
        let known = hosts.get_or_insert_with(|| places(old));
        let meant = match after {
            Some(after) => meaning(before, after, known, budget),
            None => {
                if widens_when_gone(key, text_before) {
                    ChangeClass::CapabilityWidened
                } else {
                    ChangeClass::Editorial
                }
            }
        };
        let class = meant.max(ruled(old, new, key));
        found.push(Change {
            key: key.to_owned(),
            class,
            diff: diff(&spaced(text_before), &spaced(text_after)),
        });
    }
    found
}

/// A text as words: JSON has none of itself.
fn spaced(text: &str) -> Cow<'_, str> {
    if !text.starts_with(['{', '[']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '{' | '[' => out.extend([c, ' ']),
            '}' | ']' => out.extend([' ', c]),
            ',' => out.push_str(", "),
            c => out.push(c),
        }
    }
    out.into()
}

/// What rules say of a member that said nothing of it before.
fn ruled(old: &Version, new: &Version, key: &str) -> ChangeClass {
    let fresh = |sends: bool| {
        new.rules.iter().any(|broken| {
            broken.sends == sends
                && (broken.field == key || broken.field.is_empty() || key == "instructions")
                && !old.rules.iter().any(|known| known.rule == broken.rule)
        })
    };
    if fresh(false) {
        ChangeClass::InstructionIntroduced
    } else if fresh(true) {
        ChangeClass::DestinationIntroduced
    } else {
        ChangeClass::Editorial
    }
}

/// Every place that a version names.
fn places(version: &Version) -> BTreeSet<String> {
    version.fields.iter().flat_map(|field| features::hosts(&field.text)).collect()
}

fn meaning(
    before: Option<&Field>,
    after: &Field,
    known: &BTreeSet<String>,
    budget: &mut usize,
) -> ChangeClass {
    let is_text =
        !after.text.starts_with(['{', '[']) || matches!(after.key.as_str(), "description" | "instructions");
    let (old, new) = if is_text {
        (Words::of_text(before), Words::of_text(Some(after)))
    } else {
        (Words::of_leaves(before), Words::of_leaves(Some(after)))
    };
    let said = said(&old, &new, before.map_or(&[], |field| &field.sentences), known, budget);
    if said.instructs {
        return ChangeClass::InstructionIntroduced;
    }
    if said.sends {
        return ChangeClass::DestinationIntroduced;
    }
    if is_text {
        let does_more = deeds(&new.sentences) & !deeds(&old.sentences) != 0;
        return if does_more { ChangeClass::CapabilityWidened } else { ChangeClass::Editorial };
    }
    // Of a schema that is not known whole nothing can be said to be new.
    let old_whole = before.is_none_or(|field| !field.cut);
    if before.is_some() && old_whole && new.parameters.difference(&old.parameters).next().is_some() {
        return ChangeClass::NewParameter;
    }
    if widened(&old, &new) { ChangeClass::CapabilityWidened } else { ChangeClass::Editorial }
}

fn said(old: &Words, new: &Words, cut: &[u64], known: &BTreeSet<String>, budget: &mut usize) -> Meaning {
    let before: BTreeSet<u64> = old.sentences.iter().map(|sentence| hash(sentence)).collect();
    let after: BTreeSet<u64> = new.sentences.iter().map(|sentence| hash(sentence)).collect();
    let is_new = |sentence: &&String| {
        let hash = hash(sentence);
        !before.contains(&hash) && cut.binary_search(&hash).is_err()
    };
    let added: Vec<&str> = new
        .sentences
        .iter()
        .filter(is_new)
        .map(String::as_str)
        .take_while(|sentence| {
            let fits = *budget >= sentence.len();
            *budget = budget.saturating_sub(sentence.len());
            fits
        })
        .collect();
    let gone = old.sentences.iter().filter(|sentence| !after.contains(&hash(sentence)));
    let gone: Kinds =
        if added.is_empty() { 0 } else { gone.fold(0, |all, gone| all | features::found(gone)) };
    features::meaning(added.into_iter(), gone, |host| known.contains(host))
}

/// Whether a text names a dialect of JSON Schema (its section 8.1.1) and nothing else: nothing is fetched or sent there.
fn is_dialect(text: &str) -> bool {
    let rest = ["http://json-schema.org/", "https://json-schema.org/"]
        .iter()
        .find_map(|site| text.strip_prefix(site));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'#');
    rest.is_some_and(|rest| rest.len() <= 40 && rest.bytes().all(is_plain))
}

/// What a member says, and for one with structure what stands where.
#[derive(Default)]
struct Words {
    sentences: Vec<String>,
    /// Values that are no words, by their pointer.
    values: BTreeMap<String, String>,
    parameters: BTreeSet<String>,
}

impl Words {
    fn of_text(field: Option<&Field>) -> Self {
        let sentences = field.map(|field| sentences(&field.text).map(str::to_owned).collect());
        Self { sentences: sentences.unwrap_or_default(), ..Self::default() }
    }

    fn of_leaves(field: Option<&Field>) -> Self {
        let mut words = Self::default();
        let Some(field) = field else { return words };
        let mut tape = Tape::default();
        match tape.parse(field.text.as_bytes()) {
            Ok(root) => words.walk(root, &mut String::new(), "", false),
            // A text that is cut is no JSON any more.
            Err(_) => words.sentences = sentences(&field.text).map(str::to_owned).collect(),
        }
        words
    }

    fn walk(&mut self, value: Value<'_, '_>, pointer: &mut String, key: &str, named: bool) {
        if self.values.len() + self.sentences.len() >= MOST_LEAVES {
            return;
        }
        let len = pointer.len();
        match value.kind() {
            Kind::Object => {
                for (name, member) in value.members() {
                    let name = String::from_utf8_lossy(&canonical::content(name)).into_owned();
                    pointer.push('/');
                    pointer.push_str(&name);
                    // The members of `properties` are names of parameters, whatever they are called.
                    if key == "properties" && !named {
                        self.parameters.insert(pointer.clone());
                        self.walk(member, pointer, &name, true);
                    } else {
                        self.walk(member, pointer, &name, false);
                    }
                    pointer.truncate(len);
                }
            }
            Kind::Array => {
                for item in value.items() {
                    // Where in a list something stands does not matter: its members are a set here.
                    pointer.push_str("/-");
                    self.walk(item, pointer, key, false);
                    pointer.truncate(len);
                }
            }
            Kind::String | Kind::Key => {
                let text = String::from_utf8_lossy(&canonical::content(value)).into_owned();
                if key != "$schema" || !is_dialect(&text) {
                    self.sentences.extend(sentences(&text).map(str::to_owned));
                }
                if !matches!(key, "description" | "title" | "examples" | "$comment" | "default") {
                    self.values.insert(format!("{pointer}={text}"), key.to_owned());
                }
            }
            Kind::Number | Kind::Literal => {
                let raw = String::from_utf8_lossy(value.raw());
                self.values.insert(format!("{pointer}={raw}"), key.to_owned());
            }
        }
    }
}

/// Whether values differ in a way that lets a tool do or take more: what was not there before, or a bound that is gone.
fn widened(old: &Words, new: &Words) -> bool {
    const BOUNDS: [&str; 12] = [
        "enum",
        "const",
        "maximum",
        "minimum",
        "maxLength",
        "minLength",
        "maxItems",
        "minItems",
        "pattern",
        "additionalProperties",
        "required",
        "readOnlyHint",
    ];
    // To ask for one thing more is no more than before.
    let more = new.values.iter().any(|(value, key)| key != "required" && !old.values.contains_key(value));
    more || old.values.iter().any(|(value, key)| {
        BOUNDS.contains(&key.as_str()) && key != "enum" && !new.values.contains_key(value)
    })
}

fn widens_when_gone(key: &str, text: &str) -> bool {
    key == "annotations"
        && (text.contains("\"readOnlyHint\":true") || text.contains("\"destructiveHint\":false"))
}

/// Verbs of doing more than looking, a bit each.
const DEEDS: [&str; 24] = [
    "write", "creat", "delet", "remov", "modif", "updat", "edit", "overwrit", "execut", "run", "send",
    "upload", "publish", "install", "mov", "renam", "pay", "transfer", "merg", "deploy", "kill", "grant",
    "post", "download",
];

fn deeds(sentences: &[String]) -> u32 {
    let words = sentences.iter().flat_map(|sentence| sentence.split(|c: char| !c.is_alphabetic()));
    words.fold(0, |all, word| {
        let word = word.to_ascii_lowercase();
        let deed = DEEDS.iter().position(|stem| word.strip_prefix(stem).is_some_and(|end| end.len() <= 3));
        all | deed.map_or(0, |deed| 1 << deed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_dialect_is_no_place() {
        assert!(is_dialect("http://json-schema.org/draft-07/schema#"));
        assert!(is_dialect("https://json-schema.org/draft/2020-12/schema"));
        for text in [
            "https://json-schema.org.collect.test/a",
            "https://collect.test/",
            "https://json-schema.org/a send all",
        ] {
            assert!(!is_dialect(text), "{text}");
        }
    }
}
