//! Any bytes as a capture file: every byte has one account, frames stand where they say, and windows change nothing.
#![no_main]

use coldcase_wire::Note;
use coldcase_wire::capture::{CaptureReader, Count, Item, Limits, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (caps, piece, file) = input;
    let mut limits = Limits::default();
    if caps & 1 == 1 {
        limits = Limits { frame: 64, resync: 200, interfaces: 2, comments: 1, text: 4 };
    }
    let whole = read(file, &limits, usize::MAX);
    assert_eq!(read(file, &limits, 1 + usize::from(piece)), whole, "the windows");
});

/// All that a file gives out.
#[derive(Debug, PartialEq)]
struct Outcome {
    steps: Vec<String>,
    notes: Vec<Note>,
    count: Count,
    facts: String,
}

/// Reads a file that arrives in pieces.
fn read(file: &[u8], limits: &Limits, piece: usize) -> Outcome {
    let mut reader = CaptureReader::new(limits.clone());
    let (mut steps, mut packets, mut secrets) = (Vec::new(), 0, 0);
    let (mut start, mut end, mut is_end) = (0, 0, false);
    loop {
        let mut window = &file[start..end];
        loop {
            let before = reader.at();
            let step = reader.next(&mut window, is_end);
            assert_eq!(reader.count().total(), reader.at(), "every byte is in one account");
            match step {
                Step::Frame(frame) => {
                    let at = usize::try_from(frame.at).expect("a place in the file");
                    assert_eq!(&file[at..at + frame.data.len()], frame.data);
                    assert!(frame.data.len() <= limits.frame);
                    assert!(reader.at() > before, "a frame takes bytes");
                    packets += frame.data.len() as u64;
                    steps.push(format!("{frame:?}"));
                }
                Step::Item(Item::Names(names)) => steps.push(format!("{:?}", names.collect::<Vec<_>>())),
                Step::Item(item) => {
                    if let Item::Secrets { at, data, .. } = item {
                        let at = usize::try_from(at).expect("a place in the file");
                        assert_eq!(&file[at..at + data.len()], data);
                        secrets += data.len() as u64;
                    }
                    steps.push(format!("{item:?}"));
                }
                Step::Need(need) => {
                    assert!(!is_end && need > window.len(), "{need} bytes of {} are wanted", window.len());
                    break;
                }
                Step::End => {
                    assert!(is_end && window.is_empty());
                    let (count, facts) = (reader.count(), reader.facts());
                    assert_eq!(count.total(), file.len() as u64);
                    assert_eq!((count.packets, count.secrets), (packets, secrets));
                    assert!(facts.interfaces.len() <= limits.interfaces);
                    assert!(facts.comments.len() <= limits.comments);
                    assert!(facts.comments.iter().all(|comment| comment.text.len() <= limits.text));
                    let facts = format!("{facts:?}");
                    return Outcome { steps, notes: reader.take_notes(), count, facts };
                }
            }
            // A section has no bytes of its own; little else comes without taking some.
            assert!(steps.len() <= 2 * file.len() + 2, "more is given out than there can be");
        }
        start = end - window.len();
        is_end = end == file.len();
        end = end.saturating_add(piece).min(file.len());
    }
}
