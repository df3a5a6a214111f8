//! The same inputs give the same bytes, on any number of threads.

use std::path::Path;

use coldcase_corpus::{gen_har, gen_mcp, gen_recorder, gen_records};

use crate::command::coldcase;
use crate::{output, samples};

fn fill(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let mut made = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    gen_har::write(&mut made[0], 4 << 20, 1).unwrap();
    gen_mcp::write(&mut made[1], 3 << 20, 2).unwrap();
    gen_recorder::write(&mut made[2], 2 << 20, 3).unwrap();
    gen_records::write(&mut made[3], 2 << 20, 4).unwrap();
    // Findings early, in the middle and late, so that batches that finish out of order would show.
    let planted = samples::transcript();
    let transcript =
        [planted.as_bytes(), &made[1], planted.as_bytes(), &made[1], planted.as_bytes()].concat();
    write("a.har", &made[0]);
    write("b.jsonl", &transcript);
    write("c.jsonl.gz", &samples::gzip(&made[2]));
    write("d.jsonl.zst", &zstd::encode_all(made[3].as_slice(), 3).unwrap());
    write("e.har", samples::har().as_bytes());
    write("f.jsonl", samples::recorder_log().as_bytes());
    write("g.bin", b"\x7fELF\0\0\0");
    write("h.jsonl.gz", &samples::gzip(&made[2])[..5000]);
}

#[test]
fn one_two_and_eight_threads_and_a_second_run_write_the_same_bytes() {
    let temp = tempfile::tempdir().unwrap();
    let inputs = temp.path().join("in");
    std::fs::create_dir(&inputs).unwrap();
    fill(&inputs);
    let scan = |name: &str, threads: &str| {
        let out = temp.path().join(name);
        let outcome = coldcase([
            "scan",
            inputs.to_str().unwrap(),
            "-q",
            "--threads",
            threads,
            "-o",
            out.to_str().unwrap(),
        ]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        output::files(&out)
    };
    let first = scan("one", "1");
    assert!(first.len() >= 5, "a report, findings, a manifest and tables: {:?}", first.keys());
    assert!(output::findings(&temp.path().join("one")).len() > 8);
    for (name, threads) in [("again", "1"), ("two", "2"), ("eight", "8"), ("eight-again", "8")] {
        let other = scan(name, threads);
        assert!(first.keys().eq(other.keys()), "{name} has other files");
        for (path, bytes) in &first {
            assert!(bytes == &other[path], "{} of run {name} differs from one thread's", path.display());
        }
    }
}
