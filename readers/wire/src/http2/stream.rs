//! The streams of a connection: messages while they are put together.
//!
//! A stream is let go when both sides have ended it or one has reset it. What comes on it after that is a message of its
//! own, without a head.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::check;
use super::hpack::Decoded;
use super::limits::Limits;
use super::message::{Extent, Message, value_of};
use super::reader::Input;
use crate::Side;

/// A message while it comes.
#[derive(Debug)]
struct Partial {
    message: Message,
    body: Vec<u8>,
    has_head: bool,
    /// Bytes of DATA, those over the cap too.
    data: u64,
    /// Gaps of its side before it began.
    gaps: u64,
    /// What it counts in [`Streams::held`].
    held: usize,
}

/// One direction of a stream.
#[derive(Debug, Default)]
struct Half {
    open: Option<Box<Partial>>,
    is_done: bool,
}

impl Half {
    fn close(&mut self) -> Option<Box<Partial>> {
        self.is_done = true;
        self.open.take()
    }

    fn is_over(&self) -> bool {
        self.is_done && self.open.is_none()
    }
}

#[derive(Debug, Default)]
struct Stream {
    client: Half,
    server: Half,
    /// The request's method; `None` when it was not seen.
    is_head_request: Option<bool>,
}

impl Stream {
    fn is_over(&self) -> bool {
        self.client.is_over() && self.server.is_over()
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// Where a frame belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) stream: u32,
    pub(super) side: Side,
    /// Where its header stands in the capture file, and when that was captured.
    pub(super) at: u64,
    pub(super) time: Option<i64>,
}

/// All open streams, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: BTreeMap<u32, Stream>,
    /// Bytes that the messages hold.
    held: usize,
    client_gaps: u64,
    server_gaps: u64,
    /// Streams so far.
    pub(super) opened: u64,
}

impl Streams {
    fn gaps(&mut self, side: Side) -> &mut u64 {
        match side {
            Side::Client => &mut self.client_gaps,
            Side::Server => &mut self.server_gaps,
        }
    }

    /// Bytes of a side are missing; which streams they belong to is not known.
    pub(super) fn gap(&mut self, side: Side) {
        *self.gaps(side) += 1;
    }

    /// Bytes of one message are missing.
    pub(super) fn gap_in(&mut self, stream: u32, side: Side) {
        if let Some(partial) = self.open.get_mut(&stream).and_then(|stream| stream.half(side).open.as_mut()) {
            partial.message.has_gap = true;
            partial.message.is_cut = true;
        }
    }

    /// The client has said all it has to say on a stream, elsewhere: in HTTP/1 before an upgrade, or not at all.
    pub(super) fn request_is_elsewhere(&mut self, stream: u32, is_head: Option<bool>) {
        let stream = self.open.entry(stream).or_default();
        stream.client.is_done = true;
        stream.is_head_request = is_head;
    }

    fn partial(&mut self, place: Place) -> &mut Partial {
        let gaps = *self.gaps(place.side);
        let opened = &mut self.opened;
        let stream = self.open.entry(place.stream).or_insert_with(|| {
            *opened += 1;
            Stream::default()
        });
        let half = stream.half(place.side);
        let is_late = half.is_done;
        half.open.get_or_insert_with(|| {
            let mut message = Message::new(place.stream, place.side, place.at, place.time);
            if is_late {
                message.note("h2_after_end", place.at, "the stream's side had ended");
            }
            Box::new(Partial { message, body: Vec::new(), has_head: false, data: 0, gaps, held: 0 })
        })
    }

    /// Adds a piece of DATA. Gives how many bytes of it are over the cap.
    pub(super) fn data(&mut self, place: Place, piece: Input<'_>, limits: &Limits) -> u64 {
        let partial = self.partial(place);
        let message = &mut partial.message;
        if !partial.has_head && partial.data == 0 {
            let what =
                "a body without a head: before the capture, in a gap, over a limit or after the stream's end";
            message.is_cut = true;
            message.note("h2_no_head", place.at, what);
        }
        message.end = piece.time;
        partial.data += piece.bytes.len() as u64;
        let room = limits.body_bytes.saturating_sub(partial.body.len()).min(piece.bytes.len());
        let (kept, over) = piece.bytes.split_at(room);
        message.over_limit += over.len() as u64;
        if !over.is_empty() {
            let at = piece.at.saturating_add(room as u64);
            message.note("h2_body_over_limit", at, "the rest of the body is not handed on");
        }
        let offset = partial.body.len() as u64;
        let mut grown = kept.len();
        match message.extents.last_mut() {
            Some(last) if last.at.checked_add(last.len) == Some(piece.at) => last.len += kept.len() as u64,
            _ if kept.is_empty() => {}
            _ => {
                message.extents.push(Extent { offset, at: piece.at, len: kept.len() as u64 });
                grown += size_of::<Extent>();
            }
        }
        partial.body.extend_from_slice(kept);
        partial.held += grown;
        self.held += grown;
        over.len() as u64
    }

