//! What is said in a record to events: one event where all of it goes one way and calls one tool at the most, else one for
//! each thing that is said.
//!
//! What stands round it goes with the first, or by itself where the acts go different ways: nothing tells which way an
//! unknown field went, and rules of the other way would pass over it.

use coldcase_model::json::{Mark, Value};
use coldcase_model::{
    Detail, EventHead, EventKind, Interner, Item, Name, Origin, SessionKey, Span, Surface, Timestamp,
};

use super::shapes::{Act, ActKind};
use crate::build::{self, Pieces};
use crate::record::{Emit, RawRecord};

/// What a record says besides what is said in it.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) session: SessionKey,
    pub(crate) time: Option<Timestamp>,
    /// The program that wrote the log, and which of its agents.
    pub(crate) agent: Option<Name>,
    /// The name that the log gives the record.
    pub(crate) name: Option<Name>,
    /// The record's type.
    pub(crate) entry_type: Option<Name>,
}

/// Emits the events of a record of which `root` is the value.
pub(crate) fn emit(
    record: &RawRecord,
    root: Value<'_, '_>,
    acts: &[Act<'_, '_>],
    facts: &Facts,
    names: &mut Interner,
    emit: Emit<'_>,
) {
    let (bytes, offset) = (&record.bytes, record.pos.offset);
    let document = |head, value, marks: &[Mark]| {
        build::document_event(head, bytes, offset, value, marks, Surface::LogField)
    };
    let Some((first, others)) = acts.split_first() else {
        return emit(Item::Event(Box::new(document(log_head(record, facts), root, &[]))));
    };
    if go_together(first, others) {
        let mut marks: Vec<Mark> = acts.iter().flat_map(Act::all_marks).collect();
        marks.sort_unstable_by_key(|mark| mark.span);
        let event = document(acts_head(acts, record, facts, names), root, &marks);
        return emit(Item::Event(Box::new(event)));
    }
    let one_way = others.iter().all(|act| act.speaker.direction() == first.speaker.direction());
    let mut rest = Some(rest(root, acts));
    for act in acts {
        let head = acts_head(std::slice::from_ref(act), record, facts, names);
        let mut event = document(head, act.value, &act.marks);
        let gaps = if one_way { rest.take() } else { None };
        if gaps.is_some() || !act.also.is_empty() {
            let gaps = gaps.unwrap_or_default();
            let added = gaps.iter().copied().chain(act.spans()).map(|span| span.len() + 1).sum();
            let (head, mut pieces, document, document_offset) = Pieces::after(event, added);
            for value in &act.also {
                let origin = origin(record, value.span());
                pieces.push(Surface::LogField, b"\n", origin);
                pieces.push_document((&[], act.surface()), bytes, *value, origin);
            }
            push_gaps(&mut pieces, record, &gaps);
            event = pieces.into_event_of(head, document, document_offset);
        }
        emit(Item::Event(Box::new(event)));
    }
    let Some(gaps) = rest.filter(|gaps| !gaps.is_empty()) else { return };
    let mut pieces = Pieces::with_capacity(gaps.iter().map(|gap| gap.len() + 1).sum());
    push_gaps(&mut pieces, record, &gaps);
    emit(Item::Event(Box::new(pieces.into_event(log_head(record, facts)))));
}

/// Whether the acts of a record can be one event: one speaks, and they do not name two tools or calls.
fn go_together(first: &Act<'_, '_>, others: &[Act<'_, '_>]) -> bool {
    let (mut tool, mut call) = (first.tool, first.call);
    let mut asks = first.kind == ActKind::Call;
    let same = |known: Option<Value<'_, '_>>, other: Option<Value<'_, '_>>| {
        known.zip(other).is_none_or(|(known, other)| known.raw() == other.raw())
    };
    others.iter().all(|act| {
        // Two calls without ids are two calls.
        let again = asks && act.kind == ActKind::Call;
        asks |= act.kind == ActKind::Call;
        tool = tool.or(act.tool);
        call = call.or(act.call);
        !again && act.speaker == first.speaker && same(tool, act.tool) && same(call, act.call)
    })
}

fn head(kind: EventKind, record: &RawRecord, facts: &Facts) -> EventHead {
    let mut head = EventHead::new(kind, facts.session.clone(), record.span());
    head.time = facts.time;
    head.agent.clone_from(&facts.agent);
    head.name.clone_from(&facts.name);
    head
}

fn log_head(record: &RawRecord, facts: &Facts) -> EventHead {
    let mut head = head(EventKind::Log, record, facts);
    head.detail = Detail::Log { entry_type: facts.entry_type.clone() };
    head
}

/// The head of an event of acts that go together.
fn acts_head(acts: &[Act<'_, '_>], record: &RawRecord, facts: &Facts, names: &mut Interner) -> EventHead {
    let mut head = head(EventKind::Model, record, facts);
    let speaker = acts.first().map(|act| act.speaker);
    head.direction = speaker.and_then(super::speaker::Speaker::direction);
    let tool = acts.iter().find_map(|act| act.tool).and_then(Value::str);
    let stated = acts.iter().find_map(|act| act.server).and_then(Value::str);
    let (server, tool) = match tool.as_deref() {
        Some(tool) => match of_server(tool) {
            Some((server, tool)) => (Some(server), Some(tool)),
            None => (stated.as_deref(), Some(tool)),
        },
        None => (None, None),
    };
    head.server = server.map(|server| names.name(server));
    head.detail = Detail::Model {
        role: speaker.map(|speaker| names.name(speaker.role())),
        tool: tool.map(|tool| names.name(tool)),
        call: acts.iter().find_map(|act| act.call).and_then(Value::str).map(|call| names.name(&call)),
        pair: None,
    };
    head
}

/// Server and tool of a name such as `mcp__github__create_issue`: so an agent calls a tool of an MCP server.
fn of_server(name: &str) -> Option<(&str, &str)> {
    let (server, tool) = name.strip_prefix("mcp__")?.split_once("__")?;
    (!server.is_empty() && !tool.is_empty()).then_some((server, tool))
}

/// What stands in a record outside of all that is said: ids, times, folders.
fn rest(root: Value<'_, '_>, acts: &[Act<'_, '_>]) -> Vec<Span> {
    let mut said: Vec<Span> = acts.iter().flat_map(Act::spans).collect();
    said.sort_unstable();
    let mut gaps = Vec::with_capacity(said.len() + 1);
    let mut at = root.span().start;
    for span in said {
        debug_assert!(span.start >= at, "acts do not overlap");
        gaps.push(Span::new(at, span.start.max(at)));
        at = at.max(span.end);
    }
    gaps.push(Span::new(at, root.span().end.max(at)));
    gaps.retain(|gap| !gap.is_empty());
    gaps
}

fn push_gaps(pieces: &mut Pieces, record: &RawRecord, gaps: &[Span]) {
    for gap in gaps {
        let origin = origin(record, *gap);
        pieces.push(Surface::LogField, b"\n", origin);
        pieces.push(Surface::LogField, gap.of(&record.bytes), origin);
    }
}

fn origin(record: &RawRecord, span: Span) -> Origin {
    Origin::Decoded { offset: record.at(span.start).offset, len: span.len() as u64 }
}

#[cfg(test)]
mod tests;
