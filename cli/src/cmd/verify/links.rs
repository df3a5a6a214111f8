//! What ties the logs of a folder together: chain links, recovery seals, manifests of receipt groups.
//!
//! They are optional evidence: one that is not there shows nothing. One that is there must fit the logs it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use coldcase_evidence::{
    ChainLink, Claim, Fork, GroupManifest, GroupSignature, GroupStage, KeyRing, LinkFacts, NameList,
    PublicKey, RecoverySeal, SealFacts, SessionReport, SignatureCheck, Status, claimed_predecessor, forks,
};
use serde::Serialize;

use crate::regular_file::{digest, hex, read_small};

/// The largest of these files, a group's manifest.
const MOST_BYTES: u64 = 128 << 10;

/// What is not checked of a link if keys were given and none of them signed it: anyone can make one that fits.
pub(super) const NOT_VOUCHED_FOR: &str = "whether a trusted key vouches for the link";

/// What of a session's log these files state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// The last entry.
    entry: Option<(u64, String)>,
    /// The last receipt, and the first one's hash.
    receipt: Option<(u64, String)>,
    open_hash: Option<String>,
    first_signer: Option<PublicKey>,
    last_signer: Option<PublicKey>,
    /// The torn file, and where its last whole line ends.
    torn: Option<(String, u64)>,
    /// Whether the log ends with a whole line, and nothing in it is broken.
    whole: bool,
}

impl Facts {
    pub(crate) fn of(report: &SessionReport) -> Self {
        let chain = report.receipt_chain.as_ref();
        let signer = |segment: Option<&coldcase_evidence::Segment>| {
            segment.and_then(|segment| PublicKey::parse(segment.signer_key.as_bytes()).ok())
        };
        // Without receipts checkpoints show the keys, unless some are of keys that are not trusted: those are not named.
        let all_trusted = report.checkpoints.signed == report.checkpoints.good;
        let authority = if chain.is_none() && all_trusted { report.authority.as_slice() } else { &[] };
        let checkpoint_signer = |range: Option<&coldcase_evidence::KeyRange>| {
            range.and_then(|range| PublicKey::parse(range.key.as_bytes()).ok())
        };
        Self {
            entry: report.last_seq.zip(report.head_hash.clone()),
            receipt: chain.and_then(|chain| {
                chain.segments.last().map(|last| last.last_seq).zip(chain.tail_hash.clone())
            }),
            open_hash: chain.and_then(|chain| chain.open_hash.clone()),
            first_signer: signer(chain.and_then(|chain| chain.segments.first()))
                .or_else(|| checkpoint_signer(authority.first())),
            last_signer: signer(chain.and_then(|chain| chain.segments.last()))
                .or_else(|| checkpoint_signer(authority.last())),
            torn: report.torn.as_ref().map(|torn| (torn.file.clone(), torn.last_good_offset)),
            whole: matches!(report.status, Status::Intact | Status::MissingStart),
        }
    }
}

/// What is said of one such file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LinkReport {
    pub(crate) file: String,
    pub(crate) kind: &'static str,
    pub(crate) predecessor: Option<String>,
    pub(crate) successor: Option<String>,
    /// Whether a trusted key signed it.
    pub(crate) trusted: bool,
    /// What does not fit.
    pub(crate) problems: Vec<String>,
    /// What of a recovery seal was held against the logs that are here.
    pub(crate) compared: Vec<&'static str>,
    /// What was not looked at.
    pub(crate) not_checked: Vec<&'static str>,
}

/// So many of these files of a folder are read: a run leaves one.
const MOST_FILES: usize = 4096;
/// And so many bytes of them.
const MOST_READ: usize = 4 << 20;
/// Successors of a fork that are named.
const MOST_NAMED: usize = 8;

/// The files of a folder, read before its logs: only of sessions that they name must anything be kept.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    met: Vec<(LinkReport, Option<usize>)>,
    read: Vec<Claim>,
    sessions: BTreeSet<String>,
    /// How many were not looked at.
    pub(crate) left_out: u64,
}

impl Claims {
    /// Reads the files of these names.
    pub(crate) fn read(folder: &Path, names: &NameList, keys: &KeyRing) -> Self {
        let (mut found, mut bytes) = (Self::default(), 0);
        for name in names.iter() {
            if found.met.len() >= MOST_FILES || bytes >= MOST_READ {
                found.left_out += 1;
                continue;
            }
            bytes += found.file(folder, name, keys);
        }
        found
    }

