//! A configuration of Pipelock: its patterns, its tool policy, and its actions as a policy.
//!
//! The firewall refuses a file with a member that it does not know; here it is told, at its rule or among the settings. So is
//! what a section says of all its rules: that it is switched off, or for which hosts it is not.
//!
//! Source: `internal/config/schema.go` and `internal/config/normalize.go` of Pipelock.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::chains::Chains;
use super::policy::{Actions, policy};
use super::settings::accounts;
use super::tool::{self, ToolRule};
use super::{NOTES, Pattern, Purpose, severity, take};
use crate::account::{ChangeKind, Place, Reason};
use crate::draft::{Drafts, slug};
use crate::error::ImportError;
use crate::keys::Keys;
use crate::limits::MOST_RULES;
use crate::members::{Known, Members};
use crate::source::{Read, Source};
use crate::write::Head;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Config {
    pub(super) mode: Option<String>,
    pub(super) enforce: Option<bool>,
    pub(super) dlp: Members<Patterns>,
    pub(super) response_scanning: Members<Patterns>,
    pub(super) request_body_scanning: Members<Section>,
    pub(super) mcp_input_scanning: Members<Section>,
    pub(super) mcp_tool_scanning: Members<Section>,
    pub(super) mcp_tool_policy: Members<ToolPolicy>,
    pub(super) tool_chain_detection: Members<Chains>,
    pub(super) suppress: Vec<Suppression>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Patterns {
    pub(super) enabled: Option<bool>,
    pub(super) action: Option<String>,
    pub(super) include_defaults: Option<bool>,
    pub(super) exempt_domains: Vec<String>,
    #[serde(rename = "patterns")]
    written: Vec<Members<WrittenPattern>>,
}

impl Known for Patterns {
    const KEYS: &'static [&'static str] =
        &["enabled", "action", "include_defaults", "exempt_domains", "patterns"];
}

#[derive(Deserialize)]
struct WrittenPattern {
    name: Spanned<String>,
    regex: String,
    severity: Option<String>,
    validator: Option<String>,
    #[serde(default)]
    exempt_domains: Vec<String>,
}

impl Known for WrittenPattern {
    const KEYS: &'static [&'static str] = &["name", "regex", "severity", "validator", "exempt_domains"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Section {
    pub(super) enabled: Option<bool>,
    pub(super) action: Option<String>,
}

impl Known for Section {
    const KEYS: &'static [&'static str] = &["enabled", "action"];
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ToolPolicy {
    pub(super) enabled: Option<bool>,
    pub(super) action: Option<String>,
    pub(super) rules: Vec<Members<WrittenToolRule>>,
}

impl Known for ToolPolicy {
    const KEYS: &'static [&'static str] = &["enabled", "action", "rules"];
}

#[derive(Deserialize)]
pub(super) struct WrittenToolRule {
    name: Spanned<String>,
    tool_pattern: String,
    arg_pattern: Option<String>,
    arg_key: Option<String>,
    pub(super) action: Option<String>,
}

impl Known for WrittenToolRule {
    const KEYS: &'static [&'static str] = &["name", "tool_pattern", "arg_pattern", "arg_key", "action"];
}

/// An entry of `suppress`.
#[derive(Deserialize)]
pub(crate) struct Suppression {
    pub(crate) rule: Spanned<String>,
    #[serde(default)]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) reason: String,
}

impl Patterns {
    /// Whether the firewall looks for the patterns. It does where nothing is said.
    pub(super) fn is_on(&self) -> bool {
        self.enabled != Some(false)
    }
}

impl ToolPolicy {
    /// Whether the firewall looks at calls. It does where that is said.
    pub(super) fn is_on(&self) -> bool {
        self.enabled == Some(true)
    }
}

impl WrittenToolRule {
    /// The rule's id in the pack.
    pub(super) fn id(&self) -> String {
        format!("pipelock.tool-policy.{}", slug(&self.name.value))
    }
}

const HINT: &str = "a configuration of Pipelock has `mode`, `dlp.patterns`, `response_scanning.patterns`, `mcp_tool_policy.rules`";

