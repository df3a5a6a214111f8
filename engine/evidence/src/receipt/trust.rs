//! The signers of a chain, one after the other, and why each is trusted.
//!
//! A key that the caller trusts needs no more. Any other needs an endorsement by a trusted key before it.

use super::chain::Last;
use super::endorsement::Endorsement;
use super::problem::ChainFault as Fault;
use super::result::{Segment, SegmentTrust};
use super::seen::{Control, KeyTransition};
use crate::hex;
use crate::keys::KeyRing;

/// How many signers are followed; keys change a few times a year.
const MOST_SPANS: usize = 4096;

/// One signer's receipts.
#[derive(Debug)]
struct Span {
    key: Option<[u8; 32]>,
    first_seq: u64,
    last_seq: u64,
    /// The last receipt under the key before, as the marker names it.
    prior: Option<KeyTransition>,
}

/// The signers so far.
#[derive(Debug, Default)]
pub(super) struct Spans {
    list: Vec<Span>,
    /// The session that the first segment's first `session_open` names.
    session: Option<Box<[u8]>>,
    /// Whether a later `session_open` names another.
    sessions_differ: bool,
}

impl Spans {
    /// Begins a signer's receipts with this one.
    pub(super) fn begin(&mut self, receipt: &Last, prior: Option<KeyTransition>) -> Result<(), Fault> {
        if self.list.len() >= MOST_SPANS {
            return Err(Fault::TooManySegments { limit: MOST_SPANS });
        }
        let seq = receipt.seq.unwrap_or_default();
        self.list.push(Span { key: receipt.signer, first_seq: seq, last_seq: seq, prior });
        Ok(())
    }

    /// Adds a receipt to the last signer's.
    pub(super) fn advance(&mut self, receipt: &Last, control: Option<&Control>) {
        if self.list.is_empty() {
            // The first receipt was lost to redaction, and its key with it.
            let prior = None;
            let seq = receipt.seq.unwrap_or_default();
            self.list.push(Span { key: receipt.signer, first_seq: seq, last_seq: seq, prior });
        }
        let is_root = self.list.len() == 1;
        if let Some(span) = self.list.last_mut() {
            span.key = span.key.or(receipt.signer);
            span.last_seq = receipt.seq.unwrap_or(span.last_seq);
        }
        let Some(Control::Open(open)) = control else { return };
        match &self.session {
            Some(session) => self.sessions_differ |= *session != open.recorder_session,
            None if is_root => self.session = Some(open.recorder_session.clone()),
            None => {}
        }
    }

    /// Which span begins at the key change that an endorsement is about.
    fn endorsed_by(&self, endorsement: &Endorsement) -> Option<usize> {
        self.list.iter().position(|span| {
            span.key == Some(endorsement.new_key)
                && span.prior.as_ref().is_some_and(|prior| {
                    prior.signer == Some(endorsement.prior_key)
                        && prior.seq == Some(endorsement.prior_seq)
                        && prior.hash == Some(endorsement.prior_hash)
                })
        })
    }

    /// The key change that an endorsement counts for.
    fn place(&self, index: usize, endorsement: &Endorsement) -> Result<usize, Fault> {
        let at = self.endorsed_by(endorsement).ok_or(Fault::EndorsementUnused { index })?;
        if self.sessions_differ || self.session.as_deref() != Some(endorsement.session.as_slice()) {
            return Err(Fault::EndorsementSession { index });
        }
        if self.list.iter().take(at).any(|span| span.key == Some(endorsement.new_key)) {
            return Err(Fault::EndorsementBack { index });
        }
        Ok(at)
    }
}

/// The segments with the trust in each, and what is wrong with the endorsements.
pub(super) fn judge(
    spans: Spans,
    endorsements: &[Endorsement],
    keys: &KeyRing,
) -> (Vec<Segment>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut endorsed: Vec<Option<usize>> = vec![None; spans.list.len()];
    for (index, endorsement) in endorsements.iter().enumerate() {
        match spans.place(index, endorsement) {
            Ok(at) => match endorsed.get_mut(at) {
                Some(Some(_)) => faults.push(Fault::EndorsementTwice { index }),
                Some(free) => *free = Some(index),
                None => {}
            },
            Err(fault) => faults.push(fault),
        }
    }
    let mut segments: Vec<Segment> = Vec::with_capacity(spans.list.len());
    for (span, endorsed) in spans.list.into_iter().zip(endorsed) {
        let before = segments.last().map(|segment| segment.trust);
        let trust = match (span.key.and_then(|key| keys.find(&key)), endorsed, before) {
            (Some(key), _, _) => SegmentTrust::Key(key),
            (None, _, None) if keys.is_empty() => SegmentTrust::FirstUse,
            (None, Some(index), Some(before)) if before != SegmentTrust::Untrusted => {
                SegmentTrust::Endorsed(index)
            }
            _ => SegmentTrust::Untrusted,
        };
        let signer_key = span.key.map_or_else(String::new, |key| hex::encode(&key));
        segments.push(Segment { signer_key, first_seq: span.first_seq, last_seq: span.last_seq, trust });
    }
    (segments, faults)
}
