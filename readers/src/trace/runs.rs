//! Exports of LangSmith (runs) and Langfuse (traces and observations): what went into each run and what came out of it.
//!
//! | member | LangSmith | Langfuse |
//! |---|---|---|
//! | kind of work | `run_type` | `type` |
//! | session | `trace_id` | `traceId`, of a trace its `id` |
//! | in and out | `inputs`, `outputs` | `input`, `output` |
//! | runs within | `child_runs` | `observations` |
//! | times | `start_time`, `end_time` | `startTime`, `endTime`, of a trace `timestamp` |
//!
//! LangSmith often writes times without a zone; such a run has no time.

use std::sync::Arc;

use coldcase_model::json::{Kind, Value};
use coldcase_model::{Interner, SessionKey};

use super::attributes::Held;
use super::meaning::Work;
use super::otel::time_of;
use super::unit::{self, Piece, Unit};
use crate::agent::Facts;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};

/// Reads runs and observations.
pub(crate) struct RunsReader {
    pub(crate) context: Arc<Context>,
}

/// How deep runs within runs are told apart; what is deeper is a field of the run that holds it.
const MAX_DEPTH: usize = 32;

/// Whether a value is a run of LangSmith.
pub(super) fn is_run(value: Value<'_, '_>) -> bool {
    const KINDS: [&str; 7] = ["llm", "chain", "tool", "retriever", "prompt", "parser", "embedding"];
    value.get_str("run_type").is_some_and(|kind| KINDS.contains(&kind.as_ref()))
        && ["inputs", "outputs", "trace_id", "session_id"].iter().any(|key| value.get(key).is_some())
}

/// Whether a value is an observation of Langfuse, or a trace of it.
pub(super) fn is_observation(value: Value<'_, '_>) -> bool {
    let has = |key| value.get(key).is_some();
    let is_kind = value.get_str("type").is_some_and(|kind| {
        let kind = kind.to_ascii_uppercase();
        matches!(
            kind.as_str(),
            "SPAN"
                | "GENERATION"
                | "EVENT"
                | "AGENT"
                | "TOOL"
                | "CHAIN"
                | "RETRIEVER"
                | "EVALUATOR"
                | "EMBEDDING"
                | "GUARDRAIL"
        )
    });
    let is_trace = value.get("observations").is_some_and(|list| list.kind() == Kind::Array) && has("id");
    is_kind && (has("traceId") || has("trace_id")) && (has("input") || has("output")) || is_trace
}

impl RecordReader for RunsReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, inner, names, .. } = scratch;
        let root = tape.parse(&record.bytes)?;
        let mut units = Vec::new();
        self.run(root, None, 0, names, &mut units);
        for unit in units {
            unit::emit(record, unit, inner, names, emit);
        }
        Ok(Booked::Whole)
    }
}

impl RunsReader {
    /// A run and those within it; gives the session.
    fn run<'t, 'd>(
        &self,
        root: Value<'t, 'd>,
        outer: Option<&SessionKey>,
        depth: usize,
        names: &mut Interner,
        units: &mut Vec<Unit<'t, 'd>>,
    ) {
        let text_of =
            |keys: &[&str]| keys.iter().find_map(|key| root.get_str(key)).filter(|text| !text.is_empty());
        let is_trace = root.get("observations").is_some();
        let trace = text_of(&["trace_id", "traceId"]).or_else(|| text_of(&["id"]).filter(|_| is_trace));
        let session = trace.map(|id| SessionKey::new(&id)).or_else(|| outer.cloned());
        let session = session.unwrap_or_else(|| self.context.session.clone());
        let kind = text_of(&["run_type", "type"]);
        let work = kind.as_deref().map(Work::of).unwrap_or_default();
        let facts = Facts {
            session: session.clone(),
            time: time_of(root, &["start_time", "startTime", "timestamp"]),
            agent: None,
            name: text_of(&["id"]).map(|id| names.name(&id)),
            entry_type: Some(names.name(kind.as_deref().unwrap_or("trace"))),
        };
        let end = time_of(root, &["end_time", "endTime"]);
        let tool = root.get("name").filter(|name| work == Work::Tool && name.kind() == Kind::String);
        let piece = |keys: [&str; 2], meaning, time| {
            let held = keys.iter().find_map(|key| root.get(key)).and_then(Held::of_plain)?;
            Some(Piece { held, meaning, tool, call: None, time })
        };
        let pieces = [
            piece(["inputs", "input"], work.input(), None),
            piece(["outputs", "output"], work.output(), end),
        ];
        let place = units.len();
        units.push(Unit { root, facts, pieces: pieces.into_iter().flatten().collect(), inner: Vec::new() });
        if depth >= MAX_DEPTH {
            return;
        }
        let lists = ["child_runs", "observations"].iter().filter_map(|key| root.get(key));
        let within = lists.flat_map(Value::items).filter(|run| run.kind() == Kind::Object);
        let mut spans = Vec::new();
        for run in within {
            spans.push(run.span());
            self.run(run, Some(&session), depth + 1, names, units);
        }
        if let Some(unit) = units.get_mut(place) {
            unit.inner = spans;
        }
    }
}
