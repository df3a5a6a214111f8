//! Starts, checkpoints, lines that are lost and files that follow one another: the reason, the place and the numbers.

use super::entries::{Line, key};
use super::logs::{Log, options, plain, ring};
use crate::entry::LineFault;
use crate::keys::KeyRing;
use crate::log::held::{Held, Trouble};
use crate::log::{
    BreakReason, Checkpoints, ExpectedHead, KeyRange, SessionReport, Status, VerifyOptions, verify_session,
};

/// Entries 0 to 3, checkpoint 4, entries 5 to 7.
fn lines() -> Vec<Line> {
    plain("proxy", 7, 4, 100, "one").entries()
}

/// Links and hashes the lines from this one on anew.
fn linked(mut lines: Vec<Line>, from: usize) -> Vec<Line> {
    for at in from..lines.len() {
        if at > from {
            lines[at].prev = lines[at - 1].hash.clone();
        }
        lines[at].rehash();
    }
    lines
}

fn bytes(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(Line::spell).collect()
}

/// The report of one file, the same whether its lines come all in one block or each in one.
fn report(bytes: Vec<u8>) -> SessionReport {
    let log = Log::file(bytes);
    let report = log.verify(&ring());
    let slow = Log { step: 1, ..log }.verify(&ring());
    assert_eq!(serde_json::to_string(&slow).unwrap(), serde_json::to_string(&report).unwrap());
    report
}

type Told<'r> = (&'r str, Option<u64>, Option<u64>, Option<u64>);

/// Name, line, offset and number of each break.
fn breaks(report: &SessionReport) -> Vec<Told<'_>> {
    let all = report.breaks.iter();
    all.map(|found| (found.reason.name(), found.line, found.offset, found.seq)).collect()
}

#[test]
fn a_right_log_has_its_numbers() {
    let log = plain("proxy", 7, 4, 100, "one");
    let found = log.verify(&ring());
    let all = bytes(&log.entries());
    assert_eq!((found.status, found.bytes, found.entries), (Status::Intact, all.len() as u64, 8));
    assert_eq!((found.first_seq, found.last_seq, found.files), (Some(0), Some(7), 1));
    let range = KeyRange { key: key(1).public().hex(), first_seq: 0, last_seq: 3, checkpoints: 1 };
    assert_eq!((found.authority, found.authenticated_through_seq), (vec![range], Some(3)));
    assert_eq!(found.checkpoints, Checkpoints { total: 1, signed: 1, good: 1 });
    assert_eq!((found.checkpoint_seqs, found.ends_with_checkpoint), (vec![4], false));
    assert!(report(bytes(&log.entries()[..5])).ends_with_checkpoint);
    let mut named = log.entries();
    named[2].raw_ref = "x.raw.enc".to_owned();
    let remarks = report(bytes(&linked(named, 2))).remarks;
    assert!(remarks.len() == 1 && remarks[0].text.starts_with("1 entries"), "{remarks:?}");
    let empty = report(Vec::new());
    assert_eq!((empty.status, empty.ends_with_checkpoint, empty.head_hash), (Status::Empty, false, None));
    // Without a key nothing is vouched for, in no stretch either.
    let unkeyed = log.verify(&KeyRing::default());
    assert!(unkeyed.authority.is_empty() && unkeyed.stretches[0].authenticated_through_seq.is_none());
}

#[test]
fn a_start_is_genesis_or_is_missing() {
    let rest = report(bytes(&lines()[5..]));
    assert_eq!((rest.status, rest.first_seq, breaks(&rest)), (Status::MissingStart, Some(5), vec![]));
    let mut bound = lines();
    bound[0].prev = "ab".repeat(32);
    let bound = report(bytes(&linked(bound, 0)));
    assert_eq!(breaks(&bound)[0], ("no_genesis", Some(1), Some(0), Some(0)));
    let mut late = lines();
    late.drain(..5);
    late[0].prev = "genesis".to_owned();
    let late = report(bytes(&linked(late, 0)));
    assert_eq!(breaks(&late), [("late_genesis", Some(1), Some(0), Some(5))]);
    // Behind a line that cannot be read nothing can be said of the start.
    let lost = report([&b"x\n"[..], &bytes(&lines()[5..])].concat());
    assert_eq!(breaks(&lost), [("line", Some(1), Some(0), None)]);
    let reason = BreakReason::Line { fault: LineFault::NotJson, content_agrees: false };
    assert_eq!(lost.breaks[0].reason, reason);
    assert_eq!(report(bytes(&lines()[1..])).status, Status::MissingStart);
}

