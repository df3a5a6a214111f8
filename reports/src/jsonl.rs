//! `findings.jsonl`: one finding a line, with the names of the table `findings`.
//!
//! It differs from the table where JSON has the better form: `event` is the event's full name (`3:17`), `time` is
//! RFC 3339, the references are one object `refs`; and it adds `gain`, what an attacker gains.

use std::fmt::Display;

use coldcase_model::{Direction, References, ViewKind};
use serde::{Serialize, Serializer};

use crate::schema::FindingRow;

/// A line of `findings.jsonl`.
#[derive(Serialize)]
pub(crate) struct FindingLine<'r> {
    #[serde(serialize_with = "shown")]
    finding: coldcase_model::FindingId,
    artifact: u32,
    #[serde(serialize_with = "shown")]
    event: coldcase_model::EventId,
    #[serde(serialize_with = "shown_if_any")]
    time: Option<coldcase_model::Timestamp>,
    session: Option<&'r str>,
    rule: &'r str,
    title: &'r str,
    gain: &'r str,
    pack: &'r str,
    category: &'static str,
    severity: &'static str,
    confidence: f32,
    direction: Option<&'static str>,
    surface: &'static str,
    pointer: Option<&'r str>,
    span_start: usize,
    span_end: usize,
    views: &'r [ViewKind],
    record: u64,
    offset: u64,
    length: u64,
    excerpt: Option<&'r str>,
    #[serde(serialize_with = "shown_if_any")]
    fingerprint: Option<coldcase_model::Fingerprint>,
    suppressed: Option<&'r str>,
    refs: &'r References,
}

impl<'r> From<FindingRow<'r>> for FindingLine<'r> {
    fn from(FindingRow { judged, finding }: FindingRow<'r>) -> Self {
        let rule = &finding.rule;
        Self {
            finding: finding.id,
            artifact: finding.event.artifact.0,
            event: finding.event,
            time: judged.head.time,
            session: some(judged.labels.session.as_str()),
            rule: &rule.id,
            title: &rule.title,
            gain: &rule.gain,
            pack: &rule.pack,
            category: rule.category.as_str(),
            severity: rule.severity.as_str(),
            confidence: finding.confidence.0,
            direction: finding.direction.map(Direction::as_str),
            surface: finding.surface.as_str(),
            pointer: some(finding.pointer.as_str()),
            span_start: finding.span.start,
            span_end: finding.span.end,
            views: &finding.views,
            record: finding.source.pos.record,
            offset: finding.source.pos.offset,
            length: finding.source.len,
            excerpt: some(finding.excerpt.as_str()),
            fingerprint: finding.fingerprint,
            suppressed: finding.suppression().map(|entry| entry.reason.as_str()),
            refs: &rule.references,
        }
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Writes a value as the text that it displays as.
pub(crate) fn shown<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// As [`shown`], null when there is no value.
#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
pub(crate) fn shown_if_any<S: Serializer>(value: &Option<impl Display>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_none(),
    }
}
