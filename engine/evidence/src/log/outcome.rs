//! What a run over a session's files comes to: status, heads, receipts, remarks, put into one report.

use std::collections::BTreeMap;

use super::breaks::BreakReason;
use super::heads::HeadIndex;
use super::options::ExpectedHead;
use super::report::{AnchorResult, EvidenceReceipts, FirstBad, Remark, SessionReport, Status};
use super::sentences;
use super::verify::{LogFiles, Run};
use crate::contract::EvidenceChain;
use crate::hex;
use crate::place::Place;
use crate::receipt::{self, ReceiptRemarkKind, ReceiptStatus, Receipts};

/// How many remarks about receipts are repeated among the log's; all are in the chain of receipts.
const MOST_REMARKS: usize = 10;

impl Run<'_> {
    pub(super) fn finish(mut self, files: &dyn LogFiles, index: &HeadIndex) -> SessionReport {
        let wanted = index.wanted(files.session(), &self.options.heads, &self.fold.heads);
        let anchors = self.anchors(files, &wanted);
        let place = |place: Place| FirstBad::at(files, place);
        let receipts = std::mem::replace(&mut self.fold.receipts, receipt::Chain::new(Vec::new()));
        let receipts = receipts.finish(&self.options.keys);
        let receipts = (receipts.status != ReceiptStatus::Absent).then_some(receipts);
        let evidence = std::mem::take(&mut self.fold.evidence).finish();
        let fold = &self.fold;
        let status = if fold.breaks_total > 0 {
            Status::Broken
        } else if self.torn.is_some() {
            Status::TornTail
        } else {
            match fold.first {
                None => Status::Empty,
                Some(first) if first.seq > 0 => Status::MissingStart,
                Some(_) => Status::Intact,
            }
        };
        let named = || {
            let spelled = self.context.session.get().map(Vec::as_slice).unwrap_or_default();
            String::from_utf8_lossy(&coldcase_model::json::unescape(spelled)).into_owned()
        };
        let first_seq = fold.first.map(|link| link.seq);
        let session = files.session().map_or_else(named, str::to_owned);
        let mut report = SessionReport::of(session, "pipelock");
        report.status = status;
        report.entries = fold.entries;
        report.bytes = self.bytes;
        report.files = files.len() as u64;
        report.first_seq = first_seq;
        report.last_seq = fold.last.map(|link| link.seq);
        report.head_hash = fold.last.map(|link| hex::encode(&link.hash));
        report.authenticated_through_seq = fold.authority.through;
        report.authority = fold.authority.ranges(&self.options.keys);
        report.trusted_keys = self.options.keys_given();
        report.checkpoints = fold.authority.counts;
        report.checkpoint_seqs = fold.authority.places();
        report.ends_with_checkpoint =
            fold.authority.last().is_some() && fold.authority.last() == fold.last.map(|link| link.seq);
        report.first_bad = fold.breaks.first().and_then(FirstBad::of);
        report.breaks.clone_from(&fold.breaks);
        report.breaks_total = fold.breaks_total;
        report.stretches.clone_from(&fold.stretches);
        report.receipts = receipts.as_ref().map(|receipts| receipts.status);
        report.receipt_first_bad =
            receipts.as_ref().and_then(Receipts::first_break).and_then(|found| found.place).map(place);
        report.evidence_receipts = EvidenceReceipts::of(&evidence, place);
        report.decisions = fold.decisions;
        report.decision_first_bad = fold.bad_decision.map(place);
        report.redacted = fold.redacted;
        report.remarks = self.remarks(receipts.as_ref(), &place);
        report.remarks.extend(evidence_start(&evidence));
        report.receipt_chain = receipts;
        report.torn = self.torn.map(|(torn, _)| torn);
        report.anchors = anchors;
        report.heads_found = self.fold.heads.keys().copied().collect();
        sentences::complete_report(&mut report);
        report
    }

    /// Which of the heads that were recorded elsewhere are here. One that should be and is not is a break.
    fn anchors(&mut self, files: &dyn LogFiles, wanted: &[&ExpectedHead]) -> Vec<AnchorResult> {
        let mut results: Vec<AnchorResult> = Vec::new();
        let (mut missing, mut last) = (0, BTreeMap::new());
        for head in wanted {
            let found = self.fold.heads.get(&head.hash);
            let found = found.filter(|seq| head.seq.is_none_or(|expected| expected == **seq));
            let (hash, source) = (hex::encode(&head.hash), head.source.clone());
            if let Some(seq) = found {
                // Of many heads of one source, the last says it all.
                let newest = last.entry(source.clone()).or_insert((*seq, hash.clone()));
                if newest.0 <= *seq {
                    *newest = (*seq, hash);
                }
                continue;
            }
            let must = match &head.session {
                Some(session) => files.session() == Some(session),
                None => self.options.is_only_session,
            };
            if must && !files.is_empty() {
                let head = format!("{hash}, recorded in {source}");
                self.fold.push(BreakReason::HeadMissing { head }, None, None);
            }
            missing += 1;
            if must && missing <= MOST_REMARKS {
                results.push(AnchorResult { hash, source, seq: None });
            }
        }
        results.extend(last.into_iter().map(|(source, (seq, hash))| AnchorResult {
            hash,
            source,
            seq: Some(seq),
        }));
        results
    }

    fn remarks(&self, receipts: Option<&Receipts>, place: &dyn Fn(Place) -> FirstBad) -> Vec<Remark> {
        let fold = &self.fold;
        let mut remarks = Vec::new();
        let mut counted = |kind, count: u64, text: &str| {
            if count > 0 {
                remarks.push(Remark { kind, text: text.replace('#', &count.to_string()) });
            }
        };
        counted(
            "time_backwards",
            fold.backwards,
            "# entries have an earlier time than the one before, as a clock step leaves it",
        );
        counted(
            "empty_files",
            self.empty_files,
            "# files are empty, as a recorder leaves them that is killed before its first entry",
        );
        counted(
            "file_changed",
            self.changed_files,
            "# files changed while they were read; what was written after they were opened was not looked at",
        );
        counted(
            "redacted",
            fold.redacted,
            "# entries hold less than was recorded: the recorder took out what its rules found",
        );
        counted(
            "sidecars",
            fold.sidecars,
            "# entries name an encrypted original, whose content the log does not cover",
        );
        remarks.extend(receipts.map(|receipts| receipt_remarks(receipts, place)).unwrap_or_default());
        for (name, count) in &fold.unknown_types {
            let text = format!("{count} entries of type {name:?}, which no known recorder writes");
            remarks.push(Remark { kind: "unknown_type", text });
        }
        remarks
    }
}

