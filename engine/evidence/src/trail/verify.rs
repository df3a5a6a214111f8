//! A file of agent audit trails from its first line to its last: one chain for each session that it holds.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::json::Tape;

use super::chain::{Chain, TrailFacts};
use super::keys::{TrailKey, TrailKeys};
use super::record::read;
use crate::entry::LineFault;
use crate::hex;
use crate::log::{
    Break, BreakReason, FirstBad, KeyRange, LogFiles, Met, Remark, SessionReport, Status, Torn,
    VerifyOptions, complete_report, each_line,
};
use crate::place::Place;

/// A file that names more sessions than this is not followed further.
const MOST_SESSIONS: usize = 4096;
/// How many breaks of a report are kept; the rest is counted.
const MOST_BREAKS: usize = 256;

/// Verifies the trails of a file, session by session in the order of their names.
pub fn verify_trails(
    files: &mut dyn LogFiles,
    keys: &TrailKeys,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> Vec<SessionReport> {
    let wanted: BTreeSet<[u8; 32]> = options.heads.iter().map(|head| head.hash).collect();
    let mut heads = Vec::new();
    let mut tape = Tape::default();
    let mut chains: BTreeMap<Box<str>, Chain> = BTreeMap::new();
    let (mut lost, mut lost_total): (Vec<(Place, BreakReason)>, u64) = (Vec::new(), 0);
    let mut add_lost = |place, reason| {
        lost_total += 1;
        if lost.len() < MOST_BREAKS {
            lost.push((place, reason));
        }
    };
    let (mut torn, mut latest) = (None, Box::<str>::default());
    let bytes = each_line(files, options.line_limit, &mut |place, met| match met {
        Met::Line(line) => {
            let found = read(line, &mut tape, keys);
            if let Ok(seen) = &found
                && wanted.contains(&seen.hash)
            {
                heads.push(seen.hash);
            }
            // A line that cannot be read belongs to the session of the line before it, if to any.
            let session = found.as_ref().map_or_else(|_| latest.clone(), |seen| seen.session.clone());
            if chains.len() < MOST_SESSIONS || chains.contains_key(&session) {
                chains.entry(session.clone()).or_default().push(place, found);
            } else {
                let what = format!("more than {MOST_SESSIONS} sessions in one file");
                add_lost(place, BreakReason::Record { what });
            }
            latest = session;
        }
        Met::Tail(tail) => torn = Some((place, tail.fragment.len() as u64, tail.zeros)),
        Met::TooLong(bytes) => {
            let fault = LineFault::TooLong { bytes, limit: options.line_limit as u64 };
            add_lost(place, BreakReason::Line { fault, content_agrees: false });
        }
        Met::Unreadable(why) => add_lost(place, BreakReason::Unreadable { why }),
    });
    if chains.is_empty() {
        chains.insert(Box::default(), Chain::default());
    }
    let mut reports: Vec<SessionReport> = chains
        .into_iter()
        .map(|(session, chain)| report(&session, &chain.finish(), keys, &*files, on_break))
        .collect();
    // What belongs to no session, and the end of the file, are told with the session of the last line.
    let at = reports.iter().position(|report| report.session == *latest).unwrap_or(0);
    if let Some(report) = reports.get_mut(at) {
        report.bytes = bytes;
        report.heads_found = heads;
        report.breaks_total += lost_total;
        let room = MOST_BREAKS.saturating_sub(report.breaks.len());
        for (place, reason) in lost.into_iter().take(room) {
            let found = Break::at(&*files, place, reason);
            on_break(&found);
            report.breaks.push(found);
        }
        report.torn = torn.map(|(place, bytes, zero_bytes)| Torn {
            file: files.name(place.file as usize),
            last_good_offset: place.offset,
            bytes,
            zero_bytes,
            only_newline_missing: false,
            is_start_of_entry: false,
        });
    }
    reports.iter_mut().for_each(settle);
    reports
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
mod tests;
