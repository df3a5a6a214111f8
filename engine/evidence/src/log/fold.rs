//! The blocks of a session in order: seams compared, breaks placed, what the keys vouch for added up.

use std::collections::BTreeMap;

use super::authority::Authority;
use super::breaks::{Break, BreakReason};
use super::check::{Before, Checked, Note, Run, What};
use super::defect::{self, ReplacedBudget};
use super::details::{Decisions, Detail};
use super::link::Link;
use super::report::Stretch;
use crate::place::Place;
use crate::{contract, receipt};

/// How many breaks and stretches are kept; the rest is counted.
const MOST: usize = 256;
/// How many lines are tried for broken bytes that the writer replaced.
const MOST_TRIES: u64 = 4;

/// A session's chain so far.
pub(crate) struct Fold<'f> {
    on_break: &'f mut dyn FnMut(&Break),
    pub(crate) file: String,
    /// Lines of the file before the block that is being taken in.
    lines: u64,
    before: Before,
    pub(crate) first: Option<Link>,
    pub(crate) last: Option<Link>,
    pub(crate) entries: u64,
    pub(crate) breaks: Vec<Break>,
    pub(crate) breaks_total: u64,
    /// Whether a break so far is the chain's, not one of names: then no later checkpoint vouches from the start.
    is_broken: bool,
    pub(crate) authority: Authority,
    pub(crate) stretches: Vec<Stretch>,
    /// Whether the last line that was taken in ends the last stretch.
    is_open: bool,
    is_full: bool,
    pub(crate) unknown_types: BTreeMap<String, u64>,
    pub(crate) heads: BTreeMap<[u8; 32], u64>,
    pub(crate) backwards: u64,
    pub(crate) sidecars: u64,
    tries: u64,
    replaced: &'f ReplacedBudget,
    pub(crate) receipts: receipt::Chain,
    pub(crate) evidence: contract::Chain,
    pub(crate) decisions: Decisions,
    /// The first decision record with a bad signature.
    pub(crate) bad_decision: Option<Place>,
    pub(crate) redacted: u64,
    /// The file that is open, as an index.
    index: u32,
}

impl<'f> Fold<'f> {
    pub(crate) fn new(
        on_break: &'f mut dyn FnMut(&Break),
        receipts: receipt::Chain,
        replaced: &'f ReplacedBudget,
    ) -> Self {
        Self {
            on_break,
            file: String::new(),
            lines: 0,
            before: Before::Nothing,
            first: None,
            last: None,
            entries: 0,
            breaks: Vec::new(),
            breaks_total: 0,
            is_broken: false,
            authority: Authority::default(),
            stretches: Vec::new(),
            is_open: false,
            is_full: false,
            unknown_types: BTreeMap::new(),
            heads: BTreeMap::new(),
            backwards: 0,
            sidecars: 0,
            tries: 0,
            replaced,
            receipts,
            evidence: contract::Chain::default(),
            decisions: Decisions::default(),
            bad_decision: None,
            redacted: 0,
            index: 0,
        }
    }

    /// Goes on with the next file.
    pub(crate) fn open(&mut self, name: String, index: usize) {
        self.file = name;
        self.index = u32::try_from(index).unwrap_or(u32::MAX);
        self.lines = 0;
    }

    /// How many lines of the file were taken in.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// What the next line is compared with.
    pub(crate) fn before(&self) -> &Before {
        &self.before
    }

    /// Takes in a block that starts at `offset` of the file. What comes out does not depend on where blocks end.
    pub(crate) fn take(&mut self, checked: Checked, offset: u64) {
        let mut notes = checked.notes.into_iter().peekable();
        let mut runs = checked.runs.into_iter().peekable();
        // What is wrong with the first line by itself comes before what is wrong between it and the line before.
        while let Some(note) =
            notes.next_if(|note| note.line == 0 && matches!(note.what, What::Break(_) | What::Replaced(_)))
        {
            self.note(note, offset);
        }
        let breaks = self.breaks_total;
        self.seam(checked.first, checked.first_follows, offset);
        let goes_on = self.is_open && breaks == self.breaks_total;
        for note in notes {
            // A checkpoint vouches for the run that it stands in, which may be told again later.
            while let Some(run) = runs.next_if(|run| run.line <= note.line) {
                self.join(&run, goes_on);
            }
            self.note(note, offset);
        }
        for run in runs {
            self.join(&run, goes_on);
        }
        if checked.lines > 0 {
            self.is_open = checked.last_is_good && !self.is_full;
        }
        self.breaks_total += checked.more_breaks;
        self.entries += checked.entries;
        self.backwards += checked.backwards;
        self.sidecars += checked.sidecars;
        self.redacted += checked.redacted;
        self.decisions.add(checked.decisions);
        self.lines += checked.lines;
        if checked.lines > 0 {
            self.before = checked.last;
        }
        self.last = checked.last_entry.or(self.last);
    }

