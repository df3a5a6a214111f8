//! The chain of evidence receipts, as a fold over what was seen of each.
//!
//! It has no bridge to the chain of action receipts. Left out: whether the chain goes on after its last receipt.

use super::envelope::{Previous, Seen};
use super::problem::EvidenceProblem;
use super::signers::{Attestation, NoKey};
use crate::Place;

/// What a chain of evidence receipts proves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceChain {
    /// The receipts seen.
    pub count: u64,
    /// Of these, the ones whose signature holds under a trusted key.
    pub verified: u64,
    /// Receipts before the first that are not here, by its number; 0 unless the log lacks its start.
    pub missing_before: u64,
    /// All in one word; `first_break` and `no_key` say why.
    pub status: EvidenceStatus,
    /// The first thing that is wrong, by place.
    pub first_break: Option<EvidenceBreak>,
    /// What is wrong, in order of place, at most 256.
    pub breaks: Vec<EvidenceBreak>,
    /// How many more there are.
    pub more_breaks: u64,
    /// Why the first receipt without a key has none.
    pub no_key: Option<NoKey>,
    /// The signer id of the chain.
    pub signer: Option<Box<str>>,
    /// The `chain_seq` and the hash of the last receipt.
    pub tail: Option<(u64, [u8; 32])>,
}

/// How a chain of evidence receipts stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceStatus {
    /// There is no receipt.
    Empty,
    /// Every receipt holds under a trusted key, and they follow each other.
    Valid,
    /// Something is wrong.
    Broken,
    /// Nothing is wrong, but some receipt is not signed by a key that is trusted for it.
    Untrusted,
    /// Nothing is wrong, and no key was given: nothing is verified.
    Unpinned,
}

/// Something wrong, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceBreak {
    /// The line of the receipt.
    pub place: Place,
    /// What is wrong.
    pub problem: EvidenceProblem,
}

/// A chain while its receipts come in.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// Whether the log lacks its start, so that the chain may.
    start_missing: bool,
    missing_before: u64,
    /// Receipts that redaction took whole before the first that is here.
    passed_over: u64,
    count: u64,
    verified: u64,
    next_seq: u64,
    /// The hash of the receipt before; none if it has none, and then the next link cannot be checked.
    before: Option<[u8; 32]>,
    tail: Option<(u64, [u8; 32])>,
    signer: Option<Box<str>>,
    key: Option<[u8; 32]>,
    no_key: Option<NoKey>,
    /// The first receipts that none of the trusted keys signed, and how many there are.
    nobody: Vec<Place>,
    nobody_count: u64,
    breaks: Vec<EvidenceBreak>,
    more_breaks: u64,
}

/// So many breaks are kept; more tell no more.
const MOST_BREAKS: usize = 256;

impl Chain {
    /// Says that the log lacks its start: then receipts may be missing before the first, and that breaks nothing.
    pub(crate) fn start_is_missing(&mut self) {
        self.start_missing = true;
    }

    /// Takes the next receipt.
    pub(crate) fn push(&mut self, place: Place, seen: Seen) {
        let Seen { seq, prev, hash, signer, attestation, problems, kind: _ } = seen;
        for problem in problems {
            self.broken(place, problem);
        }
        self.begin(seq, prev);
        if let Some(found) = seq
            && found != self.next_seq
        {
            self.broken(place, EvidenceProblem::Seq { wanted: self.next_seq, found });
        }
        self.follow(place, prev);
        self.attest(place, attestation);
        match (&self.signer, signer) {
            (None, signer) => self.signer = signer,
            (Some(before), Some(signer)) if *before != signer => {
                self.broken(place, EvidenceProblem::SignerChanged);
            }
            _ => {}
        }
        self.tail = seq.zip(hash);
        self.next_seq = seq.unwrap_or(self.next_seq).saturating_add(1);
        self.before = hash;
        self.count += 1;
    }

