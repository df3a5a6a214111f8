//! How long a body is (RFC 9112 section 6.3).

use super::head::{Facts, Transfer};
use super::pairing::Asked;
use crate::Notes;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Empty,
    /// By its length.
    Length(u64),
    /// By its last chunk.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// A framing, and how long the body is for a reader who frames by `Content-Length`, or by the other of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) framing: Framing,
    pub(super) other: Option<u64>,
    /// The body that the head declares, where by the rules there is none; or that may be left out, as is told by what
    /// comes next.
    pub(super) doubt: Option<Framing>,
}

impl Body {
    const EMPTY: Self = Self { framing: Framing::Empty, other: None, doubt: None };
}

/// The framing of a request.
pub(super) fn of_request(asked: Asked, facts: &Facts, at: u64, notes: &mut Notes) -> Body {
    if asked == Asked::Connect {
        return Body::EMPTY;
    }
    if facts.transfer == Transfer::Other {
        notes.add("http_te_not_chunked_last", at, "a request whose last transfer coding is not chunked");
        let framing = facts.lengths.first.map_or(Framing::Empty, Framing::Length);
        return Body { framing, other: facts.lengths.other, doubt: None };
    }
    declared(facts, Framing::Empty, at, notes)
}

/// The framing of a response. `asked` is the request that it answers, if it was seen.
pub(super) fn of_response(
    status: u16,
    asked: Option<Asked>,
    facts: &Facts,
    at: u64,
    notes: &mut Notes,
) -> Body {
    if (100..200).contains(&status) {
        return Body::EMPTY;
    }
    let declared = declared(facts, Framing::Close, at, notes);
    let is_declared = !matches!(declared.framing, Framing::Close | Framing::Empty | Framing::Length(0));
    if asked == Some(Asked::Connect) && (200..300).contains(&status) {
        return Body::EMPTY;
    }
    if asked == Some(Asked::Head) || matches!(status, 204 | 304) {
        return Body { doubt: is_declared.then_some(declared.framing), ..Body::EMPTY };
    }
    if asked.is_none() && is_declared {
        return Body { doubt: Some(declared.framing), ..declared };
    }
    declared
}

fn declared(facts: &Facts, otherwise: Framing, at: u64, notes: &mut Notes) -> Body {
    let length = facts.lengths.first;
    match facts.transfer {
        Transfer::Absent => Body {
            framing: length.map_or(otherwise, Framing::Length),
            other: facts.lengths.other,
            doubt: None,
        },
        Transfer::Other => Body { framing: otherwise, other: length, doubt: None },
        Transfer::Chunked | Transfer::ChunkedInside => {
            if facts.transfer == Transfer::ChunkedInside {
                notes.add("http_te_not_chunked_last", at, "chunked is not the last transfer coding");
            }
            if length.is_some() {
                notes.add("http_cl_and_te", at, "both Content-Length and Transfer-Encoding");
            }
            Body { framing: Framing::Chunked, other: length, doubt: None }
        }
    }
}
