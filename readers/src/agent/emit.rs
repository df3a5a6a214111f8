//! What is said in a record to events: one event where all of it goes one way and calls one tool at the most, else one for
//! each thing that is said. What stands round it is scanned with the first.

use coldcase_model::json::{Mark, Value};
use coldcase_model::{
    Detail, Event, EventHead, EventKind, Interner, Item, Name, Origin, SessionKey, Span, Surface, Timestamp,
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
    acts: Vec<Act<'_, '_>>,
    facts: &Facts,
    names: &mut Interner,
    emit: Emit<'_>,
) {
    let document = |head, value, marks: &[Mark], rest| {
        build::document_event(head, &record.bytes, record.pos.offset, value, marks, rest)
    };
    let Some((first, others)) = acts.split_first() else {
        let mut head = head(EventKind::Log, record, facts);
        head.detail = Detail::Log { entry_type: facts.entry_type.clone() };
        return emit(Item::Event(Box::new(document(head, root, &[], Surface::LogField))));
    };
    if go_together(first, others) {
        let told = acts.iter().find(|act| act.kind != ActKind::Said).unwrap_or(first);
        let mut marks: Vec<Mark> = acts.iter().flat_map(|act| act.marks.iter().copied()).collect();
        marks.sort_by_key(|mark| mark.span);
        let event = document(act_head(told, record, facts, names), root, &marks, Surface::LogField);
        return emit(Item::Event(Box::new(event)));
    }
    let spans: Vec<Span> = acts.iter().map(|act| act.value.span()).collect();
    for (index, act) in acts.iter().enumerate() {
        let head = act_head(act, record, facts, names);
        let event = document(head, act.value, &act.marks, Surface::LogField);
        let event = if index == 0 { with_rest(event, record, root, &spans) } else { event };
        emit(Item::Event(Box::new(event)));
    }
}

/// Whether the acts of a record can be one event: one speaks, and they do not name two tools or calls.
fn go_together(first: &Act<'_, '_>, others: &[Act<'_, '_>]) -> bool {
    let (mut tool, mut call) = (first.tool, first.call);
    let same = |known: Option<Value<'_, '_>>, other: Option<Value<'_, '_>>| {
        known.zip(other).is_none_or(|(known, other)| known.raw() == other.raw())
    };
    others.iter().all(|act| {
        tool = tool.or(act.tool);
        call = call.or(act.call);
        act.speaker == first.speaker && same(tool, act.tool) && same(call, act.call)
    })
}

fn head(kind: EventKind, record: &RawRecord, facts: &Facts) -> EventHead {
    let mut head = EventHead::new(kind, facts.session.clone(), record.span());
    head.time = facts.time;
    head.agent.clone_from(&facts.agent);
    head.name.clone_from(&facts.name);
    head
}

fn act_head(act: &Act<'_, '_>, record: &RawRecord, facts: &Facts, names: &mut Interner) -> EventHead {
    let mut head = head(EventKind::Model, record, facts);
    head.direction = Some(act.speaker.direction());
    let tool = act.tool.and_then(Value::str);
    let stated = act.server.and_then(Value::str);
    let (server, tool) = match tool.as_deref() {
        Some(tool) => match of_server(tool) {
            Some((server, tool)) => (Some(server), Some(tool)),
            None => (stated.as_deref(), Some(tool)),
        },
        None => (None, None),
    };
    head.server = server.map(|server| names.name(server));
    head.detail = Detail::Model {
        role: Some(names.name(act.speaker.role())),
        tool: tool.map(|tool| names.name(tool)),
        call: act.call.and_then(Value::str).map(|call| names.name(&call)),
        pair: None,
    };
    head
}

/// Server and tool of a name such as `mcp__github__create_issue`: so an agent calls a tool of an MCP server.
fn of_server(name: &str) -> Option<(&str, &str)> {
    let (server, tool) = name.strip_prefix("mcp__")?.split_once("__")?;
    (!server.is_empty() && !tool.is_empty()).then_some((server, tool))
}

/// An event with what stands in the record outside of all that is said: ids, times, folders.
fn with_rest(event: Event, record: &RawRecord, root: Value<'_, '_>, said: &[Span]) -> Event {
    let mut gaps = Vec::with_capacity(said.len() + 1);
    let mut at = root.span().start;
    for span in said {
        gaps.push(Span::new(at, span.start.max(at)));
        at = at.max(span.end);
    }
    gaps.push(Span::new(at, root.span().end.max(at)));
    let room = gaps.iter().map(|gap| gap.len() + 1).sum();
    let (head, mut pieces, document, offset) = Pieces::after(event, room);
    for gap in gaps.into_iter().filter(|gap| !gap.is_empty()) {
        let origin = Origin::Decoded { offset: record.at(gap.start).offset, len: gap.len() as u64 };
        pieces.push(Surface::LogField, b"\n", origin);
        pieces.push(Surface::LogField, gap.of(&record.bytes), origin);
    }
    pieces.into_event_of(head, document, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_mcp_servers_are_told_by_their_names() {
        assert_eq!(of_server("mcp__github__create_issue"), Some(("github", "create_issue")));
        assert_eq!(of_server("mcp__my_server__a__b"), Some(("my_server", "a__b")));
        for name in ["Bash", "mcp__", "mcp__x", "mcp____y", "mcp__x__"] {
            assert_eq!(of_server(name), None, "{name}");
        }
    }
}
