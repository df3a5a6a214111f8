//! JSON-RPC messages (MCP, A2A) inside bodies: each is an event of its own.

use bytes::Bytes;
use coldcase_model::json::{Tape, Value};
use coldcase_model::{Interner, Item, SourceSpan};
use coldcase_wire::sse;

use super::{Body, Places};
use crate::mcp::{self, Hints};
use crate::record::Emit;

/// A document of messages, as a body has it.
pub(crate) struct Document {
    bytes: Bytes,
    /// Where the body stands in the artifact, or as near as is known.
    offset: u64,
    /// Where the pieces of the body stand, and where in the body the document starts.
    places: Places,
    skip: usize,
}

/// The messages that make up a body: one, a batch, or a stream of server-sent events. `tape` is room to read in.
pub(crate) fn messages_in(body: &Body, tape: &mut Tape) -> Vec<Document> {
    let trimmed = body.bytes.trim_ascii_start();
    if memchr::memmem::find(trimmed, b"\"jsonrpc\"").is_none() {
        return Vec::new();
    }
    if matches!(trimmed.first(), Some(b'{' | b'[')) {
        let is_message = tape.parse(trimmed).is_ok_and(|root| {
            mcp::is_rpc(root) || (root.items().next().is_some() && root.items().all(mcp::is_rpc))
        });
        let skip = body.bytes.len() - trimmed.len();
        let (offset, places) = (body.offset, body.places.clone());
        let document = || Document { bytes: Bytes::copy_from_slice(trimmed), offset, places, skip };
        return if is_message { vec![document()] } else { Vec::new() };
    }
    let mut events = Vec::new();
    let mut keep = |event: sse::Event| events.extend(event.data);
    let mut parser = sse::Parser::new(sse::Limits::default());
    parser.push(&body.bytes, &mut keep);
    parser.finish(&mut keep);
    if !events.iter().all(|data| tape.parse(data).is_ok_and(mcp::is_rpc)) {
        return Vec::new();
    }
    let document =
        |data| Document { bytes: Bytes::from(data), offset: body.offset, places: Places::default(), skip: 0 };
    events.into_iter().map(document).collect()
}

/// Emits these messages.
pub(crate) fn emit_messages(
    documents: Vec<Document>,
    hints: &Hints,
    source: SourceSpan,
    (tape, names): (&mut Tape, &mut Interner),
    emit: Emit<'_>,
) {
    for Document { bytes, offset, places, skip } in documents {
        let Ok(root) = tape.parse(&bytes) else { continue };
        let mut one = |message: Value<'_, '_>| {
            let mut event = mcp::message_event(&bytes, offset, message, source, hints.clone(), names);
            let start = usize::try_from(event.document_offset.saturating_sub(offset)).unwrap_or(usize::MAX);
            event.extents = places.extents(skip.saturating_add(start), 0);
            emit(Item::Event(Box::new(event)));
        };
        if mcp::is_rpc(root) {
            one(root);
        } else {
            root.items().for_each(one);
        }
    }
}
