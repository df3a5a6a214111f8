//! What YARA rules say of themselves: their meta, which has no fixed keys, and their tags.

use std::collections::BTreeMap;

use coldcase_model::{Category, Severity};
use yara_x_parser::ast::{Meta, MetaValue, Rule};

use crate::account::{Outcome, SettingAccount};

/// Keys of meta that are accounted for one by one.
const MOST_KEYS: usize = 1_000;
/// The longest title.
const LONGEST: usize = 200;

/// What the rules of a pack say beside their patterns.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: Severity,
    pub(super) confidence: f32,
    /// Where the source names one.
    pub(super) category: Option<Category>,
    pub(super) reference: Option<String>,
}

impl Frame {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: String::new(),
            severity: Severity::High,
            confidence: 0.7,
            category: None,
            reference: None,
        }
    }
}

/// The keys of meta that were met: how many rules have each, and why it was not taken.
#[derive(Debug, Default)]
pub(super) struct Metas {
    left_out: BTreeMap<(String, &'static str), usize>,
    more: bool,
}

impl Metas {
    /// Reads meta and tags of a rule.
    pub(super) fn read(&mut self, rule: &Rule<'_>, frame: &mut Frame) {
        for tag in rule.tags.iter().flatten() {
            frame.category = frame.category.or_else(|| category(tag.name));
        }
        for meta in rule.meta.iter().flatten() {
            if let Some(why) = take(meta, frame) {
                let key = (meta.identifier.name.to_owned(), why);
                if self.left_out.len() < MOST_KEYS || self.left_out.contains_key(&key) {
                    *self.left_out.entry(key).or_default() += 1;
                } else {
                    self.more = true;
                }
            }
        }
        if frame.title.is_empty() {
            rule.identifier.name.clone_into(&mut frame.title);
        }
    }

    /// Accounts of what was not taken.
    pub(super) fn accounts(self) -> Vec<SettingAccount> {
        let account =
            |setting: String, detail: String| SettingAccount { setting, outcome: Outcome::LeftOut, detail };
        let mut all: Vec<SettingAccount> = self
            .left_out
            .into_iter()
            .map(|((key, why), count)| {
                account(format!("meta.{key}"), format!("{why}; {count} rules have it"))
            })
            .collect();
        if self.more {
            all.push(account(
                "meta".to_owned(),
                format!("more than {MOST_KEYS} keys; the others are not told"),
            ));
        }
        all
    }
}

/// Takes an entry of meta; why not, where it is not taken.
fn take(meta: &Meta<'_>, frame: &mut Frame) -> Option<&'static str> {
    let value = match &meta.value {
        MetaValue::String((text, _)) => (*text).to_owned(),
        MetaValue::Bytes((text, _)) => String::from_utf8_lossy(text).into_owned(),
        other => other.to_string(),
    };
    match meta.identifier.name.to_ascii_lowercase().as_str() {
        "description" | "desc" if frame.title.is_empty() => {
            let line = value.lines().next().unwrap_or_default().trim();
            frame.title = line.chars().take(LONGEST).collect();
            None
        }
        "severity" => match severity(&value) {
            Some(severity) => {
                frame.severity = severity;
                None
            }
            None => Some("none of critical, high, medium, low, info, so the rule is `high`"),
        },
        "confidence" => match value.to_ascii_lowercase().as_str() {
            "low" => set(&mut frame.confidence, 0.4),
            "medium" => set(&mut frame.confidence, 0.6),
            "high" => set(&mut frame.confidence, 0.8),
            _ => Some("none of high, medium, low, so the rule is at 0.7"),
        },
        "category" => match category(&value) {
            Some(category) => {
                frame.category = Some(category);
                None
            }
            None => Some("no category of Coldcase"),
        },
        "reference" | "ref" | "url" if frame.reference.is_none() && value.starts_with("http") => {
            frame.reference = Some(value.split_whitespace().next().unwrap_or_default().to_owned());
            None
        }
        _ => Some("not taken over"),
    }
}

fn set(confidence: &mut f32, to: f32) -> Option<&'static str> {
    *confidence = to;
    None
}

fn severity(name: &str) -> Option<Severity> {
    match name.to_ascii_lowercase().as_str() {
        "informational" => Some(Severity::Info),
        name => Severity::from_name(name),
    }
}

/// A category by its name, or by what others call it.
fn category(name: &str) -> Option<Category> {
    match name.to_ascii_lowercase().replace('-', "_").as_str() {
        "secret" | "secrets" | "credential" | "credentials" => Some(Category::Dlp),
        name => Category::from_name(name).filter(|category| !is_of_a_session(*category)),
    }
}

/// Whether only what happened in a session can be of it, and no text.
fn is_of_a_session(category: Category) -> bool {
    matches!(category, Category::Chain | Category::Taint | Category::ToolDrift | Category::Integrity)
}
