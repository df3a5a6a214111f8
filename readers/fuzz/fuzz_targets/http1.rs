//! Any bytes as both sides of an HTTP/1 connection: the account adds up, caps hold, and pushes of any size say the same.
#![no_main]

#[path = "shared/steps.rs"]
mod steps;

use coldcase_wire::http1::{Connection, Count, End, Limits, Message, Output, Part, SNIFF, sniff};
use coldcase_wire::{Note, Side};
use libfuzzer_sys::fuzz_target;
use steps::{Piece, Step, play, sent};

const SMALL: Limits = Limits { head: 130, fields: 2, body: 7, trailer: 6, held: 20, extents: 3 };

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (mode, most, bytes) = input;
    let limits = if mode & 1 == 0 { Limits::default() } else { SMALL };
    let end = if mode & 2 == 0 { End::Closed } else { End::Cut };
    let steps = steps::steps(bytes);
    let whole = read(&steps, limits, end, usize::MAX);
    assert_eq!(read(&steps, limits, end, 1 + usize::from(most)), whole, "the pushes");
    // What is told of few bytes may not depend on more than the first ones.
    let (client, server) = bytes.split_at(bytes.len() / 2);
    sniff(client.get(..SNIFF).unwrap_or(client), server);
});

#[derive(Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<Message>,
    /// Protocol, sender and bytes after a switch, pushes joined.
    passed: Vec<(Vec<u8>, Side, Vec<u8>)>,
    gaps: u64,
    notes: Vec<Note>,
    count: Count,
}

impl Seen {
    fn take(&mut self, output: Output<'_>) {
        let (protocol, side, bytes) = match output {
            Output::Message(message) => return self.messages.push(*message),
            Output::Gap { len, .. } => return self.gaps += len,
            Output::Upgraded { protocol, side, bytes, .. } => (protocol, side, bytes),
            Output::Tunnel { side, bytes, .. } => (&b""[..], side, bytes),
        };
        match self.passed.iter_mut().find(|(other, from, _)| other == protocol && *from == side) {
            Some((_, _, all)) => all.extend_from_slice(bytes),
            None => self.passed.push((protocol.to_vec(), side, bytes.to_vec())),
        }
    }
}

fn read(steps: &[Step<'_>], limits: Limits, end: End, most: usize) -> Seen {
    let mut connection = Connection::new(limits);
    let mut seen = Seen::default();
    play(steps, most, &mut |side, piece| match piece {
        Piece::Bytes(bytes, at) => connection.push(side, bytes, at, Some(1), &mut |out| seen.take(out)),
        Piece::Gap(len, _) => connection.gap(side, len, &mut |out| seen.take(out)),
    });
    for side in [Side::Client, Side::Server] {
        connection.finish(side, end, &mut |out| seen.take(out));
    }
    (seen.count, seen.notes) = (connection.count(), connection.take_notes());
    let (client, server) = (sent(steps, Side::Client), sent(steps, Side::Server));
    let Count { content, framing, over_limit, lost, opaque } = seen.count;
    assert_eq!(content + framing + over_limit + opaque, client.0 + server.0, "{:?}", seen.count);
    assert_eq!(lost, client.1 + server.1);
    let passed: usize = seen.passed.iter().map(|(_, _, bytes)| bytes.len()).sum();
    let handed: u64 = seen.messages.iter().map(|message| check(message, &limits)).sum();
    assert_eq!(content, handed + passed as u64, "content that was not handed on, or twice");
    assert!(seen.messages.iter().map(|message| message.over_limit).sum::<u64>() <= over_limit);
    assert!(seen.gaps <= lost);
    seen
}

/// Holds a message to the caps; how many of the connection's bytes it has.
fn check(message: &Message, limits: &Limits) -> u64 {
    let parts = [&message.head, &message.body, &message.trailer, &message.extensions];
    // A first line that is found in garbage has a cap of its own.
    let head = limits.head.max(16 << 10);
    for (part, most) in parts.into_iter().zip([head, limits.body, limits.trailer, limits.trailer]) {
        assert!(part.bytes.len() <= most);
        check_map(part, limits);
    }
    check_map(&message.smuggled, limits);
    assert!(message.headers.len() <= limits.fields && message.trailers.len() <= limits.fields);
    for (fields, part) in [(&message.headers, &message.head), (&message.trailers, &message.trailer)] {
        for span in fields.iter().flat_map(|field| [field.name, field.value]) {
            assert!(span.start <= span.end && span.end as usize <= part.bytes.len());
        }
    }
    assert!(message.missing.iter().all(|missing| missing.offset <= message.body.bytes.len() as u64));
    message.transfer_codings();
    assert!(message.surplus <= message.smuggled.bytes.len() as u64);
    message.content_bytes()
}

fn check_map(part: &Part, limits: &Limits) {
    assert!(part.extents.len() <= limits.extents.max(1));
    assert!(part.extents.is_sorted_by(|one, next| one.offset < next.offset));
    assert!(part.mapped <= part.bytes.len() as u64);
    assert!(part.mapped == 0 || part.at(part.mapped - 1).is_some());
}
