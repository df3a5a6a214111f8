//! What is told of a log does not depend on how much of it a read gives, nor on the number of threads.

use super::logs::{Log, genuine, options, plain, ring};
use crate::log::SessionReport;

/// Lines, each with the shard that it stands in.
type Lines = Vec<(Vec<u8>, usize)>;

/// How logs are changed: two copies of a line, lines of another log, lines that cannot be read, spans repeated.
fn changed(log: &Log) -> Vec<Log> {
    let (lines, other) = (log.lines(), plain("other", 4, 2, 100, "other").lines());
    let mut out = vec![log.clone()];
    for at in 0..lines.len() {
        let mut with = |change: &dyn Fn(&mut Lines)| {
            let mut lines = lines.clone();
            change(&mut lines);
            out.push(log.with_lines(&lines));
        };
        let shard = lines[at].1;
        with(&|lines| lines.insert(at, lines[at].clone()));
        with(&|lines| lines.insert(at, (other[at % other.len()].0.clone(), shard)));
        with(&|lines| lines.insert(at, (b"{}\n".to_vec(), shard)));
        with(&|lines| lines[at].0[0] = b'[');
        // Its number and hash can still be read.
        with(&|lines| lines[at].0.insert(1, b' '));
        with(&|lines| drop(lines.remove(at)));
        // The whole log once more, from here on.
        with(&|lines| {
            lines.splice(at..at, lines.clone().into_iter().map(|(line, _)| (line, shard))).for_each(drop);
        });
        // A checkpoint, if it is one, that names no span.
        with(&|lines| lines[at].0 = replaced(&lines[at].0, "first_seq", "first_set"));
        with(&|lines| {
            lines[at].0 = replaced(&lines[at].0, "first_seq", "first_set");
            lines.insert(at, (b"\n".to_vec(), shard));
        });
        with(&|lines| lines[at].0 = vec![b'x'; 700]);
        with(&|lines| lines.truncate(at));
    }
    let named = out.len();
    out.extend_from_within(..);
    // The same without a name that states the session.
    for log in out.iter_mut().skip(named) {
        log.session = None;
    }
    out
}

fn replaced(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8_lossy(line).replace(from, to).into_bytes()
}

fn verify(log: &Log, step: usize, threads: usize) -> SessionReport {
    let mut options = options(&ring());
    (options.threads, options.line_limit) = (threads, 600);
    Log { step, ..log.clone() }.verify_with(&options)
}

#[test]
fn reports_do_not_depend_on_where_blocks_end() {
    let mut count = 0;
    for (name, log) in genuine() {
        for log in changed(&log) {
            let whole = serde_json::to_string(&verify(&log, usize::MAX, 1)).unwrap();
            for (step, threads) in [(1, 1), (97, 1), (433, 1), (usize::MAX, 2), (211, 3)] {
                let pieces = serde_json::to_string(&verify(&log, step, threads)).unwrap();
                assert_eq!(pieces, whole, "{name}, {step} bytes a read, {threads} threads");
                count += 1;
            }
        }
    }
    println!("{count} readings");
    assert!(count > 5_000, "{count}");
}
