//! Each sentence once for each thing that it can say, with its numbers.

use super::*;
use crate::log::breaks::BreakReason;
use crate::log::report::{AnchorResult, Checkpoints, EvidenceReceipts, KeyRange, Stretch, Torn};
use crate::log::{Break, Decisions};
use crate::place::Place;
use crate::receipt::{ChainFault, ReceiptBreak, ReceiptReason, SealFault};

const KEY: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

/// A log of 1,200 entries, the last of them a checkpoint, with one trusted key and nothing by it.
fn report(status: Status) -> SessionReport {
    let mut report = SessionReport::of("proxy".to_owned(), "pipelock");
    report.status = status;
    report.entries = 1200;
    (report.first_seq, report.last_seq) = (Some(0), Some(1199));
    report.trusted_keys = 1;
    report.ends_with_checkpoint = true;
    report
}

/// The same, vouched for through this entry.
fn vouched(status: Status, through: u64) -> SessionReport {
    let range = |first_seq, last_seq| KeyRange { key: KEY.to_owned(), first_seq, last_seq, checkpoints: 1 };
    let mut report = report(status);
    report.authenticated_through_seq = Some(through);
    report.authority = vec![range(0, 9), range(10, through)];
    report
}

/// A report with a break at a line, and more behind it.
fn broken(breaks_total: u64) -> SessionReport {
    let reason = BreakReason::Missing { first: 5, last: 7 };
    let mut report = report(Status::Broken);
    report.breaks = vec![Break {
        file: Some("one.jsonl".to_owned()),
        line: Some(6),
        offset: Some(4096),
        seq: Some(8),
        seen: reason.to_string(),
        explanations: reason.explanations(),
        reason,
    }];
    report.breaks_total = breaks_total;
    report
}

fn place() -> FirstBad {
    FirstBad { file: "one.jsonl".to_owned(), line: 3, offset: 200 }
}

fn chain(status: ReceiptStatus, seal: TranscriptSeal) -> Receipts {
    Receipts {
        count: 1200,
        status,
        missing_before: 0,
        breaks: Vec::new(),
        more_breaks: 0,
        altered: 3,
        unprovable_links: 0,
        segments: Vec::new(),
        open_hash: None,
        tail_hash: None,
        seal,
        remarks: Vec::new(),
        more_remarks: 0,
    }
}

const AT: Place = Place { file: 0, line: 9, offset: 900 };

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn four_sentences_stand_in_their_order() {
    let mut report = report(Status::Intact);
    complete_report(&mut report);
    let starts = ["All 1,200", "Not verified", "The log ends", "No damage"];
    for (text, start) in report.sentences.iter().zip(starts) {
        assert!(text.starts_with(start), "{text}");
    }
    assert_eq!((report.sentences.len(), report.receipt_sentence), (4, None));
}

#[test]
fn consistent_says_how_many_entries_each_status_has() {
    assert_has(
        &consistent(&report(Status::Intact)),
        &["All 1,200 entries hash and link correctly. On its own"],
    );
    assert_has(&consistent(&report(Status::TornTail)), &["All 1,200 entries hash and link correctly."]);
    let mut one = report(Status::Intact);
    one.entries = 1;
    assert_has(&consistent(&one), &["The one entry hashes"]);
    let mut late = report(Status::MissingStart);
    late.first_seq = Some(1000);
    assert_has(&consistent(&late), &["All 1,200 entries", "The 1,000 entries before them are not here"]);
    late.first_seq = Some(1);
    assert_has(&consistent(&late), &["The 1 entry before them"]);
    let none = "The log holds no entry that could be read.";
    assert_eq!(consistent(&report(Status::Empty)), none);
    let mut unread = broken(1);
    unread.first_seq = None;
    assert_eq!(consistent(&unread), none);
}

#[test]
fn consistent_counts_the_breaks_and_the_entries_before_the_first() {
    let mut report = broken(2);
    assert_has(
        &consistent(&report),
        &["1,200 entries were read, with 2 breaks", "Up to there 0 entries hash"],
    );
    let stretch = |first_seq, last_seq| Stretch { first_seq, last_seq, authenticated_through_seq: None };
    report.stretches = vec![stretch(3, 1005), stretch(2000, 2001)];
    assert_has(&consistent(&report), &["Up to there 1,003 entries hash and link correctly."]);
    (report.stretches[0], report.breaks_total) = (stretch(0, 0), 1);
    assert_has(
        &consistent(&report),
        &["with 1 break from", "Up to there 1 entry hashes and links correctly."],
    );
}

