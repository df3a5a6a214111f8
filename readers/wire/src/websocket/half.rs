//! One direction of a connection: bytes to frames, frames to messages.

use super::building::{Building, Piece};
use super::frame::{Header, LONGEST, apply_mask, size};
use super::inflate::{Inflater, Stop};
use super::message::{Count, Message, Opcode};
use super::oddities::{Seen, note};
use super::search::Search;
use super::{Limits, Side};
use crate::Notes;

/// What both directions share.
pub(super) struct Env<'a> {
    pub(super) limits: &'a Limits,
    pub(super) notes: &'a mut Notes,
    pub(super) out: &'a mut dyn FnMut(Message),
}

/// One direction.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) side: Side,
    pub(super) inflater: Option<Inflater>,
    pub(super) state: State,
    /// The header that is being read, and where it begins.
    pub(super) head: Vec<u8>,
    pub(super) head_at: u64,
    head_time: Option<i64>,
    pub(super) frame: Frame,
    pub(super) message: Option<Building>,
    pub(super) control: Option<Building>,
    scratch: Vec<u8>,
    is_closed: bool,
    pub(super) count: Count,
}

/// What the next byte is.
#[derive(Debug)]
pub(super) enum State {
    Header,
    Payload,
    Search(Search),
    /// Bytes after a header that no peer reads on from.
    Opaque,
}

/// The frame whose payload is being read.
#[derive(Debug, Default)]
pub(super) struct Frame {
    is_final: bool,
    pub(super) is_control: bool,
    mask: Option<[u8; 4]>,
    /// How much of the payload came, and how much is to come.
    pub(super) done: u64,
    pub(super) left: u64,
}

impl Half {
    /// One direction; `keeps_window` where messages may be compressed.
    pub(super) fn new(side: Side, keeps_window: Option<bool>, is_midstream: bool) -> Self {
        let mut inflater = keeps_window.map(Inflater::new);
        if let (Some(inflater), true) = (&mut inflater, is_midstream) {
            inflater.lose();
        }
        Self {
            side,
            inflater,
            state: if is_midstream { State::Search(Search::new()) } else { State::Header },
            head: Vec::with_capacity(LONGEST),
            head_at: 0,
            head_time: None,
            frame: Frame::default(),
            message: None,
            control: None,
            scratch: Vec::new(),
            is_closed: false,
            count: Count::default(),
        }
    }

    pub(super) const fn count(&self) -> Count {
        self.count
    }

    pub(super) fn push(&mut self, env: &mut Env<'_>, bytes: &[u8], at: u64, time: Option<i64>) {
        if let State::Search(search) = &mut self.state {
            let look = Self::look(self.side, self.inflater.is_some(), env.limits);
            let (given_up, is_found) = search.push(bytes, at, time, look);
            self.count.opaque += given_up as u64;
            if is_found {
                self.resume(env);
            }
        } else {
            self.read(env, bytes, at, time);
        }
    }

    pub(super) fn read(&mut self, env: &mut Env<'_>, mut bytes: &[u8], mut at: u64, time: Option<i64>) {
        while !bytes.is_empty() {
            let used = match &self.state {
                State::Header => self.header(env, bytes, at, time),
                State::Payload => {
                    let left = usize::try_from(self.frame.left).unwrap_or(usize::MAX);
                    let piece = bytes.get(..left).unwrap_or(bytes);
                    self.payload(env, piece, at);
                    piece.len()
                }
                State::Search(_) | State::Opaque => {
                    self.count.opaque += bytes.len() as u64;
                    bytes.len()
                }
            };
            bytes = bytes.get(used..).unwrap_or_default();
            at = at.saturating_add(used as u64);
        }
    }

    /// Takes bytes of a header, and says how many.
    fn header(&mut self, env: &mut Env<'_>, bytes: &[u8], at: u64, time: Option<i64>) -> usize {
        if self.head.is_empty() {
            self.head_at = at;
            self.head_time = time;
        }
        let mut used = 0;
        while self.head.len() < size(&self.head) {
            let Some(byte) = bytes.get(used) else { break };
            self.head.push(*byte);
            used += 1;
        }
        self.count.framing += used as u64;
        if let Some(header) = Header::read(&self.head) {
            self.head.clear();
            self.begin(env, header);
        }
        used
    }

    fn begin(&mut self, env: &mut Env<'_>, header: Header) {
        let seen = Seen { side: self.side, may_compress: self.inflater.is_some(), is_closed: self.is_closed };
        note(&header, seen, self.head_at, env.notes);
        if header.payload >> 63 != 0 {
            env.notes.add(
                "ws_length_too_long",
                self.head_at,
                "a frame's length is 2^63 or more; no peer reads on",
            );
            self.state = State::Opaque;
            return;
        }
        if header.is_control() {
            self.control =
                Some(Building::new(Opcode::read(header.opcode), false, self.head_at, self.head_time));
            self.is_closed |= header.opcode == 8;
        } else {
            self.begin_data(env, &header);
        }
        let (is_final, is_control) = (header.is_final, header.is_control());
        self.frame = Frame { is_final, is_control, mask: header.mask, done: 0, left: header.payload };
        self.state = State::Payload;
        if header.payload == 0 {
            self.end_frame(env);
        }
    }

