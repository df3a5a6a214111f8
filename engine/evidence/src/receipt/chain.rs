//! The chain of receipts, folded one receipt at a time in the order of the log.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 9, "Chain rules" and "Key change". After a break the fold goes on from
//! the receipt that it found, so that each change shows once.

use super::endorsement::Endorsement;
use super::problem::ChainFault as Fault;
use super::result::{
    ReceiptBreak, ReceiptReason, ReceiptRemark, ReceiptRemarkKind, ReceiptStatus, Receipts, SegmentTrust,
    TranscriptSeal,
};
use super::runs::{MOST_RUNS, Runs};
use super::seal::read_root;
use super::seen::{Control, Head, KeyTransition, PrevHash, Redaction, Seen};
use super::trust::{Spans, judge};
use crate::hex;
use crate::keys::KeyRing;
use crate::place::Place;

/// More breaks or remarks are counted, not kept.
const MOST_KEPT: usize = 256;

/// The receipt before the next one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) seq: Option<u64>,
    /// `None` where redaction took what was hashed.
    pub(super) head: Option<Head>,
    pub(super) signer: Option<[u8; 32]>,
}

impl Last {
    /// Whether this is the receipt's hash, so far as that can be known.
    pub(super) fn is_head(&self, hash: Option<[u8; 32]>) -> bool {
        hash.is_some_and(|hash| self.head.is_none_or(|head| head.is(&hash)))
    }
}

/// The receipts of a log so far.
#[derive(Debug)]
pub(crate) struct Chain {
    endorsements: Vec<Endorsement>,
    /// Whether the log lacks its start, so that the receipts may.
    start_missing: bool,
    last: Option<Last>,
    /// Where the receipt before has an `ext`: only the next one's link would cover it.
    ext: Option<Place>,
    runs: Runs,
    spans: Spans,
    found: Receipts,
}

impl Chain {
    /// An empty chain, with the endorsements that its key changes may rest on.
    pub(crate) fn new(endorsements: Vec<Endorsement>) -> Self {
        let found = Receipts {
            count: 0,
            status: ReceiptStatus::Absent,
            missing_before: 0,
            breaks: Vec::new(),
            more_breaks: 0,
            altered: 0,
            unprovable_links: 0,
            segments: Vec::new(),
            open_hash: None,
            tail_hash: None,
            seal: TranscriptSeal::None,
            remarks: Vec::new(),
            more_remarks: 0,
        };
        let (runs, spans) = (Runs::default(), Spans::default());
        Self { endorsements, start_missing: false, last: None, ext: None, runs, spans, found }
    }

    /// Says that the log lacks its start: then receipts may be missing before the first, and that breaks nothing.
    pub(crate) fn start_is_missing(&mut self) {
        self.start_missing = true;
    }

    /// Adds the next receipt.
    pub(crate) fn push(&mut self, place: Place, seen: &Seen) {
        self.found.count += 1;
        if let TranscriptSeal::Agrees { receipts_after, .. }
        | TranscriptSeal::Unprovable { receipts_after, .. } = &mut self.found.seal
        {
            *receipts_after += 1;
        }
        if seen.redaction == Some(Redaction::Whole) {
            self.tell_ext();
            self.pass_over();
            return;
        }
        self.found.altered += u64::from(seen.redaction.is_some());
        for contradiction in seen.contradictions.iter().copied() {
            self.remark(place, ReceiptRemarkKind::Outer(contradiction));
        }
        for problem in seen.problems.iter().cloned() {
            if problem.is_remark() {
                self.remark(place, ReceiptRemarkKind::Receipt(problem));
            } else {
                self.break_at(Some(place), seen.seq, ReceiptReason::Receipt(problem));
            }
        }
        let was_full = self.runs.is_full();
        let head = seen.redaction.is_none().then_some(seen.head);
        let this = Last { seq: seen.seq.or_else(|| self.expected()), head, signer: seen.signer };
        let checked = self.check_place(seen, &this);
        // A link that does not hold, or is not there, covers nothing.
        if checked.is_err() {
            self.tell_ext();
        }
        self.ext = seen.has_ext.then_some(place);
        let in_run = self.runs.check(seen, self.last.as_ref());
        for fault in [checked, in_run].into_iter().filter_map(Result::err) {
            self.break_at(Some(place), seen.seq, ReceiptReason::Chain(fault));
        }
        if self.runs.is_full() && !was_full {
            self.remark(place, ReceiptRemarkKind::RunsCapped { limit: MOST_RUNS });
        }
        self.spans.advance(&this, seen.control.as_deref());
        if self.last.is_none() && seen.seq == Some(0) {
            self.found.open_hash = head.map(|head| hex::encode(&head.raw));
        }
        self.last = Some(this);
    }

    /// Adds the detail of a `transcript_root` line.
    pub(crate) fn push_root(&mut self, place: Place, detail: &[u8]) {
        if !matches!(self.found.seal, TranscriptSeal::Contradicts { .. }) {
            self.found.seal = read_root(place, detail, self.last.as_ref());
        }
    }

