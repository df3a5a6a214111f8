//! A capture of several connections gives the same tables on one thread and on three.

use super::packets::{Capture, Flow, From, answer, post};
use crate::command::coldcase;
use crate::{output, samples};

/// Connections side by side, in several batches of findings, with a token or an order in some answers and requests.
fn made() -> Capture {
    let mut capture = Capture::new();
    let mut flows: Vec<Flow> = (1..=5).map(|number| Flow::open(&mut capture, number)).collect();
    let filler = "the owner reads the plan and writes an answer.\n".repeat(11_000);
    for round in 0..4 {
        for (number, flow) in flows.iter_mut().enumerate() {
            let planted = if number % 2 == 0 { samples::token() } else { String::new() };
            let note = format!("round {round} of {number}: {planted}");
            flow.send(&mut capture, From::Client, &post("/notes", "text/plain", note.as_bytes()));
        }
        // Answers are cut into each other.
        let text = format!("{filler}{}", samples::ORDER);
        let text = answer("Content-Type: text/plain\r\n", text.as_bytes());
        for part in text.chunks(8000) {
            for flow in &mut flows {
                flow.send_in(&mut capture, From::Server, part, 8000);
            }
        }
    }
    for flow in flows {
        flow.close(&mut capture);
    }
    capture
}

#[test]
fn one_and_three_threads_give_the_same_tables_of_a_capture() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("made.pcap");
    made().write(&input);
    let scan = |name: &str, threads: &str| {
        let out = temp.path().join(name);
        let (input, shown) = (input.to_str().unwrap(), out.to_str().unwrap());
        let outcome = coldcase(["scan", input, "-q", "--threads", threads, "-o", shown]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        output::files(&out)
    };
    let one = scan("one", "1");
    let findings = output::findings(&temp.path().join("one"));
    // 12 notes with a token, and 20 answers with an order.
    assert!(findings.len() >= 32, "{}", findings.len());
    let three = scan("three", "3");
    assert!(one.keys().eq(three.keys()), "other files");
    for (path, bytes) in &one {
        assert!(bytes == &three[path], "{} differs", path.display());
    }
}
