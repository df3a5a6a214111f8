//! A block of lines, checked by itself: spelling, hashes, links inside the block, signatures.
//!
//! Blocks need nothing of one another, so they are checked on any thread; what joins them is compared afterwards.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use memchr::memchr_iter;

use super::breaks::{BreakReason, Replaced};
use super::checkpoint::{self, Checkpoint};
use super::defect;
use super::details::{Decisions, Detail, Worker};
use super::link::Link;
use crate::contract::Signers;
use crate::entry::{Entry, HashCheck, LineFault, Room, diagnose, read};
use crate::keys::KeyRing;

/// What every block of a session is checked against.
pub(crate) struct Context<'c> {
    pub(crate) keys: &'c KeyRing,
    /// Who may sign evidence receipts.
    pub(crate) signers: Signers<'c>,
    /// The session's name as entries spell it: from the files' names or, if they state none, from the first entry.
    pub(crate) session: OnceLock<Vec<u8>>,
    /// Hashes of heads that were recorded elsewhere.
    pub(crate) heads: &'c BTreeSet<[u8; 32]>,
    /// The longest line that is read.
    pub(crate) line_limit: usize,
}

impl Context<'_> {
    /// Takes the session from the first entry of a block, if it is not known yet. Blocks are seen in their order.
    pub(crate) fn learn_session(&self, block: &[u8], room: &mut Room) {
        if self.session.get().is_some() {
            return;
        }
        let mut lines = block.split(|byte| *byte == b'\n').filter(|line| line.len() <= self.line_limit);
        let first = lines.find_map(|line| read(line, room).ok().map(|entry| entry.session));
        if let Some(first) = first {
            self.session.get_or_init(|| first.content.to_vec());
        }
    }

    fn is_of_session(&self, entry: &Entry<'_>) -> bool {
        self.session.get().is_none_or(|session| entry.session.content == session)
    }
}

/// What stands before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Before {
    /// Nothing yet.
    #[default]
    Nothing,
    /// An entry.
    Entry(Link),
    /// A line of which neither number nor hash can be read: nothing can be said of the next.
    Unknown,
}

/// What a block holds.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) lines: u64,
    pub(crate) entries: u64,
    /// The first line's entry, if the block has a line and it can be read.
    pub(crate) first: Option<Link>,
    /// Whether the first line must follow the line before the block: not what is damaged, or of another session.
    pub(crate) first_follows: bool,
    pub(crate) last: Before,
    /// The last line that was an entry.
    pub(crate) last_entry: Option<Link>,
    pub(crate) notes: Vec<Note>,
    /// Breaks beyond those that are kept of a block.
    pub(crate) more_breaks: u64,
    /// Entries that are right by themselves and follow one another, at most as many runs as breaks are kept.
    pub(crate) runs: Vec<Run>,
    /// Whether the last line ends the last run.
    pub(crate) last_is_good: bool,
    kept_breaks: u64,
    /// Whether nothing is wrong so far with the line that is looked at.
    is_good: bool,
    /// Entries whose time is before that of the entry before; none of it is a break.
    pub(crate) backwards: u64,
    /// Entries that name an encrypted original.
    pub(crate) sidecars: u64,
    /// Entries whose detail the recorder took out or blanked.
    pub(crate) redacted: u64,
    pub(crate) decisions: Decisions,
}

/// Entries that are right by themselves and follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    /// The line that it starts with, within the block, counted from 0.
    pub(crate) line: u64,
}

/// Something that the fold must know, in order of lines.
#[derive(Debug)]
pub(crate) struct Note {
    /// The line within the block, counted from 0.
    pub(crate) line: u64,
    /// The line's first byte within the block.
    pub(crate) offset: u64,
    pub(crate) seq: Option<u64>,
    pub(crate) what: What,
}

