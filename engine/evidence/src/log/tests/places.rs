//! Breaks and bad records stand in the right file, line and byte, however the lines come in blocks.

use super::entries::{How, Line, rebuild};
use super::logs::{Log, options, plain, ring};
use crate::keys::KeyRing;
use crate::log::{BreakReason, Decisions, FirstBad, VerifyOptions};

/// Two files of these lines, the second from this line on; their names are right.
fn two(lines: &[Line], at: usize, named: bool) -> Log {
    let bytes = |part: &[Line]| part.iter().flat_map(Line::spell).collect::<Vec<u8>>();
    let name = |line: &Line| format!("evidence-proxy-{}.jsonl", line.seq);
    let shards = vec![(name(&lines[0]), bytes(&lines[..at])), (name(&lines[at]), bytes(&lines[at..]))];
    Log { session: named.then(|| "proxy".to_owned()), shards, step: usize::MAX }
}

fn json(log: &Log, step: usize, threads: usize) -> String {
    let log = Log { step, ..log.clone() };
    serde_json::to_string(&log.verify_with(&VerifyOptions { threads, ..options(&ring()) })).unwrap()
}

/// Entries 0 to 3, checkpoint 4, entries 5 to 8, checkpoint 9, entries 10 and 11.
fn lines() -> Vec<Line> {
    plain("proxy", 10, 4, 100, "one").entries()
}

#[test]
fn the_report_of_a_broken_log_does_not_depend_on_blocks() {
    type Change = fn(&mut Vec<Line>);
    let changes: [Change; 9] = [
        |lines| drop(lines.remove(2)),
        |lines| lines[2].summary.push('!'),
        |lines| lines[6].summary.push('!'),
        |lines| lines.swap(1, 2),
        |lines| lines.insert(6, lines[2].clone()),
        |lines| {
            lines[6].session = "other".to_owned();
            lines[6].rehash();
        },
        |lines| {
            lines[6].ts = "2020-01-01T00:00:00Z".to_owned();
            lines[6].rehash();
        },
        |lines| {
            lines[5].seq = 90;
            lines[5].rehash();
        },
        |lines| {
            lines[9].detail = lines[9].detail.replace("\"first_seq\":5", "\"first_seq\":6");
            lines[9].rehash();
        },
    ];
    for (case, change) in changes.into_iter().enumerate() {
        let mut lines = lines();
        change(&mut lines);
        for at in [1, 5, 6, 7] {
            // Without a name, an entry of another session is looked at by itself below.
            for named in if case == 5 { [true].as_slice() } else { &[true, false] } {
                let log = two(&lines, at, *named);
                let whole = json(&log, usize::MAX, 1);
                assert!(whole.contains(r#""status":"broken""#), "{case}");
                for (step, threads) in [(1, 1), (1, 3), (900, 1), (900, 2)] {
                    assert_eq!(json(&log, step, threads), whole, "{case} {at} {named} {step} {threads}");
                }
            }
        }
    }
}

/// Where no name states a session, the first entry does.
#[test]
fn an_entry_of_another_session_is_told_in_each_block_and_file() {
    let mut lines = lines();
    lines[6].session = "other".to_owned();
    lines[6].rehash();
    for (named, at) in [(true, 5), (false, 5), (false, 6), (true, 6)] {
        for step in [1, usize::MAX] {
            let report = Log { step, ..two(&lines, at, named) }.verify(&ring());
            let found = report.breaks.iter().find(|found| found.reason == BreakReason::OtherSession).unwrap();
            let line = 7 - at as u64;
            assert_eq!((found.seq, found.line, report.session.as_str()), (Some(6), Some(line), "proxy"));
        }
    }
}

#[test]
fn without_a_name_an_entry_of_another_session_is_told_alike_in_all_blocks() {
    let mut lines = lines();
    lines[6].session = "other".to_owned();
    lines[6].rehash();
    let log = Log::file(lines.iter().flat_map(Line::spell).collect());
    assert_eq!(json(&log, 900, 1), json(&log, usize::MAX, 1));
}

/// Decision records that claim a signature and have none: entries 3, 6 and 8.
#[test]
fn the_first_bad_decision_record_is_placed() {
    let mut lines = lines();
    for at in [3, 6, 8] {
        lines[at].detail = r#"{"signature":"none","type":"decision_record"}"#.to_owned();
    }
    let lines = rebuild(&lines, 0, How::Blank);
    for (at, file, first) in [(5, 0, 0), (2, 1, 2)] {
        let offset = lines[first..3].iter().map(|line| line.spell().len() as u64).sum();
        for step in [1, 900, usize::MAX] {
            let log = Log { step, ..two(&lines, at, true) };
            let report = log.verify(&ring());
            let place = FirstBad { file: log.shards[file].0.clone(), line: (4 - first) as u64, offset };
            assert_eq!(report.decision_first_bad, Some(place));
            assert_eq!(report.decisions, Decisions { signed: 3, good: 0, bad: 3 });
            assert!(report.has_failed());
        }
    }
    assert_eq!(two(&lines, 5, true).verify(&KeyRing::default()).decisions.signed, 3);
}
