//! Two runs that both claim to go on where one ended.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::Claim;
use crate::SignatureCheck;

/// One session with several successors. The writer's file names allow one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fork {
    /// The session that ended.
    pub predecessor_session: String,
    /// The sessions that claim to go on, in order.
    pub successor_sessions: Vec<String>,
    /// Whether all of them name the same last receipt.
    pub same_tail: bool,
}

/// The forks among claims, in order of session. Claims whose signature does not hold do not count, and a claim that
/// is given twice counts once.
pub fn forks(claims: &[Claim]) -> Vec<Fork> {
    let mut by_predecessor = BTreeMap::<_, (BTreeSet<_>, BTreeSet<_>)>::new();
    for claim in claims {
        let (before, after, tail, signature) = match claim {
            Claim::Link(link) => (
                &link.predecessor_session,
                &link.successor_session,
                (link.predecessor_tail_seq, link.predecessor_tail_hash.as_str()),
                link.signature,
            ),
            Claim::Seal(seal) => (
                &seal.predecessor_session,
                &seal.successor_session,
                (seal.predecessor_tail_seq, seal.predecessor_tail_hash.as_str()),
                seal.signature,
            ),
        };
        if signature == SignatureCheck::Good {
            let (successors, tails) = by_predecessor.entry(before.as_str()).or_default();
            successors.insert(after.as_str());
            tails.insert(tail);
        }
    }
    by_predecessor
        .into_iter()
        .filter(|(_, (successors, _))| successors.len() > 1)
        .map(|(before, (successors, tails))| Fork {
            predecessor_session: before.to_owned(),
            successor_sessions: successors.into_iter().map(str::to_owned).collect(),
            same_tail: tails.len() == 1,
        })
        .collect()
}
