//! How much of what is wrong is kept, told and counted, and which heads are said to be found.

use super::logs::{Log, options, plain, ring};
use crate::keys::KeyRing;
use crate::log::{BreakReason, ExpectedHead, Replaced, Status};

/// Of one block 1,024 breaks are kept, of a log 256; each of the rest is counted.
#[test]
fn of_a_block_of_blank_lines_the_first_breaks_are_told_and_all_are_counted() {
    for lines in [255, 256, 257, 1023, 1024, 1025, 2500] {
        let report = Log::file(vec![b'\n'; lines]).verify(&KeyRing::default());
        assert_eq!((report.breaks_total, report.breaks.len()), (lines as u64, lines.min(256)));
        assert_eq!(report.status, Status::Broken);
    }
}

/// Good entries between more breaks than are kept of a block are in no stretch that is told, and nothing panics.
#[test]
fn a_log_of_which_every_second_line_is_blank_is_counted_through() {
    let lines = plain("proxy", 1300, 5000, 5000, "one").lines();
    let bytes: Vec<u8> = lines.iter().flat_map(|(line, _)| [&line[..], b"\n"].concat()).collect();
    let report = Log::file(bytes).verify(&ring());
    assert_eq!((report.entries, report.breaks_total), (1300, 1300));
    assert_eq!((report.breaks.len(), report.stretches.len()), (256, 256));
    assert_eq!((report.last_seq, report.stretches[255].last_seq), (Some(1299), 255));
}

/// Only heads that were asked for are said to be here.
#[test]
fn heads_that_are_found_are_those_that_were_wanted() {
    let log = plain("proxy", 6, 4, 100, "one");
    let entries = log.entries();
    let head = |at: usize| ExpectedHead::from_hex(&entries[at].hash, "a note").unwrap();
    let mut wanted = options(&ring());
    wanted.heads = vec![head(2), head(4), ExpectedHead { hash: [7; 32], ..head(1) }];
    let mut found = [head(2).hash, head(4).hash];
    found.sort_unstable();
    assert_eq!(log.verify_with(&wanted).heads_found, found);
    assert!(log.verify(&ring()).heads_found.is_empty());
}

#[test]
fn every_break_has_a_name_of_its_own_and_says_what_would_leave_it() {
    let text = String::new;
    let reasons = [
        BreakReason::Line { fault: crate::LineFault::Blank, content_agrees: false },
        BreakReason::HashDiffers { replaced: Replaced::None },
        BreakReason::Ambiguous,
        BreakReason::OtherSession,
        BreakReason::LinkDiffers,
        BreakReason::Missing { first: 1, last: 2 },
        BreakReason::Repeats { after: 1 },
        BreakReason::SequenceGap { expected: 1 },
        BreakReason::VersionChanged { before: 1, after: 2 },
        BreakReason::NoGenesis,
        BreakReason::LateGenesis,
        BreakReason::CheckpointForm,
        BreakReason::CheckpointSpan,
        BreakReason::CheckpointSignature { good_through: None },
        BreakReason::LenientSignature,
        BreakReason::UnsignedCheckpoint,
        BreakReason::KeyWentBack,
        BreakReason::TornInside { bytes: 1 },
        BreakReason::ForeignTail { bytes: 1 },
        BreakReason::Misnamed { stated: 1, found: 2 },
        BreakReason::TwoNames { other: text() },
        BreakReason::Unreadable { why: text() },
        BreakReason::Record { what: text() },
        BreakReason::HeadMissing { head: text() },
    ];
    let mut names: Vec<&str> = reasons.iter().map(BreakReason::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), reasons.len());
    assert!(names.iter().all(|name| !name.is_empty()));
    for reason in &reasons {
        let explanations = reason.explanations();
        assert!(!explanations.is_empty() && explanations.iter().all(|text| !text.is_empty()), "{reason}");
    }
}
