//! One session's log from its first byte to its last.

use std::collections::VecDeque;
use std::io;
use std::sync::OnceLock;

use super::blocks::{BlockReader, OpenShard, Piece, Tail};
use super::breaks::{Break, BreakReason};
use super::check::Context;
use super::fold::Fold;
use super::lanes::Lanes;
use super::options::VerifyOptions;
use super::report::{SessionReport, Torn};
use super::tail::{TailKind, judge};
use crate::entry::{LineFault, Room};
use crate::receipt;
use crate::spelling::encode;

/// The files of one session, in order.
pub trait LogFiles {
    /// The session that the files' names state; none if they state none.
    fn session(&self) -> Option<&str>;
    /// How many files there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// A file's name.
    fn name(&self, index: usize) -> String;
    /// The sequence number that a file's name states; none if it states none.
    fn start(&self, index: usize) -> Option<u64>;
    /// Opens a file.
    fn open(&mut self, index: usize) -> io::Result<OpenShard>;
}

/// Verifies one session's log. Each break that the report names is told as soon as it is read.
pub fn verify_session(
    files: &mut dyn LogFiles,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> SessionReport {
    let index = options.head_index();
    let own;
    let heads = match files.session() {
        Some(session) => {
            own = index.hashes_of(session, &options.heads);
            &own
        }
        None => index.hashes(),
    };
    let session = OnceLock::new();
    if let Some(named) = files.session() {
        let mut spelled = Vec::new();
        encode(named.as_bytes(), &mut spelled);
        session.get_or_init(|| spelled.get(1..spelled.len() - 1).unwrap_or_default().to_vec());
    }
    let line_limit = options.line_limit;
    let signers = options.signers();
    let context = Context { keys: &options.keys, signers, session, heads, line_limit };
    let mut run = Run::new(&context, options, on_break);
    std::thread::scope(|scope| {
        let mut lanes = Lanes::start(options.threads, &context, scope);
        for index in 0..files.len() {
            run.file(files, index, &mut lanes);
        }
        while run.step(&mut lanes) {}
    });
    run.finish(files, &index)
}

/// What was read and not yet taken in, in order.
pub(super) enum Pending<'r> {
    Open {
        index: usize,
        name: String,
        start: Option<u64>,
        same_start: Option<String>,
    },
    Block {
        offset: u64,
    },
    TooLong {
        offset: u64,
        bytes: u64,
    },
    /// The session is the one that was known when the end was read.
    End {
        tail: Tail,
        bytes: u64,
        session: Option<&'r [u8]>,
    },
    /// `offset`: where what could not be read starts.
    Unreadable {
        why: String,
        offset: u64,
    },
}

pub(super) struct Run<'r> {
    pub(super) context: &'r Context<'r>,
    pub(super) options: &'r VerifyOptions,
    pub(super) fold: Fold<'r>,
    pub(super) pending: VecDeque<Pending<'r>>,
    /// Of the file that is being taken in.
    pub(super) index: usize,
    pub(super) stated: Option<u64>,
    pub(super) first_seq_of_file: Option<u64>,
    /// A file before this one that ended inside a line.
    pub(super) torn: Option<(Torn, u64)>,
    pub(super) bytes: u64,
    pub(super) empty_files: u64,
    pub(super) changed_files: u64,
    room: Room,
}

impl<'r> Run<'r> {
    fn new(
        context: &'r Context<'r>,
        options: &'r VerifyOptions,
        on_break: &'r mut dyn FnMut(&Break),
    ) -> Self {
        Self {
            context,
            options,
            fold: Fold::new(on_break, receipt::Chain::new(options.endorsements.clone()), &options.replaced),
            pending: VecDeque::new(),
            index: 0,
            stated: None,
            first_seq_of_file: None,
            torn: None,
            bytes: 0,
            empty_files: 0,
            changed_files: 0,
            room: Room::default(),
        }
    }

