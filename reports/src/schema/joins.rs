//! The table `joins`: sessions that are recordings of one run.

use coldcase_model::Join;

use super::{Told, filled};
use crate::tables::{Nullable, Text, Time, U32, U64, table};

table! {
    /// Sessions of several inputs or formats that are recordings of one run: one row for each pair and basis, at the event
    /// that gave it away, in input order. Their risk stays each session's own; edges `same_as` lead from one to the other.
    Joins<'r>("joins") from row: Told<'r, Join> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.judged.head.id.artifact.0;
        /// The event that gave it away.
        event: U64 = row.judged.head.id.index;
        /// When the event happened, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.judged.head.time;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// The other session, which was read first.
        with_session: Nullable<Text> = filled(&row.told.with);
        /// The input of an event of it that has the same id or content.
        with_artifact: U32 = row.told.from.artifact.0;
        /// That event's index in its input.
        with_event: U64 = row.told.from.index;
        /// What it rests on: `linked` (both have the same id) or `inferred` (the same content at the same time).
        basis: Text = row.told.basis.as_str();
        /// By what it is told: `session_id`, `mcp_session`, `trace` or `content`.
        by: Text = row.told.by.as_str();
        /// How many ids or contents were the same when it was told.
        shared: U64 = row.told.shared;
    }
}
