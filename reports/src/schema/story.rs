//! The tables of sessions' stories: `risk`, `edges`, `tools`, `tool_changes`, `arguments`.

use coldcase_model::{Argument, ArgumentClass, Edge, Judged, Signal, ToolChange, ToolSeen};

use super::filled;
use crate::tables::{F64, Nullable, Text, Time, U32, U64, table};

/// A part of a story with the event that added it.
#[derive(Clone, Copy)]
pub(crate) struct Told<'r, T> {
    /// The event.
    pub(crate) judged: &'r Judged,
    /// What it added.
    pub(crate) told: &'r T,
}

table! {
    /// What moved the risk of sessions: one row for each signal, in input order.
    Risks<'r>("risk") from row: Told<'r, Signal> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.judged.head.id.artifact.0;
        /// The event's index in its input.
        event: U64 = row.judged.head.id.index;
        /// When the event happened, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.judged.head.time;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// Which kind of signal: `finding`, `blocked`, `near_miss`, `chain`, `taint`, `drift`, `fragment`, `budget`,
        /// `beacon` or `decay`.
        kind: Text = row.told.kind.as_str();
        /// The rule, chain or budget by its name.
        what: Text = &row.told.what;
        /// Points that it added; negative for decay.
        points: F64["points"] = row.told.points;
        /// The session's score after the event.
        score: F64["points"] = row.judged.verdict.risk.score;
        /// What the score amounts to: `normal`, `elevated`, `high` or `critical`.
        level: Text = row.judged.verdict.risk.level.as_str();
    }
}

table! {
    /// How events hang together: one row for each edge, by its later event, in input order.
    Edges<'r>("edges") from row: Told<'r, Edge> {
        /// The input of the earlier event.
        from_artifact: U32 = row.told.from.artifact.0;
        /// The earlier event's index in its input.
        from_event: U64 = row.told.from.index;
        /// The input of the later event.
        to_artifact: U32 = row.judged.head.id.artifact.0;
        /// The later event's index in its input.
        to_event: U64 = row.judged.head.id.index;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// How they hang together: `injected_by`, `carried`, `followed`, or `same_as` of one message in two recordings of a
        /// run.
        kind: Text = row.told.kind.as_str();
        /// What that rests on: `linked` (both have the same bytes) or `inferred` (their order alone; of `same_as`, that the
        /// recordings are told to be of one run by their content).
        basis: Text = row.told.basis.as_str();
        /// How many bytes of content both are known to share, at the least.
        shared_bytes: U64["bytes"] = row.told.shared_bytes;
        /// What is shared or was done.
        what: Text = &row.told.what;
    }
}

table! {
    /// Tools as servers list them: one row for each tool of each listing, in input order.
    Tools<'r>("tools") from row: Told<'r, ToolSeen> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.judged.head.id.artifact.0;
        /// The event that lists it.
        event: U64 = row.judged.head.id.index;
        /// When it was listed, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.judged.head.time;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// The server.
        server: Nullable<Text> = filled(&row.told.server);
        /// The tool's name.
        tool: Nullable<Text> = filled(&row.told.name);
        /// SHA-256 of its definition with sorted keys.
        definition: Text = row.told.definition.to_string();
        /// How long its description is.
        description_bytes: U64["bytes"] = row.told.description_bytes;
        /// How many parameters its input schema has at the top.
        parameters: U64 = row.told.parameters;
    }
}

table! {
    /// Changes of tools between listings: one row for each, in input order.
    ToolChanges<'r>("tool_changes") from row: Told<'r, ToolChange> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.judged.head.id.artifact.0;
        /// The event with the new listing.
        event: U64 = row.judged.head.id.index;
        /// When it was listed, in UTC; null when the recording does not say.
        time: Time["nanoseconds since 1970-01-01T00:00:00Z"] = row.judged.head.time;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// The server.
        server: Nullable<Text> = filled(&row.told.server);
        /// The tool's name now; the former one of a tool that is gone.
        tool: Nullable<Text> = filled(&row.told.tool);
        /// What became of it: `added`, `removed`, `renamed` or `changed`.
        kind: Text = row.told.kind.as_str();
        /// What that means: `editorial`, `capability_widened`, `new_parameter`, `instruction_introduced` or
        /// `destination_introduced`.
        class: Text = row.told.class.as_str();
        /// Where in the definition: a JSON pointer.
        field: Nullable<Text> = filled(&row.told.field);
        /// The words that went and came, with `-` and `+` before them.
        diff: Nullable<Text> = filled(&row.told.diff);
        /// The input of the listing before; null for one from a baseline.
        before_artifact: Nullable<U32> = row.told.before.map(|event| event.artifact.0);
        /// The event with the listing before.
        before_event: Nullable<U64> = row.told.before.map(|event| event.index);
    }
}

table! {
    /// Arguments of calls of tools, without their values: one row for each argument at the top of a call, the first 64 of
    /// each, in input order.
    Arguments<'r>("arguments") from row: Told<'r, Argument> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.judged.head.id.artifact.0;
        /// The event that is the call.
        event: U64 = row.judged.head.id.index;
        /// The session.
        session: Nullable<Text> = filled(&row.judged.labels.session);
        /// Who calls.
        agent: Nullable<Text> = filled(&row.judged.labels.agent);
        /// The server that is called.
        server: Nullable<Text> = filled(&row.judged.labels.server);
        /// The tool that is called.
        tool: Nullable<Text> = filled(&row.judged.labels.tool);
        /// The argument's name.
        argument: Nullable<Text> = filled(&row.told.name);
        /// What it is in JSON: `object`, `array`, `string`, `number`, `boolean` or `null`.
        kind: Text = row.told.kind.as_str();
        /// What a string looks like: `empty`, `number`, `url`, `path`, `address`, `word`, `token` (long, or letters and
        /// digits mixed) or `text` (with blanks); null for all else.
        class: Nullable<Text> = row.told.class.map(ArgumentClass::as_str);
        /// How long it is as written, a string without its quotes.
        bytes: U64["bytes"] = row.told.bytes;
    }
}
