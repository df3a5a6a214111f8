//! What is kept of a file with very many sessions, very long names, or very much that is wrong.

use serde_json::json;

use super::*;
use crate::log::MemoryFiles;
use crate::trail::record::tests::first;

fn record(session: &str) -> String {
    let mut record = first();
    record["session_id"] = json!(session);
    record.to_string() + "\n"
}

fn verify(text: &str, limits: Limits) -> Vec<SessionReport> {
    let (mut file, keys) = (MemoryFiles::file(text.as_bytes().to_vec()), TrailKeys::default());
    let options = VerifyOptions { line_limit: 1 << 12, ..VerifyOptions::default() };
    let (mut told, mut reports) = (0, Vec::new());
    let trails = follow(&mut file, &keys, &options, limits);
    trails.report(&file, &keys, &mut |_| told += 1, &mut |report| reports.push(report));
    assert_eq!(told, reports.iter().map(|report| report.breaks.len()).sum::<usize>());
    reports
}

/// The sessions beyond the limit are no break: nobody looked at them.
#[test]
fn sessions_beyond_the_limit_are_told_and_those_within_it_go_on() {
    let lines = ["a", "b", "c", "c", "b", "d"].map(record);
    let few = Limits { sessions: 2, ..LIMITS };
    let reports = verify(&lines.concat(), few);
    let found: Vec<_> = reports.iter().map(|report| (report.session.as_str(), report.entries)).collect();
    assert_eq!(found, [("a", 1), ("b", 2)]);
    assert_eq!(reports[0].status, Status::Intact);
    let left = reports[0].not_followed.clone().unwrap();
    let offset = lines[..2].concat().len() as u64;
    let from = FirstBad { file: "x.jsonl".to_owned(), line: 3, offset };
    assert_eq!(left, NotFollowed { from, lines: 3 });
    assert!(reports[0].remarks.iter().any(|remark| remark.text.starts_with("not read further: too many")));
    assert_eq!(verify(&lines.concat(), LIMITS).iter().filter(|one| one.not_followed.is_some()).count(), 0);
}

#[test]
fn long_names_count_for_more() {
    let (long, limits) = ("x".repeat(1000), Limits { names: 1500, ..LIMITS });
    let reports = verify(&[record(&long), record("b"), record(&long)].concat(), limits);
    assert_eq!((reports.len(), reports[0].entries), (1, 2));
    assert_eq!(reports[0].not_followed.as_ref().map(|left| (left.from.line, left.lines)), Some((2, 1)));
}

/// Neither a hash nor a signature covers it, so whoever reads it must know.
#[test]
fn a_batch_that_nothing_covers_is_told() {
    let mut batched = first();
    batched["batch"] = json!({"epoch": 1});
    let report = verify(&(batched.to_string() + "\n"), LIMITS).remove(0);
    let told: Vec<_> = report.remarks.iter().filter(|remark| remark.kind == "batch").collect();
    assert_eq!((report.status, told.len()), (Status::Intact, 1));
    assert!(told[0].text.starts_with("1 records have a `batch`, which no signature"), "{}", told[0].text);
    assert!(verify(&record("a"), LIMITS)[0].remarks.iter().all(|remark| remark.kind != "batch"));
}

/// Each session keeps its first break, whatever the others hold.
#[test]
fn breaks_are_counted_and_a_few_are_kept() {
    let lines: String = (0..8).map(|at| record(["a", "b"][at % 2])).collect();
    let all = |limits| {
        verify(&lines, limits).iter().map(|one| (one.breaks.len(), one.breaks_total)).collect::<Vec<_>>()
    };
    let whole = all(LIMITS);
    assert!(whole.iter().all(|(kept, total)| *kept as u64 == *total && *total >= 3), "{whole:?}");
    let few = all(Limits { breaks: 2, ..LIMITS });
    assert_eq!(few.iter().map(|(_, total)| *total).collect::<Vec<_>>(), [whole[0].1, whole[1].1]);
    assert!(few.iter().all(|(kept, total)| *kept >= 1 && (*kept as u64) < *total), "{few:?}");
    // Lines that are no session's are kept up to 256.
    let long = ("y".repeat(1 << 13) + "\n").repeat(300);
    let report = verify(&(record("a") + &long), LIMITS).remove(0);
    assert_eq!((report.breaks.len(), report.breaks_total), (256, 300));
}
