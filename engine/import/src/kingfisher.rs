//! Kingfisher's YAML rules: patterns over bytes, entropy, examples. Files of one folder are one rule set.
//!
//! Kingfisher takes the first group as the secret, the whole match where there is none, and asks for more entropy than is
//! stated, as the engine does with the next number. Left out: validation by calls to services, and what a rule takes from
//! another for them.

use coldcase_model::Severity;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::account::{ChangeKind, Place, Reason, SettingAccount};
use crate::dialect::{bytes, parsed};
use crate::draft::{Draft, Drafts, dotted};
use crate::error::ImportError;
use crate::limits::MOST_RULES;
use crate::source::{Read, Source, unknown_keys};
use crate::write::Head;

#[derive(Deserialize)]
struct File {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    name: String,
    id: Spanned<String>,
    pattern: String,
    #[serde(default)]
    min_entropy: f32,
    confidence: Option<String>,
    #[serde(default = "yes")]
    visible: bool,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    negative_examples: Vec<String>,
    #[serde(default)]
    references: Vec<String>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    rules: Vec<crate::keys::Keys>,
}

/// The keys that are read, and those that only serve a validation.
const KNOWN: &[&str] = &[
    "name",
    "id",
    "pattern",
    "min_entropy",
    "confidence",
    "visible",
    "examples",
    "negative_examples",
    "references",
    "validation",
    "depends_on_rule",
    "prevalidated",
];

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
    let mut drafts = Drafts::default();
    let mut keys = Vec::new();
    for source in sources {
        let file: File = source.yaml(HINT)?;
        keys.extend(source.yaml::<Keys>(HINT)?.rules);
        for rule in file.rules {
            if drafts.accounts.len() >= MOST_RULES {
                let what = format!("more than {MOST_RULES} rules");
                return Err(ImportError::OverLimit { file: source.name.clone(), what, limit: MOST_RULES });
            }
            take(&mut drafts, rule, &source.name);
        }
    }
    let name = match sources {
        [one] => one.name.clone(),
        all => format!("{} files", all.len()),
    };
    if drafts.accounts.is_empty() {
        return Err(ImportError::empty(&name, HINT));
    }
    let settings: Vec<SettingAccount> = unknown_keys(&keys, KNOWN);
    let head = Head {
        pack: "kingfisher".to_owned(),
        version: "imported".to_owned(),
        title: format!("Rules of Kingfisher, from {name}"),
        comment: vec![format!("Taken over from {name} by `coldcase rules import`.")],
        fragments: Vec::new(),
    };
    Ok(Read { head, drafts, settings, policy: None, notes: NOTES })
}

fn take(drafts: &mut Drafts, rule: Rule, file: &str) {
    let place = Place { file: file.to_owned(), line: rule.id.defined.line() };
    let of = drafts.open(&rule.id.value, place);
    let translated = match bytes(&rule.pattern) {
        Ok(translated) => translated,
        Err(refused) => return drafts.refuse(of, refused),
    };
    let id = dotted(&rule.id.value);
    let id = if id.contains('.') { id } else { format!("kingfisher.{id}") };
    let mut draft = Draft::new(of, id, &rule.name, translated.regex);
    let groups = match parsed(&draft.regex) {
        Ok(hir) => hir.properties().explicit_captures_len(),
        Err(refused) => return drafts.refuse(of, refused),
    };
    draft.secret = groups.min(1);
    draft.more_entropy_than(rule.min_entropy);
    draft.confidence = match rule.confidence.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("low") => 0.4,
        None | Some("medium") => 0.6,
        Some("high") => 0.8,
        Some(other) => {
            return drafts.leave_out(
                of,
                Reason::Syntax,
                format!("confidence {other:?} is none of low, medium, high"),
            );
        }
    };
    draft.reference = rule.references.into_iter().next();
    draft.examples = rule.examples;
    draft.counterexamples = rule.negative_examples;
    if !rule.visible {
        draft.severity = Severity::Info;
        drafts.change(of, ChangeKind::Helper, "");
    }
    drafts.drafts.push(draft);
}
