//! The table `verdict_changes` of a replay: one row for each event of which verdict or findings changed. `changes.jsonl` has
//! the findings themselves.

use coldcase_model::{Action, ChangeCause, FindingChange, FindingChangeKind, Replayed, RiskLevel};

use super::filled;
use crate::tables::{F64, Nullable, Text, Texts, Time, U32, U64, table};

table! {
    /// Written by `coldcase replay`: one row for each event whose verdict or findings are not the same under baseline and
    /// candidate, in input order. Events that could not be compared are counted in `report.html` and have no row.
    VerdictChanges<'r>("verdict_changes") from row: &'r Replayed {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.after.head.id.artifact.0;
        /// The event's index in its input.
        event: U64 = row.after.head.id.index;
        /// When the event happened, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.after.head.time;
        /// The session that the event belongs to.
        session: Nullable<Text> = filled(&row.after.labels.session);
        /// What the event is: `http_request`, `mcp`, `model`, `log` and so on, as in `events`.
        kind: Text = row.after.head.kind.as_str();
        /// The baseline's action: `allow`, `warn`, `strip`, `ask`, `redirect` or `block`; null where it has none.
        action_before: Nullable<Text> = row.from.map(Action::as_str);
        /// The candidate's action; null where it has none.
        action_after: Nullable<Text> = row.to.map(Action::as_str);
        /// Why things changed: `new_rule`, `removed_rule`, `pattern`, `threshold`, `metadata`, `order`, `policy`, `state`,
        /// `limit` or `recorded`.
        causes: Texts = row.causes.iter().copied().map(ChangeCause::as_str);
        /// The baseline's reason; null where the baseline is what was recorded.
        reason_before: Nullable<Text> = (!is_recorded(row)).then_some(&*row.before.verdict.reason);
        /// The candidate's reason.
        reason_after: Text = &row.after.verdict.reason;
        /// The rules of findings that only the candidate draws.
        rules_gained: Texts = rules(row, FindingChangeKind::Gained);
        /// The rules of findings that only the baseline draws.
        rules_lost: Texts = rules(row, FindingChangeKind::Lost);
        /// The rules of findings that both draw, with another severity, confidence or title.
        rules_altered: Texts = rules(row, FindingChangeKind::Altered);
        /// The session's risk after the event under the baseline; null where the baseline is what was recorded.
        risk_before: Nullable<F64>["points"] = (!is_recorded(row)).then_some(row.before.verdict.risk.score);
        /// The session's risk after the event under the candidate.
        risk_after: F64["points"] = row.after.verdict.risk.score;
        /// What the points amount to under the baseline: `normal`, `elevated`, `high` or `critical`.
        risk_level_before: Nullable<Text> = (!is_recorded(row)).then_some(row.before.verdict.risk.level).map(RiskLevel::as_str);
        /// And under the candidate.
        risk_level_after: Text = row.after.verdict.risk.level.as_str();
        /// The reader's record (line, HAR entry) that holds the event, from 0.
        record: U64 = row.after.head.source.pos.record;
        /// Where the event starts in the input's content, after decompression if the input is compressed.
        offset: U64["bytes"] = row.after.head.source.pos.offset;
    }
}

fn rules(row: &Replayed, kind: FindingChangeKind) -> impl Iterator<Item = &str> {
    row.findings.iter().filter(move |change| change.kind == kind).map(FindingChange::rule)
}

/// Whether the baseline is what a firewall recorded, of which reason and risk are not known.
pub(crate) fn is_recorded(row: &Replayed) -> bool {
    row.causes.contains(&ChangeCause::Recorded)
}
