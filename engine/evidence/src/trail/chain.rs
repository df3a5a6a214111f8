//! A chain of records: what follows what, how far it is vouched for, and where it goes wrong.
//!
//! One session is one chain; a caller that finds several sessions in a file keeps a chain for each. Times are not
//! judged: clocks step back in genuine trails.

use sha2::{Digest, Sha256};

use super::keys::TrailKey;
use super::record::{Fault, Seen, TrailSigned};
use crate::place::Place;

/// How many breaks are kept; the rest are counted.
pub(super) const MOST: usize = 256;

/// What a chain shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFacts {
    /// The session that the first record names.
    pub session: Option<Box<str>>,
    /// The agent that the first record names.
    pub agent: Option<Box<str>>,
    /// The lines, readable or not.
    pub entries: u64,
    /// What is wrong, in the order of the lines; the first is the first bad record.
    pub breaks: Vec<TrailBreak>,
    /// Breaks beyond those kept.
    pub more_breaks: u64,
    /// The last record before any break that a trusted key signed, as an index from 0, with its place and the key.
    ///
    /// A signature covers its record and, by the link, all before it.
    pub authenticated: Option<(u64, Place, TrailKey)>,
    /// Records without a signature.
    pub unsigned: u64,
    /// Records with a signature by none of the trusted keys.
    pub untrusted: u64,
    /// Records with a signature by an algorithm that is not checked.
    pub other_algorithm: u64,
    /// Records in which a number has digits that the hash does not cover.
    pub inexact: u64,
    /// Records with a `batch`, which neither their link nor their signature covers.
    pub batched: u64,
    /// The hash of the last record, to compare with one kept elsewhere; none after an unreadable one.
    pub head: Option<[u8; 32]>,
}

/// Something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailBreak {
    /// The record at which it shows.
    pub place: Place,
    /// The record, counted from 0.
    pub index: u64,
    /// What.
    pub reason: TrailReason,
}

/// What is wrong with a record, or between it and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrailReason {
    /// The line cannot be read.
    #[error(transparent)]
    Unreadable(Fault),
    /// The first record links to one that is not there.
    #[error("the first record links to one that is not here")]
    NoBeginning,
    /// A later record says that it is the first.
    #[error("a second first record")]
    SecondBeginning,
    /// The link is not the hash of the record before.
    #[error(
        "the link is not the hash of the record before: one of the two was changed, or one between them is gone"
    )]
    Link,
    /// The link is the hash of the record before without its signature.
    #[error("the link leaves out the signature of the record before, which the draft does not allow")]
    LinkWithoutSignature,
    /// The link is what the record before says that a deleted record hashed to.
    #[error("the link is that of a deleted record: what stood there is gone, by rule or not")]
    Deleted,
    /// The parent is not the record before.
    #[error("the parent is not the record before")]
    Parent,
    /// The running number does not follow.
    #[error("the running number does not follow the one before")]
    Sequence,
    /// Another session than the first record's.
    #[error("another session")]
    Session,
    /// Another agent than the first record's.
    #[error("another agent")]
    Agent,
    /// The signature names this trusted key, and does not hold under it.
    #[error("the signature names a trusted key, and does not hold under it")]
    Signature(TrailKey),
    /// Only lenient verifiers take the signature.
    #[error("no honest signer makes such a signature; lenient verifiers take it")]
    LenientSignature(TrailKey),
}

/// What is left of the record before.
#[derive(Debug, Clone)]
struct Last {
    /// SHA-256 of its name, which may be long.
    record: [u8; 32],
    sequence: Option<u64>,
    hash: [u8; 32],
    unsigned_hash: [u8; 32],
    tombstone: Option<[u8; 32]>,
}

/// A chain that is being read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    facts: TrailFacts,
    last: Option<Last>,
}

impl Chain {
    /// Takes the next record, as it was read.
    #[cfg(test)]
    pub(crate) fn push(&mut self, place: Place, record: Result<Seen, Fault>) {
        self.push_within(place, record, MOST);
    }

    /// How many breaks are kept.
    pub(super) fn kept(&self) -> usize {
        self.facts.breaks.len()
    }