#[test]
fn a_checkpoint_of_another_form_is_a_break_and_vouches_for_nothing() {
    let mut changed = lines();
    changed[4].summary = "checkpoint".to_owned();
    let offset = bytes(&lines()[..4]).len() as u64;
    let found = report(bytes(&linked(changed, 4)));
    assert_eq!(breaks(&found), [("checkpoint_form", Some(5), Some(offset), Some(4))]);
    assert_eq!((found.authenticated_through_seq, found.checkpoints.total), (None, 0));
    assert_eq!(found.remarks, vec![], "its type is known");
    // An entry of another type is no checkpoint, whatever it holds.
    let mut other = lines();
    other[4].kind = "decision".to_owned();
    let found = report(bytes(&linked(other, 4)));
    assert_eq!((breaks(&found), found.authenticated_through_seq, found.checkpoints.total), (vec![], None, 0));
}

/// It is not compared with the line before it: that would say twice what one break says.
#[test]
fn an_entry_of_another_session_is_one_break_and_the_next_goes_on() {
    let mut lines = lines();
    let mut other = plain("other", 7, 4, 100, "two").entries().remove(5);
    other.seq = 40;
    other.rehash();
    lines.insert(3, other);
    let log = Log { session: Some("proxy".to_owned()), ..Log::file(bytes(&lines)) };
    for step in [1, usize::MAX] {
        let found = Log { step, ..log.clone() }.verify(&ring());
        let offset = bytes(&lines[..3]).len() as u64;
        assert_eq!(breaks(&found)[0], ("other_session", Some(4), Some(offset), Some(40)), "{step}");
        assert!(breaks(&found)[1..].iter().all(|found| found.1 == Some(5)), "{step}");
    }
}

/// A line over the limit, in a block with others or longer than one, is counted, and ends what is good before it.
#[test]
fn a_line_that_is_too_long_is_counted_as_a_line() {
    let lines = lines();
    let limit = lines.iter().map(|line| line.spell().len() - 1).max().unwrap();
    let options = VerifyOptions { line_limit: limit, ..options(&ring()) };
    for length in [limit + 1, 300_000, 700_000] {
        let long = [vec![b'x'; length], b"\n".to_vec()].concat();
        let mut last = lines[7].clone();
        last.summary.push('!');
        let all = [bytes(&lines[..2]), long, bytes(&lines[2..7]), last.spell()].concat();
        let found = Log::file(all).verify_with(&options);
        let first = bytes(&lines[..2]).len() as u64;
        let second = first + length as u64 + 1 + bytes(&lines[2..7]).len() as u64;
        // The altered line may be over the limit too.
        let name = if last.spell().len() - 1 > limit { "line" } else { "hash_differs" };
        let places: Vec<_> = breaks(&found).iter().map(|found| (found.0, found.1, found.2)).collect();
        assert_eq!(places, [("line", Some(3), Some(first)), (name, Some(9), Some(second))]);
        let fault = LineFault::TooLong { bytes: length as u64 + 1, limit: limit as u64 };
        assert_eq!(found.breaks[0].reason, BreakReason::Line { fault, content_agrees: false });
        let stretches: Vec<_> = found.stretches.iter().map(|one| (one.first_seq, one.last_seq)).collect();
        assert_eq!(stretches, [(0, 1), (2, 6)], "{length}");
    }
}

/// A file that cannot be read on behind such a line is told to end there.
#[test]
fn an_error_behind_a_line_that_is_too_long_stands_behind_it() {
    let long = [vec![b'x'; 700_000], b"\n".to_vec()].concat();
    let mut files = vec![Held("a.jsonl", long, Trouble::Fails)];
    let options = VerifyOptions { line_limit: 1000, ..options(&ring()) };
    let found = verify_session(&mut files, &options, &mut |_| {});
    let names: Vec<_> = breaks(&found).iter().map(|found| found.0).collect();
    assert_eq!(names, ["line", "unreadable"]);
    assert_eq!(found.breaks[1].offset, Some(700_001));
}

/// Where no name states it, the session is that of the first line that is read.
#[test]
fn a_line_over_the_limit_states_no_session() {
    let mut lines = lines();
    lines[0].session = "other".to_owned();
    lines[0].summary = "long ".repeat(200);
    let lines = linked(lines, 0);
    let length = lines[0].spell().len() - 1;
    for (limit, others) in [(length - 1, vec![]), (length, (1..8).collect::<Vec<u64>>())] {
        let log = Log::file(bytes(&lines));
        let found = log.verify_with(&VerifyOptions { line_limit: limit, ..options(&KeyRing::default()) });
        let of_other = found.breaks.iter().filter(|found| found.reason == BreakReason::OtherSession);
        assert_eq!(of_other.filter_map(|found| found.seq).collect::<Vec<_>>(), others, "{limit}");
    }
}

