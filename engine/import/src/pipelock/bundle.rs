//! A rule bundle of Pipelock. Its signature is over its bytes and is checked before this.
//!
//! Source: `docs/rules.md` and `internal/rules/bundle.go` of Pipelock. As there, unknown keys are errors.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use super::{NOTES, Pattern, Purpose, severity, take};
use crate::account::{ChangeKind, Outcome, Place, Reason, SettingAccount};
use crate::draft::{Drafts, slug};
use crate::error::ImportError;
use crate::limits::MOST_RULES;
use crate::source::{Read, Source};
use crate::write::Head;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format_version: Spanned<u32>,
    name: String,
    version: String,
    #[serde(default, rename = "author")]
    _author: Option<IgnoredAny>,
    description: String,
    #[serde(default, rename = "homepage")]
    _homepage: Option<IgnoredAny>,
    min_pipelock: Option<String>,
    #[serde(default, rename = "license")]
    _license: Option<IgnoredAny>,
    #[serde(default, rename = "tier")]
    _tier: Option<IgnoredAny>,
    #[serde(default, rename = "monotonic_version")]
    _monotonic_version: Option<IgnoredAny>,
    #[serde(default, rename = "published_at")]
    _published_at: Option<IgnoredAny>,
    expires_at: Option<String>,
    #[serde(default)]
    required_features: Vec<String>,
    #[serde(default, rename = "key_id")]
    _key_id: Option<IgnoredAny>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: Spanned<String>,
    r#type: String,
    #[serde(default)]
    status: String,
    name: String,
    #[serde(default, rename = "description")]
    _description: Option<IgnoredAny>,
    severity: Option<String>,
    confidence: Option<String>,
    #[serde(default, rename = "references")]
    _references: Option<IgnoredAny>,
    #[serde(default, rename = "tags")]
    _tags: Option<IgnoredAny>,
    pattern: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    regex: String,
    #[serde(default)]
    scan_field: String,
    #[serde(default)]
    exempt_domains: Vec<String>,
}

const HINT: &str = "a bundle has `format_version`, `name`, `version`, `description` and `rules`";

/// The newest form that is read.
const NEWEST: u32 = 2;

/// Reads a bundle.
pub(crate) fn read(source: &Source) -> Result<Read, ImportError> {
    let bundle: Bundle = source.yaml(HINT)?;
    let version = bundle.format_version.value;
    if !(1..=NEWEST).contains(&version) {
        let at = bundle.format_version.defined;
        let problem = format!("format_version {version}");
        return Err(ImportError::shape(
            &source.name,
            at.line(),
            at.column(),
            &problem,
            "versions 1 and 2 are read",
        ));
    }
    if bundle.rules.is_empty() {
        return Err(ImportError::empty(&source.name, HINT));
    }
    if bundle.rules.len() > MOST_RULES {
        let what = format!("it has {} rules", bundle.rules.len());
        return Err(ImportError::OverLimit { file: source.name.clone(), what, limit: MOST_RULES });
    }
    let namespace = slug(&bundle.name);
    let mut drafts = Drafts::default();
    for rule in &bundle.rules {
        one(&mut drafts, rule, &bundle.name, &namespace, &source.name);
    }
    let title = bundle.description.lines().next().unwrap_or_default().to_owned();
    let head = Head {
        pack: namespace,
        version: bundle.version.clone(),
        title: if title.is_empty() { bundle.name.clone() } else { title },
        comment: vec![format!("Taken over from {} by `coldcase rules import`.", source.name)],
        fragments: Vec::new(),
    };
    Ok(Read { head, drafts, settings: settings(&bundle), policy: None, notes: NOTES })
}

fn settings(bundle: &Bundle) -> Vec<SettingAccount> {
    let mut all = Vec::new();
    let mut say = |setting: &str, detail: String| {
        all.push(SettingAccount { setting: setting.to_owned(), outcome: Outcome::LeftOut, detail });
    };
    if let Some(at) = &bundle.expires_at {
        say("expires_at", format!("{at}: a pack does not expire; renew it when the bundle is"));
    }
    if let Some(version) = bundle.min_pipelock.as_ref().filter(|version| !version.is_empty()) {
        say("min_pipelock", format!("{version}: says nothing of Coldcase"));
    }
    if !bundle.required_features.is_empty() {
        say(
            "required_features",
            format!("{}: says nothing of Coldcase", bundle.required_features.join(", ")),
        );
    }
    all
}

fn one(drafts: &mut Drafts, rule: &Rule, bundle: &str, namespace: &str, file: &str) {
    let id = &rule.id.value;
    // The firewall's own way to name a bundle's rule.
    let of =
        drafts.open(&format!("{bundle}:{id}"), Place { file: file.to_owned(), line: rule.id.defined.line() });
    let purpose = match (rule.r#type.as_str(), rule.pattern.scan_field.as_str()) {
        ("dlp", _) => Purpose::Dlp,
        ("injection", _) => Purpose::Response,
        ("tool-poison", "name") => Purpose::ToolName,
        ("tool-poison", "" | "description") => Purpose::ToolText,
        (kind, field) => {
            return drafts.leave_out(
                of,
                Reason::NoCounterpart,
                format!("type {kind:?} with scan_field {field:?}"),
            );
        }
    };
    match rule.status.as_str() {
        "" | "stable" => {}
        "experimental" => drafts.change(of, ChangeKind::Status, "experimental"),
        status => return drafts.leave_out(of, Reason::NotReported, format!("its status is {status:?}")),
    }
    let confidence = match rule.confidence.as_deref() {
        Some("high") => 0.8,
        None | Some("medium") => 0.6,
        Some("low") => 0.4,
        Some(other) => return drafts.leave_out(of, Reason::Syntax, format!("confidence {other:?}")),
    };
    let Some(severity) = severity(rule.severity.as_deref()) else {
        return drafts.leave_out(of, Reason::Syntax, "its severity is none of critical, high, medium, low");
    };
    if !rule.pattern.exempt_domains.is_empty() {
        // The firewall reads these in a bundle and does not act on them; nor does Coldcase.
        drafts.change(of, ChangeKind::ExemptDomains, &rule.pattern.exempt_domains.join(", "));
    }
    let id = format!("{namespace}.{}", slug(id));
    let regex = &rule.pattern.regex;
    take(
        drafts,
        &Pattern {
            of,
            id,
            name: &rule.name,
            regex,
            purpose,
            severity,
            confidence,
            validator: None,
            both_ways: false,
        },
    );
}
