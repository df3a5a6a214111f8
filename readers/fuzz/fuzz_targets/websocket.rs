//! Any bytes as both sides of a WebSocket connection: the account adds up, caps hold, and pushes of any size say the
//! same; what is sent in sound frames is what is read.
#![no_main]

#[path = "shared/steps.rs"]
mod steps;

use coldcase_wire::Side;
use coldcase_wire::websocket::{Connection, Count, Limits, Message, Opcode};
use libfuzzer_sys::fuzz_target;
use steps::{Piece, Step, play, sent};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

const EXTENSIONS: [&[u8]; 3] = [
    b"",
    b"permessage-deflate",
    b"permessage-deflate; client_no_context_takeover; server_no_context_takeover",
];

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (mode, most, bytes) = input;
    let steps = steps::steps(bytes);
    let most = 1 + usize::from(most);
    if mode & 1 == 0 {
        let whole = read(&steps, mode, usize::MAX);
        assert_eq!(read(&steps, mode, most), whole, "the pushes");
    } else {
        written(&steps, most);
    }
});

fn limits(is_small: bool) -> Limits {
    if !is_small {
        return Limits::default();
    }
    Limits {
        message_bytes: 50,
        control_bytes: 5,
        extents: 2,
        expansion_ratio: 2,
        free_expansion_bytes: 100,
        search_bytes: 60,
    }
}

type Seen = (Vec<Message>, [Count; 2], Vec<(&'static str, u64)>);

fn read(steps: &[Step<'_>], mode: u8, most: usize) -> Seen {
    let limits = limits(mode & 2 != 0);
    let mut connection = match usize::from(mode >> 2 & 3) {
        3 => Connection::midstream(limits),
        which => Connection::new(EXTENSIONS[which], limits),
    };
    let mut messages = Vec::new();
    let mut out = |message| messages.push(message);
    play(steps, most, &mut |side, piece| match piece {
        Piece::Bytes(bytes, at) => connection.push(side, bytes, at, Some(1), &mut out),
        Piece::Gap(len, at) => connection.gap(side, len, at, &mut out),
    });
    connection.finish(&mut out);
    let counts = [Side::Client, Side::Server].map(|side| {
        let count = connection.count(side);
        let (pushed, lost) = sent(steps, side);
        assert_eq!(count.content + count.framing + count.over_limit + count.opaque, pushed, "{count:?}");
        assert_eq!(count.lost, lost);
        let plain = messages.iter().filter(|message| message.side == side && !message.was_compressed);
        let plain: usize = plain.map(|message| message.data.len()).sum();
        assert!(plain as u64 <= count.content, "{plain} bytes came out of {count:?}");
        count
    });
    for message in &messages {
        check(message, &limits);
    }
    (messages, counts, connection.notes().counts().to_vec())
}

fn check(message: &Message, limits: &Limits) {
    let is_control =
        matches!(message.opcode, Opcode::Close | Opcode::Ping | Opcode::Pong | Opcode::Reserved(8..));
    let most = if is_control { limits.control_bytes } else { limits.message_bytes };
    assert!(message.data.len() <= most, "{} bytes of {:?}", message.data.len(), message.opcode);
    assert!(message.unknown <= message.data.len());
    assert!(message.extents.len() <= limits.extents.max(1));
    assert!(message.extents.is_sorted_by_key(|(offset, _)| *offset));
    assert!(message.extents.iter().all(|(offset, _)| *offset <= message.data.len()));
}

/// What is sent in fragments of at most `most` bytes, a ping between them, comes out as it was.
fn written(steps: &[Step<'_>], most: usize) {
    let mut connection = Connection::new(b"", Limits::default());
    let (mut messages, mut wanted) = (Vec::new(), Vec::new());
    for step in steps {
        let Step::Push(side, bytes) = *step else { continue };
        let mut fragments = bytes.chunks(most).peekable();
        let (mut first, mut at) = (2, 0);
        while let Some(fragment) = fragments.next() {
            let is_last = fragments.peek().is_none();
            let mut frames = frame(side, first | u8::from(is_last) << 7, fragment);
            if !is_last {
                frames.extend(frame(side, 0x89, &[first]));
                wanted.push((side, Opcode::Ping, vec![first]));
            }
            connection.push(side, &frames, at, None, &mut |message| messages.push(message));
            (first, at) = (0, at + frames.len() as u64);
        }
        wanted.push((side, Opcode::Binary, bytes.to_vec()));
    }
    connection.finish(&mut |message| messages.push(message));
    assert!(connection.notes().counts().is_empty(), "{:?}", connection.notes().counts());
    assert!(messages.iter().all(|message| !message.is_cut));
    let seen: Vec<_> = messages.into_iter().map(|it| (it.side, it.opcode, it.data.to_vec())).collect();
    assert_eq!(seen, wanted);
}

/// A frame as a peer writes it (RFC 6455 section 5.2); a client's is masked.
fn frame(side: Side, first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = if side == Side::Client { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(short @ 0..126) => bytes.push(mask | short),
        _ => {
            bytes.push(mask | 126);
            bytes.extend_from_slice(&u16::try_from(payload.len()).expect("short").to_be_bytes());
        }
    }
    if side == Side::Server {
        bytes.extend_from_slice(payload);
        return bytes;
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