#[test]
fn a_torn_file_that_another_follows_is_a_break_whatever_follows() {
    let lines = lines();
    let next = |second: Vec<u8>| {
        let torn = [bytes(&lines[..2]), b"{\"v\":2".to_vec()].concat();
        let shards = vec![("a.jsonl".to_owned(), torn), ("b.jsonl".to_owned(), second)];
        let log = Log { session: None, shards, step: usize::MAX };
        log.verify_with(&VerifyOptions { line_limit: 2000, ..options(&ring()) })
    };
    let offset = bytes(&lines[..2]).len() as u64;
    for (after, more) in [
        (bytes(&lines[2..]), 0),
        ([vec![b'x'; 3000], b"\n".to_vec()].concat(), 1),
        ([vec![b'x'; 300_000], b"\n".to_vec()].concat(), 1),
        (vec![b'x'; 3000], 1),
    ] {
        let found = next(after);
        assert_eq!(breaks(&found)[0], ("torn_inside", Some(3), Some(offset), None));
        assert_eq!((found.breaks[0].file.as_deref(), found.torn.is_none()), (Some("a.jsonl"), true));
        assert_eq!(found.breaks_total, 1 + more);
    }
    let half = next(b"{".to_vec());
    assert_eq!((breaks(&half).len(), half.torn.map(|torn| torn.file)), (1, Some("b.jsonl".to_owned())));
    let empty = next(Vec::new());
    assert_eq!(
        (empty.status, empty.torn.map(|torn| torn.file)),
        (Status::TornTail, Some("a.jsonl".to_owned()))
    );
}

/// What a name promises and the first file does not hold was there: that is told at its first line.
#[test]
fn a_first_file_that_starts_later_than_its_name_says_is_told_at_its_first_line() {
    let lines = lines();
    let named = |names: [u64; 2], at: usize| {
        let shards = [(names[0], &lines[2..at]), (names[1], &lines[at..])];
        let shards = shards.map(|(name, part)| (format!("evidence-proxy-{name}.jsonl"), bytes(part)));
        Log { session: Some("proxy".to_owned()), shards: shards.into(), step: usize::MAX }.verify(&ring())
    };
    assert_eq!(breaks(&named([2, 5], 5)), []);
    assert_eq!(breaks(&named([0, 5], 5)), [("misnamed", Some(1), Some(0), Some(2))]);
    assert_eq!(breaks(&named([3, 5], 5)), [("misnamed", None, None, Some(2))]);
    assert_eq!(breaks(&named([2, 4], 5)), [("misnamed", None, None, Some(5))]);
}

/// What is not kept is not joined to what is, in whatever block it stands.
#[test]
fn a_stretch_beyond_those_that_are_kept_lengthens_none() {
    let mut lines = plain("proxy", 520, 1000, 1000, "one").entries();
    for line in lines.iter_mut().take(516).skip(1).step_by(2) {
        line.summary.push('!');
    }
    for step in [100, usize::MAX] {
        let found = Log { step, ..Log::file(bytes(&lines)) }.verify(&ring());
        let last = found.stretches.last().map(|last| (last.first_seq, last.last_seq));
        assert_eq!((found.stretches.len(), last), (256, Some((510, 510))), "{step}");
    }
}

/// A head that names a session is looked for where the files state none.
#[test]
fn a_head_of_a_session_is_found_in_files_without_a_name() {
    let log = Log::file(bytes(&lines()));
    let known = ExpectedHead::from_hex(&lines()[3].hash, "a note").unwrap();
    assert_eq!(known.hex(), lines()[3].hash);
    let head = ExpectedHead { session: Some("proxy".to_owned()), ..known };
    let found = log.verify_with(&VerifyOptions { heads: vec![head], ..options(&ring()) });
    assert_eq!(found.anchors.iter().map(|anchor| anchor.seq).collect::<Vec<_>>(), [Some(3)]);
    for (seq, right) in [(3, true), (2, false), (4, false)] {
        let head =
            ExpectedHead { seq: Some(seq), ..ExpectedHead::from_hex(&lines()[3].hash, "a note").unwrap() };
        let found =
            log.verify_with(&VerifyOptions { heads: vec![head], is_only_session: true, ..options(&ring()) });
        assert_eq!(found.status == Status::Intact, right, "{seq}");
        assert!(found.breaks.iter().all(|found| found.reason.name() == "head_missing"));
    }
    assert_eq!(VerifyOptions::default().line_limit, 16 * 1024 * 1024);
}