    /// Reads a file; gives how many bytes it has.
    fn file(&mut self, folder: &Path, name: &str, keys: &KeyRing) -> usize {
        let mut report = LinkReport {
            kind: "chain_link",
            predecessor: claimed_predecessor(name).map(str::to_owned),
            successor: None,
            trusted: false,
            problems: Vec::new(),
            compared: Vec::new(),
            not_checked: Vec::new(),
            file: name.to_owned(),
        };
        let (mut claim, mut bytes) = (None, 0);
        match read_small(&folder.join(name), MOST_BYTES) {
            Err(error) => report.problems.push(format!("cannot be read: {error}")),
            Ok(text) => {
                bytes = text.len();
                match GroupStage::of_name(name) {
                    Some((_, stage)) => group(&mut report, stage, &text, keys),
                    None => match Claim::parse(&text) {
                        Err(error) => report.problems.push(error.to_string()),
                        Ok(parsed) => claim = Some(self.add(parsed)),
                    },
                }
            }
        }
        self.met.push((report, claim));
        bytes
    }

    fn add(&mut self, claim: Claim) -> usize {
        let (before, after) = match &claim {
            Claim::Link(link) => (&link.predecessor_session, &link.successor_session),
            Claim::Seal(seal) => (&seal.predecessor_session, &seal.successor_session),
        };
        self.sessions.extend([before.clone(), after.clone()]);
        self.read.push(claim);
        self.read.len() - 1
    }

    /// Whether a session is named.
    pub(crate) fn name(&self, session: &str) -> bool {
        self.sessions.contains(session)
    }

    /// Checks them against the folder's logs.
    pub(crate) fn check(
        self,
        folder: &Path,
        facts: &BTreeMap<String, Facts>,
        keys: &KeyRing,
    ) -> Vec<LinkReport> {
        let mut shards = Shards { folder, digests: BTreeMap::new() };
        let mut reports: Vec<LinkReport> = Vec::with_capacity(self.met.len());
        for (mut report, claim) in self.met {
            match claim.and_then(|index| self.read.get(index)) {
                Some(Claim::Link(link)) => chain_link(&mut report, link, facts, keys),
                Some(Claim::Seal(seal)) => recovery_seal(&mut report, seal, &mut shards, facts, keys),
                None => {}
            }
            if !keys.is_empty() && !report.trusted {
                report.not_checked.push(NOT_VOUCHED_FOR);
            }
            reports.push(report);
        }
        for fork in forks(&self.read) {
            let problem = several(&fork);
            for report in
                reports.iter_mut().filter(|one| one.predecessor.as_ref() == Some(&fork.predecessor_session))
            {
                report.problems.push(problem.clone());
            }
        }
        reports
    }
}

fn several(fork: &Fork) -> String {
    let successors = &fork.successor_sessions;
    let named = successors.get(..MOST_NAMED).unwrap_or(successors);
    let more = match successors.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("several sessions claim to follow {}: {}{more}", fork.predecessor_session, named.join(", "))
}

impl LinkReport {
    /// How many bytes its texts take.
    pub(super) fn bytes(&self) -> usize {
        let names = [Some(&self.file), self.predecessor.as_ref(), self.successor.as_ref()];
        let names = names.into_iter().flatten().map(String::len).sum::<usize>();
        names + self.problems.iter().map(|problem| problem.len() + size_of::<String>()).sum::<usize>()
    }
}

fn chain_link(report: &mut LinkReport, link: &ChainLink, facts: &BTreeMap<String, Facts>, keys: &KeyRing) {
    let before = facts.get(&link.predecessor_session).cloned().unwrap_or_default();
    let after = facts.get(&link.successor_session).cloned().unwrap_or_default();
    // A run without receipts is tied by its last entry.
    let tail = before.receipt.or(before.entry);
    let problems = link.check_against(&LinkFacts {
        named_predecessor: report.predecessor.as_deref(),
        predecessor_tail: tail.as_ref().map(|(seq, hash)| (*seq, hash.as_str())),
        predecessor_signer: before.last_signer.as_ref(),
        successor_session: facts.contains_key(&link.successor_session).then_some(&link.successor_session),
        successor_signer: after.first_signer.as_ref(),
    });
    report.problems.extend(problems.iter().map(ToString::to_string));
    report.successor = Some(link.successor_session.clone());
    report.trusted = link.trusted(keys).is_some();
    absent(report, facts, &link.predecessor_session, &link.successor_session);
}

