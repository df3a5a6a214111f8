//! An entry of a baseline: one line of the file.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use coldcase_model::{Acceptance, Fingerprint, Severity};
use serde::{Deserialize, Serialize};

use super::Day;

/// Reasons are a sentence, names a name.
const MOST_TEXT: usize = 500;

/// A line as it stands in the file. Surface and pointer are for people: what an entry speaks of, its fingerprint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    fingerprint: String,
    rule: String,
    severity: Severity,
    surface: String,
    pointer: String,
    reason: String,
    author: String,
    accepted: String,
    expires: String,
}

/// An accepted finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) rule: String,
    /// How bad a finding may be and still be covered.
    pub(crate) severity: Severity,
    pub(crate) surface: String,
    pub(crate) pointer: String,
    pub(crate) reason: String,
    pub(crate) author: String,
    pub(crate) accepted: Day,
    pub(crate) expires: Day,
}

impl Entry {
    /// Reads a line.
    pub(super) fn parse(line: &str) -> anyhow::Result<Self> {
        let line: Line = serde_json::from_str(line)?;
        let day = |name: &str, text: &str| -> anyhow::Result<Day> {
            text.parse().map_err(|wanted| anyhow::anyhow!("`{name}` is {text}, not {wanted}"))
        };
        let entry = Self {
            fingerprint: Fingerprint::from_hex(&line.fingerprint)
                .context("`fingerprint` is not 32 lower-case hex digits")?,
            accepted: day("accepted", &line.accepted)?,
            expires: day("expires", &line.expires)?,
            rule: line.rule,
            severity: line.severity,
            surface: line.surface,
            pointer: line.pointer,
            reason: line.reason,
            author: line.author,
        };
        entry.check()?;
        Ok(entry)
    }

    /// Whether it says what it must: a reason, an author, a rule, and an end that is not before its beginning.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for (name, text) in [("rule", &self.rule), ("reason", &self.reason), ("author", &self.author)] {
            if text.trim().is_empty() {
                bail!("`{name}` is empty");
            }
            if text.len() > MOST_TEXT || text.chars().any(char::is_control) {
                bail!("`{name}` is longer than {MOST_TEXT} bytes, or holds control characters");
            }
        }
        if self.expires < self.accepted {
            bail!("it expires on {}, before {}, when it was accepted", self.expires, self.accepted);
        }
        Ok(())
    }

    /// Writes the line, without its end.
    pub(super) fn line(&self) -> anyhow::Result<String> {
        let Self { rule, severity, surface, pointer, reason, author, .. } = self.clone();
        let (fingerprint, accepted) = (self.fingerprint.to_string(), self.accepted.to_string());
        let expires = self.expires.to_string();
        let line = Line { fingerprint, rule, severity, surface, pointer, reason, author, accepted, expires };
        Ok(serde_json::to_string(&line)?)
    }

    /// What it says on a day.
    pub(crate) fn on(&self, day: Day) -> Acceptance {
        Acceptance {
            fingerprint: self.fingerprint,
            rule: self.rule.clone(),
            severity: self.severity,
            reason: self.reason.clone(),
            author: self.author.clone(),
            accepted: self.accepted.to_string(),
            expires: self.expires.to_string(),
            age_days: self.accepted.days_until(day),
            in_force: day <= self.expires,
        }
    }
}

/// Entries by what they speak of.
pub(super) type Entries = BTreeMap<Fingerprint, Entry>;
