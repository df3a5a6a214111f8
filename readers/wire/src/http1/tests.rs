//! Whole connections: bytes in, messages out.

mod accounts;
mod bodies;
mod lost;
mod odd;
mod rfc;
mod switch;

use super::*;

/// What a connection handed on, kept.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) messages: Vec<Message>,
    /// Bytes after a switch, with the protocol; empty for a tunnel.
    pub(super) passed: Vec<(String, Side, Vec<u8>)>,
    pub(super) gaps: u64,
}

impl Seen {
    pub(super) fn take(&mut self, output: Output<'_>) {
        let mut pass = |protocol: &[u8], side: Side, bytes: &[u8]| {
            let protocol = String::from_utf8_lossy(protocol).into_owned();
            match self.passed.iter_mut().find(|(other, from, _)| *other == protocol && *from == side) {
                Some((_, _, all)) => all.extend_from_slice(bytes),
                None => self.passed.push((protocol, side, bytes.to_vec())),
            }
        };
        match output {
            Output::Message(message) => self.messages.push(*message),
            Output::Upgraded { protocol, side, bytes, .. } => pass(protocol, side, bytes),
            Output::Tunnel { side, bytes, .. } => pass(b"", side, bytes),
            Output::Gap { len, .. } => self.gaps += len,
        }
    }

    /// The messages of a side in short: first words, exchange, body.
    pub(super) fn of(&self, side: Side) -> Vec<(String, u64, String)> {
        let of_side = self.messages.iter().filter(|message| message.side == side);
        of_side.map(|message| (label(message), message.exchange, text(&message.body.bytes))).collect()
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The target of a request, the status of a response.
pub(super) fn label(message: &Message) -> String {
    match message.request() {
        Some((_, target)) => text(target),
        None => message.status().map_or_else(String::new, |status| status.to_string()),
    }
}

pub(super) fn kinds(message: &Message) -> Vec<&'static str> {
    message.notes.iter().map(|note| note.kind).collect()
}

/// One step of a connection.
#[derive(Debug, Clone)]
pub(super) enum Step<'a> {
    Push(Side, &'a [u8]),
    Gap(Side, u64),
}

/// Runs steps, each 1,000 bytes after the last in the file; both sides end then.
pub(super) fn run(steps: &[Step<'_>]) -> (Seen, Count, Vec<crate::Note>) {
    run_with(steps, Limits::default(), End::Closed, usize::MAX)
}

/// The same with pushes of at most `most` bytes.
pub(super) fn run_with(
    steps: &[Step<'_>],
    limits: Limits,
    end: End,
    most: usize,
) -> (Seen, Count, Vec<crate::Note>) {
    let mut connection = Connection::new(limits);
    let mut seen = Seen::default();
    let mut at = 0;
    for step in steps {
        match step {
            Step::Push(side, bytes) => {
                let mut from = at;
                for piece in bytes.chunks(most.max(1)) {
                    connection
                        .push(*side, piece, from, Some(at.cast_signed()), &mut |output| seen.take(output));
                    from += piece.len() as u64;
                }
                at += (bytes.len() as u64).next_multiple_of(1000);
            }
            Step::Gap(side, len) => connection.gap(*side, *len, &mut |output| seen.take(output)),
        }
    }
    connection.finish(Side::Client, end, &mut |output| seen.take(output));
    connection.finish(Side::Server, end, &mut |output| seen.take(output));
    let count = connection.count();
    let pushed: u64 =
        steps.iter().map(|step| if let Step::Push(_, bytes) = step { bytes.len() as u64 } else { 0 }).sum();
    assert_eq!(count.content + count.framing + count.over_limit + count.opaque, pushed, "{count:?}");
    let passed: usize = seen.passed.iter().map(|(_, _, bytes)| bytes.len()).sum();
    let handed: u64 = seen.messages.iter().map(Message::content_bytes).sum();
    assert_eq!(count.content, handed + passed as u64, "what is handed on");
    (seen, count, connection.take_notes())
}

/// A client that sends all, then a server that answers all.
pub(super) fn exchange(client: &[u8], server: &[u8]) -> Seen {
    run(&[Step::Push(Side::Client, client), Step::Push(Side::Server, server)]).0
}

/// A server that is not asked.
pub(super) fn responses(server: &[u8]) -> Seen {
    run(&[Step::Push(Side::Server, server)]).0
}

/// A client that is not answered.
pub(super) fn requests(client: &[u8]) -> Seen {
    run(&[Step::Push(Side::Client, client)]).0
}