#[test]
fn authenticated_says_why_nothing_is() {
    let mut report = report(Status::Intact);
    assert_has(&authenticated(&report), &["the log holds no checkpoint signed by the trusted keys"]);
    report.checkpoints = Checkpoints { total: 1, signed: 1, good: 0 };
    assert_has(&authenticated(&report), &["no entry is vouched for"]);
    report.trusted_keys = 0;
    assert_has(&authenticated(&report), &["no trusted key was given"]);
}

#[test]
fn authenticated_names_each_range_and_what_is_not_covered() {
    let all = authenticated(&vouched(Status::Intact, 1199));
    assert_eq!(
        all,
        "The key 03a1…31b8, which you gave, vouches for entries 0 to 9. The key 03a1…31b8, which you gave, vouches \
         for entries 10 to 1,199."
    );
    assert_has(&authenticated(&vouched(Status::Intact, 1198)), &["to 1,198. The last entry is not covered."]);
    let rest = authenticated(&vouched(Status::Intact, 99));
    assert_has(&rest, &["to 99. The last 1,100 entries are not covered."]);
    let broken = authenticated(&vouched(Status::Broken, 1198));
    assert_has(&broken, &["to 1,198. Nothing is vouched for from the first break on."]);
}

#[test]
fn complete_names_the_end_and_each_head() {
    let mut report = report(Status::Intact);
    let keep = "Compare the last sequence";
    assert_has(&complete(&report), &["ends with a checkpoint, entry 1,199. It cannot show", keep]);
    report.ends_with_checkpoint = false;
    assert_has(&complete(&report), &["ends with entry 1,199, which is no checkpoint. It cannot show", keep]);
    let anchor = |source: &str, seq| AnchorResult { hash: KEY.to_owned(), source: source.to_owned(), seq };
    report.anchors = vec![anchor("a note", Some(1000)), anchor("a mail", None)];
    let text = complete(&report);
    assert_has(&text, &["the head from a note as entry 1,000;", "It does not contain the head from a mail."]);
    assert!(!text.contains(keep), "{text}");
    report.last_seq = None;
    assert_has(&complete(&report), &["The log shows no end."]);
}

#[test]
fn damage_names_the_first_break_and_counts_the_rest() {
    let one = damage(&broken(1));
    assert_has(
        &one,
        &["one.jsonl, line 6 (byte 4096): entries 5 to 7 are not here. What would leave this: "],
    );
    assert!(!one.contains("follow"), "{one}");
    assert_has(&damage(&broken(2)), &[" 1 more follow."]);
    assert_has(&damage(&broken(1201)), &[" 1,200 more follow."]);
    let mut unplaced = broken(1);
    unplaced.breaks[0].line = None;
    assert_has(&damage(&unplaced), &["The set of files: entries 5 to 7"]);
}

#[test]
fn damage_tells_a_torn_tail_unless_a_break_comes_first() {
    let torn = |only_newline_missing, zero_bytes| Torn {
        file: "two.jsonl".to_owned(),
        last_good_offset: 10,
        bytes: 1500,
        zero_bytes,
        only_newline_missing,
        is_start_of_entry: true,
    };
    let mut report = report(Status::TornTail);
    report.torn = Some(torn(true, 0));
    assert_has(&damage(&report), &["The last line of two.jsonl is whole but has no newline"]);
    report.torn = Some(torn(false, 0));
    assert_has(&damage(&report), &["The last 1,500 bytes of two.jsonl are an incomplete line"]);
    report.torn = Some(torn(false, 4096));
    assert_has(
        &damage(&report),
        &["The last 5,596 bytes of two.jsonl are an incomplete line and 4,096 zero bytes"],
    );
    report.torn = Some(Torn { bytes: 0, ..torn(false, 4096) });
    assert_has(
        &damage(&report),
        &["The last 4,096 bytes of two.jsonl are zero, as a loss of power leaves them."],
    );
    let mut both = broken(1);
    both.torn = report.torn;
    assert!(!damage(&both).contains("incomplete"));
}