    fn begin_data(&mut self, env: &mut Env<'_>, header: &Header) {
        if header.opcode == 0 {
            if let Some(message) = &mut self.message {
                message.next_at = None;
                return;
            }
            env.notes.add("ws_stray_continuation", self.head_at, "a continuation of no message");
        } else if let Some(mut unfinished) = self.message.take() {
            env.notes.add(
                "ws_unfinished_message",
                self.head_at,
                "a message begins before the last one's end",
            );
            unfinished.is_cut = true;
            self.lose_window(env, unfinished.was_compressed, unfinished.at);
            self.give(env, unfinished);
        }
        let is_compressed = header.reserved & 4 != 0 && header.opcode != 0 && self.inflater.is_some();
        let mut message =
            Building::new(Opcode::read(header.opcode), is_compressed, self.head_at, self.head_time);
        message.is_cut = header.opcode == 0;
        let limits = (env.limits.free_expansion_bytes, env.limits.expansion_ratio);
        if is_compressed && self.inflater.as_ref().is_some_and(|it| !it.is_within(limits.0, limits.1)) {
            message.stop = Some(Stop::Skipped);
            env.notes.add(
                "ws_expansion_over_limit",
                self.head_at,
                "messages expand over the ratio; not inflated",
            );
        }
        self.message = Some(message);
    }

    fn payload(&mut self, env: &mut Env<'_>, bytes: &[u8], at: u64) {
        let piece = Piece { bytes, at, mask: self.frame.mask, offset: self.frame.done };
        let size = bytes.len() as u64;
        self.frame.done += size;
        self.frame.left -= size;
        self.count.content += size;
        let limits = env.limits;
        let target = if self.frame.is_control { &mut self.control } else { &mut self.message };
        let cap = if self.frame.is_control { limits.control_bytes } else { limits.message_bytes };
        if let Some(message) = target {
            message.wire += size;
            if message.was_compressed {
                self.inflate(env, piece);
            } else {
                let over = message.append(piece, cap, limits.extents) as u64;
                self.count.over_limit += over;
                self.count.content -= over;
            }
        }
        if self.frame.left == 0 {
            self.end_frame(env);
        }
    }

    fn inflate(&mut self, env: &mut Env<'_>, piece: Piece<'_>) {
        let (Some(message), Some(inflater)) = (&mut self.message, &mut self.inflater) else { return };
        inflater.book(piece.bytes.len());
        if message.stop.is_some() {
            return;
        }
        message.place(piece.at, piece.bytes.len(), env.limits.extents);
        let bytes = match piece.mask {
            Some(mask) => {
                self.scratch.clear();
                self.scratch.extend_from_slice(piece.bytes);
                apply_mask(&mut self.scratch, mask, piece.offset);
                self.scratch.as_slice()
            }
            None => piece.bytes,
        };
        let cap = env.limits.message_bytes;
        message.stop = inflater.write(bytes, &mut message.data, cap, &mut message.unknown).err();
    }

    fn end_frame(&mut self, env: &mut Env<'_>) {
        self.state = State::Header;
        if self.frame.is_control {
            if let Some(control) = self.control.take() {
                self.give(env, control);
            }
            return;
        }
        if !self.frame.is_final {
            return;
        }
        let Some(mut message) = self.message.take() else { return };
        if let (true, None, Some(inflater)) = (message.was_compressed, message.stop, &mut self.inflater) {
            let cap = env.limits.message_bytes;
            message.stop = inflater.end(&mut message.data, cap, &mut message.unknown).err();
        }
        if message.stop.is_some() {
            self.lose_window(env, message.was_compressed, message.at);
        }
        self.give(env, message);
    }

    /// After bytes that were not inflated, later messages may copy from what is not known.
    pub(super) fn lose_window(&mut self, env: &mut Env<'_>, matters: bool, at: u64) {
        let Some(inflater) = self.inflater.as_mut().filter(|_| matters) else { return };
        if inflater.lose() {
            env.notes.add("ws_window_lost", at, "what compressed messages copy from is not known any more");
        }
    }

    pub(super) fn give(&mut self, env: &mut Env<'_>, mut message: Building) {
        self.book_stop(env, &mut message);
        if message.unknown > 0 {
            env.notes.add(
                "ws_unknown_bytes",
                message.at,
                "bytes were copied from before a gap; zeros stand there",
            );
        }
        let is_whole = !message.is_cut && message.unknown == 0;
        let is_text = match message.opcode {
            Opcode::Text => Some(message.data.as_slice()),
            Opcode::Close => message.data.get(2..).or(Some(&[])),
            _ => None,
        };
        if is_whole && is_text.is_some_and(|text| std::str::from_utf8(text).is_err()) {
            env.notes.add("ws_bad_utf8", message.at, "a text is not UTF-8");
        }
        if message.opcode == Opcode::Close && message.data.len() == 1 {
            env.notes.add("ws_short_close", message.at, "a close frame has one byte of its code");
        }
        if message.was_compressed {
            // Inflation leaves room that would stay with the message.
            message.data.shrink_to_fit();
        }
        (env.out)(Message {
            side: self.side,
            opcode: message.opcode,
            data: message.data.into(),
            was_compressed: message.was_compressed,
            time: message.time,
            extents: message.extents,
            is_cut: message.is_cut,
            unknown: message.unknown,
        });
    }

    fn book_stop(&mut self, env: &mut Env<'_>, message: &mut Building) {
        let Some(stop) = message.stop else { return };
        message.is_cut = true;
        let account = match stop {
            Stop::Skipped => &mut self.count.over_limit,
            Stop::OverLimit => {
                env.notes.add(
                    "ws_message_over_limit",
                    message.at,
                    "a message is over the cap; its rest is counted",
                );
                &mut self.count.over_limit
            }
            Stop::Damaged => {
                env.notes.add("ws_bad_deflate", message.at, "a compressed message does not inflate");
                &mut self.count.opaque
            }
        };
        if message.was_compressed {
            *account += message.wire;
            self.count.content -= message.wire;
        }
    }
}
