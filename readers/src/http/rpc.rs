//! JSON-RPC messages (MCP, A2A) inside bodies: each is an event of its own.

use bytes::Bytes;
use coldcase_model::json::{Tape, Value};
use coldcase_model::{Interner, Item, SourceSpan};
use coldcase_wire::sse;

use super::Body;
use crate::mcp::{self, Hints};
use crate::record::Emit;

/// The messages that make up a body: one, a batch, or a stream of server-sent events. `tape` is room to read in.
pub(crate) fn messages_in(body: &Body, tape: &mut Tape) -> Vec<(Bytes, u64)> {
    let trimmed = body.bytes.trim_ascii_start();
    if memchr::memmem::find(trimmed, b"\"jsonrpc\"").is_none() {
        return Vec::new();
    }
    if matches!(trimmed.first(), Some(b'{' | b'[')) {
        let is_message = tape.parse(trimmed).is_ok_and(|root| {
            mcp::is_rpc(root) || (root.items().next().is_some() && root.items().all(mcp::is_rpc))
        });
        return if is_message { vec![(Bytes::copy_from_slice(trimmed), body.offset)] } else { Vec::new() };
    }
    let mut events = Vec::new();
    let mut keep = |event: sse::Event| events.extend(event.data);
    let mut parser = sse::Parser::new(sse::Limits::default());
    parser.push(&body.bytes, &mut keep);
    parser.finish(&mut keep);
    if !events.iter().all(|data| tape.parse(data).is_ok_and(mcp::is_rpc)) {
        return Vec::new();
    }
    events.into_iter().map(|data| (Bytes::from(data), body.offset)).collect()
}

/// Emits these messages.
pub(crate) fn emit_messages(
    documents: Vec<(Bytes, u64)>,
    hints: &Hints,
    source: SourceSpan,
    (tape, names): (&mut Tape, &mut Interner),
    emit: Emit<'_>,
) {
    for (document, offset) in documents {
        let Ok(root) = tape.parse(&document) else { continue };
        let mut one = |message: Value<'_, '_>| {
            let event = mcp::message_event(&document, offset, message, source, hints.clone(), names);
            emit(Item::Event(Box::new(event)));
        };
        if mcp::is_rpc(root) {
            one(root);
        } else {
            root.items().for_each(one);
        }
    }
}
