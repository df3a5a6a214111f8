//! Files of bare action receipts, one JSON object a line: what a recorder exports without the log round it.

use std::sync::OnceLock;

use super::breaks::{Break, BreakReason};
use super::check::Context;
use super::details::Worker;
use super::lines::{Met, each_line};
use super::options::VerifyOptions;
use super::outcome::receipt_remarks;
use super::report::{FirstBad, SessionReport, Status, Torn};
use super::sentences;
use super::verify::LogFiles;
use crate::entry::LineFault;
use crate::place::Place;
use crate::receipt::{Chain, ReceiptStatus, Receipts, SegmentTrust};

/// Verifies a file of bare receipts.
pub fn verify_receipts(
    files: &mut dyn LogFiles,
    options: &VerifyOptions,
    on_break: &mut dyn FnMut(&Break),
) -> SessionReport {
    let heads = std::collections::BTreeSet::new();
    let context = Context {
        keys: &options.keys,
        signers: options.signers(),
        session: OnceLock::new(),
        heads: &heads,
        line_limit: options.line_limit,
    };
    let mut worker = Worker::default();
    let mut chain = Chain::new(options.endorsements.clone());
    let mut bad: Vec<(Place, BreakReason)> = Vec::new();
    let mut torn = None;
    let mut count = 0;
    let bytes = each_line(files, options.line_limit, &mut |place, met| match met {
        Met::Line(line) => {
            count += 1;
            chain.push(place, &worker.bare_receipt(line, &context));
        }
        // A file with one receipt may lack the newline.
        Met::Tail(tail) if tail.zeros == 0 && is_whole(&tail.fragment) => {
            count += 1;
            chain.push(place, &worker.bare_receipt(&tail.fragment, &context));
        }
        Met::Tail(tail) => torn = Some((place, tail.fragment.len() as u64, tail.zeros)),
        Met::TooLong(bytes) => {
            let fault = LineFault::TooLong { bytes, limit: options.line_limit as u64 };
            bad.push((place, BreakReason::Line { fault, content_agrees: false }));
        }
        Met::Unreadable(why) => bad.push((place, BreakReason::Unreadable { why })),
    });
    let receipts = chain.finish(&options.keys);
    let mut report = SessionReport::of(name_of(files), "pipelock-receipts");
    report.bytes = bytes;
    report.files = files.len() as u64;
    report.entries = count;
    report.trusted_keys = options.keys_given();
    let found = receipts.breaks.iter().map(|found| {
        let place = found.place.unwrap_or(Place { file: 0, line: 1, offset: 0 });
        (place, BreakReason::Record { what: found.reason.to_string() })
    });
    bad.extend(found);
    bad.sort_by_key(|(place, _)| *place);
    report.breaks_total = bad.len() as u64 + receipts.more_breaks;
    for (place, reason) in bad {
        let found = Break::at(&*files, place, reason);
        on_break(&found);
        report.breaks.push(found);
    }
    report.torn = torn.map(|(place, bytes, zero_bytes)| Torn::of(&*files, place, bytes, zero_bytes));
    report.remarks = receipt_remarks(&receipts, &|place| FirstBad::at(&*files, place));
    fill(&mut report, receipts);
    report
}

fn is_whole(fragment: &[u8]) -> bool {
    coldcase_model::json::Tape::default().parse(fragment).is_ok()
}

fn name_of(files: &dyn LogFiles) -> String {
    files.session().map_or_else(|| files.name(0), str::to_owned)
}

/// What the chain of receipts says of the whole.
fn fill(report: &mut SessionReport, receipts: Receipts) {
    let trusted = |trust| matches!(trust, SegmentTrust::Key(_) | SegmentTrust::Endorsed(_));
    report.first_seq = receipts.segments.first().map(|segment| segment.first_seq);
    report.last_seq = receipts.segments.last().map(|segment| segment.last_seq);
    report.last_segment = (receipts.segments.len() as u64).checked_sub(1).filter(|last| *last > 0);
    if receipts.status == ReceiptStatus::Valid {
        report.authenticated_through_seq = report.last_seq;
        let ranges = receipts.segments.iter().filter(|segment| trusted(segment.trust));
        report.authority = ranges
            .map(|segment| super::report::KeyRange {
                key: segment.signer_key.clone(),
                first_seq: segment.first_seq,
                last_seq: segment.last_seq,
                checkpoints: 0,
            })
            .collect();
    }
    report.status = match receipts.status {
        _ if report.breaks_total > 0 => Status::Broken,
        _ if report.torn.is_some() => Status::TornTail,
        ReceiptStatus::Absent => Status::Empty,
        _ => Status::Intact,
    };
    report.first_bad = report.breaks.first().and_then(FirstBad::of);
    report.receipt_first_bad = report.first_bad.clone();
    report.receipts = (receipts.status != ReceiptStatus::Absent).then_some(receipts.status);
    report.receipt_chain = report.receipts.is_some().then_some(receipts);
    sentences::complete_report(report);
}