fn recovery_seal(
    report: &mut LinkReport,
    seal: &RecoverySeal,
    shards: &mut Shards<'_>,
    facts: &BTreeMap<String, Facts>,
    keys: &KeyRing,
) {
    report.kind = "recovery_seal";
    let before = facts.get(&seal.predecessor_session).cloned().unwrap_or_default();
    let after = facts.get(&seal.successor_session).cloned().unwrap_or_default();
    let shard = shards.look(&seal.shard, seal.shard_size);
    if shard.is_none() {
        report.not_checked.push("the torn file, which is not here");
    }
    let torn = before.torn.as_ref().filter(|(file, _)| *file == seal.shard);
    let facts_of_seal = SealFacts {
        predecessor_session: report.predecessor.as_deref(),
        shard: before.torn.as_ref().map(|(file, _)| file.as_str()),
        shard_size: shard.as_ref().map(|(size, _)| *size),
        shard_sha256: shard.as_ref().and_then(|(_, sha256)| sha256.as_deref()),
        damage_offset: torn.map(|(_, offset)| *offset),
        last_good: before.entry.as_ref().map(|(seq, hash)| (*seq, hash.as_str())),
        predecessor_tail: before.receipt.as_ref().map(|(seq, hash)| (*seq, hash.as_str())),
        predecessor_signer: before.last_signer.as_ref(),
        successor_session: facts.contains_key(&seal.successor_session).then_some(&seal.successor_session),
        successor_signer: after.first_signer.as_ref(),
        successor_open_hash: after.open_hash.as_deref(),
    };
    let problems = seal.check_against(&facts_of_seal);
    report.problems.extend(problems.iter().map(ToString::to_string));
    if before.whole {
        report.problems.push(format!(
            "the seal is of a torn log, and the log of {} ends with a whole line",
            seal.predecessor_session
        ));
    }
    report.compared = compared(&facts_of_seal);
    report.successor = Some(seal.successor_session.clone());
    report.trusted = seal.trusted(keys).is_some();
    absent(report, facts, &seal.predecessor_session, &seal.successor_session);
}

/// What is known of what a seal states, and so was compared.
fn compared(facts: &SealFacts<'_>) -> Vec<&'static str> {
    let known = [
        (facts.shard.is_some(), "the name of the torn file"),
        (facts.shard_size.is_some(), "its size"),
        (facts.shard_sha256.is_some(), "its SHA-256"),
        (facts.damage_offset.is_some(), "where the torn line starts"),
        (facts.last_good.is_some(), "number and hash of the last whole entry"),
        (facts.predecessor_tail.is_some(), "number and hash of the last receipt"),
        (facts.predecessor_signer.is_some(), "the predecessor's key"),
        (facts.successor_session.is_some(), "the successor's session"),
        (facts.successor_signer.is_some(), "the successor's key"),
        (facts.successor_open_hash.is_some(), "the successor's first receipt"),
    ];
    known.into_iter().filter(|(known, _)| *known).map(|(_, what)| what).collect()
}

/// The files that seals name. Any number of seals may name the same one; it is hashed once.
struct Shards<'a> {
    folder: &'a Path,
    digests: BTreeMap<String, Option<String>>,
}

impl Shards<'_> {
    /// The size of a regular file, and its digest if it is of the stated size.
    fn look(&mut self, name: &str, stated: u64) -> Option<(u64, Option<String>)> {
        // The name comes from the seal: it must not lead out of the folder.
        if name.contains(['/', '\\']) {
            return None;
        }
        let path = self.folder.join(name);
        let size = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?.len();
        if size != stated {
            return Some((size, None));
        }
        let hash = || digest(&path, Some(size)).ok().map(|(_, sha256)| hex(&sha256));
        Some((size, self.digests.entry(name.to_owned()).or_insert_with(hash).clone()))
    }
}

fn absent(report: &mut LinkReport, facts: &BTreeMap<String, Facts>, before: &str, after: &str) {
    if !facts.contains_key(before) {
        report.not_checked.push("the predecessor's log is not here");
    }
    if !facts.contains_key(after) {
        report.not_checked.push("the successor's log is not here");
    }
}

fn group(report: &mut LinkReport, stage: GroupStage, bytes: &[u8], keys: &KeyRing) {
    report.kind = "receipt_group";
    match GroupManifest::parse(stage, bytes) {
        Err(error) => report.problems.push(error.to_string()),
        Ok(manifest) => {
            report.not_checked.push("the members of the group and their heads");
            report.trusted = manifest.trusted(keys).is_some();
            match manifest.signature {
                GroupSignature::Checked(_, SignatureCheck::Good) => {}
                GroupSignature::Checked(..) => report.problems.push("the signature does not hold".to_owned()),
                GroupSignature::NotChecked => report.not_checked.push("the signature"),
            }
        }
    }
}
