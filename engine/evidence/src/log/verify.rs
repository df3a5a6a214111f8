//! One session's log from its first byte to its last.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

use super::blocks::{BlockReader, OpenShard, Piece, Tail};
use super::breaks::{Break, BreakReason};
use super::check::Context;
use super::fold::Fold;
use super::lanes::Lanes;
use super::report::{AnchorResult, EvidenceReceipts, FirstBad, Remark, SessionReport, Status, Torn};
use super::sentences;
use super::tail::{TailKind, judge};
use crate::contract::{KeyRoster, Signers};
use crate::entry::LineFault;
use crate::hex;
use crate::keys::KeyRing;
use crate::place::Place;
use crate::receipt::{self, Endorsement, ReceiptStatus, Receipts};
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

/// A head that was recorded outside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHead {
    /// The hash.
    pub hash: [u8; 32],
    /// The entry that has it, if that was recorded.
    pub seq: Option<u64>,
    /// The session, if that was recorded.
    pub session: Option<String>,
    /// Where it was recorded.
    pub source: String,
}

impl ExpectedHead {
    /// The hash as 64 lower-case hex digits.
    pub fn hex(&self) -> String {
        hex::encode(&self.hash)
    }

    /// A head of which only the hash is known, as 64 lower-case hex digits.
    pub fn from_hex(hash: &str, source: &str) -> Option<Self> {
        let hash = hex::decode(hash.as_bytes())?;
        Some(Self { hash, seq: None, session: None, source: source.to_owned() })
    }
}

/// How to verify.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The trusted keys.
    pub keys: KeyRing,
    /// Trusted keys that cannot sign a log of this format: they were given, so something must be signed.
    pub other_keys: u64,
    /// A verified roster of keys for evidence receipts, in place of the trusted keys.
    pub roster: Option<KeyRoster>,
    /// Endorsements of changes of the receipts' key.
    pub endorsements: Vec<Endorsement>,
    /// Heads that must be in the log.
    pub heads: Vec<ExpectedHead>,
    /// Whether heads without a session must be in this one.
    pub is_only_session: bool,
    /// Threads to check on.
    pub threads: usize,
    /// The longest line that is read.
    ///
    /// Units: bytes.
    pub line_limit: usize,
}

impl Default for VerifyOptions {
    /// Writers keep to 1 MiB or had no limit; sixteen leave room and bound memory.
    fn default() -> Self {
        Self {
            keys: KeyRing::default(),
            other_keys: 0,
            roster: None,
            endorsements: Vec::new(),
            heads: Vec::new(),
            is_only_session: false,
            threads: 1,
            line_limit: 16 << 20,
        }
    }
}

impl VerifyOptions {
    /// How many keys were given.
    pub(crate) fn keys_given(&self) -> u64 {
        self.keys.keys().len() as u64 + self.other_keys
    }

    pub(crate) fn signers(&self) -> Signers<'_> {
        self.roster.as_ref().map_or(Signers::Ring(&self.keys), Signers::Roster)
    }
}

