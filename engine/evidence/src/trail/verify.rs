//! A file of agent audit trails from its first line to its last: one chain for each session that it holds.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::json::Tape;

use super::chain::{Chain, MOST as MOST_BREAKS, TrailFacts};
use super::keys::{TrailKey, TrailKeys};
use super::record::{Fault, Seen, read};
use crate::entry::LineFault;
use crate::hex;
use crate::log::{
    Break, BreakReason, FirstBad, KeyRange, LogFiles, Met, NotFollowed, Remark, SessionReport, Status, Torn,
    VerifyOptions, complete_report, each_line,
};
use crate::place::Place;

/// What is kept of a file, so that no file takes all memory.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Sessions that are followed.
    sessions: usize,
    /// Bytes of their names and of those of their agents.
    names: usize,
    /// Breaks of all sessions, besides the first of each.
    breaks: usize,
}

const LIMITS: Limits = Limits { sessions: 1 << 16, names: 4 << 20, breaks: 1 << 14 };
/// Breaks of the file that are no session's; the rest is counted.
const MOST_LOST: usize = 256;

/// Verifies the trails of a file; gives what is said of its sessions, in the order of their names.
pub fn verify_trails(
    files: &mut dyn LogFiles,
    keys: &TrailKeys,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> Vec<SessionReport> {
    let mut reports = Vec::new();
    each_trail(files, keys, options, on_break, &mut |report| reports.push(report));
    reports
}

/// The same, one report after the other: those of all sessions together are large.
pub(crate) fn each_trail(
    files: &mut dyn LogFiles,
    keys: &TrailKeys,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
    on_report: &mut dyn FnMut(SessionReport),
) {
    follow(files, keys, options, LIMITS).report(files, keys, on_break, on_report);
}

/// The sessions of a file while it is read.
struct Trails {
    limits: Limits,
    chains: BTreeMap<Box<str>, Box<Chain>>,
    /// Bytes of names, and breaks, that the chains hold.
    names: usize,
    breaks: usize,
    /// The session of the last line.
    latest: Box<str>,
    /// The first line of a session that is not followed, and how many there are.
    not_followed: Option<(Place, u64)>,
    lost: Vec<(Place, BreakReason)>,
    lost_total: u64,
    torn: Option<(Place, u64, u64)>,
    heads: BTreeSet<[u8; 32]>,
    bytes: u64,
}

fn follow(files: &mut dyn LogFiles, keys: &TrailKeys, options: &VerifyOptions, limits: Limits) -> Trails {
    let index = options.head_index();
    let mut tape = Tape::default();
    let mut trails = Trails {
        limits,
        chains: BTreeMap::new(),
        names: 0,
        breaks: 0,
        latest: Box::default(),
        not_followed: None,
        lost: Vec::new(),
        lost_total: 0,
        torn: None,
        heads: BTreeSet::new(),
        bytes: 0,
    };
    let limit = options.line_limit;
    trails.bytes = each_line(files, limit, &mut |place, met| match met {
        Met::Line(line) => {
            let found = read(line, &mut tape, keys);
            if let Ok(seen) = &found
                && index.hashes().contains(&seen.hash)
            {
                trails.heads.insert(seen.hash);
            }
            trails.push(place, found);
        }
        Met::Tail(tail) => trails.torn = Some((place, tail.fragment.len() as u64, tail.zeros)),
        Met::TooLong(bytes) => {
            let fault = LineFault::TooLong { bytes, limit: limit as u64 };
            trails.lose(place, BreakReason::Line { fault, content_agrees: false });
        }
        Met::Unreadable(why) => trails.lose(place, BreakReason::Unreadable { why }),
    });
    trails
}

impl Trails {
    fn push(&mut self, place: Place, found: Result<Seen, Fault>) {
        // A line that cannot be read belongs to the session of the line before it, if to any.
        if let Ok(seen) = &found {
            self.latest.clone_from(&seen.session);
        }
        if !self.chains.contains_key(&self.latest) {
            if self.chains.len() >= self.limits.sessions || self.names >= self.limits.names {
                self.not_followed.get_or_insert((place, 0)).1 += 1;
                return;
            }
            self.names += self.latest.len() * 2 + found.as_ref().map_or(0, |seen| seen.agent.len());
        }
        let chain = self.chains.entry(self.latest.clone()).or_default();
        let before = chain.kept();
        chain.push_within(place, found, if self.breaks < self.limits.breaks { MOST_BREAKS } else { 1 });
        self.breaks += chain.kept() - before;
    }

    fn lose(&mut self, place: Place, reason: BreakReason) {
        self.lost_total += 1;
        if self.lost.len() < MOST_LOST {
            self.lost.push((place, reason));
        }
    }

    fn report(
        mut self,
        files: &dyn LogFiles,
        keys: &TrailKeys,
        on_break: &mut dyn FnMut(&Break),
        on_report: &mut dyn FnMut(SessionReport),
    ) {
        let mut chains = std::mem::take(&mut self.chains);
        if chains.is_empty() {
            chains.insert(Box::default(), Box::default());
        }
        // What belongs to no session, and the end of the file, are told with the session of the last line.
        if !chains.contains_key(&self.latest) {
            self.latest = chains.keys().next().cloned().unwrap_or_default();
        }
        for (session, chain) in chains {
            let mut report = report(&session, &chain.finish(), keys, files, on_break);
            if session == self.latest {
                self.tell(&mut report, files, on_break);
            }
            settle(&mut report);
            on_report(report);
        }
    }

    /// Says what is the file's and no session's.
    fn tell(&mut self, report: &mut SessionReport, files: &dyn LogFiles, on_break: &mut dyn FnMut(&Break)) {
        report.bytes = self.bytes;
        report.heads_found = std::mem::take(&mut self.heads).into_iter().collect();
        report.breaks_total += self.lost_total;
        for (place, reason) in self.lost.drain(..) {
            let found = Break::at(files, place, reason);
            on_break(&found);
            report.breaks.push(found);
        }
        report.torn = self.torn.map(|(place, bytes, zero_bytes)| Torn::of(files, place, bytes, zero_bytes));
        report.not_followed =
            self.not_followed.map(|(place, lines)| NotFollowed { from: FirstBad::at(files, place), lines });
        if let Some(left) = &report.not_followed {
            let text = format!(
                "not read further: too many sessions; {} lines of other sessions, from line {} on, were not checked",
                left.lines, left.from.line
            );
            report.remarks.push(Remark { kind: "not_followed", text });
        }
    }
}

fn report(
    session: &str,
    facts: &TrailFacts,
    keys: &TrailKeys,
    files: &dyn LogFiles,
    on_break: &mut dyn FnMut(&Break),
) -> SessionReport {
    let mut report = SessionReport::of(session.to_owned(), "agent-audit-trail");
    report.files = files.len() as u64;
    report.entries = facts.entries;
    report.trusted_keys = (keys.ring().keys().len() + keys.p256().len()) as u64;
    report.first_seq = (facts.entries > 0).then_some(0);
    report.last_seq = facts.entries.checked_sub(1);
    report.head_hash = facts.head.map(|hash| hex::encode(&hash));
    if let Some((index, _, key)) = facts.authenticated {
        report.authenticated_through_seq = Some(index);
        let key = match key {
            TrailKey::Ed25519(index) => keys.ring().key(index).map(crate::PublicKey::hex),
            TrailKey::P256(index) => keys.p256().get(index).map(super::P256Key::hex),
        };
        report.authority =
            vec![KeyRange { key: key.unwrap_or_default(), first_seq: 0, last_seq: index, checkpoints: 0 }];
    }
    report.breaks_total = facts.breaks.len() as u64 + facts.more_breaks;
    for found in &facts.breaks {
        let mut placed =
            Break::at(files, found.place, BreakReason::Record { what: found.reason.to_string() });
        placed.seq = Some(found.index);
        on_break(&placed);
        report.breaks.push(placed);
    }
    let mut counted = |kind, count: u64, text: &str| {
        if count > 0 {
            report.remarks.push(Remark { kind, text: format!("{count} {text}") });
        }
    };
    counted("unsigned", facts.unsigned, "records have no signature of their own");
    counted("untrusted", facts.untrusted, "records are signed by none of the trusted keys");
    counted("other_algorithm", facts.other_algorithm, "signatures are by an algorithm that is not checked");
    counted("inexact", facts.inexact, "records hold digits beyond the precision that the hash covers");
    counted("batch", facts.batched, "records have a `batch`, which no signature and no link covers");
    report
}

fn settle(report: &mut SessionReport) {
    report.status = if report.breaks_total > 0 {
        Status::Broken
    } else if report.torn.is_some() {
        Status::TornTail
    } else if report.entries == 0 {
        Status::Empty
    } else {
        Status::Intact
    };
    report.first_bad = report.breaks.first().and_then(FirstBad::of);
    complete_report(report);
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod tests;
