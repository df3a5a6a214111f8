//! The scan core alone: one event of clean text, every built-in rule, no reading and no writing.

#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to measure")]

use bytes::Bytes;
use coldcase_engine::Detector;
use coldcase_model::{
    Direction, Event, EventHead, EventKind, Label, Origin, Part, SessionKey, Show, SourceSpan, Span, Surface,
};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// One event of prose and code without a sign of any attack.
fn event(text: &str) -> Event {
    let bytes = Bytes::from(text.as_bytes().to_vec());
    let mut head = EventHead::new(EventKind::Text, SessionKey::new("bench"), SourceSpan::default());
    head.direction = Some(Direction::Ingress);
    Event {
        head,
        parts: vec![Part {
            surface: Surface::Body,
            span: Span::new(0, bytes.len()),
            label: Label::None,
            origin: Origin::Decoded { offset: 0, len: bytes.len() as u64 },
        }],
        text: bytes,
        document: Bytes::new(),
        document_offset: 0,
        extents: Vec::new(),
    }
}

#[divan::bench(args = ["digits", "words"], sample_count = 20)]
fn clean_text(bencher: Bencher<'_, '_>, kind: &str) {
    let line = match kind {
        "digits" => "2026-03-01 10:00:00 worker 17 finished 4,211 rows, 88 ms, queue depth 3\n",
        _ => {
            "The harbour was quiet that morning; two boats came in with herring and the men sang as they rowed.\n"
        }
    };
    let text = line.repeat((1 << 20) / line.len());
    let event = event(&text);
    let pack = coldcase_builtin::pack().unwrap();
    let mut detector = Detector::new(&pack, Show::Redacted);
    bencher.counter(BytesCount::new(text.len())).bench_local(|| detector.detect(&event).findings.len());
}
