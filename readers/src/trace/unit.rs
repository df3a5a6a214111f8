//! A span, log record or run to events: one `log` event of its fields, then an event for each thing that is said in it.
//!
//! Every byte of it is in one of them. Where a value is JSON in a string, the string's content is read as a document of its
//! own; offsets in it fall short by the escapes before them.

use bytes::Bytes;
use coldcase_model::json::{Mark, Tape, Value};
use coldcase_model::{Detail, EventHead, EventKind, Interner, Item, Origin, Span, Surface, Timestamp};

use super::attributes::Held;
use super::meaning::Meaning;
use crate::agent::{self, Act, ActKind, Facts, Speaker};
use crate::build::{self, Pieces};
use crate::record::{Emit, RawRecord};

/// A value of a span that means something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t, 'd> {
    pub(super) held: Held<'t, 'd>,
    pub(super) meaning: Meaning,
    /// The tool that is called, or that answers.
    pub(super) tool: Option<Value<'t, 'd>>,
    /// What pairs a call with its result.
    pub(super) call: Option<Value<'t, 'd>>,
    /// When it was there, where that is not the start of the span.
    pub(super) time: Option<Timestamp>,
}

/// A span, log record or run.
#[derive(Debug)]
pub(super) struct Unit<'t, 'd> {
    pub(super) root: Value<'t, 'd>,
    pub(super) facts: Facts,
    pub(super) pieces: Vec<Piece<'t, 'd>>,
    /// What stands in it and is a unit of its own.
    pub(super) inner: Vec<Span>,
}

/// Emits the events of a unit that stands in `record`.
pub(super) fn emit(
    record: &RawRecord,
    mut unit: Unit<'_, '_>,
    inner: &mut Tape,
    names: &mut Interner,
    emit: Emit<'_>,
) {
    unit.pieces.sort_by_key(|piece| piece.held.value.span());
    let mut end = unit.root.span().start;
    let inner_units = unit.inner;
    unit.pieces.retain(|piece| {
        let span = piece.held.value.span();
        let is_apart = span.start >= end && span.end <= unit.root.span().end;
        let is_own = is_apart
            && !piece.held.value.content().is_empty()
            && !inner_units.iter().any(|other| other.overlaps(span));
        if is_own {
            end = span.end;
        }
        is_own
    });
    let (labels, said): (Vec<Piece<'_, '_>>, Vec<Piece<'_, '_>>) = unit
        .pieces
        .into_iter()
        .partition(|piece| matches!(piece.meaning, Meaning::Name | Meaning::Description));
    let marks: Vec<Mark> = labels
        .iter()
        .map(|piece| {
            let surface =
                if piece.meaning == Meaning::Name { Surface::ToolName } else { Surface::ToolDescription };
            Mark { span: piece.held.value.content(), surface }
        })
        .collect();
    let mut spans: Vec<Span> = said.iter().map(|piece| piece.held.value.span()).chain(inner_units).collect();
    spans.sort_unstable();
    rest(record, (unit.root, &spans), &marks, &unit.facts, emit);
    for piece in said {
        let mut facts = unit.facts.clone();
        facts.time = piece.time.or(facts.time);
        self::piece(record, piece, &facts, inner, names, emit);
    }
}

/// Emits the fields of a value besides `said`, as one log event; `said` is sorted and apart.
pub(super) fn rest(
    record: &RawRecord,
    (root, said): (Value<'_, '_>, &[Span]),
    marks: &[Mark],
    facts: &Facts,
    emit: Emit<'_>,
) {
    let mut head = EventHead::new(EventKind::Log, facts.session.clone(), record.span());
    head.time = facts.time;
    head.agent.clone_from(&facts.agent);
    head.name.clone_from(&facts.name);
    head.detail = Detail::Log { entry_type: facts.entry_type.clone() };
    if said.is_empty() {
        let event =
            build::document_event(head, &record.bytes, record.pos.offset, root, marks, Surface::LogField);
        return emit(Item::Event(Box::new(event)));
    }
    let mut pieces = Pieces::with_capacity(root.span().len() / 2);
    let mut at = root.span().start;
    let ends = said.iter().copied().chain([Span::new(root.span().end, root.span().end)]);
    for span in ends {
        stretch(record, Span::new(at, span.start), marks, &mut pieces);
        at = span.end;
    }
    emit(Item::Event(Box::new(pieces.into_event(head))));
}