    /// What the receipts prove under these keys.
    pub(crate) fn finish(mut self, keys: &KeyRing) -> Receipts {
        if let Some(place) = self.ext.take() {
            // The last one is always told, however many remarks there are.
            self.found.remarks.push(ReceiptRemark { place, kind: ReceiptRemarkKind::ExtNotSigned });
        }
        let spans = std::mem::take(&mut self.spans);
        let (segments, faults) = judge(spans, &self.endorsements, keys);
        self.found.segments = segments;
        self.found.tail_hash = self.last.and_then(|last| last.head).map(|head| hex::encode(&head.raw));
        for fault in faults {
            self.break_at(None, None, ReceiptReason::Chain(fault));
        }
        let untrusted = self.found.segments.iter().any(|segment| segment.trust == SegmentTrust::Untrusted);
        self.found.status = if !self.found.breaks.is_empty() {
            ReceiptStatus::Broken
        } else if self.found.count == 0 {
            ReceiptStatus::Absent
        } else if keys.is_empty() {
            ReceiptStatus::Unpinned
        } else if untrusted {
            ReceiptStatus::Untrusted
        } else if self.found.altered > 0 {
            ReceiptStatus::Redacted
        } else {
            ReceiptStatus::Valid
        };
        self.found
    }

    /// A receipt of which redaction left nothing: it counts, and neither of its links can be proved.
    fn pass_over(&mut self) {
        self.found.altered += 1;
        self.found.unprovable_links += u64::from(self.last.is_some());
        let signer = self.last.and_then(|last| last.signer);
        let this = Last { seq: self.expected(), head: None, signer };
        self.spans.advance(&this, None);
        self.last = Some(this);
        // What it opened, if anything, is gone with it.
        self.runs.may_be_unseen();
    }

    /// The number that the next receipt should have.
    fn expected(&self) -> Option<u64> {
        self.last.map_or(Some(0), |last| last.seq.and_then(|seq| seq.checked_add(1)))
    }

    /// Number, link and key of a receipt, against the one before.
    fn check_place(&mut self, seen: &Seen, this: &Last) -> Result<(), Fault> {
        let Some(last) = self.last else { return self.check_first(seen, this) };
        if let Some(transition) = seen.transition.as_deref() {
            let begun = self.spans.begin(this, Some(*transition));
            check_transition(seen, transition, &last)?;
            self.count_link(&last);
            return begun;
        }
        let genesis = matches!(seen.prev, Some(PrevHash::Genesis | PrevHash::BoundGenesis(_)));
        if genesis {
            return Err(Fault::Fork);
        }
        if let (Some(old), Some(new)) = (last.signer, seen.signer)
            && old != new
        {
            return Err(Fault::KeyChanged);
        }
        if let (Some(expected), Some(found)) = (self.expected(), seen.seq)
            && expected != found
        {
            return Err(Fault::Sequence { expected, found });
        }
        if let Some(PrevHash::Hash(hash)) = seen.prev
            && !last.is_head(Some(hash))
        {
            return Err(Fault::Link);
        }
        self.count_link(&last);
        Ok(())
    }

    fn count_link(&mut self, last: &Last) {
        self.found.unprovable_links += u64::from(last.head.is_none());
    }

    fn check_first(&mut self, seen: &Seen, this: &Last) -> Result<(), Fault> {
        let begun = self.spans.begin(this, None);
        if seen.transition.is_some() && !self.start_missing {
            return Err(Fault::TransitionMisplaced);
        }
        let is_open = matches!(seen.control.as_deref(), Some(Control::Open(_)));
        match (seen.seq, seen.prev) {
            (Some(seq), Some(PrevHash::Hash(_))) if self.start_missing => {
                self.found.missing_before = seq;
                self.runs.may_be_unseen();
                begun
            }
            (Some(seq @ 1..), _) => {
                self.runs.may_be_unseen();
                Err(Fault::StartMissing { seq })
            }
            (_, Some(PrevHash::Hash(_))) => Err(Fault::NoGenesis),
            (_, Some(PrevHash::Genesis)) if seen.control.is_some() => Err(Fault::GenesisKind),
            (_, Some(PrevHash::BoundGenesis(_))) if !is_open => Err(Fault::GenesisKind),
            _ => begun,
        }
    }

    fn break_at(&mut self, place: Option<Place>, seq: Option<u64>, reason: ReceiptReason) {
        if self.found.breaks.len() < MOST_KEPT {
            self.found.breaks.push(ReceiptBreak { place, seq, reason });
        } else {
            self.found.more_breaks += 1;
        }
    }

    /// Says that nothing covers the last receipt's `ext`, if it has one.
    fn tell_ext(&mut self) {
        if let Some(place) = self.ext.take() {
            self.remark(place, ReceiptRemarkKind::ExtNotSigned);
        }
    }

    fn remark(&mut self, place: Place, kind: ReceiptRemarkKind) {
        if self.found.remarks.len() < MOST_KEPT {
            self.found.remarks.push(ReceiptRemark { place, kind });
        } else {
            self.found.more_remarks += 1;
        }
    }
}

/// A receipt that says that the key changed before it.
fn check_transition(seen: &Seen, transition: &KeyTransition, last: &Last) -> Result<(), Fault> {
    if seen.seq != Some(0) {
        return Err(Fault::TransitionMisplaced);
    }
    if seen.signer == last.signer {
        return Err(Fault::TransitionSameKey);
    }
    let hash = transition.hash;
    let names = transition.signer == last.signer && transition.seq == last.seq && last.is_head(hash);
    if !names {
        return Err(Fault::TransitionMismatch);
    }
    if seen.prev == hash.map(PrevHash::Hash) { Ok(()) } else { Err(Fault::Link) }
}
