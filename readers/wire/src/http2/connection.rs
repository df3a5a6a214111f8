//! A connection: the bytes of both sides in, the messages of its streams out.

mod fields;
mod gap;

use super::block::Block;
use super::frame::{
    ACK, ALTSVC, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, GOAWAY, HEADERS, ORIGIN, PING, PRIORITY,
    PRIORITY_UPDATE, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::limits::{Count, Limits};
use super::message::Message;
use super::peer::Peer;
use super::reader::{Input, Step};
use super::stream::{Place, Streams};
use crate::Notes;
use crate::Side;

/// Where the messages go.
type Out<'a> = &'a mut dyn FnMut(Message);

/// An HTTP/2 connection as it was captured: with its preface, after an upgrade, or from somewhere in its middle.
///
/// Messages are given when their side ends the stream, when it is reset, and at the end; request and answer of a stream are
/// two messages with one stream number. Both sides should be pushed in about the order in which they were captured, since
/// SETTINGS of one side say how the other writes.
///
/// Source: RFC 9113, and RFC 7541 for HPACK.
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    client: Peer,
    server: Peer,
    streams: Streams,
    count: Count,
    notes: Notes,
}

impl Connection {
    /// A connection of which the next bytes come: with prior knowledge, in TLS, or without its start.
    pub fn new(limits: Limits) -> Self {
        Self {
            client: Peer::new(Side::Client, &limits),
            server: Peer::new(Side::Server, &limits),
            limits,
            streams: Streams::default(),
            count: Count::default(),
            notes: Notes::default(),
        }
    }

    /// A connection after `upgrade: h2c`: stream 1 is the answer to the request that was made in HTTP/1. `settings` is what
    /// the request's `http2-settings` decodes to. Source: RFC 7540, section 3.2.
    pub fn upgraded(limits: Limits, settings: &[u8]) -> Self {
        let mut connection = Self::new(limits);
        connection.streams.request_is_elsewhere(1, None);
        connection.client.settings.upgrade(settings);
        connection.server.reader.max_frame = Some(connection.client.settings.max_frame);
        connection
    }