    /// Passes over a receipt that the recorder redacted whole: it has its number, and neither of its links can be checked.
    pub(crate) fn pass_over(&mut self) {
        self.passed_over += u64::from(self.count == 0);
        self.next_seq = self.next_seq.saturating_add(1);
        (self.before, self.tail) = (None, None);
    }

    /// A first receipt that follows others, in a log without its start: how the chain began cannot be judged.
    fn begin(&mut self, seq: Option<u64>, prev: Option<Previous>) {
        if self.count == 0
            && self.start_missing
            && let (Some(before @ 1..), Some(Previous::Receipt(_))) = (seq, prev)
            && before >= self.passed_over
        {
            self.missing_before = before - self.passed_over;
            self.next_seq = before;
        }
    }

    fn follow(&mut self, place: Place, prev: Option<Previous>) {
        if self.count == 0 && self.passed_over == 0 {
            if self.missing_before == 0 && matches!(prev, Some(Previous::Receipt(_))) {
                self.broken(place, EvidenceProblem::NotGenesis);
            }
            return;
        }
        match prev {
            Some(Previous::Genesis) => self.broken(place, EvidenceProblem::Link),
            Some(Previous::Receipt(hash)) if self.before.is_some_and(|before| before != hash) => {
                self.broken(place, EvidenceProblem::Link);
            }
            _ => {}
        }
    }

    fn attest(&mut self, place: Place, attestation: Attestation) {
        match attestation {
            Attestation::Good(key) => {
                self.verified += 1;
                if self.key.is_some_and(|before| before != key) {
                    self.broken(place, EvidenceProblem::KeyChanged);
                }
                self.key = Some(key);
            }
            Attestation::LenientOnly(_) => self.broken(place, EvidenceProblem::LenientOnly),
            Attestation::Wrong => self.broken(place, EvidenceProblem::SignatureWrong),
            Attestation::Nobody => {
                if self.nobody.len() < MOST_BREAKS {
                    self.nobody.push(place);
                }
                self.nobody_count += 1;
            }
            Attestation::NotVerified(reason) => self.no_key = self.no_key.or(Some(reason)),
            // Whatever kept it from being read is a break already.
            Attestation::Unread => {}
        }
    }

    fn broken(&mut self, place: Place, problem: EvidenceProblem) {
        if self.breaks.len() < MOST_BREAKS {
            self.breaks.push(EvidenceBreak { place, problem });
        } else {
            self.more_breaks += 1;
        }
    }

    /// What the chain proves.
    pub(crate) fn finish(mut self) -> EvidenceChain {
        // A chain has one signer. If a trusted key is that signer, what it did not sign was altered; if none is,
        // all of it may be genuine and another's.
        if self.verified > 0 && self.nobody_count > 0 {
            let problem = EvidenceProblem::SignatureWrong;
            let before = self.breaks.len() as u64 + self.more_breaks;
            self.breaks.extend(self.nobody.iter().map(|place| EvidenceBreak { place: *place, problem }));
            self.breaks.sort_by_key(|found| found.place);
            self.breaks.truncate(MOST_BREAKS);
            self.more_breaks = before + self.nobody_count - self.breaks.len() as u64;
        }
        let status = match (self.breaks.is_empty(), self.count) {
            (false, _) => EvidenceStatus::Broken,
            (true, 0) => EvidenceStatus::Empty,
            (true, count) if count == self.verified => EvidenceStatus::Valid,
            (true, _) if self.no_key == Some(NoKey::NoneGiven) => EvidenceStatus::Unpinned,
            (true, _) => EvidenceStatus::Untrusted,
        };
        EvidenceChain {
            count: self.count,
            verified: self.verified,
            missing_before: self.missing_before,
            status,
            first_break: self.breaks.first().copied(),
            breaks: self.breaks,
            more_breaks: self.more_breaks,
            no_key: self.no_key,
            signer: self.signer,
            tail: self.tail,
        }
    }
}

#[cfg(test)]
mod tests;