    /// Reads a file and gives its blocks out.
    fn file(&mut self, files: &mut dyn LogFiles, index: usize, lanes: &mut Lanes<'_>) {
        let (name, start) = (files.name(index), files.start(index));
        let same = start.is_some() && index > 0 && files.start(index - 1) == start;
        let same_start = same.then(|| files.name(index - 1));
        self.pending.push_back(Pending::Open { index, name, start, same_start });
        let mut reader = match files.open(index) {
            Ok(shard) => BlockReader::new(shard, self.options.line_limit),
            Err(error) => {
                self.pending.push_back(Pending::Unreadable { why: error.to_string(), offset: 0 });
                return;
            }
        };
        let mut good = 0;
        loop {
            let mut buffer = lanes.buffer();
            let piece = reader.next(&mut buffer);
            if let Ok(Piece::Lines { offset }) = &piece {
                self.pending.push_back(Pending::Block { offset: *offset });
                good = offset + buffer.bytes().len() as u64;
                self.context.learn_session(buffer.bytes(), &mut self.room);
                lanes.give(buffer);
            } else {
                lanes.give_back(buffer);
            }
            let ended = match piece {
                Ok(Piece::Lines { .. }) => false,
                Ok(Piece::TooLong { offset, bytes }) => {
                    self.pending.push_back(Pending::TooLong { offset, bytes });
                    good = offset + bytes;
                    false
                }
                Ok(Piece::End(tail)) => {
                    let session = self.context.session.get().map(Vec::as_slice);
                    self.pending.push_back(Pending::End { tail, bytes: reader.read(), session });
                    true
                }
                Err(error) => {
                    self.pending.push_back(Pending::Unreadable { why: error.to_string(), offset: good });
                    true
                }
            };
            while lanes.is_full() || !matches!(self.pending.front(), None | Some(Pending::Block { .. })) {
                self.step(lanes);
            }
            if ended {
                return;
            }
        }
    }

    /// Takes in the oldest piece. `false`: there is none.
    fn step(&mut self, lanes: &mut Lanes<'_>) -> bool {
        let Some(next) = self.pending.pop_front() else { return false };
        match next {
            Pending::Open { index, name, start, same_start } => {
                (self.index, self.stated, self.first_seq_of_file) = (index, start, None);
                if let Some(other) = same_start {
                    self.fold.push(BreakReason::TwoNames { other }, None, None);
                }
                self.fold.open(name, index);
            }
            Pending::Block { offset } => {
                let checked = lanes.take();
                self.another_file_follows();
                if self.fold.lines() == 0 {
                    self.first_seq_of_file = checked.first.map(|link| link.seq);
                }
                self.fold.take(checked, offset);
            }
            Pending::TooLong { offset, bytes } => {
                self.another_file_follows();
                let fault = LineFault::TooLong { bytes, limit: self.options.line_limit as u64 };
                self.fold.lost_line(BreakReason::Line { fault, content_agrees: false }, offset);
            }
            Pending::End { tail, bytes, session } => self.end(&tail, bytes, session),
            // The line after the last that was read: nothing else is known of the place.
            Pending::Unreadable { why, offset } => {
                let place = Some((self.fold.lines() + 1, offset));
                self.fold.push(BreakReason::Unreadable { why }, place, None);
            }
        }
        true
    }

    /// A file that ended inside a line is no torn tail if entries follow it.
    fn another_file_follows(&mut self) {
        if let Some((torn, line)) = self.torn.take() {
            let reason = BreakReason::TornInside { bytes: torn.bytes + torn.zero_bytes };
            self.fold.book(Break {
                file: Some(torn.file),
                line: Some(line),
                offset: Some(torn.last_good_offset),
                seq: None,
                seen: reason.to_string(),
                explanations: reason.explanations(),
                reason,
            });
        }
    }

    /// The end of a file.
    fn end(&mut self, tail: &Tail, bytes: u64, session: Option<&[u8]>) {
        self.bytes += bytes;
        self.changed_files += u64::from(tail.changed);
        self.empty_files += u64::from(bytes == 0);
        let kind = judge(tail, self.fold.before(), session, self.options.line_limit);
        if kind != TailKind::Clean {
            self.another_file_follows();
        }
        match kind {
            TailKind::Clean => {}
            TailKind::Bad(reason) => self.fold.lost_line(reason, tail.offset),
            TailKind::Torn { only_newline_missing, is_start_of_entry } => {
                let torn = Torn {
                    file: self.fold.file.clone(),
                    last_good_offset: tail.offset,
                    bytes: tail.fragment.len() as u64,
                    zero_bytes: tail.zeros,
                    only_newline_missing,
                    is_start_of_entry,
                };
                self.torn = Some((torn, self.fold.lines() + 1));
            }
        }
        self.check_name();
    }

    /// Whether the file's name states the number of its first entry.
    fn check_name(&mut self) {
        let (Some(stated), Some(found)) = (self.stated, self.first_seq_of_file) else { return };
        if stated == found {
            return;
        }
        // What the name promises and the first file does not hold was there; anything else is about names only.
        let place = (self.index == 0 && found > stated).then_some((1, 0));
        self.fold.push(BreakReason::Misnamed { stated, found }, place, Some(found));
    }
}
