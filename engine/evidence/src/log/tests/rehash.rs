//! The attacker who cannot sign: edits, deletes or inserts at an entry and makes every number, link and hash anew.

use super::entries::{How, Line, key, rebuild};
use super::logs::{Log, plain};
use crate::keys::KeyRing;
use crate::log::Status;

/// What is done at an entry.
#[derive(Debug, Clone, Copy)]
enum Change {
    Edit,
    Delete,
    Insert,
}

/// What came of the attacks on a log.
#[derive(Debug, Default)]
struct Tally {
    attacks: usize,
    /// Reports that claimed authentication for something changed.
    over_claims: usize,
    /// Attacks that leave a log which is consistent: the report must then not vouch for what was changed.
    invisible: usize,
}

fn change(lines: &[Line], at: usize, change: Change) -> Vec<Line> {
    let mut lines = lines.to_vec();
    match change {
        Change::Edit if lines[at].is_checkpoint() => lines[at].ts = "2026-03-01T11:00:00Z".to_owned(),
        Change::Edit => lines[at].summary.push('!'),
        Change::Delete => drop(lines.remove(at)),
        Change::Insert => {
            let mut line = lines.iter().find(|line| !line.is_checkpoint()).unwrap().clone();
            line.summary = "put in".to_owned();
            lines.insert(at, line);
        }
    }
    lines
}

/// The file of these lines.
fn file(lines: &[Line]) -> Log {
    let bytes = lines.iter().flat_map(Line::spell).collect();
    Log {
        session: Some("proxy".to_owned()),
        shards: vec![("evidence-proxy-0.jsonl".to_owned(), bytes)],
        step: usize::MAX,
    }
}

/// The last entry that a genuine checkpoint at or before entry `at` vouches for.
fn vouched_before(lines: &[Line], at: usize) -> Option<u64> {
    lines.iter().take(at + 1).rev().find(|line| line.is_signed()).map(|line| line.seq - 1)
}

/// One attack: `from` is the line of the changed log from which on checkpoints are treated as `how` says.
fn attack(lines: &[Line], at: usize, what: Change, how: How, from: usize, tally: &mut Tally) {
    let case = format!("{what:?} at entry {at}, checkpoints from line {from}: {how:?}");
    let changed = rebuild(&change(lines, at, what), from, how);
    let (files, keys) = (file(&changed), KeyRing::new([key(1).public()]));
    let report = files.verify(&keys);
    tally.attacks += 1;
    let most = vouched_before(lines, at);
    let claimed = report.authenticated_through_seq;
    if claimed > most || claimed.is_some_and(|through| through >= at as u64) {
        tally.over_claims += 1;
        println!("over-claimed: {case}: {claimed:?}, right is {most:?}");
    }
    // A checkpoint that is itself the one edited still holds: its signature covers what is before it.
    let kept_after = how == How::Keep && lines.iter().skip(at + 1).any(Line::is_signed);
    if kept_after {
        assert_eq!(report.status, Status::Broken, "{case}");
    }
    tally.invisible += usize::from(report.status == Status::Intact);
    // Without a key such a log is consistent, and that is all that may be said.
    let blind = files.verify(&KeyRing::default());
    assert_eq!(blind.authenticated_through_seq, None, "{case}");
    assert!(blind.authority.is_empty() && blind.checkpoints.good == 0, "{case}");
}

#[test]
fn whoever_hashes_anew_without_the_key_is_never_vouched_for() {
    let log = plain("proxy", 22, 4, 100, "one");
    let lines = log.entries();
    assert_eq!((lines.len(), vouched_before(&lines, 26)), (27, Some(23)));
    let mut tally = Tally::default();
    for at in 0..lines.len() {
        for what in [Change::Edit, Change::Delete, Change::Insert] {
            for how in [How::Keep, How::Strip, How::Blank, How::Sign(9)] {
                // All checkpoints, or only those that no longer hold.
                for from in [0, at] {
                    attack(&lines, at, what, how, from, &mut tally);
                }
            }
        }
    }
    println!("{tally:?}");
    assert_eq!(tally.attacks, 27 * 3 * 4 * 2);
    assert_eq!(tally.over_claims, 0);
    // Stripped checkpoints, and changes after the last of them, show nowhere.
    assert!(tally.invisible > 100 && tally.invisible < tally.attacks / 2, "{tally:?}");
}

/// A signature says which hash was signed and not where it stands: put elsewhere it must not hold.
#[test]
fn a_genuine_signature_moved_to_another_checkpoint_breaks_the_log() {
    let lines = plain("proxy", 12, 4, 100, "one").entries();
    let signed: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].is_signed()).collect();
    let (keys, mut cases) = (KeyRing::new([key(1).public()]), 0);
    for from in &signed {
        for to in signed.iter().filter(|to| *to != from) {
            let mut changed = lines.clone();
            changed[*to].detail =
                changed[*to].detail.replace(lines[*to].signature(), lines[*from].signature());
            let report = file(&rebuild(&changed, 0, How::Keep)).verify(&keys);
            assert_eq!(report.status, Status::Broken, "{from} to {to}");
            assert!(report.authenticated_through_seq.is_none_or(|through| through < *to as u64));
            cases += 1;
        }
    }
    println!("{cases} signatures moved");
    assert_eq!(cases, 6);
}

/// What the rebuilding itself does must not be what breaks a log.
#[test]
fn a_rebuilt_log_that_was_not_changed_is_the_log() {
    let log = plain("proxy", 22, 4, 100, "one");
    let lines = log.entries();
    assert_eq!(rebuild(&lines, 0, How::Keep), lines);
    assert_eq!(rebuild(&lines, 0, How::Sign(1)), lines);
    assert_eq!(file(&lines).shards[0].1, log.shards[0].1);
}
