//! Pipelock's configurations and rule bundles: patterns for what leaves, for what comes in, for tools and their calls.
//!
//! Left out: what the firewall has compiled in and no file states, and everything about how it runs.

mod bundle;
mod chains;
mod config;
mod policy;
mod settings;
mod tool;

pub(crate) use bundle::read as read_bundle;
pub(crate) use config::{Suppression as Suppressed, read as read_config, suppressions};

use coldcase_model::{Category, Severity, Surface};

use crate::account::{ChangeKind, Reason};
use crate::dialect::re2;
use crate::draft::{Draft, Drafts};

/// What holds for all rules.
const NOTES: &[&str] = &[
    "the firewall normalises text before it matches; here Coldcase's views do, and undo more",
    "the patterns that the firewall has compiled in (core, and the defaults where `include_defaults` is not false) stand in no \
     file; `pipelock generate config` writes a file with all but the core ones",
    "the firewall looks at one field at a time; here the searched text is an event, and `^` and `$` are its start and end",
];

/// What a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Secrets that leave.
    Dlp,
    /// Orders that come in.
    Response,
    /// Orders in a tool's definition.
    ToolText,
    /// Names of tools.
    ToolName,
}

/// A pattern with what its source says of it.
struct Pattern<'a> {
    of: usize,
    id: String,
    name: &'a str,
    regex: &'a str,
    purpose: Purpose,
    severity: Severity,
    confidence: f32,
    validator: Option<&'a str>,
    /// Whether it is also looked for in what leaves.
    both_ways: bool,
}

/// Makes a draft of a pattern, or leaves its rule out.
fn take(drafts: &mut Drafts, pattern: &Pattern<'_>) {
    let of = pattern.of;
    // The firewall reads patterns for secrets in any case, unless they say so themselves.
    let regex = match pattern.purpose {
        Purpose::Dlp if !pattern.regex.starts_with("(?i)") => format!("(?i){}", pattern.regex),
        _ => pattern.regex.to_owned(),
    };
    let translated = match re2(&regex) {
        Ok(translated) => translated,
        Err(refused) => {
            return drafts.refuse(of, refused);
        }
    };
    for change in translated.changes {
        drafts.change(of, change, "");
    }
    let mut draft = Draft::new(of, pattern.id.clone(), pattern.name, translated.regex);
    draft.severity = pattern.severity;
    draft.confidence = pattern.confidence;
    if let Some(name) = pattern.validator.filter(|name| !name.is_empty()) {
        let validator = match name {
            "luhn" => "luhn",
            "mod97" => "iban",
            "wif" => "base58check",
            _ => {
                return drafts.leave_out(
                    of,
                    Reason::NoCounterpart,
                    format!("there is no validator like `{name}`"),
                );
            }
        };
        draft.validators.push(validator);
        drafts.change(of, ChangeKind::Validator, name);
    }
    match pattern.purpose {
        Purpose::Dlp => draft.direction = "egress",
        Purpose::Response => {
            draft.category = Category::Injection;
            draft.direction = if pattern.both_ways { "any" } else { "ingress" };
        }
        Purpose::ToolText => {
            draft.category = Category::ToolPoison;
            draft.surfaces = vec![Surface::ToolDescription, Surface::ToolSchema];
        }
        Purpose::ToolName => {
            draft.category = Category::ToolPoison;
            draft.surfaces = vec![Surface::ToolName];
            tool::within_words(drafts, &mut draft);
        }
    }
    drafts.drafts.push(draft);
}

fn severity(name: Option<&str>) -> Option<Severity> {
    match name.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Some(Severity::High),
        Some("warn") => Some(Severity::Medium),
        Some(name) => Severity::from_name(name),
    }
}
