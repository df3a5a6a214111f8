//! gitleaks' TOML: rules with keywords, entropy, paths and allow lists.
//!
//! gitleaks looks at a rule only where one of its keywords stands in the same piece of a file, takes the first group that
//! is not empty as the secret, and asks for more entropy than is stated. It reads keys in any case, passes over those that it
//! does not know, and keeps the last rule of an id. Left out: paths and commits, which recordings do
//! not have, and `extend`, since a file that is not named is not read.
//!
//! Source: `config/config.go` of gitleaks 8.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::account::{ChangeKind, Outcome, Place, Reason, SettingAccount};
use crate::contains::keywords;
use crate::dialect::{parsed, re2};
use crate::draft::{Draft, Drafts, slug};
use crate::error::ImportError;
use crate::groups::{Secret, secret_of};
use crate::members::{Known, Members};
use crate::place::{line_column, line_of};
use crate::replaced::successors;
use crate::requirements::any_word;
use crate::source::{Read, Source, unknown_members};
use crate::write::Head;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rules: Vec<Spanned<Members<Rule>>>,
    allowlist: Option<Members<AllowList>>,
    #[serde(default)]
    allowlists: Vec<Members<AllowList>>,
    extend: Option<IgnoredAny>,
}

impl Known for Config {
    const KEYS: &'static [&'static str] =
        &["rules", "allowlist", "allowlists", "extend", "title", "description", "minversion"];
    const IN_ANY_CASE: bool = true;
}

#[derive(Deserialize)]
struct Rule {
    id: Option<String>,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    path: Option<String>,
    #[serde(default)]
    secretgroup: usize,
    #[serde(default)]
    entropy: f32,
    #[serde(default)]
    keywords: Vec<String>,
    allowlist: Option<Members<AllowList>>,
    #[serde(default)]
    allowlists: Vec<Members<AllowList>>,
    #[serde(default)]
    required: Vec<IgnoredAny>,
    #[serde(default)]
    skipreport: bool,
}

impl Known for Rule {
    const KEYS: &'static [&'static str] = &[
        "id",
        "description",
        "regex",
        "path",
        "secretgroup",
        "entropy",
        "keywords",
        "allowlist",
        "allowlists",
        "required",
        "skipreport",
        "tags",
    ];
    const IN_ANY_CASE: bool = true;
}

#[derive(Deserialize, Clone, Default)]
struct AllowList {
    #[serde(default)]
    condition: String,
    #[serde(default)]
    commits: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    regextarget: String,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    #[serde(default)]
    targetrules: Vec<String>,
}

impl Known for AllowList {
    const KEYS: &'static [&'static str] = &[
        "condition",
        "commits",
        "paths",
        "regextarget",
        "regexes",
        "stopwords",
        "targetrules",
        "description",
    ];
    const IN_ANY_CASE: bool = true;
}

/// The name of the piece that holds what is allowed everywhere.
const ALLOWED: &str = "allowed";

/// Reads a configuration.
pub(crate) fn read(source: &Source) -> Result<Read, ImportError> {
    let text = source.text()?;
    let config: Members<Config> = toml::from_str(text).map_err(|error| {
        let (line, column) = line_column(text, error.span().map_or(0, |span| span.start));
        ImportError::shape(
            &source.name,
            line,
            column,
            error.message(),
            "a gitleaks configuration has `[[rules]]` with `id` and `regex`",
        )
    })?;
    if config.rules.is_empty() {
        return Err(ImportError::empty(&source.name, "a gitleaks configuration has `[[rules]]`"));
    }
    let mut reader = Reader {
        drafts: Drafts::default(),
        settings: Vec::new(),
        everywhere: Vec::new(),
        own: BTreeMap::new(),
    };
    reader.settings(&config);
    reader.settings.extend(unknown_members(config.rules.iter().map(Spanned::get_ref)));
    let place = |rule: &Spanned<Members<Rule>>| Place {
        file: source.name.clone(),
        line: line_of(text, rule.span().start),
    };
    // gitleaks keeps rules by their ids.
    let replaced = successors(config.rules.iter().map(|rule| rule.get_ref().id.as_deref()));
    for (rule, successor) in config.rules.iter().zip(replaced) {
        let successor = successor.and_then(|number| config.rules.get(number));
        reader.rule(rule.get_ref(), place(rule), successor.map(place));
    }
    let mut fragments = Vec::new();
    if !reader.everywhere.is_empty() {
        fragments.push((ALLOWED.to_owned(), reader.everywhere.join("|")));
    }
    let head = Head {
        pack: "gitleaks".to_owned(),
        version: "imported".to_owned(),
        title: format!("Rules of gitleaks, from {}", source.name),
        comment: vec![format!("Taken over from {} by `coldcase rules import`.", source.name)],
        fragments,
    };
    Ok(Read { head, drafts: reader.drafts, settings: reader.settings, policy: None, notes: NOTES })
}

