//! Chains of a Pipelock configuration (`tool_chain_detection.custom_patterns`): sequences of categories of tools.
//!
//! The firewall puts each tool into one category by the words of its name, and looks for a sequence with at most `max_gap`
//! other calls between two steps. Here a step asks for deeds, of which a call may have several; the ranks by which the
//! firewall chooses among categories become deeds that a step must not have. Left out: tools that the configuration classes
//! by name, and the patterns that the firewall has compiled in.
//!
//! Source: `internal/mcp/chains/classify.go` and `matcher.go`, `internal/config/schema.go` and `validate.go` of Pipelock.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::Severity;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::account::{ChangeKind, Outcome, Place, Reason, SettingAccount};
use crate::draft::{ChainDraft, Drafts, StepDraft, slug};
use crate::members::{Known, Members};

/// The section.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Chains {
    enabled: Option<bool>,
    action: Option<String>,
    window_size: Option<i64>,
    window_seconds: Option<i64>,
    max_gap: Option<i64>,
    tool_categories: BTreeMap<String, Vec<String>>,
    pattern_overrides: BTreeMap<String, String>,
    pub(super) custom_patterns: Vec<Members<Pattern>>,
}

impl Known for Chains {
    const KEYS: &'static [&'static str] = &[
        "enabled",
        "action",
        "window_size",
        "window_seconds",
        "max_gap",
        "tool_categories",
        "pattern_overrides",
        "custom_patterns",
    ];
}

/// A pattern.
#[derive(Deserialize)]
pub(super) struct Pattern {
    name: Spanned<String>,
    #[serde(default)]
    sequence: Vec<String>,
    severity: Option<String>,
    action: Option<String>,
}

impl Known for Pattern {
    const KEYS: &'static [&'static str] = &["name", "sequence", "severity", "action"];
}

impl Pattern {
    fn stated_action(&self) -> Option<&str> {
        self.action.as_deref().filter(|action| !action.is_empty())
    }
}

/// What the firewall takes where the file says nothing, or a number that is none.
const WINDOW_SIZE: u64 = 20;
const WINDOW_SECONDS: u64 = 60;
const MAX_GAP: u64 = 3;
/// The most calls that a chain may span, and the most seconds.
const MOST_CALLS: u64 = 64;
const MOST_SECONDS: u64 = 31_536_000;

/// A category, the deeds of which a call of it has one, and those that would put it elsewhere.
const CATEGORIES: &[(&str, &[&str], &[&str])] = &[
    ("exec", &["exec"], &[]),
    ("persist", &["persist"], &["read", "list"]),
    ("env", &["env", "sensitive"], &["exec"]),
    ("network", &["network", "send"], &["exec", "env"]),
    ("write", &["write"], &["exec", "env", "network"]),
    ("read", &["read"], &["exec", "env", "network", "write"]),
    ("list", &["list"], &["exec", "env", "network", "write", "read"]),
];

impl Chains {
    /// Whether the firewall looks for chains. It does where that is said.
    pub(super) fn is_on(&self) -> bool {
        self.enabled == Some(true)
    }

    /// The patterns with their ids in the pack.
    fn named(&self) -> impl Iterator<Item = (String, &Members<Pattern>)> {
        let mut known = BTreeSet::new();
        self.custom_patterns.iter().map(move |pattern| {
            let first = format!("pipelock.chain.{}", slug(&pattern.name.value));
            let numbered = (2..).map(|number| format!("{first}-{number}"));
            let mut ids = std::iter::once(first.clone()).chain(numbered);
            let id = ids.find(|id| known.insert(id.clone())).unwrap_or(first);
            (id, pattern)
        })
    }

    /// Makes a draft of each pattern, or leaves it out.
    pub(super) fn take(&self, drafts: &mut Drafts, file: &str) {
        for (id, pattern) in self.named() {
            let name = &pattern.name;
            let of = drafts.open(&name.value, Place { file: file.to_owned(), line: name.defined.line() });
            match self.draft(of, id, pattern) {
                Ok(draft) => {
                    pattern.tell(drafts, of, "");
                    self.tell(drafts, of, &draft);
                    drafts.chains.push(draft);
                }
                Err((reason, detail)) => drafts.leave_out(of, reason, detail),
            }
        }
    }

