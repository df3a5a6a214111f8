//! Tests of whole connections.

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::frame::apply_mask;
use super::*;

mod deflate;
mod gaps;
mod hostile;

const DEFLATE: &[u8] = b"permessage-deflate";

/// A frame as a peer writes it; a client's is masked.
fn frame(side: Side, first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let masked = if side == Side::Client { 0x80 } else { 0 };
    match payload.len() {
        short @ 0..126 => bytes.push(masked | u8::try_from(short).expect("short")),
        middle @ 126..0x1_0000 => {
            bytes.push(masked | 0x7E);
            bytes.extend_from_slice(&u16::try_from(middle).expect("middle").to_be_bytes());
        }
        long => {
            bytes.push(masked | 0x7F);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let mut payload = payload.to_vec();
    if side == Side::Client {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        bytes.extend_from_slice(&mask);
        apply_mask(&mut payload, mask, 0);
    }
    bytes.extend_from_slice(&payload);
    bytes
}

/// A sender of compressed messages.
struct Sender {
    deflate: Compress,
    resets: bool,
}

impl Sender {
    fn new(resets: bool) -> Self {
        Self { deflate: Compress::new(Compression::default(), false), resets }
    }

    /// A message's compressed payload (RFC 7692 section 7.2.1).
    fn payload(&mut self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 1000);
        self.deflate.compress_vec(text, &mut out, FlushCompress::Sync).expect("memory");
        if self.resets {
            self.deflate.reset();
        }
        // An empty message is one byte (section 7.2.3.6).
        out.strip_suffix(&[0, 0, 0xFF, 0xFF]).unwrap_or(&[0]).to_vec()
    }
}

struct Bench {
    connection: Connection,
    out: Vec<Message>,
    pushed: u64,
}

impl Bench {
    fn new(connection: Connection) -> Self {
        Self { connection, out: Vec::new(), pushed: 0 }
    }

    fn push(&mut self, side: Side, bytes: &[u8], at: u64) {
        self.pushed += bytes.len() as u64;
        self.connection.push(side, bytes, at, Some(7), &mut |message| self.out.push(message));
    }

    fn gap(&mut self, side: Side, lost: u64, at: u64) {
        self.connection.gap(side, lost, at, &mut |message| self.out.push(message));
    }

    /// Ends the connection and holds the accounts to what was pushed.
    fn finish(mut self) -> (Vec<Message>, Vec<&'static str>) {
        self.connection.finish(&mut |message| self.out.push(message));
        let sum = |side| {
            let count = self.connection.count(side);
            count.content + count.framing + count.over_limit + count.opaque
        };
        assert_eq!(sum(Side::Client) + sum(Side::Server), self.pushed);
        let notes = self.connection.notes().counts().iter().map(|(kind, _)| *kind).collect();
        (self.out, notes)
    }
}

/// The messages of bytes of one direction, and the kinds of notes.
fn read(extensions: &[u8], side: Side, bytes: &[u8]) -> (Vec<Message>, Vec<&'static str>) {
    let mut bench = Bench::new(Connection::new(extensions, Limits::default()));
    bench.push(side, bytes, 1000);
    bench.finish()
}

#[test]
fn examples_of_the_standard_are_read() {
    // RFC 6455 section 5.7: a text unmasked, masked, and in two fragments; a ping and its pong.
    let server = b"\x81\x05Hello\x01\x03Hel\x80\x02lo\x89\x05Hello";
    let (messages, notes) = read(b"", Side::Server, server);
    let seen: Vec<_> = messages.iter().map(|it| (it.opcode, &it.data[..], it.extents.clone())).collect();
    assert_eq!(
        seen,
        [
            (Opcode::Text, &b"Hello"[..], vec![(0, 1002)]),
            (Opcode::Text, b"Hello", vec![(0, 1009), (3, 1014)]),
            (Opcode::Ping, b"Hello", vec![(0, 1018)]),
        ]
    );
    assert!(notes.is_empty());
    let client = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let (messages, notes) = read(b"", Side::Client, client);
    let seen: Vec<_> = messages.iter().map(|it| (it.opcode, &it.data[..])).collect();
    assert_eq!(seen, [(Opcode::Text, &b"Hello"[..]), (Opcode::Pong, b"Hello")]);
    assert!(notes.is_empty());
}

#[test]
fn control_frames_stand_between_fragments() {
    let mut bytes = frame(Side::Client, 0x01, b"first ");
    bytes.extend(frame(Side::Client, 0x89, b"ping"));
    bytes.extend(frame(Side::Client, 0x00, b""));
    bytes.extend(frame(Side::Client, 0x80, b"last"));
    bytes.extend(frame(Side::Client, 0x88, b"\x03\xe8bye"));
    let (messages, notes) = read(b"", Side::Client, &bytes);
    let seen: Vec<_> = messages.iter().map(|it| (it.opcode, &it.data[..])).collect();
    assert_eq!(
        seen,
        [(Opcode::Ping, &b"ping"[..]), (Opcode::Text, b"first last"), (Opcode::Close, b"\x03\xe8bye")]
    );
    assert!(notes.is_empty() && messages.iter().all(|it| !it.is_cut && it.time == Some(7)));
}

#[test]
fn long_lengths_are_read() {
    for len in [125, 126, 0xFFFF, 0x1_0000, 300_000] {
        let payload = vec![b'x'; len];
        let (messages, notes) = read(b"", Side::Client, &frame(Side::Client, 0x82, &payload));
        assert_eq!(messages.len(), 1);
        assert!(messages[0].data == payload && notes.is_empty());
    }
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

/// Frames in an order that is mostly lawful, with some bytes of anything.
fn stream(side: Side) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => (prop::sample::select(vec![0x81_u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0x88, 0xC1]),
            prop::collection::vec(any::<u8>(), 0..200)).prop_map(move |(first, payload)| frame(side, first, &payload)),
        2 => prop::collection::vec(0x20_u8..0x7F, 0..400).prop_map(move |text| {
            frame(side, 0xC1, &Sender::new(true).payload(&text))
        }),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pushes_may_be_of_any_size(
        (side, bytes) in side().prop_flat_map(|side| (Just(side), stream(side))),
        cuts in prop::collection::vec(1_usize..50, 1..20),
        gap in prop::option::of(0_usize..500),
        is_midstream: bool,
    ) {
        let make = || Bench::new(if is_midstream {
            Connection::midstream(Limits { message_bytes: 300, ..Limits::default() })
        } else {
            Connection::new(DEFLATE, Limits { message_bytes: 300, ..Limits::default() })
        });
        let (before, after) = bytes.split_at(gap.unwrap_or_default().min(bytes.len()));
        let (mut whole, mut split) = (make(), make());
        whole.push(side, before, 0);
        whole.gap(side, 10, before.len() as u64);
        whole.push(side, after, 10 + before.len() as u64);
        let mut cuts = cuts.iter().cycle();
        let mut at = 0;
        for part in [before, after] {
            let mut rest = part;
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(*cuts.next().expect("endless").min(&rest.len()));
                split.push(side, piece, at);
                at += piece.len() as u64;
                rest = more;
            }
            if at == before.len() as u64 && std::ptr::eq(part, before) {
                split.gap(side, 10, at);
                at += 10;
            }
        }
        prop_assert_eq!(whole.connection.count(side), split.connection.count(side));
        prop_assert_eq!(whole.finish(), split.finish());
    }

    #[test]
    fn what_is_sent_is_what_is_read(
        texts in prop::collection::vec("[a-z ]{0,300}", 1..12),
        side in side(),
        resets: bool,
        fragment in 1_usize..200,
    ) {
        let field = if resets {
            &b"permessage-deflate; client_no_context_takeover; server_no_context_takeover"[..]
        } else {
            DEFLATE
        };
        let mut sender = Sender::new(resets);
        let mut bytes = Vec::new();
        for text in &texts {
            let payload = sender.payload(text.as_bytes());
            let mut pieces = payload.chunks(fragment).peekable();
            let mut first = 0x41;
            while let Some(piece) = pieces.next() {
                let last = if pieces.peek().is_none() { 0x80 } else { 0 };
                bytes.extend(frame(side, first | last, piece));
                first = 0;
            }
        }
        let (messages, notes) = read(field, side, &bytes);
        let seen: Vec<_> = messages.iter().map(|it| std::str::from_utf8(&it.data).expect("text").to_owned()).collect();
        prop_assert_eq!(seen, texts);
        prop_assert!(notes.is_empty());
    }
}
