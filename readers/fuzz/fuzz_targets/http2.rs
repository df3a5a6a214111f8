//! Any bytes as both sides of an HTTP/2 connection, and as field blocks in it: the account adds up, caps hold, and
//! neither pushes nor CONTINUATION frames of any size change what is read.
#![no_main]

#[path = "shared/steps.rs"]
mod steps;

use coldcase_wire::Side;
use coldcase_wire::http2::{Connection, Count, Field, Limits, Message, split_grpc};
use libfuzzer_sys::fuzz_target;
use steps::{Piece, Step, play, sent};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (mode, most, bytes) = input;
    let limits = limits(mode & 1 == 1);
    let most = 1 + usize::from(most);
    if mode & 2 == 0 {
        let mut steps = steps::steps(bytes);
        if mode & 4 == 0 {
            steps.insert(0, Step::Push(Side::Client, PREFACE));
        }
        let whole = read(&steps, limits, mode, usize::MAX);
        assert_eq!(read(&steps, limits, mode, most), whole, "the pushes");
    } else {
        let one = blocks(bytes, usize::MAX);
        // More CONTINUATION frames than there may be end a block.
        let several = blocks(bytes, most.max(256 * 32 / 64));
        let fields = |bytes: &[u8]| -> Vec<_> {
            let steps = [Step::Push(Side::Client, PREFACE), Step::Push(Side::Client, bytes)];
            let (messages, _) = read(&steps, limits, 0, usize::MAX);
            messages.into_iter().map(|it| (it.stream, it.fields, it.block_bytes, it.is_cut)).collect()
        };
        assert_eq!(fields(&several), fields(&one), "the frames of a block");
    }
});

fn limits(is_small: bool) -> Limits {
    let mut limits = Limits::default();
    if is_small {
        (limits.block_bytes, limits.list_bytes, limits.table_bytes) = (60, 200, 100);
        (limits.body_bytes, limits.held_bytes) = (40, 400);
        (limits.streams, limits.continuations) = (3, 100);
    }
    limits
}

/// Requests whose field blocks are the bytes that are sent, in frames of at most `most` bytes.
fn blocks(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let sent = steps::steps(bytes).into_iter().filter_map(|step| match step {
        Step::Push(_, bytes) => Some(bytes),
        Step::Gap(..) => None,
    });
    for (block, stream) in sent.zip((1_u32..).step_by(2)) {
        let mut rest = block.chunks(most).peekable();
        let mut kind = HEADERS;
        while let Some(piece) = rest.next() {
            let length = u32::try_from(piece.len()).expect("short").to_be_bytes();
            let ends = if rest.peek().is_none() { END_HEADERS } else { 0 };
            let flags = if kind == HEADERS { ends | END_STREAM } else { ends };
            out.extend_from_slice(&length[1..]);
            out.extend_from_slice(&[kind, flags]);
            out.extend_from_slice(&stream.to_be_bytes());
            out.extend_from_slice(piece);
            kind = CONTINUATION;
        }
    }
    out
}

fn read(
    steps: &[Step<'_>],
    limits: Limits,
    mode: u8,
    most: usize,
) -> (Vec<Message>, (Count, Vec<(&'static str, u64)>)) {
    let mut connection = if mode & 8 == 0 {
        Connection::new(limits)
    } else {
        Connection::upgraded(limits, b"\0\x05\0\0\x40\0")
    };
    let mut messages = Vec::new();
    let mut out = |message| messages.push(message);
    play(steps, most, &mut |side, piece| match piece {
        Piece::Bytes(bytes, at) => connection.push(side, bytes, at, Some(1), &mut out),
        Piece::Gap(len, _) => connection.gap(side, len, &mut out),
    });
    for side in [Side::Client, Side::Server] {
        connection.finish(side, &mut out);
    }
    let count = connection.count();
    let content: u64 = messages.iter().map(Message::content_bytes).sum();
    let (client, server) = (sent(steps, Side::Client), sent(steps, Side::Server));
    assert_eq!(content + count.total(), client.0 + client.1 + server.0 + server.1, "{count:?}");
    for message in &messages {
        check(message, &limits);
    }
    (messages, (count, connection.notes().counts().to_vec()))
}

fn check(message: &Message, limits: &Limits) {
    assert!(message.body.len() <= limits.body_bytes);
    let size = |fields: &[Field]| -> usize {
        fields.iter().map(|field| field.name.len() + field.value.len() + 32).sum()
    };
    for fields in message.interim.iter().chain([&message.fields]) {
        assert!(size(fields) <= limits.list_bytes, "{} bytes of fields", size(fields));
    }
    // Trailers may be of several blocks.
    assert!(size(&message.trailers) <= limits.held_bytes + limits.list_bytes);
    let mut end = 0;
    for extent in &message.extents {
        assert_eq!(extent.offset, end, "extents cover the body");
        end += extent.len;
    }
    assert_eq!(end, message.body.len() as u64);
    let grpc = split_grpc(&message.body);
    let contents: usize = grpc.messages.iter().map(|it| it.content.len()).sum();
    assert_eq!(contents as u64 + grpc.framing + grpc.over_limit, message.body.len() as u64);
}