    /// A line that was not kept, or whose place is all that is known.
    pub(crate) fn lost_line(&mut self, reason: BreakReason, offset: u64) {
        let line = self.lines + 1;
        self.push(reason, Some((line, offset)), None);
        self.lines += 1;
        self.before = Before::Unknown;
        self.is_open = false;
    }

    /// Compares the first entry of a block with the last before it.
    fn seam(&mut self, first: Option<Link>, follows: bool, offset: u64) {
        let Some(first) = first else { return };
        let place = Some((self.lines + 1, offset));
        if self.first.is_none() && self.before == Before::Nothing {
            self.first = Some(first);
            if first.seq > 0 {
                self.receipts.start_is_missing();
                self.evidence.start_is_missing();
            }
            if let Some(reason) = first.starts() {
                self.push(reason, place, Some(first.seq));
            }
        }
        if let Before::Entry(before) = self.before
            && follows
        {
            self.backwards += u64::from(first.stamp < before.stamp);
            if let Some(reason) = before.before(&first) {
                self.push(reason, place, Some(first.seq));
            }
        }
    }

    fn note(&mut self, note: Note, block: u64) {
        let place = Some((self.lines + note.line + 1, block + note.offset));
        match note.what {
            What::Break(reason) => self.push(reason, place, note.seq),
            What::Replaced(line) => {
                self.tries += 1;
                let replaced = if self.tries <= MOST_TRIES {
                    defect::try_bytes(&line, self.replaced)
                } else {
                    super::breaks::Replaced::Possible
                };
                self.push(BreakReason::HashDiffers { replaced }, place, note.seq);
            }
            What::Checkpoint(checkpoint) => {
                let Some(seq) = note.seq else { return };
                let first = self.first.map_or(0, |first| first.seq);
                let whole = !self.is_broken;
                if let Some(reason) = self.authority.take(seq, &checkpoint, first, whole) {
                    self.push(reason, place, Some(seq));
                } else if self.authority.vouched(seq) {
                    self.vouch_stretch(seq);
                }
            }
            What::UnknownType(name) => {
                if self.unknown_types.len() < MOST || self.unknown_types.contains_key(&name) {
                    *self.unknown_types.entry(name).or_default() += 1;
                }
            }
            What::Head(hash) => {
                if let Some(seq) = note.seq {
                    self.heads.entry(hash).or_insert(seq);
                }
            }
            What::Detail(detail) => {
                let line = self.lines + note.line + 1;
                self.detail(Place { file: self.index, line, offset: block + note.offset }, detail);
            }
        }
    }

    fn detail(&mut self, place: Place, detail: Detail) {
        match detail {
            Detail::Receipt(seen) => self.receipts.push(place, &seen),
            Detail::Root(root) => self.receipts.push_root(place, &root),
            Detail::Evidence(seen) => self.evidence.push(place, *seen),
            Detail::EvidenceRedacted => self.evidence.pass_over(),
            Detail::BadDecision => {
                self.bad_decision.get_or_insert(place);
            }
        }
    }

    /// Books a break. A place is a line and its offset in the file that is open.
    pub(crate) fn push(&mut self, reason: BreakReason, place: Option<(u64, u64)>, seq: Option<u64>) {
        let found = Break {
            file: place.map(|_| self.file.clone()),
            line: place.map(|(line, _)| line),
            offset: place.map(|(_, offset)| offset),
            seq,
            seen: reason.to_string(),
            explanations: reason.explanations(),
            reason,
        };
        self.book(found);
    }

    /// Books a break that is placed already.
    pub(crate) fn book(&mut self, found: Break) {
        let names_only = matches!(found.reason, BreakReason::Misnamed { .. } | BreakReason::TwoNames { .. });
        self.is_broken |= !names_only;
        self.breaks_total += 1;
        if self.breaks.len() < MOST {
            (self.on_break)(&found);
            self.breaks.push(found);
        }
    }

    /// Takes in a run of good entries; one that starts a block may go on with the last before it.
    fn join(&mut self, run: &Run, goes_on: bool) {
        if let Some(last) = self.stretches.last_mut().filter(|_| goes_on && run.line == 0) {
            last.last_seq = run.last_seq;
        } else if self.stretches.len() < MOST {
            self.stretches.push(Stretch {
                first_seq: run.first_seq,
                last_seq: run.last_seq,
                authenticated_through_seq: None,
            });
        } else {
            // What is not kept must not be joined to what is.
            self.is_full = true;
        }
    }

    /// A good checkpoint vouches for the stretch that it stands in, up to the entry before it.
    fn vouch_stretch(&mut self, seq: u64) {
        let stretch = self
            .stretches
            .iter_mut()
            .rev()
            .find(|stretch| stretch.first_seq < seq && seq <= stretch.last_seq);
        if let Some(stretch) = stretch {
            stretch.authenticated_through_seq = seq.checked_sub(1);
        }
    }
}