    /// Takes the next record, as it was read; so many breaks may be kept by then.
    pub(super) fn push_within(&mut self, place: Place, record: Result<Seen, Fault>, most: usize) {
        let index = self.facts.entries;
        self.facts.entries += 1;
        let seen = match record {
            Ok(seen) => seen,
            Err(fault) => {
                self.add(place, index, TrailReason::Unreadable(fault), most);
                // What the next links to cannot be known: that is the same damage, and no further break.
                self.last = None;
                self.facts.head = None;
                return;
            }
        };
        for reason in self.reasons(index, &seen).into_iter().flatten() {
            self.add(place, index, reason, most);
        }
        self.count(place, index, &seen);
        self.facts.session.get_or_insert(seen.session);
        self.facts.agent.get_or_insert(seen.agent);
        self.facts.head = Some(seen.hash);
        self.last = Some(Last {
            record: name(&seen.record),
            sequence: seen.sequence,
            hash: seen.hash,
            unsigned_hash: seen.unsigned_hash,
            tombstone: seen.tombstone,
        });
    }

    /// What the chain shows.
    pub(crate) fn finish(self) -> TrailFacts {
        self.facts
    }

    fn add(&mut self, place: Place, index: u64, reason: TrailReason, most: usize) {
        if self.facts.breaks.len() < most {
            self.facts.breaks.push(TrailBreak { place, index, reason });
        } else {
            self.facts.more_breaks += 1;
        }
    }

    fn reasons(&self, index: u64, seen: &Seen) -> [Option<TrailReason>; 6] {
        let differs = |kept: &Option<Box<str>>, stated| kept.as_ref().is_some_and(|kept| kept != stated);
        let signature = match seen.signed {
            TrailSigned::Wrong(key) => Some(TrailReason::Signature(key)),
            TrailSigned::LenientOnly(key) => Some(TrailReason::LenientSignature(key)),
            TrailSigned::Unsigned
            | TrailSigned::By(_)
            | TrailSigned::Nobody
            | TrailSigned::OtherAlgorithm => None,
        };
        [
            differs(&self.facts.session, &seen.session).then_some(TrailReason::Session),
            differs(&self.facts.agent, &seen.agent).then_some(TrailReason::Agent),
            self.link(index, seen),
            self.parent(index, seen),
            self.sequence(index, seen),
            signature,
        ]
    }

    fn link(&self, index: u64, seen: &Seen) -> Option<TrailReason> {
        let Some(link) = seen.link else { return (index > 0).then_some(TrailReason::SecondBeginning) };
        if index == 0 {
            return Some(TrailReason::NoBeginning);
        }
        let last = self.last.as_ref()?;
        if link == last.hash {
            None
        } else if link == last.unsigned_hash {
            Some(TrailReason::LinkWithoutSignature)
        } else if last.tombstone == Some(link) {
            Some(TrailReason::Deleted)
        } else {
            Some(TrailReason::Link)
        }
    }

    /// Where the link says already what is wrong, the parent is not asked too.
    fn parent(&self, index: u64, seen: &Seen) -> Option<TrailReason> {
        let right = match (&seen.parent, &self.last) {
            (parent, _) if index == 0 => parent.is_none() || seen.link.is_some(),
            (None, _) => seen.link.is_none(),
            (Some(parent), Some(last)) => name(parent) == last.record,
            (Some(_), None) => true,
        };
        (!right).then_some(TrailReason::Parent)
    }

    fn sequence(&self, index: u64, seen: &Seen) -> Option<TrailReason> {
        let right = match &self.last {
            Some(last) => seen.sequence == last.sequence.and_then(|before| before.checked_add(1)),
            // A first record is number 0 or 1, unless it is none.
            None => index > 0 || seen.link.is_some() || seen.sequence.is_none_or(|first| first <= 1),
        };
        (!right).then_some(TrailReason::Sequence)
    }

    fn count(&mut self, place: Place, index: u64, seen: &Seen) {
        self.facts.inexact += u64::from(seen.inexact);
        self.facts.batched += u64::from(seen.outside);
        match seen.signed {
            TrailSigned::Unsigned => self.facts.unsigned += 1,
            TrailSigned::Nobody => self.facts.untrusted += 1,
            TrailSigned::OtherAlgorithm => self.facts.other_algorithm += 1,
            // After a break a signature vouches for what it links to, which is not what stands before it.
            TrailSigned::By(key) if self.facts.breaks.is_empty() => {
                self.facts.authenticated = Some((index, place, key));
            }
            TrailSigned::By(_) | TrailSigned::LenientOnly(_) | TrailSigned::Wrong(_) => {}
        }
    }
}

/// What two names are compared by.
fn name(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests;
