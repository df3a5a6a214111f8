//! Answers of models that were sent in pieces, each joined to a whole: an event beside the response that holds the pieces.
//!
//! Streams of server-sent events are joined, wherever the recording holds them. Amazon's binary event streams and lines of JSON are scanned as they stand.

use coldcase_model::{Detail, Event, EventHead, EventKind, Interner, Origin, Surface};
use coldcase_wire::sse;

use crate::build::Pieces;

/// What a body says when its deltas are joined; nothing where its type is not that of a stream of events.
pub(crate) fn answers(content_type: &[u8], body: &[u8]) -> Vec<sse::Joined> {
    const STREAM: &[u8] = b"text/event-stream";
    let is_stream =
        content_type.trim_ascii().get(..STREAM.len()).is_some_and(|name| name.eq_ignore_ascii_case(STREAM));
    if !is_stream {
        return Vec::new();
    }
    let (mut parser, mut joiner, mut number) =
        (sse::Parser::new(sse::Limits::default()), sse::Joiner::default(), 0);
    let mut take = |event: sse::Event| {
        if let Some(data) = &event.data {
            joiner.push(number, data);
        }
        number += 1;
    };
    parser.push(body, &mut take);
    parser.finish(&mut take);
    joiner.finish()
}

/// The event of a joined answer, with the head of the response that held its pieces.
pub(crate) fn answer_event(
    answer: &sse::Joined,
    mut head: EventHead,
    origin: Origin,
    names: &mut Interner,
) -> Event {
    let (surface, role) = match answer.kind {
        sse::Kind::Text => (Surface::ModelOutput, "answer"),
        sse::Kind::Reasoning => (Surface::ModelOutput, "reasoning"),
        sse::Kind::ToolArguments => (Surface::ToolArgument, "tool_call"),
    };
    head.kind = EventKind::Model;
    head.missing = Vec::new();
    head.detail = Detail::Model { role: Some(names.name(role)), tool: None, call: None, pair: None };
    let mut pieces = Pieces::with_capacity(answer.text.len() + 64);
    if let Some(name) = &answer.name {
        pieces.push(Surface::ToolName, format!("{name}\n").as_bytes(), origin);
    }
    pieces.push(surface, &answer.text, origin);
    pieces.into_event(head)
}
