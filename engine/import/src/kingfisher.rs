//! Kingfisher's YAML rules: patterns over bytes, entropy, conditions on the value, examples. Files of one folder are one rule
//! set.
//!
//! Kingfisher takes the group TOKEN as the secret, else the first with a name, else the first, the whole match where there is
//! none; and asks for more entropy than is stated, as the engine does with the next number. Left out: validation by calls to
//! services, what a rule takes from another for them, and filters that are programs.
//!
//! Source: `crates/kingfisher-rules/src/rule.rs` and `crates/kingfisher-scanner/src/primitives.rs` of Kingfisher 3.0.

use coldcase_model::Severity;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use crate::account::{ChangeKind, Place, Reason, SettingAccount};
use crate::contains::keywords;
use crate::dialect::{bytes, parsed};
use crate::draft::{Draft, Drafts, dotted};
use crate::error::ImportError;
use crate::groups::{Secret, has_parts, kingfishers_secret, secret_of};
use crate::limits::MOST_RULES;
use crate::members::{Known, Members};
use crate::replaced::successors;
use crate::requirements::{Of, Requirements};
use crate::source::{Read, Source, unknown_members};
use crate::write::Head;

#[derive(Deserialize)]
struct File {
    rules: Vec<Members<Rule>>,
}

impl Known for File {
    const KEYS: &'static [&'static str] = &["rules"];
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    id: Spanned<String>,
    pattern: String,
    path: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    betterleaks_path_only: bool,
    betterleaks_filter: Option<IgnoredAny>,
    betterleaks_secret_group: Option<usize>,
    #[serde(default)]
    min_entropy: f32,
    confidence: Option<String>,
    #[serde(default = "yes")]
    visible: bool,
    pattern_requirements: Option<Members<Requirements>>,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    negative_examples: Vec<String>,
    #[serde(default)]
    references: Vec<String>,
}

impl Known for Rule {
    const KEYS: &'static [&'static str] = &[
        "name",
        "id",
        "pattern",
        "path",
        "keywords",
        "betterleaks_path_only",
        "betterleaks_filter",
        "betterleaks_secret_group",
        "min_entropy",
        "confidence",
        "visible",
        "pattern_requirements",
        "examples",
        "negative_examples",
        // They describe.
        "references",
        "categories",
        "description",
        "tags",
        // They serve a validation.
        "validation",
        "depends_on_rule",
        "prevalidated",
        "authoritative",
        "fallbacks",
        "tls_mode",
        // Kingfisher reads it and does nothing with it.
        "vectorscan_compatible",
    ];
}

const fn yes() -> bool {
    true
}

const HINT: &str = "a rule file of Kingfisher has `rules`, each with `name`, `id` and `pattern`";

/// What holds for all rules.
const NOTES: &[&str] = &[
    "Kingfisher's validation, what rules pass to each other for it, and its built-in list of safe values are left out",
    "Kingfisher takes the shortest end at which a match has enough entropy, Coldcase the one that the pattern prefers: the \
     same secrets are found, some of them longer",
    "Kingfisher states no severity: rules are `high`; its confidences low, medium and high are 0.4, 0.6 and 0.8",
];

/// Reads the files of a rule set.
pub(crate) fn read(sources: &[Source]) -> Result<Read, ImportError> {
    let mut settings: Vec<SettingAccount> = Vec::new();
    let mut rules: Vec<(Place, Members<Rule>)> = Vec::new();
    for source in sources {
        let file: Members<File> = source.yaml(HINT)?;
        settings.extend(file.settings("", |_| "not taken over: beside `rules` nothing is read"));
        if rules.len() + file.rules.len() > MOST_RULES {
            let what = format!("more than {MOST_RULES} rules");
            return Err(ImportError::OverLimit { file: source.name.clone(), what, limit: MOST_RULES });
        }
        let place = |rule: &Members<Rule>| Place { file: source.name.clone(), line: rule.id.defined.line() };
        rules.extend(file.into_read().rules.into_iter().map(|rule| (place(&rule), rule)));
    }
    let name = match sources {
        [one] => one.name.clone(),
        all => format!("{} files", all.len()),
    };
    if rules.is_empty() {
        return Err(ImportError::empty(&name, HINT));
    }
    settings.extend(unknown_members(rules.iter().map(|(_, rule)| rule)));
    let drafts = take_all(&rules);
    let head = Head {
        pack: "kingfisher".to_owned(),
        version: "imported".to_owned(),
        title: format!("Rules of Kingfisher, from {name}"),
        comment: vec![format!("Taken over from {name} by `coldcase rules import`.")],
        fragments: Vec::new(),
    };
    Ok(Read { head, drafts, settings, policy: None, notes: NOTES })
}