/// A stretch of fields with the marks in it; marks are sorted.
fn stretch(record: &RawRecord, stretch: Span, marks: &[Mark], pieces: &mut Pieces) {
    let mut push = |span: Span, surface: Surface| {
        let origin = Origin::Decoded { offset: record.at(span.start).offset, len: span.len() as u64 };
        pieces.push(surface, span.of(&record.bytes), origin);
    };
    let mut at = stretch.start;
    let first = marks.partition_point(|mark| mark.span.start < stretch.start);
    let inside = |mark: &&Mark| mark.span.end <= stretch.end;
    for mark in marks.iter().skip(first).take_while(inside) {
        push(Span::new(at, mark.span.start), Surface::LogField);
        push(mark.span, mark.surface);
        at = mark.span.end;
    }
    push(Span::new(at, stretch.end), Surface::LogField);
}

fn piece(
    record: &RawRecord,
    piece: Piece<'_, '_>,
    facts: &Facts,
    inner: &mut Tape,
    names: &mut Interner,
    emit: Emit<'_>,
) {
    let value = piece.held.value;
    let Some((document, offset)) = document(piece.held) else {
        return agent::emit(record, value, &acts(&piece, value), facts, names, emit);
    };
    match inner.parse(&document) {
        Ok(root) => {
            let mut pos = record.pos;
            pos.offset += offset as u64;
            let within = RawRecord { bytes: document.clone(), pos };
            agent::emit(&within, root, &acts(&piece, root), facts, names, emit);
        }
        Err(_) => agent::emit(record, value, &acts(&piece, value), facts, names, emit),
    }
}

/// The JSON that a value holds in a string or spells in another way, and where that starts in the record.
fn document(held: Held<'_, '_>) -> Option<(Bytes, usize)> {
    if let Some(json) = held.as_json() {
        return Some((json, held.value.span().start));
    }
    let text = held.value.string()?;
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
        .then(|| (Bytes::from(text.into_owned()), held.value.content().start))
}

/// What is said in a value of a known meaning.
fn acts<'t, 'd>(piece: &Piece<'t, 'd>, root: Value<'t, 'd>) -> Vec<Act<'t, 'd>> {
    let whole = |speaker, kind, surface| {
        let marks = vec![Mark { span: root.content(), surface }];
        let also = Vec::new();
        vec![Act {
            value: root,
            also,
            speaker,
            tool: piece.tool,
            server: None,
            call: piece.call,
            kind,
            marks,
        }]
    };
    let found = match piece.meaning {
        Meaning::Said(speaker) => agent::acts(root, Some(speaker)),
        Meaning::Tools => agent::tools(root),
        Meaning::Arguments | Meaning::Result | Meaning::Name | Meaning::Description => Vec::new(),
    };
    if !found.is_empty() {
        return found;
    }
    match piece.meaning {
        Meaning::Said(speaker) => whole(speaker, ActKind::Said, speaker.surface()),
        Meaning::Arguments => whole(Speaker::Assistant, ActKind::Call, Surface::ToolArgument),
        Meaning::Result => whole(Speaker::Tool, ActKind::Result, Surface::ToolResult),
        Meaning::Name => whole(Speaker::System, ActKind::Listed, Surface::ToolName),
        Meaning::Tools | Meaning::Description => {
            whole(Speaker::System, ActKind::Listed, Surface::ToolDescription)
        }
    }
}
