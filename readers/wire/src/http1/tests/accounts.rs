//! Any split of the streams gives the same messages, and each byte is counted once.

use proptest::prelude::*;

use super::*;

/// Parts that a stream of a side is put together from, good and bad.
fn parts(side: Side) -> Vec<&'static [u8]> {
    let common: [&[u8]; 16] = [
        b"Content-Length: 5\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Upgrade: h2c\r\n",
        b"A : b\n c\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"hello",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"0x3;e\nabc",
        b"0\r\nT: x\r\n\r\n",
        b"a line of some other text than a number\r\n",
        b"\x00\xff\x16\x03",
        b"H",
    ];
    let own: [&[u8]; 7] = match side {
        Side::Client => [
            b"GET /a HTTP/1.1\r\n",
            b"POST /b HTTP/1.1\r\nHost: a\r\n",
            b"HEAD /c HTTP/1.0\r\n\r\n",
            b"CONNECT d:1 HTTP/1.1\r\nHost: d\r\n\r\n",
            b"GET /old\r\n",
            b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
            b"GET  /w HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        ],
        Side::Server => [
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            b"HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ],
    };
    common.into_iter().chain(own).chain(own).collect()
}

#[derive(Clone)]
enum Owned {
    Push(Side, Vec<u8>),
    Gap(Side, u64),
}

impl std::fmt::Debug for Owned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Push(side, bytes) => write!(f, "{side:?} {}", bytes.escape_ascii()),
            Self::Gap(side, len) => write!(f, "{side:?} gap {len}"),
        }
    }
}

fn step() -> impl Strategy<Value = Owned> {
    let push = |side: Side| {
        prop::collection::vec(prop::sample::select(parts(side)), 1..8)
            .prop_map(move |parts| Owned::Push(side, parts.concat()))
    };
    let gap = (any::<bool>(), 1u64..12)
        .prop_map(|(is_client, len)| Owned::Gap(if is_client { Side::Client } else { Side::Server }, len));
    prop_oneof![4 => push(Side::Client), 4 => push(Side::Server), 1 => gap]
}

fn borrow(step: &Owned) -> Step<'_> {
    match step {
        Owned::Push(side, bytes) => Step::Push(*side, bytes),
        Owned::Gap(side, len) => Step::Gap(*side, *len),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// `run_with` asserts that the count adds up.
    #[test]
    fn any_split_gives_the_same(owned in prop::collection::vec(step(), 1..10), most in 1usize..40, small in any::<bool>()) {
        let steps: Vec<_> = owned.iter().map(borrow).collect();
        let mut limits = Limits::default();
        if small {
            limits = Limits { head: 130, fields: 2, body: 7, trailer: 6, held: 20, extents: 3 };
        }
        let whole = run_with(&steps, limits, End::Closed, usize::MAX);
        let split = run_with(&steps, limits, End::Closed, most);
        prop_assert_eq!(whole, split);
    }

    #[test]
    fn any_bytes_are_accounted_for(client in prop::collection::vec(any::<u8>(), 0..300), server in prop::collection::vec(any::<u8>(), 0..300), most in 1usize..90) {
        let steps = [Step::Push(Side::Client, &client), Step::Push(Side::Server, &server)];
        let whole = run_with(&steps, Limits::default(), End::Cut, usize::MAX);
        prop_assert_eq!(whole, run_with(&steps, Limits::default(), End::Cut, most));
    }

    #[test]
    fn what_is_written_is_read(bodies in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), 1..6), most in 1usize..50) {
        let mut bytes = Vec::new();
        for (body, is_chunked) in &bodies {
            if *is_chunked {
                bytes.extend_from_slice(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
                for chunk in body.chunks(33) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
            } else {
                bytes.extend_from_slice(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes());
                bytes.extend_from_slice(body);
            }
        }
        let (seen, ..) = run_with(&[Step::Push(Side::Client, &bytes)], Limits::default(), End::Cut, most);
        let read: Vec<Vec<u8>> = seen.messages.iter().map(|message| message.body.bytes.to_vec()).collect();
        prop_assert_eq!(read, bodies.into_iter().map(|(body, _)| body).collect::<Vec<_>>());
        prop_assert!(seen.messages.iter().all(|message| !message.is_cut && message.notes.is_empty()));
    }
}