/// Reads a configuration.
pub(crate) fn read(source: &Source) -> Result<Read, ImportError> {
    let config: Config = source.yaml(HINT)?;
    let keys: Keys = source.yaml(HINT)?;
    let count = config.dlp.written.len()
        + config.response_scanning.written.len()
        + config.mcp_tool_policy.rules.len()
        + config.tool_chain_detection.custom_patterns.len();
    if count > MOST_RULES {
        let what = format!("it has {count} rules");
        return Err(ImportError::OverLimit { file: source.name.clone(), what, limit: MOST_RULES });
    }
    let mut drafts = Drafts::default();
    let file = &source.name;
    patterns(&mut drafts, file, &config.dlp, Purpose::Dlp, false);
    // Orders are also looked for in what the agent passes to tools.
    let both_ways = config.mcp_input_scanning.enabled == Some(true);
    patterns(&mut drafts, file, &config.response_scanning, Purpose::Response, both_ways);
    for rule in &config.mcp_tool_policy.rules {
        let of = drafts.open(&rule.name.value, place(file, &rule.name));
        rule.tell(&mut drafts, of, "");
        if !config.mcp_tool_policy.is_on() {
            drafts.change(of, ChangeKind::Status, "mcp_tool_policy.enabled is not true");
        }
        let rule = ToolRule {
            of,
            id: rule.id(),
            name: &rule.name.value,
            tool: &rule.tool_pattern,
            argument: rule.arg_pattern.as_deref(),
            key: rule.arg_key.as_deref(),
        };
        tool::take(&mut drafts, &rule);
    }
    config.tool_chain_detection.take(&mut drafts, file);
    for entry in &config.suppress {
        let of = drafts
            .open(&format!("suppress {} at {}", entry.rule.value, entry.path), place(file, &entry.rule));
        drafts.leave_out(
            of,
            Reason::NoCounterpart,
            "packs do not suppress a rule at a path; `coldcase baseline import` carries it over for hosts that you name",
        );
    }
    let head = Head {
        pack: "pipelock".to_owned(),
        version: "imported".to_owned(),
        title: format!("Patterns of Pipelock, from {file}"),
        comment: vec![format!("Taken over from {file} by `coldcase rules import`.")],
        fragments: Vec::new(),
    };
    let settings = accounts(&config, &keys);
    let policy = Some(policy(file, &config, &Actions::of(&config)));
    Ok(Read { head, drafts, settings, policy, notes: NOTES })
}

/// What a configuration suppresses.
pub(crate) fn suppressions(source: &Source) -> Result<Vec<Suppression>, ImportError> {
    Ok(source.yaml::<Config>(HINT)?.suppress)
}

fn place(file: &str, name: &Spanned<String>) -> Place {
    Place { file: file.to_owned(), line: name.defined.line() }
}

fn patterns(drafts: &mut Drafts, file: &str, section: &Patterns, purpose: Purpose, both_ways: bool) {
    let (word, key) =
        if purpose == Purpose::Dlp { ("dlp", "dlp") } else { ("response", "response_scanning") };
    for written in &section.written {
        let name = &written.name.value;
        let of = drafts.open(name, place(file, &written.name));
        let Some(severity) = severity(written.severity.as_deref()) else {
            drafts.leave_out(of, Reason::Syntax, "its severity is none of critical, high, medium, low");
            continue;
        };
        written.tell(drafts, of, "");
        if !section.is_on() {
            drafts.change(of, ChangeKind::Status, &format!("{key}.enabled is false"));
        }
        if !section.exempt_domains.is_empty() {
            drafts.change(of, ChangeKind::ExemptDomains, &format!("{key}.exempt_domains"));
        }
        if !written.exempt_domains.is_empty() {
            drafts.change(of, ChangeKind::ExemptDomains, &written.exempt_domains.join(", "));
        }
        let id = format!("pipelock.{word}.{}", slug(name));
        let validator = written.validator.as_deref();
        let pattern = Pattern {
            of,
            id,
            name,
            regex: &written.regex,
            purpose,
            severity,
            confidence: 0.7,
            validator,
            both_ways,
        };
        take(drafts, &pattern);
    }
}
