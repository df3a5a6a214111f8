//! Bodies: taken in up to a cap, and passed on in frames.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::mpsc::Receiver;

use super::room::{Part, Room};

/// Why a body ends before its time.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way.
#[derive(Debug)]
pub(super) enum Passed {
    /// What was held, then what was not taken in.
    Held {
        frames: VecDeque<Frame<Bytes>>,
        rest: Option<Box<Incoming>>,
        #[expect(dead_code, reason = "what is on its way is held until it has gone")]
        room: Option<Part>,
    },
    /// What comes piece by piece.
    Pieces(Receiver<Result<Bytes, Fault>>),
}

impl Passed {
    pub(super) fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let frames = if bytes.is_empty() { VecDeque::new() } else { VecDeque::from([Frame::data(bytes)]) };
        Self::Held { frames, rest: None, room: None }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        match self.get_mut() {
            Self::Held { frames, rest, .. } => match (frames.pop_front(), rest) {
                (Some(frame), _) => Poll::Ready(Some(Ok(frame))),
                (None, Some(rest)) => Pin::new(rest.as_mut())
                    .poll_frame(context)
                    .map(|frame| frame.map(|it| it.map_err(Into::into))),
                (None, None) => Poll::Ready(None),
            },
            Self::Pieces(pieces) => {
                pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Held { frames, rest, .. } => {
                frames.is_empty() && rest.as_ref().is_none_or(Body::is_end_stream)
            }
            Self::Pieces(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        let Self::Held { frames, rest: None, .. } = self else { return SizeHint::default() };
        SizeHint::with_exact(frames.iter().filter_map(Frame::data_ref).map(|data| data.len() as u64).sum())
    }
}

/// A body that was taken in.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    pub(super) trailers: Option<HeaderMap>,
    /// What is over the cap: it was not taken in.
    pub(super) rest: Option<Box<Incoming>>,
    /// How many bytes that is, as far as is known; at least one if there is any.
    pub(super) over: u64,
    /// What it takes of the room for all.
    room: Part,
}

/// Why a body was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTaken {
    Broken,
    Silent,
    /// There is no room for it.
    Full,
}

/// Takes a body in, up to `most` bytes, as long as it is not silent for `patience` and there is room.
pub(super) async fn take(
    mut body: Incoming,
    most: usize,
    patience: Duration,
    room: &Arc<Room>,
) -> Result<Whole, NotTaken> {
    let mut room = room.part();
    let stated = body.size_hint().exact();
    let mut first: Option<Bytes> = None;
    let mut bytes: Vec<u8> = Vec::new();
    let mut trailers = None;
    loop {
        let held = bytes.len() + first.as_ref().map_or(0, Bytes::len);
        if !room.resize(held) {
            return Err(NotTaken::Full);
        }
        if held > most {
            let over = stated.map_or(1, |stated| stated.saturating_sub(held as u64)).max(1);
            let bytes = first.unwrap_or_else(|| bytes.into());
            return Ok(Whole { bytes, trailers, rest: Some(Box::new(body)), over, room });
        }
        let frame = tokio::time::timeout(patience, body.frame()).await.map_err(|_| NotTaken::Silent)?;
        let Some(frame) = frame else { break };
        match frame.map_err(|_| NotTaken::Broken)?.into_data() {
            Ok(data) if first.is_none() && bytes.is_empty() => first = Some(data),
            Ok(data) => {
                if let Some(first) = first.take() {
                    bytes.extend_from_slice(&first);
                }
                bytes.extend_from_slice(&data);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Ok(Whole { bytes: first.unwrap_or_else(|| bytes.into()), trailers, rest: None, over: 0, room })
}

impl Whole {
    /// The same body to be passed on.
    pub(super) fn passed(self) -> Passed {
        let data = (!self.bytes.is_empty()).then(|| Frame::data(self.bytes));
        let trailers = self.trailers.map(Frame::trailers);
        let frames = data.into_iter().chain(trailers).collect();
        Passed::Held { frames, rest: self.rest, room: Some(self.room) }
    }
}