/// Verifies one session's log. Each break is reported as soon as it is read.
pub fn verify_session(
    files: &mut dyn LogFiles,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> SessionReport {
    let wanted: Vec<&ExpectedHead> = options
        .heads
        .iter()
        .filter(|head| {
            files.session().is_none() || head.session.is_none() || head.session.as_deref() == files.session()
        })
        .collect();
    let hashes: BTreeSet<[u8; 32]> = wanted.iter().map(|head| head.hash).collect();
    let session = files.session().map(|session| {
        let mut spelled = Vec::new();
        encode(session.as_bytes(), &mut spelled);
        spelled.get(1..spelled.len() - 1).unwrap_or_default().to_vec()
    });
    let line_limit = options.line_limit;
    let signers = options.signers();
    let context = Context { keys: &options.keys, signers, session, heads: &hashes, line_limit };
    let mut run = Run::new(&context, options, on_break);
    std::thread::scope(|scope| {
        let mut lanes = Lanes::start(options.threads, &context, scope);
        for index in 0..files.len() {
            run.file(files, index, &mut lanes);
        }
        while run.step(&mut lanes) {}
    });
    run.finish(files, &wanted)
}

/// How many remarks about receipts are repeated among the log's; all are in the chain of receipts.
const MOST_REMARKS: usize = 10;

/// What was read and not yet taken in, in order.
enum Pending {
    Open { index: usize, name: String, start: Option<u64> },
    Block { offset: u64 },
    TooLong { offset: u64, bytes: u64 },
    End { tail: Tail, bytes: u64 },
    Unreadable { why: String },
}

struct Run<'r> {
    context: &'r Context<'r>,
    options: &'r VerifyOptions,
    fold: Fold<'r>,
    pending: VecDeque<Pending>,
    /// Of the file that is being taken in.
    index: usize,
    stated: Option<u64>,
    first_seq_of_file: Option<u64>,
    /// A file before this one that ended inside a line.
    torn: Option<(Torn, u64)>,
    bytes: u64,
    empty_files: u64,
    changed_files: u64,
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
            fold: Fold::new(on_break, receipt::Chain::new(options.endorsements.clone())),
            pending: VecDeque::new(),
            index: 0,
            stated: None,
            first_seq_of_file: None,
            torn: None,
            bytes: 0,
            empty_files: 0,
            changed_files: 0,
        }
    }

    /// Reads a file and gives its blocks out.
    fn file(&mut self, files: &mut dyn LogFiles, index: usize, lanes: &mut Lanes<'_>) {
        let (name, start) = (files.name(index), files.start(index));
        if start.is_some() && index > 0 && files.start(index - 1) == start {
            let other = files.name(index - 1);
            self.fold.push(BreakReason::TwoNames { other }, None, None);
        }
        self.pending.push_back(Pending::Open { index, name, start });
        let mut reader = match files.open(index) {
            Ok(shard) => BlockReader::new(shard, self.options.line_limit),
            Err(error) => {
                self.pending.push_back(Pending::Unreadable { why: error.to_string() });
                return;
            }
        };
        loop {
            let mut buffer = lanes.buffer();
            let piece = reader.next(&mut buffer);
            if let Ok(Piece::Lines { offset }) = &piece {
                self.pending.push_back(Pending::Block { offset: *offset });
                lanes.give(buffer);
            } else {
                lanes.give_back(buffer);
            }
            let ended = match piece {
                Ok(Piece::Lines { .. }) => false,
                Ok(Piece::TooLong { offset, bytes }) => {
                    self.pending.push_back(Pending::TooLong { offset, bytes });
                    false
                }
                Ok(Piece::End(tail)) => {
                    self.pending.push_back(Pending::End { tail, bytes: reader.read() });
                    true
                }
                Err(error) => {
                    self.pending.push_back(Pending::Unreadable { why: error.to_string() });
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
            Pending::Open { index, name, start } => {
                (self.index, self.stated, self.first_seq_of_file) = (index, start, None);
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
            Pending::End { tail, bytes } => self.end(&tail, bytes),
            Pending::Unreadable { why } => {
                let file = self.fold.file.clone();
                self.fold.push(BreakReason::Unreadable { why: format!("{file}: {why}") }, None, None);
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
    fn end(&mut self, tail: &Tail, bytes: u64) {
        self.bytes += bytes;
        self.changed_files += u64::from(tail.changed);
        self.empty_files += u64::from(bytes == 0);
        let spelled = self.context.session.as_deref().or(self.fold.session.as_deref());
        let kind = judge(tail, self.fold.before(), spelled, self.options.line_limit);
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

    fn finish(mut self, files: &dyn LogFiles, wanted: &[&ExpectedHead]) -> SessionReport {
        let anchors = self.anchors(files, wanted);
        let place = |place: Place| FirstBad {
            file: files.name(place.file as usize),
            line: place.line,
            offset: place.offset,
        };
        let receipts = std::mem::replace(&mut self.fold.receipts, receipt::Chain::new(Vec::new()));
        let receipts = receipts.finish(&self.options.keys);
        let receipts = (receipts.status != ReceiptStatus::Absent).then_some(receipts);
        let evidence = std::mem::take(&mut self.fold.evidence).finish();
        let fold = &self.fold;
        let status = if fold.breaks_total > 0 {
            Status::Broken
        } else if self.torn.is_some() {
            Status::TornTail
        } else {
            match fold.first {
                None => Status::Empty,
                Some(first) if first.seq > 0 => Status::MissingStart,
                Some(_) => Status::Intact,
            }
        };
        let named = || {
            let spelled = fold.session.as_deref().unwrap_or_default();
            String::from_utf8_lossy(&coldcase_model::json::unescape(spelled)).into_owned()
        };
        let first_seq = fold.first.map(|link| link.seq);
        let session = files.session().map_or_else(named, str::to_owned);
        let mut report = SessionReport::of(session, "pipelock");
        report.status = status;
        report.entries = fold.entries;
        report.bytes = self.bytes;
        report.files = files.len() as u64;
        report.first_seq = first_seq;
        report.last_seq = fold.last.map(|link| link.seq);
        report.head_hash = fold.last.map(|link| hex::encode(&link.hash));
        report.authenticated_through_seq = fold.authority.through;
        report.authority = fold.authority.ranges(&self.options.keys);
        report.trusted_keys = self.options.keys_given();
        report.checkpoints = fold.authority.counts;
        report.checkpoint_seqs = fold.authority.places();
        report.ends_with_checkpoint =
            fold.authority.last().is_some() && fold.authority.last() == fold.last.map(|link| link.seq);
        report.first_bad = fold.breaks.first().and_then(FirstBad::of);
        report.breaks.clone_from(&fold.breaks);
        report.breaks_total = fold.breaks_total;
        report.stretches.clone_from(&fold.stretches);
        report.receipts = receipts.as_ref().map(|receipts| receipts.status);
        report.receipt_first_bad =
            receipts.as_ref().and_then(Receipts::first_break).and_then(|found| found.place).map(place);
        report.evidence_receipts = EvidenceReceipts::of(&evidence, place);
        report.decisions = fold.decisions;
        report.decision_first_bad = fold.bad_decision.map(place);
        report.redacted = fold.redacted;
        report.remarks = self.remarks(receipts.as_ref(), &place);
        report.receipt_chain = receipts;
        report.torn = self.torn.map(|(torn, _)| torn);
        report.anchors = anchors;
        report.heads_found = self.fold.heads.keys().copied().collect();
        sentences::complete_report(&mut report);
        report
    }

    /// Which of the heads that were recorded elsewhere are here. One that should be and is not is a break.
    fn anchors(&mut self, files: &dyn LogFiles, wanted: &[&ExpectedHead]) -> Vec<AnchorResult> {
        let mut results: Vec<AnchorResult> = Vec::new();
        let (mut missing, mut last) = (0, BTreeMap::new());
        for head in wanted {
            let found = self.fold.heads.get(&head.hash);
            let found = found.filter(|seq| head.seq.is_none_or(|expected| expected == **seq));
            let (hash, source) = (hex::encode(&head.hash), head.source.clone());
            if let Some(seq) = found {
                // Of many heads of one source, the last says it all.
                let newest = last.entry(source.clone()).or_insert((*seq, hash.clone()));
                if newest.0 <= *seq {
                    *newest = (*seq, hash);
                }
                continue;
            }
            let must = match &head.session {
                Some(session) => files.session() == Some(session),
                None => self.options.is_only_session,
            };
            if must && !files.is_empty() {
                let head = format!("{hash}, recorded in {source}");
                self.fold.push(BreakReason::HeadMissing { head }, None, None);
            }
            missing += 1;
            if must && missing <= MOST_REMARKS {
                results.push(AnchorResult { hash, source, seq: None });
            }
        }
        results.extend(last.into_iter().map(|(source, (seq, hash))| AnchorResult {
            hash,
            source,
            seq: Some(seq),
        }));
        results
    }

    fn remarks(&self, receipts: Option<&Receipts>, place: &dyn Fn(Place) -> FirstBad) -> Vec<Remark> {
        let fold = &self.fold;
        let mut remarks = Vec::new();
        let mut counted = |kind, count: u64, text: &str| {
            if count > 0 {
                remarks.push(Remark { kind, text: text.replace('#', &count.to_string()) });
            }
        };
        counted(
            "time_backwards",
            fold.backwards,
            "# entries have an earlier time than the one before, as a clock step leaves it",
        );
        counted(
            "empty_files",
            self.empty_files,
            "# files are empty, as a recorder leaves them that is killed before its first entry",
        );
        counted(
            "file_changed",
            self.changed_files,
            "# files changed while they were read; what was written after they were opened was not looked at",
        );
        counted(
            "redacted",
            fold.redacted,
            "# entries hold less than was recorded: the recorder took out what its rules found",
        );
        counted(
            "sidecars",
            fold.sidecars,
            "# entries name an encrypted original, whose content the log does not cover",
        );
        for remark in
            receipts.map(|receipts| receipts.remarks.as_slice()).unwrap_or_default().iter().take(MOST_REMARKS)
        {
            let at = place(remark.place);
            let text = format!("{}, line {}: {}", at.file, at.line, remark.kind);
            remarks.push(Remark { kind: "receipt", text });
        }
        for (name, count) in &fold.unknown_types {
            let text = format!("{count} entries of type {name:?}, which no known recorder writes");
            remarks.push(Remark { kind: "unknown_type", text });
        }
        remarks
    }
}
