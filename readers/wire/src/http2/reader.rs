//! Frames out of one side's bytes, each in pieces as they come: nothing of a payload is held here.

use super::frame::{Frame, HEADER};
use super::limits::Count;
use crate::Notes;

/// Padding length, priority and promised stream.
const LONGEST_PREFIX: usize = 10;

/// Bytes of one push that are still to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) bytes: &'a [u8],
    /// Where they start in the capture file.
    pub(super) at: u64,
    pub(super) time: Option<i64>,
}

impl Input<'_> {
    /// Takes at most so many bytes from the front.
    pub(super) fn take(&mut self, most: usize) -> Self {
        let (taken, rest) = self.bytes.split_at(most.min(self.bytes.len()));
        let piece = Input { bytes: taken, ..*self };
        self.bytes = rest;
        self.at = self.at.saturating_add(taken.len() as u64);
        piece
    }
}

/// What comes next in the bytes of a side.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A frame began; its content follows.
    Start(Frame),
    /// A piece of the frame's content: padding and what stands before the content are taken off.
    Content(Frame, Input<'a>),
    /// The frame is over.
    End(Frame),
}

/// How far a frame has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Prefix,
    Content,
}

/// The state between two frames or within one.
#[derive(Debug)]
pub(super) struct Reader {
    stage: Stage,
    header: [u8; HEADER],
    prefix: [u8; LONGEST_PREFIX],
    /// Bytes of the header or the prefix that are there.
    have: usize,
    prefix_length: usize,
    frame: Frame,
    /// Units: bytes of the payload.
    content_left: u32,
    padding_left: u32,
    has_bad_padding: bool,
    /// The largest payload that the peer takes; `None` until it said so.
    pub(super) max_frame: Option<u32>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Header,
            header: [0; HEADER],
            prefix: [0; LONGEST_PREFIX],
            have: 0,
            prefix_length: 0,
            frame: Frame { kind: 0, flags: 0, stream: 0, length: 0, at: 0, time: None },
            content_left: 0,
            padding_left: 0,
            has_bad_padding: false,
            max_frame: None,
        }
    }

    /// The next step; `None` when the input is used up.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut Input<'a>,
        count: &mut Count,
        notes: &mut Notes,
    ) -> Option<Step<'a>> {
        loop {
            match self.stage {
                Stage::Header => {
                    if self.have == 0 {
                        (self.frame.at, self.frame.time) = (input.at, input.time);
                    }
                    count.framing += fill(&mut self.header, &mut self.have, input);
                    if self.have < HEADER {
                        return None;
                    }
                    self.start(notes);
                }
                Stage::Prefix => {
                    let wanted = self.prefix.get_mut(..self.prefix_length).unwrap_or_default();
                    count.framing += fill(wanted, &mut self.have, input);
                    if self.have < self.prefix_length {
                        return None;
                    }
                    self.pad(notes);
                    self.stage = Stage::Content;
                    return Some(Step::Start(self.frame));
                }
                Stage::Content if self.content_left > 0 => {
                    let piece = input.take(self.content_left as usize);
                    let taken = u32::try_from(piece.bytes.len()).ok().filter(|taken| *taken > 0)?;
                    self.content_left -= taken;
                    return Some(Step::Content(self.frame, piece));
                }
                Stage::Content if self.padding_left > 0 => {
                    let piece = input.take(self.padding_left as usize);
                    let taken = u32::try_from(piece.bytes.len()).ok().filter(|taken| *taken > 0)?;
                    self.padding_left -= taken;
                    count.framing += u64::from(taken);
                    if !self.has_bad_padding && piece.bytes.iter().any(|byte| *byte != 0) {
                        self.has_bad_padding = true;
                        notes.add("h2_padding_not_zero", self.frame.at, "padding that says something");
                    }
                }
                Stage::Content => {
                    (self.stage, self.have) = (Stage::Header, 0);
                    return Some(Step::End(self.frame));
                }
            }
        }
    }

    /// A header is whole.
    fn start(&mut self, notes: &mut Notes) {
        self.frame = Frame::parse(self.header, self.frame.at, self.frame.time);
        self.content_left = self.frame.length;
        self.prefix = [0; LONGEST_PREFIX];
        (self.stage, self.have) = (Stage::Prefix, 0);
        (self.padding_left, self.has_bad_padding) = (0, false);
        self.prefix_length = usize::from(self.frame.prefix());
        if !self.frame.has_right_length() {
            let what = format!("a frame of type {} with {} bytes", self.frame.kind, self.frame.length);
            notes.add("h2_frame_length", self.frame.at, what);
            self.prefix_length = self.prefix_length.min(self.frame.length as usize);
        } else if self.max_frame.is_some_and(|max| self.frame.length > max) {
            let what = format!("a frame of {} bytes, more than the peer said it takes", self.frame.length);
            notes.add("h2_frame_too_large", self.frame.at, what);
        }
    }

    /// The prefix is whole: what is left is content and padding.
    fn pad(&mut self, notes: &mut Notes) {
        self.content_left -= u32::try_from(self.prefix_length).unwrap_or(0).min(self.content_left);
        let [padding, ..] = self.prefix;
        if !self.frame.is_padded() || self.prefix_length == 0 {
            return;
        }
        if let Some(content) = self.content_left.checked_sub(u32::from(padding)) {
            (self.content_left, self.padding_left) = (content, u32::from(padding));
        } else {
            // A receiver ends the connection here. All of it is taken for content, so that nothing is hidden.
            notes.add("h2_bad_padding", self.frame.at, "more padding than payload");
        }
    }

    /// The stream that a PUSH_PROMISE promises.
    pub(super) fn promised(&self) -> u32 {
        let from = usize::from(self.frame.is_padded());
        let id = self.prefix.get(from..from + 4).and_then(|id| id.try_into().ok()).unwrap_or_default();
        u32::from_be_bytes(id) & 0x7fff_ffff
    }

    /// The frame in which the reader stands, unless it stands between two.
    pub(super) fn within(&self) -> Option<Frame> {
        (self.stage == Stage::Content).then_some(self.frame)
    }

    /// Steps over bytes that were not captured. `true` if they end within the frame or with it, so that the next header is
    /// where it should be.
    pub(super) fn skip(&mut self, len: u64) -> bool {
        let left = u64::from(self.content_left) + u64::from(self.padding_left);
        if self.stage == Stage::Content && len <= left {
            let content = u32::try_from(len).unwrap_or(u32::MAX).min(self.content_left);
            self.content_left -= content;
            self.padding_left -=
                u32::try_from(len - u64::from(content)).unwrap_or(u32::MAX).min(self.padding_left);
            return true;
        }
        (self.stage, self.have) = (Stage::Header, 0);
        false
    }
}

/// Fills a small buffer; gives how many bytes that took.
fn fill(buffer: &mut [u8], have: &mut usize, input: &mut Input<'_>) -> u64 {
    let Some(free) = buffer.get_mut(*have..) else { return 0 };
    let piece = input.take(free.len());
    for (to, from) in free.iter_mut().zip(piece.bytes) {
        *to = *from;
    }
    *have += piece.bytes.len();
    piece.bytes.len() as u64
}
