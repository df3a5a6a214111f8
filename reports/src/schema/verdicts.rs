//! The table `verdicts`: what the policy in force decides about each event, and on how much of it that rests.

use coldcase_model::{Judged, NotScanned};

use crate::tables::{F64, Text, Texts, U32, U64, table};

table! {
    /// What the policy in force decides: one row for each event, in input order.
    Verdicts<'r>("verdicts") from judged: &'r Judged {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = judged.head.id.artifact.0;
        /// The event's index in its input.
        event: U64 = judged.head.id.index;
        /// What is to be done: `allow`, `warn`, `strip`, `ask`, `redirect` or `block`.
        action: Text = judged.verdict.action.as_str();
        /// Why, in one line.
        reason: Text = &judged.verdict.reason;
        /// The session's risk after the event.
        risk_score: F64["points"] = judged.verdict.risk.score;
        /// What the points amount to: `normal`, `elevated`, `high` or `critical`.
        risk_level: Text = judged.verdict.risk.level.as_str();
        /// How much of the event's text was scanned, after decoding of its transfer.
        scanned_bytes: U64["bytes"] = judged.verdict.coverage.scanned;
        /// How much of the event is known to be missing from what was scanned.
        not_scanned_bytes: U64["bytes"] = not_scanned(judged).map(|(_, bytes)| bytes).fold(0, u64::saturating_add);
        /// Why it is missing: `record_cap`, `not_recorded`, `view_budget`, `bad_body`.
        not_scanned_reasons: Texts = not_scanned(judged).map(|(reason, _)| reason.as_str());
    }
}

fn not_scanned(judged: &Judged) -> impl Iterator<Item = (NotScanned, u64)> + '_ {
    judged.verdict.coverage.not_scanned.iter().copied()
}
