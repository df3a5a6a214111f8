//! Any bytes as a DNS message, and as both sides of a TCP connection of them: spans lie within, text is bounded, the
//! account adds up, and pushes of any size say the same.
#![no_main]

#[path = "shared/steps.rs"]
mod steps;

use bytes::Bytes;
use coldcase_wire::dns::{Count, Message, Stream, read};
use coldcase_wire::{Notes, Side};
use libfuzzer_sys::fuzz_target;
use steps::{Piece, Step, play, sent};

/// Bytes of the header.
const HEADER: usize = 12;
/// What is made of one message at most: the reader's cap, and one entry that goes over it.
const TEXT: usize = (1 << 20) + 8 * 65_536;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (mode, most, bytes) = input;
    if mode & 1 == 0 {
        match read(Bytes::copy_from_slice(bytes), 100, Some(1), &mut Notes::default()) {
            Some(message) => check(&message, bytes),
            None => assert!(bytes.len() < HEADER),
        }
        return;
    }
    let steps = steps::steps(bytes);
    for side in [Side::Client, Side::Server] {
        let whole = stream(&steps, side, usize::MAX);
        assert_eq!(stream(&steps, side, 1 + usize::from(most)), whole, "the pushes");
        for message in &whole.0 {
            check(message, &message.bytes);
            let alone =
                read(message.bytes.clone(), 0, message.time, &mut Notes::default()).expect("a header");
            assert_eq!(alone.questions, message.questions);
            assert_eq!(alone.records, message.records);
        }
    }
});

fn check(message: &Message, bytes: &[u8]) {
    assert_eq!(message.bytes, bytes);
    let (start, end) = message.trailing;
    assert!(HEADER <= start && start <= end && end == bytes.len());
    let mut text = 0;
    for question in &message.questions {
        text += question.name.len();
        assert!(question.span.0 <= question.span.1 && question.span.1 <= end);
    }
    let mut before = HEADER;
    for record in &message.records {
        text += record.name.len() + record.text.len();
        let (from, to) = record.data;
        assert!(before <= from && from <= to && to <= end, "{:?} after {before}", record.data);
        before = to;
        let parts: usize = record.parts.iter().map(Bytes::len).sum();
        assert!(parts <= to - from, "more in parts than there is");
        assert_eq!(record.joined().len(), parts);
    }
    assert!(text <= TEXT, "{text} bytes of text");
    assert!(message.extents.is_sorted_by(|one, next| one.0 < next.0));
}

type Seen = (Vec<Message>, Count, Vec<(&'static str, u64)>);

fn stream(steps: &[Step<'_>], side: Side, most: usize) -> Seen {
    let mut stream = Stream::default();
    let mut messages = Vec::new();
    play(steps, most, &mut |from, piece| match piece {
        _ if from != side => {}
        Piece::Bytes(bytes, at) => stream.push(bytes, at, Some(1), &mut |message| messages.push(message)),
        Piece::Gap(len, at) => stream.gap(len, at, &mut |message| messages.push(message)),
    });
    stream.finish(&mut |message| messages.push(message));
    let count = stream.count();
    let (pushed, lost) = sent(steps, side);
    assert_eq!(count.content + count.framing + count.opaque, pushed, "{count:?}");
    assert_eq!(count.lost, lost);
    let content: usize = messages.iter().map(|message| message.bytes.len()).sum();
    assert_eq!(count.content, content as u64, "content is what came out");
    (messages, count, stream.notes().counts().to_vec())
}
