//! Secrets that a session knows, and how much of each has left in pieces.
//!
//! A piece counts if it stands in the secret, as it is or decoded from base64 or hexadecimal, and is not most of it; eight
//! pieces at the most are held against a secret, the latest. It is told where they cover nearly all of it. Left out:
//! pieces shorter than five bytes, and those that are disguised in other ways.

use std::collections::VecDeque;

use coldcase_model::{EventId, Span, Surface};

use crate::session::snapshot::MOST_COUNT;
use crate::view::base64;

/// Where a piece left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Taken {
    pub(super) event: EventId,
    pub(super) surface: Surface,
    pub(super) len: usize,
}

impl Taken {
    pub(super) fn words(&self) -> String {
        format!("event {}: {} bytes on {}", self.event.index, self.len, self.surface)
    }
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Secret {
    event: EventId,
    bytes: Box<[u8]>,
    pieces: VecDeque<(Span, Taken)>,
}

/// The secrets of a session.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Known {
    secrets: VecDeque<Secret>,
    /// How many secrets were forgotten.
    pub(super) lost: u64,
}

/// How many secrets of a session are known; the oldest goes first.
const MOST: usize = 32;
/// How long a secret may be to leave in pieces of at most 64 bytes, and be told.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=256;
/// The shortest piece. Of letters and digits a piece this long stands in a given secret by chance once in millions.
const SHORTEST: usize = 5;
/// The longest.
const LONGEST: usize = 64;
/// How many pieces are held against a secret.
const MOST_PIECES: usize = 8;
/// What part of the secret they cover, in tenths; the rest may be lost or too short to count.
const COVERED: usize = 9;
/// A piece with more than this part of the secret, in tenths, is the secret, which rules find.
const MOST_OF_IT: usize = 8;

impl Known {
    /// Whether it is within its bounds, and every piece within its secret.
    pub(super) fn is_sound(&self) -> bool {
        let within = |secret: &Secret| {
            let len = secret.bytes.len();
            let fits = |(span, taken): &(Span, Taken)| {
                span.start <= span.end && span.end <= len && taken.len <= LONGEST
            };
            LENGTHS.contains(&len) && secret.pieces.len() <= MOST_PIECES && secret.pieces.iter().all(fits)
        };
        self.lost < MOST_COUNT && self.secrets.len() <= MOST && self.secrets.iter().all(within)
    }

    /// Remembers a secret.
    pub(super) fn learn(&mut self, event: EventId, bytes: &[u8]) {
        if !LENGTHS.contains(&bytes.len()) || self.secrets.iter().any(|known| *known.bytes == *bytes) {
            return;
        }
        self.secrets.push_back(Secret { event, bytes: bytes.into(), pieces: VecDeque::new() });
        if self.secrets.len() > MOST {
            self.secrets.pop_front();
            self.lost += 1;
        }
    }

    /// Takes in a value that leaves; gives the event that brought the secret that it completes, and where the pieces left.
    pub(super) fn take(&mut self, place: Taken, value: &[u8]) -> Option<(EventId, Vec<Taken>)> {
        if self.secrets.is_empty() || value.len() < SHORTEST {
            return None;
        }
        let decoded = [from_base64(value), from_hex(value)];
        let forms = decoded.iter().flatten().map(Vec::as_slice);
        let forms: Vec<&[u8]> =
            std::iter::once(value).chain(forms).filter(|form| form.len() >= SHORTEST).collect();
        for secret in &mut self.secrets {
            let found = forms.iter().find_map(|form| {
                let at = memchr::memmem::find(&secret.bytes, form)?;
                Some(Span::new(at, at + form.len()))
            });
            let Some(span) = found.filter(|span| span.len() * 10 <= secret.bytes.len() * MOST_OF_IT) else {
                continue;
            };
            // The same piece again is that piece.
            secret.pieces.retain(|(known, _)| *known != span);
            secret.pieces.push_back((span, place));
            if secret.pieces.len() > MOST_PIECES {
                secret.pieces.pop_front();
            }
            if secret.covered() * 10 >= secret.bytes.len() * COVERED {
                let mut pieces: Vec<(Span, Taken)> = secret.pieces.drain(..).collect();
                pieces.sort_by_key(|(span, _)| *span);
                return Some((secret.event, pieces.into_iter().map(|(_, place)| place).collect()));
            }
        }
        None
    }
}

impl Secret {
    fn covered(&self) -> usize {
        let mut spans: Vec<Span> = self.pieces.iter().map(|(span, _)| *span).collect();
        spans.sort_unstable();
        let mut end = 0;
        spans.into_iter().fold(0, |covered, span| {
            let new = span.end.saturating_sub(span.start.max(end));
            end = end.max(span.end);
            covered + new
        })
    }
}

fn from_hex(value: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = value.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

fn from_base64(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    base64::decode(value, &mut out, |_, _| {});
    (!out.is_empty()).then_some(out)
}