/// What is odd about receipts: the first remarks, and that of an `ext` that nothing covers, which comes last.
pub(super) fn receipt_remarks(receipts: &Receipts, place: &dyn Fn(Place) -> FirstBad) -> Vec<Remark> {
    let (first, more) = receipts.remarks.split_at(receipts.remarks.len().min(MOST_REMARKS));
    let last = more.iter().rfind(|remark| remark.kind == ReceiptRemarkKind::ExtNotSigned);
    let told = first.iter().chain(last).map(|remark| {
        let at = place(remark.place);
        Remark { kind: "receipt", text: format!("{}, line {}: {}", at.file, at.line, remark.kind) }
    });
    told.collect()
}

/// Evidence receipts whose chain began before the log as it is here.
fn evidence_start(chain: &EvidenceChain) -> Option<Remark> {
    let before = chain.missing_before;
    let text = format!(
        "the evidence receipts start at number {before}: those before it are not here, so how their chain began \
         cannot be judged"
    );
    (before > 0).then_some(Remark { kind: "evidence_start_missing", text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyRing;
    use crate::receipt::{Chain, ReceiptRemark};

    #[test]
    fn the_first_remarks_on_receipts_are_told_and_an_ext_that_nothing_covers_always() {
        let mut receipts = Chain::new(Vec::new()).finish(&KeyRing::default());
        let remark = |line, kind| ReceiptRemark { place: Place { file: 0, line, offset: 0 }, kind };
        let runs = |line| remark(line, ReceiptRemarkKind::RunsCapped { limit: 5 });
        let lines = |receipts: &Receipts| {
            let place =
                |place: Place| FirstBad { file: "f".to_owned(), line: place.line, offset: place.offset };
            let told = receipt_remarks(receipts, &place).into_iter();
            told.map(|remark| remark.text.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first: Vec<String> = (1..=MOST_REMARKS as u64).map(|line| format!("f, line {line}")).collect();
        receipts.remarks = (1..=30).map(runs).collect();
        assert_eq!(lines(&receipts), first);
        receipts.remarks.push(remark(31, ReceiptRemarkKind::ExtNotSigned));
        receipts.remarks.push(runs(32));
        assert_eq!(lines(&receipts), [first, vec!["f, line 31".to_owned()]].concat());
    }
}
