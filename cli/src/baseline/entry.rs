//! An entry of a baseline: one line of the file.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use coldcase_engine::AcceptedPlace;
use coldcase_model::{Acceptance, Fingerprint, Severity};
use serde::{Deserialize, Serialize};

use super::Day;

/// Reasons are a sentence, names a name.
const MOST_TEXT: usize = 500;

/// A line as it stands in the file: of one finding, or of all findings of a rule at a place. Surface and pointer are for
/// people: which finding an entry speaks of, its fingerprint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    rule: String,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    surface: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceLine>,
    reason: String,
    author: String,
    accepted: String,
    expires: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceLine {
    host: String,
    path: String,
}

/// An accepted finding, or what is accepted of a rule at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Of a finding; or of rule and place, which no finding has.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) rule: String,
    /// How bad a finding may be and still be covered.
    pub(crate) severity: Severity,
    pub(crate) surface: String,
    pub(crate) pointer: String,
    pub(crate) place: Option<AcceptedPlace>,
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
        let Line { fingerprint, surface, pointer, place, .. } = line;
        let (fingerprint, surface, pointer, place) = match (fingerprint, surface, pointer, place) {
            (Some(print), Some(surface), Some(pointer), None) => {
                let print =
                    Fingerprint::from_hex(&print).context("`fingerprint` is not 32 lower-case hex digits")?;
                (print, surface, pointer, None)
            }
            (None, None, None, Some(PlaceLine { host, path })) => {
                let place =
                    AcceptedPlace::new(&host, &path).map_err(|wrong| anyhow::anyhow!("`place`: {wrong}"))?;
                (place.fingerprint(&line.rule), String::new(), String::new(), Some(place))
            }
            _ => bail!("an entry has `fingerprint`, `surface` and `pointer`, or a `place`"),
        };
        let entry = Self {
            fingerprint,
            accepted: day("accepted", &line.accepted)?,
            expires: day("expires", &line.expires)?,
            rule: line.rule,
            severity: line.severity,
            surface,
            pointer,
            place,
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
        let is_finding = self.place.is_none();
        let line = Line {
            fingerprint: is_finding.then(|| self.fingerprint.to_string()),
            rule,
            severity,
            surface: is_finding.then_some(surface),
            pointer: is_finding.then_some(pointer),
            place: self
                .place
                .as_ref()
                .map(|place| PlaceLine { host: place.host().to_owned(), path: place.path().to_owned() }),
            reason,
            author,
            accepted: self.accepted.to_string(),
            expires: self.expires.to_string(),
        };
        Ok(serde_json::to_string(&line)?)
    }

    /// Where it holds, in words.
    pub(crate) fn whereabouts(&self) -> String {
        match &self.place {
            Some(place) => format!("at {}/{}", place.host(), place.path()),
            None => format!("{} {}", self.surface, self.pointer),
        }
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
