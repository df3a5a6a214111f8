//! Any bytes as the only file of a session: the report is the same however they are read, and claims no more than
//! there is.
#![no_main]

use std::sync::LazyLock;

use coldcase_evidence::MemoryFiles as Files;
use coldcase_evidence::{KeyRing, SecretKey, SessionReport, Status, VerifyOptions, verify_session};
use libfuzzer_sys::fuzz_target;

/// The key of the seeds, and two that published examples are signed with.
static KEYS: LazyLock<KeyRing> = LazyLock::new(|| {
    let counting = std::array::from_fn(|at| at as u8);
    KeyRing::new([[1; 32], [2; 32], counting].map(|seed| SecretKey::from_seed(&seed).public()))
});

fuzz_target!(|bytes: &[u8]| {
    for (keys, line_limit) in [(KeyRing::default(), 16 << 20), (KEYS.clone(), 16 << 20), (KEYS.clone(), 300)]
    {
        let mut options = VerifyOptions::default();
        (options.keys, options.line_limit) = (keys, line_limit);
        let report = verify(bytes, &options, usize::MAX);
        claims_no_more_than_there_is(bytes, &report);
        let written = serde_json::to_string(&report).expect("a report is always written");
        let slowly = verify(bytes, &options, 1 + bytes.len() % 7);
        assert_eq!(serde_json::to_string(&slowly).ok().as_ref(), Some(&written), "a slow reader");
        options.threads = 2;
        let threaded = verify(bytes, &options, usize::MAX);
        assert_eq!(serde_json::to_string(&threaded).ok().as_ref(), Some(&written), "two threads");
        if report.status == Status::Intact {
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                let alone = verify(line, &options, usize::MAX);
                assert!(matches!(alone.status, Status::Intact | Status::MissingStart), "{:?}", alone.breaks);
                assert_eq!(alone.entries, 1);
            }
        }
    }
});

fn verify(bytes: &[u8], options: &VerifyOptions, step: usize) -> SessionReport {
    let mut told = 0_usize;
    let report =
        verify_session(&mut Files { step, ..Files::file(bytes.to_vec()) }, options, &mut |_| told += 1);
    assert_eq!(told, report.breaks.len(), "each break that is kept is told once");
    report
}

fn claims_no_more_than_there_is(bytes: &[u8], report: &SessionReport) {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    assert!(report.entries <= lines);
    assert_eq!(report.status == Status::Broken, report.breaks_total > 0);
    assert_eq!(report.bytes, bytes.len() as u64);
    let Some(through) = report.authenticated_through_seq else { return };
    assert!(report.trusted_keys > 0);
    let first = report.first_seq.expect("the first of what is authenticated");
    assert!(first <= through && through - first < report.entries, "all that is authenticated is here");
    // Where lines were moved, the last line need not have the highest number.
    assert!(report.status == Status::Broken || Some(through) <= report.last_seq);
    assert_eq!(report.authority.last().map(|range| range.last_seq), Some(through));
}