    fn draft(&self, of: usize, id: String, pattern: &Pattern) -> Result<ChainDraft, (Reason, String)> {
        let severity = match pattern.severity.as_deref() {
            Some("medium") => Severity::Medium,
            Some("high") => Severity::High,
            Some("critical") => Severity::Critical,
            _ => return Err((Reason::Syntax, "its severity is none of medium, high, critical".to_owned())),
        };
        if pattern.stated_action().is_some_and(|action| !matches!(action, "warn" | "block")) {
            return Err((Reason::Syntax, "its action is none of warn, block".to_owned()));
        }
        let many = pattern.sequence.len() as u64;
        if many < 2 {
            return Err((Reason::Syntax, "a sequence has two steps or more".to_owned()));
        }
        if many > MOST_CALLS {
            return Err((
                Reason::TooLarge,
                format!("a chain spans at most {MOST_CALLS} calls, and it has {many} steps"),
            ));
        }
        let window = or_default(self.window_size, WINDOW_SIZE);
        if many > window {
            let detail = format!("it has {many} steps and `window_size` is {window}, so it is never seen");
            return Err((Reason::NotReported, detail));
        }
        let step = |category: &String| match CATEGORIES.iter().find(|(name, ..)| name == category) {
            Some((_, any, not)) => Ok(StepDraft { any, not }),
            None => Err((Reason::NoCounterpart, format!("no tool is ever of the category `{category}`"))),
        };
        Ok(ChainDraft {
            of,
            id,
            title: pattern.name.value.trim().to_owned(),
            severity,
            events: self.span(many).min(MOST_CALLS),
            seconds: or_default(self.window_seconds, WINDOW_SECONDS).min(MOST_SECONDS),
            steps: pattern.sequence.iter().map(step).collect::<Result<_, _>>()?,
        })
    }

    /// How many calls a sequence of so many steps may span, with the most calls between any two of them.
    fn span(&self, steps: u64) -> u64 {
        let gap = self.max_gap.map_or(MAX_GAP, |gap| u64::try_from(gap).unwrap_or(0));
        let whole = steps.saturating_add(steps.saturating_sub(1).saturating_mul(gap));
        whole.min(or_default(self.window_size, WINDOW_SIZE))
    }

    /// Tells what is different.
    fn tell(&self, drafts: &mut Drafts, of: usize, draft: &ChainDraft) {
        if !self.is_on() {
            drafts.change(of, ChangeKind::Status, "tool_chain_detection.enabled is not true");
        }
        drafts.change(of, ChangeKind::Deeds, "");
        let wanted = self.span(draft.steps.len() as u64);
        let cut = if wanted > draft.events { format!(" of {wanted}") } else { String::new() };
        drafts.change(of, ChangeKind::Span, &format!("{}{cut} calls", draft.events));
        if !self.tool_categories.is_empty() {
            let named =
                |(category, tools): (&String, &Vec<String>)| format!("{category}: {}", tools.join(" "));
            let all: Vec<String> = self.tool_categories.iter().map(named).collect();
            drafts.change(of, ChangeKind::ToolCategories, &all.join("; "));
        }
    }

    /// The ids in the pack with the firewall's actions; none where it looks for no chains.
    pub(super) fn actions(&self) -> Vec<(String, &str)> {
        if !self.is_on() {
            return Vec::new();
        }
        let default = self.action.as_deref().filter(|action| !action.is_empty()).unwrap_or("warn");
        let taken = self.named().filter(|(id, pattern)| self.draft(0, id.clone(), pattern).is_ok());
        let all = taken.map(|(id, pattern)| {
            let over = self.pattern_overrides.get(&pattern.name.value).map(String::as_str);
            (id, over.or(pattern.stated_action()).unwrap_or(default))
        });
        all.collect()
    }

    /// The account of actions for patterns that the file does not state, if there are any.
    pub(super) fn overrides_left_out(&self) -> Option<SettingAccount> {
        let is_own = |name: &String| self.custom_patterns.iter().any(|pattern| pattern.name.value == *name);
        let foreign: Vec<&str> =
            self.pattern_overrides.keys().filter(|name| !is_own(name)).map(String::as_str).collect();
        (!foreign.is_empty()).then(|| SettingAccount {
            setting: "tool_chain_detection.pattern_overrides".to_owned(),
            outcome: Outcome::LeftOut,
            detail: format!("this file states no such pattern: {}", foreign.join(", ")),
        })
    }
}

/// A number that the firewall replaces where it is none.
fn or_default(stated: Option<i64>, default: u64) -> u64 {
    stated.and_then(|stated| u64::try_from(stated).ok()).filter(|stated| *stated > 0).unwrap_or(default)
}
