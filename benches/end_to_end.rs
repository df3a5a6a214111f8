//! Read, scan with all built-in packs and write every table: generated benign traffic, whole runs on one thread.
//!
//! Bytes per second of input; `divan` prints them. Dated results stand in `record/`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to measure")]

use std::fs;
use std::path::PathBuf;

use coldcase_engine::{Policy, Report, run};
use coldcase_model::{Anomaly, Digest, InputFacts, Judged, RunFacts, Show};
use coldcase_readers::{InputSet, Limits, expand};
use coldcase_reports::{ReportError, ReportWriter};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// How large each generated recording is.
const BYTES: u64 = 64 << 20;

struct Sink(ReportWriter);

impl Report for Sink {
    type Error = ReportError;

    fn judged(&mut self, judged: &Judged) -> Result<(), ReportError> {
        self.0.event(judged)
    }

    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), ReportError> {
        self.0.anomaly(anomaly)
    }

    fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        self.0.input(facts)
    }
}

/// A folder of the bench's own, removed at its end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

fn bench(bencher: Bencher<'_, '_>, name: &str, bytes: &[u8], threads: usize) {
    let folder =
        Folder(std::env::temp_dir().join(format!("coldcase-bench-{name}-{threads}-{}", std::process::id())));
    fs::create_dir_all(&folder.0).unwrap();
    let input = folder.0.join("input");
    fs::write(&input, bytes).unwrap();
    let pack = coldcase_builtin::pack().unwrap();
    let policy = Policy::balanced();
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let out = folder.0.join("out");
        let _none = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).unwrap();
        let facts = RunFacts {
            version: "bench",
            policy: "balanced".to_owned(),
            policy_sha256: Digest::default(),
            packs: Vec::new(),
            rules: 0,
        };
        let mut sink = Sink(ReportWriter::create(&out, facts).unwrap());
        let limits = Limits::default();
        let mut inputs = InputSet::new(expand(std::slice::from_ref(&input), &limits).unwrap(), limits);
        run(&mut inputs, &pack, &policy, Show::Redacted, threads, &mut sink, &|_| {}).unwrap();
        sink.0.finish(&[]).unwrap()
    });
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn har(bencher: Bencher<'_, '_>, threads: usize) {
    let mut bytes = Vec::new();
    coldcase_corpus::gen_har::write(&mut bytes, BYTES, 1).unwrap();
    bench(bencher, "har", &bytes, threads);
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn mcp_lines(bencher: Bencher<'_, '_>, threads: usize) {
    let mut bytes = Vec::new();
    coldcase_corpus::gen_mcp::write(&mut bytes, BYTES, 1).unwrap();
    bench(bencher, "mcp", &bytes, threads);
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn recorder_log(bencher: Bencher<'_, '_>, threads: usize) {
    let mut bytes = Vec::new();
    coldcase_corpus::gen_recorder::write(&mut bytes, BYTES, 1).unwrap();
    bench(bencher, "recorder", &bytes, threads);
}