#[test]
fn damage_to_what_is_signed_by_itself_comes_after_that_of_the_chain() {
    let mut report = report(Status::Intact);
    report.decisions = Decisions { signed: 1, good: 0, bad: 1 };
    report.decision_first_bad = Some(place());
    let decision = "The decision record at one.jsonl, line 3 (byte 200) is signed by none";
    assert!(damage(&report).starts_with(decision));
    let mut both = broken(1);
    both.decision_first_bad = Some(place());
    assert_has(&damage(&both), &["are not here. ", " The decision record at one.jsonl"]);
    let evidence = |status| {
        let why = Some("its hash differs".to_owned());
        Some(EvidenceReceipts {
            count: 2,
            verified: 1,
            missing_before: 0,
            status,
            first_bad: Some(place()),
            why,
        })
    };
    report.evidence_receipts = evidence("unpinned");
    assert!(damage(&report).starts_with(decision));
    report.evidence_receipts = evidence("untrusted");
    assert_eq!(damage(&report), "Evidence receipts at one.jsonl, line 3 (byte 200): its hash differs.");
    report.evidence_receipts = evidence("broken");
    assert_eq!(damage(&report), "Evidence receipts at one.jsonl, line 3 (byte 200): its hash differs.");
    let seal = TranscriptSeal::Contradicts { place: AT, what: SealFault::FinalSeq };
    report.receipt_chain = Some(chain(ReceiptStatus::Valid, seal));
    let text = "The root over the receipts does not fit them: final_seq is not that of the last receipt.";
    assert_eq!(damage(&report), text);
    let reason = ReceiptReason::Chain(ChainFault::Link);
    let found = ReceiptBreak { place: Some(AT), seq: Some(4), reason: reason.clone() };
    report.receipt_chain.as_mut().unwrap().breaks = vec![found];
    assert_has(&damage(&report), &["Receipts at the receipts: ", &reason.to_string()]);
    report.receipt_first_bad = Some(place());
    assert_has(&damage(&report), &["Receipts at one.jsonl, line 3 (byte 200): "]);
}

#[test]
fn receipts_are_counted_whatever_their_status() {
    let said = |status| {
        let mut report = report(Status::Intact);
        let mut chain = chain(status, TranscriptSeal::None);
        chain.more_breaks = 1000;
        let reason = ReceiptReason::Chain(ChainFault::Link);
        chain.breaks = vec![ReceiptBreak { place: None, seq: None, reason }; 2];
        report.receipt_chain = Some(chain);
        receipts(&report)
    };
    assert_eq!(said(ReceiptStatus::Absent), None);
    for (status, part) in [
        (ReceiptStatus::Valid, "1,200 receipts are signed by the trusted keys"),
        (ReceiptStatus::Broken, "1,200 receipts; 1,002 places where one"),
        (ReceiptStatus::Redacted, "1,200 receipts are whole but for 3 that"),
        (ReceiptStatus::Untrusted, "1,200 receipts follow each other, but a key"),
        (ReceiptStatus::Unpinned, "1,200 receipts follow each other and are signed by the keys they name"),
    ] {
        assert_has(&said(status).unwrap(), &[part, " No root closes them: they may have gone on."]);
    }
}

#[test]
fn receipts_say_what_their_root_closes() {
    let agrees = |receipts_after| TranscriptSeal::Agrees { place: AT, receipts_after };
    for (seal, end) in [
        (agrees(0), "other. A root closes them that no checkpoint vouches for."),
        (agrees(1), "other. A root closes those before it; more follow."),
        (TranscriptSeal::Unprovable { place: AT, receipts_after: 0 }, "but what it names was redacted."),
        (
            TranscriptSeal::Contradicts { place: AT, what: SealFault::RootHash },
            "The root over them does not fit them.",
        ),
    ] {
        let mut report = report(Status::Intact);
        report.receipt_chain = Some(chain(ReceiptStatus::Valid, seal));
        complete_report(&mut report);
        let text = report.receipt_sentence.unwrap();
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_root_counts_only_under_a_checkpoint_that_vouches_for_all_before_it() {
    let mut report = report(Status::Intact);
    let seal = TranscriptSeal::Agrees { place: AT, receipts_after: 0 };
    report.receipt_chain = Some(chain(ReceiptStatus::Valid, seal));
    (report.last_seq, report.authenticated_through_seq) = (Some(9), Some(8));
    complete_report(&mut report);
    assert!(report.receipt_sentence.unwrap().ends_with("A root closes them."));
}

#[test]
fn thousands_have_commas() {
    for (value, text) in [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (99_999, "99,999"),
        (123_456, "123,456"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(number(value), text);
    }
}
