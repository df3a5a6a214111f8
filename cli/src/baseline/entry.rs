//! An entry of a baseline: one line of the file.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use coldcase_engine::{AcceptedPlace, AcceptedWhere};
use coldcase_model::{Acceptance, Fingerprint, Severity};
use serde::{Deserialize, Serialize};

use super::Day;

/// Reasons are a sentence, names a name.
const MOST_TEXT: usize = 500;

/// A line as it stands in the file: of one finding, or of all findings of a rule at a place or on marked lines. Surface and pointer are for
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
    #[serde(skip_serializing_if = "Option::is_none")]
    marked: Option<Mark>,
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

/// The form of inline marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Mark {
    #[serde(rename = "pipelock:ignore")]
    Pipelock,
}

/// An accepted finding, or where all findings of a rule are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Of a finding; or of a rule and where, which no finding has.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) rule: String,
    /// How bad a finding may be and still be covered.
    pub(crate) severity: Severity,
    pub(crate) surface: String,
    pub(crate) pointer: String,
    pub(crate) of_rule: Option<AcceptedWhere>,
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
        let Line { fingerprint, surface, pointer, place, marked, .. } = line;
        let of_rule = match (place, marked) {
            (None, None) => None,
            (Some(PlaceLine { host, path }), None) => {
                let place = AcceptedPlace::new(&host, &path);
                Some(AcceptedWhere::Place(place.map_err(|wrong| anyhow::anyhow!("`place`: {wrong}"))?))
            }
            (None, Some(Mark::Pipelock)) => Some(AcceptedWhere::Marked),
            (Some(_), Some(_)) => bail!("an entry has a `place` or is for what is `marked`, not both"),
        };
        let (fingerprint, surface, pointer) = match (fingerprint, surface, pointer, &of_rule) {
            (Some(print), Some(surface), Some(pointer), None) => {
                let print =
                    Fingerprint::from_hex(&print).context("`fingerprint` is not 32 lower-case hex digits")?;
                (print, surface, pointer)
            }
            (None, None, None, Some(of_rule)) => {
                (of_rule.fingerprint(&line.rule), String::new(), String::new())
            }
            _ => bail!("an entry has `fingerprint`, `surface` and `pointer`, or a `place`, or `marked`"),
        };
        let entry = Self {
            fingerprint,
            accepted: day("accepted", &line.accepted)?,
            expires: day("expires", &line.expires)?,
            rule: line.rule,
            severity: line.severity,
            surface,
            pointer,
            of_rule,
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
        let Self { rule, severity, surface, pointer, of_rule, reason, author, .. } = self.clone();
        let is_finding = of_rule.is_none();
        let (place, marked) = match of_rule {
            None => (None, None),
            Some(AcceptedWhere::Place(place)) => {
                (Some(PlaceLine { host: place.host().to_owned(), path: place.path().to_owned() }), None)
            }
            Some(AcceptedWhere::Marked) => (None, Some(Mark::Pipelock)),
        };
        let line = Line {
            fingerprint: is_finding.then(|| self.fingerprint.to_string()),
            rule,
            severity,
            surface: is_finding.then_some(surface),
            pointer: is_finding.then_some(pointer),
            place,
            marked,
            reason,
            author,
            accepted: self.accepted.to_string(),
            expires: self.expires.to_string(),
        };
        Ok(serde_json::to_string(&line)?)
    }

    /// Where it holds, in words.
    pub(crate) fn whereabouts(&self) -> String {
        match &self.of_rule {
            Some(AcceptedWhere::Place(place)) => format!("at {}/{}", place.host(), place.path()),
            Some(AcceptedWhere::Marked) => "where an inline mark says so".to_owned(),
            None => format!("{} {}", self.surface, self.pointer),
        }
    }

    /// An entry for all findings of a rule somewhere.
    pub(crate) fn of_rule(
        rule: &str,
        severity: Severity,
        whereabouts: AcceptedWhere,
        why: (&str, &str),
        days: (Day, Day),
    ) -> anyhow::Result<Self> {
        let entry = Self {
            fingerprint: whereabouts.fingerprint(rule),
            rule: rule.to_owned(),
            severity,
            surface: String::new(),
            pointer: String::new(),
            of_rule: Some(whereabouts),
            reason: why.0.trim().to_owned(),
            author: why.1.trim().to_owned(),
            accepted: days.0,
            expires: days.1,
        };
        entry.check()?;
        Ok(entry)
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
