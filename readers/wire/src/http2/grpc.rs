//! gRPC over HTTP/2: the messages in a body.
//!
//! Source: gRPC over HTTP2, "Length-Prefixed-Message"; the flag for trailers is that of gRPC-Web. Bodies of
//! `application/grpc-web-text` are base64, which is the caller's to decode.

use bytes::Bytes;

use crate::Note;

/// Flag and length.
const PREFIX: usize = 5;
const COMPRESSED: u8 = 0x01;
const TRAILERS: u8 = 0x80;
/// Messages of one body that are taken apart: a body of 16 MiB could have three million empty ones.
const MOST_MESSAGES: usize = 100_000;

/// One message of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrpcMessage {
    /// It is coded as `grpc-encoding` says.
    pub is_compressed: bool,
    /// It has the trailers of gRPC-Web, as lines of HTTP/1.
    pub is_trailers: bool,
    /// Where its content starts in the body.
    pub offset: usize,
    /// The content as it was sent.
    pub content: Bytes,
    /// The body ends before the message does.
    pub is_cut: bool,
}

/// A body taken apart. The lengths of all contents, `framing` and `over_limit` add up to that of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrpcBody {
    /// The messages in their order.
    pub messages: Vec<GrpcMessage>,
    /// Bytes of flags and lengths.
    pub framing: u64,
    /// Bytes behind the most messages that are taken apart.
    pub over_limit: u64,
    /// What is odd, with offsets in the body.
    pub notes: Vec<Note>,
}

/// This `content-type` is one of gRPC.
pub fn is_grpc(content_type: &[u8]) -> bool {
    const NAME: &[u8] = b"application/grpc";
    content_type.split_at_checked(NAME.len()).is_some_and(|(name, rest)| {
        name.eq_ignore_ascii_case(NAME) && matches!(rest.first(), None | Some(b'+' | b'-' | b';' | b' '))
    })
}

/// Takes a body apart into its messages.
pub fn split(body: &Bytes) -> GrpcBody {
    let mut split = GrpcBody::default();
    let mut offset = 0;
    while let Some(rest) = body.get(offset..).filter(|rest| !rest.is_empty()) {
        if split.messages.len() == MOST_MESSAGES {
            split.over_limit = rest.len() as u64;
            split.note("grpc_messages_over_limit", offset, format!("more than {MOST_MESSAGES} messages"));
            break;
        }
        let Some((&[flag, l0, l1, l2, l3], content)) = rest.split_first_chunk::<PREFIX>() else {
            split.framing += rest.len() as u64;
            split.note("grpc_cut", offset, "the body ends inside a message's length".to_owned());
            break;
        };
        split.framing += PREFIX as u64;
        offset += PREFIX;
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if flag & !(COMPRESSED | TRAILERS) != 0 {
            split.note("grpc_unknown_flag", offset, format!("flag {flag:#04x}"));
        }
        if length > content.len() {
            let what = format!("a message of {length} bytes, of which {} are there", content.len());
            split.note("grpc_cut", offset, what);
        }
        let end = offset + length.min(content.len());
        split.messages.push(GrpcMessage {
            is_compressed: flag & COMPRESSED != 0,
            is_trailers: flag & TRAILERS != 0,
            offset,
            content: body.slice(offset..end),
            is_cut: length > content.len(),
        });
        offset = end;
    }
    split
}

impl GrpcBody {
    fn note(&mut self, kind: &'static str, at: usize, what: String) {
        if !self.notes.iter().any(|note| note.kind == kind) {
            self.notes.push(Note { kind, at: at as u64, what: what.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(flag: u8, length: u32, content: &[u8]) -> Vec<u8> {
        [&[flag][..], &length.to_be_bytes(), content].concat()
    }

    #[test]
    fn content_types_of_grpc() {
        for kind in
            ["application/grpc", "application/grpc+proto", "application/grpc-web", "Application/gRPC; a=b"]
        {
            assert!(is_grpc(kind.as_bytes()), "{kind}");
        }
        for kind in ["application/grpcx", "application/json", "application/grp", ""] {
            assert!(!is_grpc(kind.as_bytes()), "{kind}");
        }
    }

    #[test]
    fn messages_are_taken_apart() {
        let body = [message(0, 3, b"abc"), message(1, 2, b"zz"), message(0, 0, b""), message(0x80, 2, b"t:")];
        let split = split(&Bytes::from(body.concat()));
        let seen: Vec<_> = split
            .messages
            .iter()
            .map(|message| (message.is_compressed, message.is_trailers, message.offset, &message.content[..]))
            .collect();
        assert_eq!(
            seen,
            [
                (false, false, 5, &b"abc"[..]),
                (true, false, 13, b"zz"),
                (false, false, 20, b""),
                (false, true, 25, b"t:")
            ]
        );
        assert_eq!((split.framing, split.notes.len()), (20, 0));
    }

    #[test]
    fn lengths_that_lie_give_what_is_there() {
        let split_of = |body: Vec<u8>| split(&Bytes::from(body));
        let huge = split_of(message(0, u32::MAX, b"abc"));
        assert_eq!((&huge.messages[0].content[..], huge.messages[0].is_cut), (&b"abc"[..], true));
        assert_eq!(huge.notes[0].kind, "grpc_cut");
        let short = split_of(vec![0, 0, 0]);
        assert_eq!((short.messages.len(), short.framing, short.notes[0].kind), (0, 3, "grpc_cut"));
        assert_eq!(split_of(message(0x42, 0, b"")).notes[0].kind, "grpc_unknown_flag");
    }

    #[test]
    fn a_flood_of_empty_messages_ends_in_the_cap() {
        let split = split(&Bytes::from(vec![0; 5 * (MOST_MESSAGES + 10)]));
        assert_eq!((split.messages.len(), split.over_limit), (MOST_MESSAGES, 50));
        assert_eq!(split.notes[0].kind, "grpc_messages_over_limit");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_byte_is_accounted_for(body in proptest::collection::vec(0u8..4, 0..200)) {
            let split = split(&Bytes::from(body.clone()));
            let content: usize = split.messages.iter().map(|message| message.content.len()).sum();
            prop_assert_eq!(content as u64 + split.framing + split.over_limit, body.len() as u64);
        }
    }
}
