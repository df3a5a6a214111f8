//! Any bytes as a body of server-sent events, whose data may be deltas of an answer, and as a multipart body: accounts
//! add up, spans lie within, caps hold, and pushes of any size say the same.
#![no_main]

#[path = "shared/steps.rs"]
mod steps;

use coldcase_wire::sse::{Count, Event, Joined, Joiner, Limits, Parser};
use coldcase_wire::{Notes, Side, multipart};
use libfuzzer_sys::fuzz_target;
use steps::{Piece, Step, play, sent};

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (mode, most, bytes) = input;
    match mode & 3 {
        0 => {
            let steps = steps::steps(bytes);
            let limits = if mode & 4 == 0 { Limits::default() } else { Limits { event_bytes: 20 } };
            let whole = events(&steps, limits, usize::MAX);
            assert_eq!(events(&steps, limits, 1 + usize::from(most)), whole, "the pushes");
        }
        // Without gaps, since few bodies have any.
        1 => {
            let whole = events(&[Step::Push(Side::Server, bytes)], Limits::default(), usize::MAX);
            join(&whole.0);
        }
        _ => parts(bytes, mode & 1 == 0),
    }
});

type Events = (Vec<Event>, Count, Vec<(&'static str, u64)>);

fn events(steps: &[Step<'_>], limits: Limits, most: usize) -> Events {
    let mut parser = Parser::new(limits);
    let mut events = Vec::new();
    play(steps, most, &mut |_, piece| match piece {
        Piece::Bytes(bytes, _) => parser.push(bytes, &mut |event| events.push(event)),
        Piece::Gap(len, _) => parser.gap(len, &mut |event| events.push(event)),
    });
    parser.finish(&mut |event| events.push(event));
    let count = parser.count();
    let (client, server) = (sent(steps, Side::Client), sent(steps, Side::Server));
    let (pushed, lost) = (client.0 + server.0, client.1 + server.1);
    assert_eq!(count.content + count.framing + count.over_limit, pushed, "{count:?}");
    assert_eq!(count.lost, lost);
    let mut end = 0;
    for event in &events {
        let Event { name, id, retry, data, .. } = event;
        for value in [name, id, retry, data].into_iter().flatten().chain([&event.comments, &event.other]) {
            assert!(value.len() <= limits.event_bytes);
        }
        assert!(end <= event.span.0 && event.span.0 <= event.span.1, "{:?} after {end}", event.span);
        end = event.span.1;
    }
    assert!(end <= pushed + lost);
    (events, count, parser.notes().counts().to_vec())
}

/// The deltas of events, joined: each text is made of pieces, and there is no more of it than came.
fn join(events: &[Event]) {
    let read = |events: &[Event]| -> Vec<Joined> {
        let mut joiner = Joiner::default();
        for (event, number) in events.iter().zip(0..) {
            joiner.push(number, event.data.as_deref().unwrap_or_default());
        }
        assert_eq!(joiner.over_limit(), 0);
        joiner.finish()
    };
    let joined = read(events);
    let came: usize = events.iter().filter_map(|event| event.data.as_ref()).map(Vec::len).sum();
    // JSON may write a character of three bytes in six, and one of one in one.
    assert!(joined.iter().map(|it| it.text.len()).sum::<usize>() <= came);
    for text in &joined {
        assert_eq!(text.pieces.first().map_or(0, |piece| piece.0), 0);
        assert!(text.pieces.is_sorted_by(|one, next| one.0 < next.0 && one.1 < next.1));
        assert!(text.pieces.iter().all(|(from, number)| {
            *from < text.text.len() && usize::try_from(*number).is_ok_and(|number| number < events.len())
        }));
    }
    // A text that has begun is never taken back by what comes after it.
    let (before, _) = events.split_at(events.len() / 2);
    for (early, late) in read(before).iter().filter(|early| !early.text.is_empty()).zip(
        joined.iter().filter(|late| late.pieces.first().is_some_and(|piece| piece.1 < before.len() as u64)),
    ) {
        assert!(late.text.starts_with(&early.text));
    }
}

/// A multipart body with the boundary that it seems to have, or the one that its first bytes say.
fn parts(bytes: &[u8], guesses: bool) {
    let (boundary, body) = if guesses {
        (multipart::guess_boundary(bytes).map(<[u8]>::to_vec), bytes)
    } else {
        let (field, body) = bytes.split_at(bytes.len().min(60));
        (multipart::boundary(field), body)
    };
    let boundary = boundary.unwrap_or_else(|| b"b".to_vec());
    for limits in [multipart::Limits::default(), multipart::Limits { parts: 2, head_bytes: 30 }] {
        let mut notes = Notes::default();
        let read = multipart::read(body, &boundary, limits, &mut notes);
        let mut spans = vec![read.preamble];
        spans.extend(read.parts.iter().flat_map(|part| [part.head, part.body]));
        spans.push(read.epilogue);
        let mut end = 0;
        for span in &spans {
            assert!(end <= span.0 && span.0 <= span.1, "{spans:?}");
            end = span.1;
        }
        assert!(end <= body.len());
        let sum: usize = spans.iter().map(|(start, end)| end - start).sum();
        assert_eq!(sum + read.framing, body.len());
        assert!(read.parts.len() <= limits.parts);
    }
    for field in multipart::fields(bytes) {
        let (start, end) = field.value.unwrap_or((field.name.1, field.name.1));
        assert!(field.name.0 <= field.name.1 && field.name.1 <= start && start <= end && end <= bytes.len());
    }
}