/// What holds for all rules.
const NOTES: &[&str] = &[
    "gitleaks searches pieces of files; here the searched text is an event, and `^` and `$` are its start and end",
    "comments `gitleaks:allow` are not looked for",
    "decoding is Coldcase's own, whatever `--max-decode-depth` says",
    "gitleaks states no severity: rules are `high`, with confidence 0.7",
];

struct Reader {
    drafts: Drafts,
    settings: Vec<SettingAccount>,
    /// Patterns of secrets that are allowed in all rules.
    everywhere: Vec<String>,
    /// Allow lists of the configuration that are for some rules only.
    own: BTreeMap<String, Vec<Members<AllowList>>>,
}

impl Reader {
    fn say(&mut self, setting: &str, outcome: Outcome, detail: impl Into<String>) {
        self.settings.push(SettingAccount { setting: setting.to_owned(), outcome, detail: detail.into() });
    }

    fn settings(&mut self, config: &Members<Config>) {
        self.settings.extend(config.settings("", |_| "not a setting that gitleaks is known to read"));
        if config.extend.is_some() {
            self.say(
                "extend",
                Outcome::LeftOut,
                "rules of a file that is not named are not read; import that file as well",
            );
        }
        for list in config.allowlist.iter().chain(&config.allowlists) {
            if list.targetrules.is_empty() {
                self.allowed_everywhere(list);
            }
            for rule in &list.targetrules {
                self.own.entry(rule.clone()).or_default().push(list.clone());
            }
        }
    }

    fn allowed_everywhere(&mut self, list: &Members<AllowList>) {
        self.settings.extend(list.settings("allowlist.", |_| "not a member that gitleaks is known to read"));
        if !list.is_known_condition() {
            let detail = format!("{:?} is neither OR nor AND, so the list is left out", list.condition);
            return self.say("allowlist.condition", Outcome::LeftOut, detail);
        }
        if list.is_joined() && list.conditions() > 1 {
            self.say("allowlist", Outcome::LeftOut, ChangeKind::JoinedAllowList.means());
            return;
        }
        if !list.paths.is_empty() || !list.commits.is_empty() {
            let detail = format!(
                "{} paths and {} commits: {}",
                list.paths.len(),
                list.commits.len(),
                ChangeKind::AllowedPlaces.means()
            );
            self.say("allowlist.paths", Outcome::LeftOut, detail);
        }
        if !matches!(list.regextarget.as_str(), "" | "secret") && !list.regexes.is_empty() {
            self.say(
                "allowlist.regexes",
                Outcome::LeftOut,
                "patterns for all rules that look at the match or the line",
            );
        } else {
            for regex in &list.regexes {
                match re2(regex) {
                    Ok(translated) => self.everywhere.push(format!("(?:{})", translated.regex)),
                    Err(refused) => self.say(
                        "allowlist.regexes",
                        Outcome::LeftOut,
                        format!("{regex}: {}", refused.detail),
                    ),
                }
            }
        }
        self.everywhere.extend(any_word(list.stopwords.iter().map(String::as_str)));
        let count = list.regexes.len() + list.stopwords.len();
        self.say("allowlist", Outcome::Taken, format!("{count} patterns and words, for every rule"));
    }