    /// Adds the fields of a block.
    pub(super) fn fields(&mut self, place: Place, decoded: Decoded, is_last: bool, end: Option<i64>) {
        let held = decoded.list_bytes;
        let partial = self.partial(place);
        partial.held += held;
        partial.add(place, decoded, is_last, end);
        let is_head_request = (place.side == Side::Client && partial.has_head)
            .then(|| value_of(&partial.message.fields, ":method").map(|method| method == "HEAD"))
            .flatten();
        self.held += held;
        if is_head_request.is_some()
            && let Some(stream) = self.open.get_mut(&place.stream)
        {
            stream.is_head_request = is_head_request;
        }
    }

    /// The block that was added last was not read to its end.
    pub(super) fn cut_fields(&mut self, place: Place, why: &'static str) {
        let message = &mut self.partial(place).message;
        message.is_cut = true;
        message.note("h2_fields_cut", place.at, why);
    }

    /// A side ends a stream.
    pub(super) fn end(&mut self, stream: u32, side: Side) -> Option<Message> {
        let entry = self.open.get_mut(&stream)?;
        let may_be_empty = side == Side::Server && entry.is_head_request.unwrap_or(true);
        let partial = entry.half(side).close();
        if entry.is_over() {
            self.open.remove(&stream);
        }
        partial.map(|partial| self.close(*partial, may_be_empty))
    }

    /// A side resets a stream: neither side's message goes on.
    pub(super) fn reset(&mut self, stream: u32, code: u32, out: &mut dyn FnMut(Message)) {
        if let Some(stream) = self.open.remove(&stream) {
            self.cut(stream, Some(code), None, out);
        }
    }

    /// Hands the oldest streams on until the caps are kept. Gives how many had something open.
    pub(super) fn evict(&mut self, limits: &Limits, out: &mut dyn FnMut(Message)) -> u64 {
        let mut evicted = 0;
        while self.held > limits.held_bytes || self.open.len() > limits.streams {
            let Some((_, stream)) = self.open.pop_first() else { break };
            let note = "the oldest stream, let go to keep within the limits of a connection";
            evicted += u64::from(self.cut(stream, None, Some(note), out));
        }
        evicted
    }

    /// Hands on what a side has not ended.
    pub(super) fn finish(&mut self, side: Side, out: &mut dyn FnMut(Message)) {
        let mut cut = Vec::new();
        self.open.retain(|_, stream| {
            if stream.half(side).open.is_some() {
                cut.extend(stream.half(side).close());
            }
            !stream.is_over()
        });
        for mut partial in cut {
            partial.message.is_cut = true;
            out(self.close(*partial, true));
        }
    }

    fn cut(
        &mut self,
        mut stream: Stream,
        reset: Option<u32>,
        note: Option<&'static str>,
        out: &mut dyn FnMut(Message),
    ) -> bool {
        let mut any = false;
        for side in [Side::Client, Side::Server] {
            let Some(mut partial) = stream.half(side).close() else { continue };
            any = true;
            partial.message.is_cut = true;
            partial.message.reset = reset;
            if let Some(note) = note {
                let at = partial.message.at;
                partial.message.note("h2_evicted", at, note);
            }
            out(self.close(*partial, true));
        }
        any
    }

    fn close(&mut self, partial: Partial, may_be_empty: bool) -> Message {
        self.held = self.held.saturating_sub(partial.held);
        let Partial { mut message, body, data, gaps, .. } = partial;
        let is_unsure = *self.gaps(message.side) > gaps;
        message.body = Bytes::from(body);
        let was_cut = message.is_cut;
        message.is_cut |= is_unsure;
        message.has_gap |= is_unsure;
        // Nothing is missing if the length is right.
        if check::content_length(&mut message, data, may_be_empty) && is_unsure && !was_cut {
            (message.is_cut, message.has_gap) = (false, false);
        }
        message
    }
}

impl Partial {
    fn add(&mut self, place: Place, decoded: Decoded, is_last: bool, end: Option<i64>) {
        let message = &mut self.message;
        message.end = end;
        message.block_bytes += decoded.kept;
        message.fields_over_limit += decoded.left_out;
        for (kind, what) in decoded.notes {
            message.note(kind, place.at, what);
        }
        let fields = decoded.fields;
        let status = if place.side == Side::Server { value_of(&fields, ":status") } else { None };
        let is_interim = status.is_some_and(|status| status.len() == 3 && status.starts_with(b"1"));
        if !self.has_head && self.data == 0 {
            check::head(message, &fields, decoded.is_part, place.at);
            if is_interim && !is_last {
                message.interim.push(fields);
            } else {
                self.has_head = true;
                message.fields = fields;
            }
        } else if status.is_some()
            && self.data == 0
            && message.trailers.is_empty()
            && value_of(&message.fields, ":status").is_none()
        {
            // A second head: the first, whose status is lost, was an interim one.
            message.interim.push(std::mem::replace(&mut message.fields, fields));
        } else {
            check::trailers(message, &fields, place.at);
            if !is_last {
                message.note(
                    "h2_trailers_without_end",
                    place.at,
                    "fields after the body that do not end the stream",
                );
            }
            message.trailers.extend(fields);
        }
    }
}