    /// Takes the next bytes of a side, which stand at `at` in the capture file and were captured at `time`.
    ///
    /// Units: `time` is nanoseconds since 1970.
    pub fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        out: &mut impl FnMut(Message),
    ) {
        let input = Input { bytes, at, time };
        let max_frame = self.peer(side).reader.max_frame;
        let peer = pick(&mut self.client, &mut self.server, side);
        peer.at = at.saturating_add(bytes.len() as u64);
        match &mut peer.resync {
            Some(resync) => {
                let found = resync.push(input, max_frame, &mut self.count.framing);
                self.resume(side, found, out);
            }
            None => self.run(side, input, out),
        }
    }

    /// No more bytes of a side come: what it has not ended is given as cut.
    pub fn finish(&mut self, side: Side, out: &mut impl FnMut(Message)) {
        self.stop_looking(side, out);
        self.flush(side, out);
        self.streams.finish(side, out);
    }

    /// Where the bytes went that no message has.
    pub fn count(&self) -> Count {
        self.count
    }

    /// What is odd about the connection; what is odd about a message is in the message.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    fn peer(&mut self, side: Side) -> &mut Peer {
        pick(&mut self.client, &mut self.server, side)
    }

    fn run(&mut self, side: Side, mut input: Input<'_>, out: Out<'_>) {
        loop {
            let reader = &mut pick(&mut self.client, &mut self.server, side).reader;
            match reader.next(&mut input, &mut self.count, &mut self.notes) {
                Some(Step::Start(frame)) => self.start(side, frame, out),
                Some(Step::Content(frame, piece)) => self.content(side, frame, piece),
                Some(Step::End(frame)) => self.end(side, frame, out),
                None => break,
            }
        }
    }

    fn start(&mut self, side: Side, frame: Frame, out: Out<'_>) {
        let opened = self.streams.opened;
        let peer = pick(&mut self.client, &mut self.server, side);
        peer.flood.count(&frame, opened, &mut self.notes);
        (peer.small, peer.small_have) = ([0; 8], 0);
        if frame.stream == 0 && matches!(frame.kind, DATA | HEADERS | PUSH_PROMISE | RST_STREAM) {
            self.notes.add("h2_stream_zero", frame.at, format!("a frame of type {} on stream 0", frame.kind));
        }
        let in_block = peer.block.as_ref().map(|block| block.first.stream);
        if in_block.is_some() && (frame.kind != CONTINUATION || in_block != Some(frame.stream)) {
            self.notes.add("h2_frame_in_block", frame.at, "another frame inside a field block");
            if matches!(frame.kind, HEADERS | PUSH_PROMISE | CONTINUATION) {
                self.flush(side, out);
            }
        }
        let peer = pick(&mut self.client, &mut self.server, side);
        match frame.kind {
            HEADERS => peer.block = Some(Block::new(frame, None)),
            PUSH_PROMISE => peer.block = Some(Block::new(frame, Some(peer.reader.promised()))),
            CONTINUATION => match &mut peer.block {
                Some(block) => {
                    if block.go_on(&self.limits) {
                        self.notes.add(
                            "h2_continuation_flood",
                            frame.at,
                            "another CONTINUATION of one block",
                        );
                    }
                }
                None => {
                    // Where in the block it starts is not known.
                    self.notes.add(
                        "h2_stray_continuation",
                        frame.at,
                        "CONTINUATION without a block before it",
                    );
                    peer.decoder.lose();
                }
            },
            _ => {}
        }
    }

    fn content(&mut self, side: Side, frame: Frame, piece: Input<'_>) {
        let len = piece.bytes.len() as u64;
        let peer = pick(&mut self.client, &mut self.server, side);
        match frame.kind {
            DATA => {
                self.count.over_limit += self.streams.data(place(side, &frame), piece, &self.limits);
            }
            HEADERS | PUSH_PROMISE | CONTINUATION => match &mut peer.block {
                Some(block) => {
                    if let Some(kept) = block.push(piece.bytes, piece.time, &self.limits) {
                        let at = piece.at.saturating_add(kept as u64);
                        self.notes.add("h2_block_over_limit", at, "the rest of a field block is not read");
                    }
                }
                None => self.count.opaque += len,
            },
            SETTINGS if !frame.has(ACK) => {
                peer.settings.push(piece.bytes);
                self.count.framing += len;
            }
            RST_STREAM | GOAWAY => {
                let free = peer.small.get_mut(peer.small_have..).unwrap_or_default();
                let mut taken = 0;
                for (to, from) in free.iter_mut().zip(piece.bytes) {
                    *to = *from;
                    taken += 1;
                }
                peer.small_have += taken;
                self.count.framing += taken as u64;
                self.count.opaque += len - taken as u64;
            }
            SETTINGS | PING | PRIORITY | WINDOW_UPDATE | ALTSVC | ORIGIN | PRIORITY_UPDATE => {
                self.count.framing += len;
            }
            _ => self.count.opaque += len,
        }
    }

    fn end(&mut self, side: Side, frame: Frame, out: Out<'_>) {
        match frame.kind {
            DATA => {
                if frame.has(END_STREAM)
                    && let Some(message) = self.streams.end(frame.stream, side)
                {
                    out(message);
                }
                // Not after each piece: what is handed on depends on the frames, not on how they were cut up.
                self.keep_limits(frame.at, out);
            }
            HEADERS | PUSH_PROMISE | CONTINUATION if frame.has(END_HEADERS) => {
                if let Some(block) = &mut self.peer(side).block {
                    block.is_ended = true;
                }
                self.flush(side, out);
            }
            RST_STREAM => {
                let code = self.peer(side).small_code(0);
                self.streams.reset(frame.stream, code, out);
            }
            SETTINGS if frame.has(ACK) => {
                let acked = self.peer(side.other()).settings.acknowledge();
                let peer = self.peer(side);
                peer.acked = acked.or(peer.acked);
            }
            SETTINGS => {
                let peer = self.peer(side);
                peer.settings.end();
                let max_frame = peer.settings.max_frame;
                self.peer(side.other()).reader.max_frame = Some(max_frame);
            }
            GOAWAY => {
                let (last, code) = (self.peer(side).small_code(0), self.peer(side).small_code(4));
                if code != 0 {
                    let what = format!("the connection ends with error {code} after stream {last}");
                    self.notes.add("h2_goaway_error", frame.at, what);
                }
            }
            _ => {}
        }
    }

    fn keep_limits(&mut self, at: u64, out: Out<'_>) {
        for _ in 0..self.streams.evict(&self.limits, out) {
            self.notes.add("h2_over_limit", at, "more open streams or bytes in them than are kept");
        }
    }
}

fn pick<'a>(client: &'a mut Peer, server: &'a mut Peer, side: Side) -> &'a mut Peer {
    match side {
        Side::Client => client,
        Side::Server => server,
    }
}

fn place(side: Side, frame: &Frame) -> Place {
    Place { stream: frame.stream, side, at: frame.at, time: frame.time }
}

#[cfg(test)]
mod tests;