fn take_all(rules: &[(Place, Members<Rule>)]) -> Drafts {
    let mut drafts = Drafts::default();
    // Kingfisher keeps rules by their ids, over all files.
    let replaced = successors(rules.iter().map(|(_, rule)| Some(rule.id.value.as_str())));
    for ((place, rule), successor) in rules.iter().zip(replaced) {
        let of = drafts.open(&rule.id.value, place.clone());
        match successor.and_then(|number| rules.get(number)) {
            Some((by, _)) => drafts.leave_replaced(of, by),
            None => take(&mut drafts, of, rule),
        }
    }
    drafts
}

fn take(drafts: &mut Drafts, of: usize, rule: &Members<Rule>) {
    if rule.betterleaks_path_only {
        return drafts.leave_out(of, Reason::PathOnly, Reason::PathOnly.means());
    }
    let translated = match bytes(&rule.pattern) {
        Ok(translated) => translated,
        Err(refused) => return drafts.refuse(of, refused),
    };
    let hir = match parsed(&translated.regex) {
        Ok(hir) => hir,
        Err(refused) => return drafts.refuse(of, refused),
    };
    let secret = match rule.betterleaks_secret_group {
        Some(group) => secret_of(&translated.regex, group),
        None => Ok(Secret::Group(kingfishers_secret(&hir))),
    };
    let branches = match secret {
        Ok(Secret::Group(group)) => vec![(translated.regex, group)],
        Ok(Secret::Branches(branches)) => {
            drafts.change(of, ChangeKind::Split, "");
            branches
        }
        Ok(Secret::Whole) => {
            drafts.change(of, ChangeKind::Secret, "");
            vec![(translated.regex, 0)]
        }
        Err(refused) => return drafts.refuse(of, refused),
    };
    let Some(confidence) = confidence(rule.confidence.as_deref()) else {
        let other = rule.confidence.as_deref().unwrap_or_default();
        let detail = format!("confidence {other:?} is none of low, medium, high");
        return drafts.leave_out(of, Reason::Syntax, detail);
    };
    changes(drafts, of, rule);
    for (regex, secret) in branches {
        let id = dotted(&rule.id.value);
        let id = if id.contains('.') { id } else { format!("kingfisher.{id}") };
        let mut draft = Draft::new(of, id, &rule.name, regex);
        draft.secret = secret;
        draft.confidence = confidence;
        draft.more_entropy_than(rule.min_entropy);
        keywords(&rule.keywords, drafts, &mut draft);
        if let Some(asked) = &rule.pattern_requirements {
            let looks_at = if secret > 0 && has_parts(&hir) { Of::Match } else { Of::Secret };
            Requirements::take(asked, looks_at, drafts, &mut draft);
        }
        if !rule.visible {
            draft.severity = Severity::Info;
        }
        draft.reference = rule.references.first().cloned();
        draft.examples.clone_from(&rule.examples);
        draft.counterexamples.clone_from(&rule.negative_examples);
        drafts.drafts.push(draft);
    }
}

/// Kingfisher's word for how sure a rule is; none for another word.
fn confidence(word: Option<&str>) -> Option<f32> {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("low") => Some(0.4),
        None | Some("medium") => Some(0.6),
        Some("high") => Some(0.8),
        Some(_) => None,
    }
}

/// What a rule says that packs have nothing for.
fn changes(drafts: &mut Drafts, of: usize, rule: &Members<Rule>) {
    rule.tell(drafts, of, "");
    if let Some(path) = &rule.path {
        drafts.change(of, ChangeKind::Path, path);
    }
    if rule.betterleaks_filter.is_some() {
        drafts.change(of, ChangeKind::Requirement, "betterleaks_filter");
    }
    if !rule.visible {
        drafts.change(of, ChangeKind::Helper, "");
    }
}