    fn rule(&mut self, rule: &Members<Rule>, place: Place, replaced_by: Option<Place>) {
        let name = rule.id.clone().unwrap_or_else(|| format!("rule at line {}", place.line));
        let of = self.drafts.open(&name, place);
        if let Some(by) = replaced_by {
            return self.drafts.leave_replaced(of, &by);
        }
        rule.tell(&mut self.drafts, of, "");
        if rule.skipreport {
            return self.drafts.leave_out(
                of,
                Reason::NotReported,
                "`skipReport`: it only serves other rules",
            );
        }
        if !rule.required.is_empty() {
            return self.drafts.leave_out(of, Reason::Combined, "`required` names other rules");
        }
        let Some(regex) = &rule.regex else {
            return self.drafts.leave_out(of, Reason::PathOnly, Reason::PathOnly.means());
        };
        let translated = match re2(regex) {
            Ok(translated) => translated,
            Err(refused) => return self.drafts.refuse(of, refused),
        };
        for change in translated.changes {
            self.drafts.change(of, change, "");
        }
        if let Some(path) = &rule.path {
            self.drafts.change(of, ChangeKind::Path, path);
        }
        let branches = match secret_of(&translated.regex, rule.secretgroup) {
            Ok(Secret::Group(group)) => vec![(translated.regex, group)],
            Ok(Secret::Branches(branches)) => {
                self.drafts.change(of, ChangeKind::Split, "");
                branches
            }
            Ok(Secret::Whole) => {
                self.drafts.change(of, ChangeKind::Secret, "");
                vec![(translated.regex, 0)]
            }
            Err(refused) => return self.drafts.refuse(of, refused),
        };
        for (regex, secret) in branches {
            let title = if rule.description.trim().is_empty() { &name } else { &rule.description };
            let mut draft = Draft::new(of, format!("gitleaks.{}", slug(&name)), title, regex);
            draft.secret = secret;
            draft.more_entropy_than(rule.entropy);
            keywords(&rule.keywords, &mut self.drafts, &mut draft);
            self.allow_lists(rule, &name, &mut draft);
            self.drafts.drafts.push(draft);
        }
    }

    fn allow_lists(&mut self, rule: &Rule, name: &str, draft: &mut Draft) {
        if !self.everywhere.is_empty() {
            draft.allow.push(format!("(?&{ALLOWED})"));
        }
        let for_it = self.own.get(name).cloned().unwrap_or_default();
        for list in rule.allowlist.iter().chain(&rule.allowlists).chain(&for_it) {
            list.tell(&mut self.drafts, draft.of, "allowlists.");
            let places = list.paths.len() + list.commits.len();
            if !list.is_known_condition() {
                let detail = format!("condition {:?}", list.condition);
                self.drafts.change(draft.of, ChangeKind::JoinedAllowList, &detail);
                continue;
            }
            if list.is_joined() && list.conditions() > 1 {
                let change = if places > 0 { ChangeKind::AllowedPlaces } else { ChangeKind::JoinedAllowList };
                self.drafts.change(draft.of, change, "");
                continue;
            }
            if places > 0 {
                self.drafts.change(draft.of, ChangeKind::AllowedPlaces, "");
            }
            draft.allow.extend(any_word(list.stopwords.iter().map(String::as_str)));
            for regex in &list.regexes {
                self.allowed(regex, &list.regextarget, draft);
            }
        }
    }

    fn allowed(&mut self, regex: &str, target: &str, draft: &mut Draft) {
        let Ok(translated) = re2(regex) else {
            return self.drafts.change(draft.of, ChangeKind::AllowPattern, regex);
        };
        match target {
            "" | "secret" => draft.allow.push(translated.regex),
            "match" if draft.secret == 0 => draft.allow.push(translated.regex),
            // What stands in the match, but not at its edges, can be looked for there and nowhere else.
            "match" if !has_edges(&translated.regex) => draft.not_with(translated.regex),
            "match" => self.drafts.change(draft.of, ChangeKind::AllowPattern, regex),
            _ => self.drafts.change(draft.of, ChangeKind::LineAllowList, ""),
        }
    }
}

/// Whether a pattern asks for the start or end of the text.
fn has_edges(regex: &str) -> bool {
    parsed(regex).map_or(true, |hir| !hir.properties().look_set().is_empty())
}

impl AllowList {
    /// Whether all its conditions must hold together.
    fn is_joined(&self) -> bool {
        matches!(self.condition.to_ascii_uppercase().as_str(), "AND" | "&&")
    }

    /// Whether gitleaks knows its word for how its conditions go together.
    fn is_known_condition(&self) -> bool {
        matches!(self.condition.to_ascii_uppercase().as_str(), "" | "OR" | "||" | "AND" | "&&")
    }

    fn conditions(&self) -> usize {
        [self.commits.is_empty(), self.paths.is_empty(), self.regexes.is_empty(), self.stopwords.is_empty()]
            .into_iter()
            .filter(|is_empty| !is_empty)
            .count()
    }
}