/// What was noted.
#[derive(Debug)]
pub(crate) enum What {
    /// The line is wrong by itself, or does not follow the line before it in the block.
    Break(BreakReason),
    /// The same, and the hash may differ for a known reason: the line, to try that.
    Replaced(Vec<u8>),
    /// A checkpoint.
    Checkpoint(Checkpoint),
    /// A detail that is signed by itself.
    Detail(Detail),
    /// An entry whose type no recorder is known to write.
    UnknownType(String),
    /// A head that was recorded elsewhere.
    Head([u8; 32]),
}

/// More breaks of one block are counted, not kept.
const MOST_BREAKS: u64 = 1024;

/// Checks the lines of a block. Each line ends in a newline.
pub(crate) fn check(block: &[u8], context: &Context<'_>, worker: &mut Worker) -> Checked {
    let mut out = Checked::default();
    let mut start = 0;
    let mut lines = memchr_iter(b'\n', block).map(|end| {
        let line = (start as u64, block.get(start..end).unwrap_or_default());
        start = end + 1;
        line
    });
    // Two at a time, because two hashes cost less together.
    while let Some(one) = lines.next() {
        let first = Line::of(one, context, &mut worker.rooms[0]);
        let Some(other) = lines.next() else {
            let hash = first.entry().map(|entry| entry.check_hash(&mut worker.rooms[0]));
            out.line(&first, hash, context, worker);
            break;
        };
        let second = Line::of(other, context, &mut worker.rooms[1]);
        let [hash, other_hash] = hashes([&first, &second], &mut worker.rooms);
        out.line(&first, hash, context, worker);
        out.line(&second, other_hash, context, worker);
    }
    out
}

/// A line, and what the strict reading makes of it.
struct Line<'l> {
    offset: u64,
    bytes: &'l [u8],
    /// The place at which it was refused; none if it is too long to be read.
    read: Result<Entry<'l>, Option<usize>>,
}

impl<'l> Line<'l> {
    fn of((offset, bytes): (u64, &'l [u8]), context: &Context<'_>, room: &mut Room) -> Self {
        let read = if bytes.len() > context.line_limit { Err(None) } else { read(bytes, room).map_err(Some) };
        Self { offset, bytes, read }
    }

    fn entry(&self) -> Option<&Entry<'l>> {
        self.read.as_ref().ok()
    }
}

