//! A connection after its handshake: two directions and what they share.

use super::extensions::Agreed;
use super::half::{Env, Half};
use super::{Count, Message};
use crate::Notes;
use crate::Side;

/// Caps on what a connection keeps.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes of one message after inflation; the rest of it is counted.
    pub message_bytes: usize,
    /// The most bytes of one control frame's payload; the standard's own limit is 125.
    pub control_bytes: usize,
    /// The most pieces of a message whose places are kept; genuine messages have one for each packet.
    pub extents: usize,
    /// How many bytes a direction's messages inflate to for each compressed byte; JSON of model answers has about 10,
    /// deflate's maximum is 1,032.
    pub expansion_ratio: u64,
    /// How many bytes they inflate to whatever the ratio.
    pub free_expansion_bytes: u64,
    /// How many bytes are held while frames are looked for after a gap: several frames of common sizes.
    pub search_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 16 << 20,
            control_bytes: 64 << 10,
            extents: 1 << 16,
            expansion_ratio: 200,
            free_expansion_bytes: 64 << 20,
            search_bytes: 256 << 10,
        }
    }
}

/// Both directions of a WebSocket connection.
#[derive(Debug)]
pub struct Connection {
    client: Half,
    server: Half,
    limits: Limits,
    notes: Notes,
}

impl Connection {
    /// A connection whose handshake was seen: `extensions` is the response's `Sec-WebSocket-Extensions`, empty where it
    /// had none.
    pub fn new(extensions: &[u8], limits: Limits) -> Self {
        let agreed = Agreed::read(extensions);
        let mut notes = Notes::default();
        if agreed.unknown {
            let shown = extensions.get(..100).unwrap_or(extensions).escape_ascii().to_string();
            notes.add("ws_unknown_extension", 0, shown);
        }
        Self::with(agreed, false, limits, notes)
    }

    /// A connection that is seen from somewhere in its middle: frames are looked for, and messages may be compressed.
    pub fn midstream(limits: Limits) -> Self {
        Self::with(Agreed::UNSEEN, true, limits, Notes::default())
    }

    fn with(agreed: Agreed, is_midstream: bool, limits: Limits, notes: Notes) -> Self {
        let client = Half::new(Side::Client, agreed.deflate.map(|resets| !resets.client), is_midstream);
        let server = Half::new(Side::Server, agreed.deflate.map(|resets| !resets.server), is_midstream);
        Self { client, server, limits, notes }
    }

    /// Takes bytes of one direction that stand at `at` in the capture file.
    pub fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        out: &mut impl FnMut(Message),
    ) {
        let (half, mut env) = self.split(side, out);
        half.push(&mut env, bytes, at, time);
    }

    /// Takes the news that bytes of one direction are missing before what is pushed next; `at` is where they would have
    /// stood.
    pub fn gap(&mut self, side: Side, lost: u64, at: u64, out: &mut impl FnMut(Message)) {
        let (half, mut env) = self.split(side, out);
        half.gap(&mut env, lost, at);
    }

    /// Ends both directions: unfinished messages come out, marked as cut.
    pub fn finish(&mut self, out: &mut impl FnMut(Message)) {
        for side in [Side::Client, Side::Server] {
            let (half, mut env) = self.split(side, out);
            half.finish(&mut env);
        }
    }

    /// What broke the rules.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    /// The account of one direction.
    pub fn count(&self, side: Side) -> Count {
        match side {
            Side::Client => self.client.count(),
            Side::Server => self.server.count(),
        }
    }

    fn split<'a>(&'a mut self, side: Side, out: &'a mut dyn FnMut(Message)) -> (&'a mut Half, Env<'a>) {
        let half = match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        (half, Env { limits: &self.limits, notes: &mut self.notes, out })
    }
}
