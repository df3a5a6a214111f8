//! The reader on files that are made here: what it gives out, and that every byte is accounted for once.

mod build;
mod hostile;
mod pcap;
mod pcapng;

use super::{CaptureReader, Count, Frame, Item, Limits, Step};
use crate::Note;

/// Everything that a file gave out.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Frames and items, as text with their bytes.
    steps: Vec<String>,
    /// Data of the frames.
    data: Vec<Vec<u8>>,
    times: Vec<Option<i64>>,
    notes: Vec<Note>,
    count: Count,
    facts: String,
}

impl Outcome {
    fn kinds(&self) -> Vec<&'static str> {
        self.notes.iter().map(|note| note.kind).collect()
    }

    fn items(&self) -> Vec<&str> {
        self.steps.iter().map(String::as_str).filter(|step| !step.starts_with("Frame")).collect()
    }
}

/// Reads a file that is all there.
fn read(file: &[u8]) -> Outcome {
    read_in_pieces(file, &Limits::default(), &[usize::MAX])
}

/// Reads a file that arrives in pieces of these lengths, over and over.
fn read_in_pieces(file: &[u8], limits: &Limits, pieces: &[usize]) -> Outcome {
    let mut reader = CaptureReader::new(limits.clone());
    let (mut steps, mut data, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut start, mut end, mut is_end, mut pieces) = (0, 0, false, pieces.iter().cycle());
    loop {
        let mut window = &file[start..end];
        loop {
            let step = reader.next(&mut window, is_end);
            assert_eq!(reader.count().total(), reader.at(), "every byte is in one account");
            match step {
                Step::Frame(frame) => {
                    check_place(file, &frame);
                    data.push(frame.data.to_vec());
                    times.push(frame.time);
                    steps.push(format!("{frame:?}"));
                }
                Step::Item(Item::Names(names)) => {
                    steps.push(format!("Names {:?}", names.collect::<Vec<_>>()));
                }
                Step::Item(item) => steps.push(format!("{item:?}")),
                Step::Need(need) => {
                    assert!(!is_end && need > window.len(), "{need} bytes of {} are wanted", window.len());
                    break;
                }
                Step::End => {
                    assert!(is_end && window.is_empty());
                    assert_eq!(reader.at(), u64::try_from(file.len()).unwrap());
                    let facts = format!("{:?}", reader.facts());
                    return Outcome {
                        steps,
                        data,
                        times,
                        notes: reader.take_notes(),
                        count: reader.count(),
                        facts,
                    };
                }
            }
        }
        start = end - window.len();
        assert_eq!(reader.at(), u64::try_from(start).unwrap());
        // The end is learnt of only when a read gives nothing.
        is_end = end == file.len();
        end = end.saturating_add(*pieces.next().unwrap()).min(file.len());
    }
}

fn check_place(file: &[u8], frame: &Frame<'_>) {
    let at = usize::try_from(frame.at).unwrap();
    assert_eq!(&file[at..at + frame.data.len()], frame.data);
}