fn hashes(lines: [&Line<'_>; 2], rooms: &mut [Room; 2]) -> [Option<HashCheck>; 2] {
    match lines.map(Line::entry) {
        [Some(one), Some(other)] => Entry::check_hashes([one, other], rooms).map(Some),
        entries => {
            let [first, second] = rooms;
            let [one, other] = entries;
            [one.map(|entry| entry.check_hash(first)), other.map(|entry| entry.check_hash(second))]
        }
    }
}

impl Checked {
    /// Takes in a line whose hash was checked, if it is an entry.
    fn line(&mut self, line: &Line<'_>, hash: Option<HashCheck>, context: &Context<'_>, worker: &mut Worker) {
        let at = (self.lines, line.offset);
        self.is_good = true;
        let found = match (&line.read, hash) {
            (Ok(entry), Some(hash)) => Some(self.entry(entry, hash, line.bytes, at, context, worker)),
            (Err(Some(place)), _) => self.refused(line.bytes, *place, at),
            _ => {
                let (bytes, limit) = (line.bytes.len() as u64 + 1, context.line_limit as u64);
                let fault = LineFault::TooLong { bytes, limit };
                self.note(at, None, What::Break(BreakReason::Line { fault, content_agrees: false }));
                None
            }
        };
        self.extend(found);
        if let (Ok(_), Some(link)) = (&line.read, found) {
            self.last_entry = Some(link);
        }
        if self.lines == 0 {
            self.first = found;
        }
        self.last = found.map_or(Before::Unknown, Before::Entry);
        self.lines += 1;
    }

    fn note(&mut self, (line, offset): (u64, u64), seq: Option<u64>, what: What) {
        if matches!(what, What::Break(_) | What::Replaced(_)) {
            self.is_good = false;
            // A block of newlines only would else take a hundred times its size.
            if self.kept_breaks == MOST_BREAKS {
                self.more_breaks += 1;
                return;
            }
            self.kept_breaks += 1;
        }
        self.notes.push(Note { line, offset, seq, what });
    }

    /// Adds the line that was looked at to the run before it, or starts a run with it.
    fn extend(&mut self, found: Option<Link>) {
        let Some(link) = found.filter(|_| self.is_good) else {
            self.last_is_good = false;
            return;
        };
        if let Some(run) = self.runs.last_mut().filter(|_| self.last_is_good) {
            run.last_seq = link.seq;
            return;
        }
        self.last_is_good = (self.runs.len() as u64) < MOST_BREAKS;
        if self.last_is_good {
            self.runs.push(Run { first_seq: link.seq, last_seq: link.seq, line: self.lines });
        }
    }

    /// A line that is no entry; a link if its number and hashes can be read all the same.
    fn refused(&mut self, line: &[u8], place: usize, at: (u64, u64)) -> Option<Link> {
        let found = diagnose(line, place);
        let reason = BreakReason::Line { fault: found.fault, content_agrees: found.content_agrees };
        self.note(at, found.seq, What::Break(reason));
        let (seq, hash) = (found.seq?, found.hash?);
        Some(Link {
            version: found.version?,
            seq,
            stamp: crate::spelling::Stamp::default(),
            prev: found.prev,
            hash,
        })
    }

    fn entry(
        &mut self,
        entry: &Entry<'_>,
        hash: HashCheck,
        line: &[u8],
        at: (u64, u64),
        context: &Context<'_>,
        worker: &mut Worker,
    ) -> Link {
        let this = Link::of(entry);
        self.entries += 1;
        self.sidecars += u64::from(!entry.raw_ref.content.is_empty());
        let seq = Some(entry.seq);
        match hash {
            HashCheck::Agrees => {}
            HashCheck::Ambiguous => self.note(at, seq, What::Break(BreakReason::Ambiguous)),
            HashCheck::Differs if defect::is_possible(entry, line) => {
                self.note(at, seq, What::Replaced(line.to_vec()));
            }
            HashCheck::Differs => {
                let replaced = if defect::has_replaced(entry) { Replaced::Possible } else { Replaced::None };
                self.note(at, seq, What::Break(BreakReason::HashDiffers { replaced }));
            }
        }
        let is_of_session = context.is_of_session(entry);
        if !is_of_session {
            self.note(at, seq, What::Break(BreakReason::OtherSession));
        }
        let is_checkpoint = entry.kind.content == b"checkpoint";
        let checkpoint = is_checkpoint.then(|| checkpoint::read(entry, context.keys)).flatten();
        if is_checkpoint && checkpoint.is_none() {
            self.note(at, seq, What::Break(BreakReason::CheckpointForm));
        }
        // What is wrong between two lines comes behind what is wrong with one, as it must where a block starts.
        if is_of_session {
            self.follows(&this, at);
        }
        if let Some(checkpoint) = checkpoint {
            self.note(at, seq, What::Checkpoint(checkpoint));
        } else if !is_checkpoint {
            self.detail(entry, at, context, worker);
        }
        if !context.heads.is_empty() && context.heads.contains(&entry.hash) {
            self.note(at, seq, What::Head(entry.hash));
        }
        this
    }

    /// Compares an entry with the line before it, if that stands in the block.
    fn follows(&mut self, this: &Link, at: (u64, u64)) {
        self.first_follows |= self.lines == 0;
        let Before::Entry(before) = self.last else { return };
        if let Some(reason) = before.before(this) {
            // The entry itself may be right: then it begins a run of its own.
            let is_good = self.is_good;
            self.note(at, Some(this.seq), What::Break(reason));
            self.is_good = is_good;
            self.last_is_good = false;
        }
        self.backwards += u64::from(this.stamp < before.stamp);
    }
}
