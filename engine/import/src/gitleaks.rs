//! gitleaks' TOML: rules with keywords, entropy, paths and allow lists.
//!
//! gitleaks looks at a rule only where one of its keywords stands in the same piece of a file, takes the first group that
//! is not empty as the secret, and asks for more entropy than is stated. Left out: paths and commits, which recordings do
//! not have, and `extend`, since a file that is not named is not read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::account::{ChangeKind, Outcome, Place, Reason, SettingAccount};
use crate::contains::contains_one_of;
use crate::dialect::{parsed, re2};
use crate::draft::{Draft, Drafts, FARTHEST, Near, slug};
use crate::error::ImportError;
use crate::groups::{Secret, secret_of};
use crate::place::{line_column, line_of};
use crate::source::{Read, Source, unknown_keys};
use crate::write::Head;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rules: Vec<Spanned<Rule>>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
    extend: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Rule {
    id: Option<String>,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    path: Option<String>,
    #[serde(default, alias = "secretgroup")]
    #[serde(rename = "secretGroup")]
    secret_group: usize,
    #[serde(default)]
    entropy: f32,
    #[serde(default)]
    keywords: Vec<String>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
    #[serde(default)]
    required: Vec<IgnoredAny>,
    #[serde(default, rename = "skipReport", alias = "skipreport")]
    skip_report: bool,
}

#[derive(Deserialize, Clone, Default)]
struct AllowList {
    #[serde(default)]
    condition: String,
    #[serde(default)]
    commits: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default, rename = "regexTarget", alias = "regextarget")]
    regex_target: String,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    #[serde(default, rename = "targetRules", alias = "targetrules")]
    target_rules: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Keys {
    #[serde(default)]
    rules: Vec<crate::keys::Keys>,
}

/// The keys of a rule that are read, and those that only describe it.
const KNOWN: &[&str] = &[
    "id",
    "description",
    "regex",
    "path",
    "secretGroup",
    "secretgroup",
    "entropy",
    "keywords",
    "allowlist",
    "allowlists",
    "required",
    "skipReport",
    "skipreport",
    "tags",
];

/// The name of the piece that holds what is allowed everywhere.
const ALLOWED: &str = "allowed";

/// Reads a configuration.
pub(crate) fn read(source: &Source) -> Result<Read, ImportError> {
    let text = source.text()?;
    let config: Config = toml::from_str(text).map_err(|error| {
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
    let keys: Keys = toml::from_str(text).unwrap_or_default();
    let mut reader = Reader {
        drafts: Drafts::default(),
        settings: Vec::new(),
        everywhere: Vec::new(),
        own: BTreeMap::new(),
    };
    reader.settings(&config);
    reader.settings.extend(unknown_keys(&keys.rules, KNOWN));
    for rule in &config.rules {
        let place = Place { file: source.name.clone(), line: line_of(text, rule.span().start) };
        reader.rule(rule.get_ref(), place);
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
    own: BTreeMap<String, Vec<AllowList>>,
}

impl Reader {
    fn say(&mut self, setting: &str, outcome: Outcome, detail: impl Into<String>) {
        self.settings.push(SettingAccount { setting: setting.to_owned(), outcome, detail: detail.into() });
    }

    fn settings(&mut self, config: &Config) {
        if config.extend.is_some() {
            self.say(
                "extend",
                Outcome::LeftOut,
                "rules of a file that is not named are not read; import that file as well",
            );
        }
        for list in config.allowlist.iter().chain(&config.allowlists) {
            if list.target_rules.is_empty() {
                self.allowed_everywhere(list);
            }
            for rule in &list.target_rules {
                self.own.entry(rule.clone()).or_default().push(list.clone());
            }
        }
    }

    fn allowed_everywhere(&mut self, list: &AllowList) {
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
        if !matches!(list.regex_target.as_str(), "" | "secret") && !list.regexes.is_empty() {
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
        self.everywhere.extend(stop_words(&list.stopwords));
        let count = list.regexes.len() + list.stopwords.len();
        self.say("allowlist", Outcome::Taken, format!("{count} patterns and words, for every rule"));
    }

    fn rule(&mut self, rule: &Rule, place: Place) {
        let name = rule.id.clone().unwrap_or_else(|| format!("rule at line {}", place.line));
        let of = self.drafts.open(&name, place);
        if rule.skip_report {
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
        let branches = match secret_of(&translated.regex, rule.secret_group) {
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
            self.keywords(rule, &mut draft);
            self.allow_lists(rule, &name, &mut draft);
            self.drafts.drafts.push(draft);
        }
    }

    /// A keyword that the pattern does not spell out must stand near.
    fn keywords(&mut self, rule: &Rule, draft: &mut Draft) {
        let words: Vec<String> =
            rule.keywords.iter().map(|word| word.to_lowercase()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() || parsed(&draft.regex).is_ok_and(|hir| contains_one_of(&hir, &words)) {
            return;
        }
        self.drafts.change(draft.of, ChangeKind::Keyword, "");
        draft.company.extend(words.first().cloned());
        draft.near.push(Near { any: words, regex: None, within: FARTHEST, weight: None });
    }

    fn allow_lists(&mut self, rule: &Rule, name: &str, draft: &mut Draft) {
        if !self.everywhere.is_empty() {
            draft.allow.push(format!("(?&{ALLOWED})"));
        }
        let for_it = self.own.get(name).cloned().unwrap_or_default();
        for list in rule.allowlist.iter().chain(&rule.allowlists).chain(&for_it) {
            let places = list.paths.len() + list.commits.len();
            if list.is_joined() && list.conditions() > 1 {
                let change = if places > 0 { ChangeKind::AllowedPlaces } else { ChangeKind::JoinedAllowList };
                self.drafts.change(draft.of, change, "");
                continue;
            }
            if places > 0 {
                self.drafts.change(draft.of, ChangeKind::AllowedPlaces, "");
            }
            draft.allow.extend(stop_words(&list.stopwords));
            for regex in &list.regexes {
                self.allowed(regex, &list.regex_target, draft);
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
            "match" if !has_edges(&translated.regex) => {
                draft.least = draft.confidence / 2.0;
                draft.near.push(Near {
                    any: Vec::new(),
                    regex: Some(translated.regex),
                    within: 0,
                    weight: Some(-1.0),
                });
            }
            "match" => self.drafts.change(draft.of, ChangeKind::AllowPattern, regex),
            _ => self.drafts.change(draft.of, ChangeKind::LineAllowList, ""),
        }
    }
}

/// Whether a pattern asks for the start or end of the text.
fn has_edges(regex: &str) -> bool {
    parsed(regex).map_or(true, |hir| !hir.properties().look_set().is_empty())
}

/// Words that no secret holds, in any case, as one pattern.
fn stop_words(words: &[String]) -> Option<String> {
    let escaped: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| regex_syntax::escape(word)).collect();
    (!escaped.is_empty()).then(|| format!("(?i:{})", escaped.join("|")))
}

impl AllowList {
    /// Whether all its conditions must hold together.
    fn is_joined(&self) -> bool {
        matches!(self.condition.to_ascii_uppercase().as_str(), "AND" | "&&")
    }

    fn conditions(&self) -> usize {
        [self.commits.is_empty(), self.paths.is_empty(), self.regexes.is_empty(), self.stopwords.is_empty()]
            .into_iter()
            .filter(|is_empty| !is_empty)
            .count()
    }
}
