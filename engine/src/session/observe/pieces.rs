//! Short values that leave, in the order in which they stand: one of them may be a piece of a secret.
//!
//! Parameters of URLs and steps of their paths that are no plain words, header fields that are not every request's, words of
//! arguments and short bodies, labels of DNS names.
//! Their bytes are kept, since only the joined pieces tell; the fold holds few of them for a while, and none is ever shown.
//! Left out: pieces that are encoded each by itself, and pieces in long bodies.

use coldcase_model::{Detail, Event, EventKind, Origin, Part, SourcePos, SourceSpan, Surface};

use super::fields;
use super::flow::{Says, Source};
use super::values::hash;

/// A short value and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Piece {
    /// Hash of the parameter's or field's name; equal for all that have none.
    pub(crate) name: u64,
    pub(crate) bytes: Box<[u8]>,
    /// Where it stands.
    pub(crate) surface: Surface,
    pub(crate) place: SourceSpan,
    /// Whether its name is that of a signature or of something that is to be used once.
    pub(crate) signs: bool,
}

impl Piece {
    pub(crate) fn new((name, value): (&[u8], &[u8]), surface: Surface, place: SourceSpan) -> Self {
        Self { name: hash(name), bytes: value.into(), surface, place, signs: is_signature(name) }
    }

    /// Whether it is as short as pieces are.
    pub(crate) fn is_sound(&self) -> bool {
        is_short(&self.bytes, SHORTEST)
    }

    /// Whether it is long enough to be a piece of a secret, and not only one label of a name.
    pub(crate) fn tells(&self) -> bool {
        self.bytes.len() >= SHORTEST
    }

    /// The same as of a value that is equal to it.
    pub(crate) fn hash(&self) -> u64 {
        hash(&self.bytes)
    }
}

/// The short values of an event and where they go.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Pieces {
    /// Hash of the host or tool that they go to.
    pub(crate) destination: u64,
    pub(crate) all: Vec<Piece>,
}

/// How many short values of an event are kept.
const MOST: usize = 16;
/// The shortest.
const SHORTEST: usize = 4;
/// The longest.
const LONGEST: usize = 64;
/// A longer text is no message of a few pieces.
const LONGEST_TEXT: usize = 2048;
/// Fields that every request has.
const USUAL: [&str; 12] = [
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "content-length",
    "connection",
    "cache-control",
    "origin",
    "referer",
    "date",
];

impl Pieces {
    /// The short values that leave with an event.
    pub(super) fn of(event: &Event) -> Option<Box<Self>> {
        let says = Says::of(event)?;
        let mut all = Vec::new();
        for part in event.parts.iter().filter(|part| says.source(part.surface) == Some(Source::Action)) {
            let text = event.bytes(part);
            let shortest = if part.surface == Surface::DnsName { 1 } else { SHORTEST };
            let mut add = |name: &[u8], value: &[u8]| {
                if all.len() < MOST && is_short(value, shortest) {
                    all.push(Piece::new((name, value), part.surface, place(event, part)));
                }
            };
            match part.surface {
                Surface::Url => {
                    parameters(text, &mut add);
                    steps(text, &mut add);
                }
                Surface::Query => named(text, &mut add),
                Surface::Header => {
                    let label = event.label(part);
                    if let Some(value) = fields::value(event, part).filter(|_| !is_usual(label)) {
                        add(label, value);
                    }
                }
                Surface::DnsName => labels(text, &mut add),
                Surface::ToolArgument | Surface::Body | Surface::WsMessage if text.len() <= LONGEST_TEXT => {
                    words(text, &mut add);
                }
                _ => {}
            }
        }
        (!all.is_empty()).then(|| Box::new(Self { destination: destination(event), all }))
    }
}

/// The host that an event goes to; nothing where it goes to none, or which one it is is not told.
pub(super) fn host_of(event: &Event) -> Option<u64> {
    let says = Says::of(event)?;
    let leaves = match event.head.kind {
        EventKind::HttpRequest => says.source(Surface::Url) == Some(Source::Action),
        EventKind::Dns => says.source(Surface::DnsName) == Some(Source::Action),
        _ => false,
    };
    host(event).filter(|_| leaves).map(hash_of_host)
}

/// Names of parameters and fields whose values are new in each request for reasons of their own.
fn is_signature(name: &[u8]) -> bool {
    const NAMES: [&str; 14] = [
        "sig",
        "signature",
        "x-amz-signature",
        "x-goog-signature",
        "x-amz-security-token",
        "x-amz-credential",
        "nonce",
        "state",
        "code_challenge",
        "code_verifier",
        "traceparent",
        "x-request-id",
        "idempotency-key",
        "etag",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn is_usual(field: &[u8]) -> bool {
    USUAL.iter().any(|name| field.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_short(value: &[u8], shortest: usize) -> bool {
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=');
    (shortest..=LONGEST).contains(&value.len()) && value.iter().all(is_plain)
}

fn place(event: &Event, part: &Part) -> SourceSpan {
    let source = event.head.source;
    match part.origin {
        Origin::Document => source,
        Origin::Body { offset, len } | Origin::Decoded { offset, len } => {
            SourceSpan { pos: SourcePos { offset, ..source.pos }, len }
        }
    }
}

fn parameters(url: &[u8], add: &mut impl FnMut(&[u8], &[u8])) {
    if let Some(at) = memchr::memchr(b'?', url) {
        for pair in url.get(at + 1..).unwrap_or_default().split(|byte| matches!(byte, b'&' | b';' | b'#')) {
            named(pair, add);
        }
    }
}

/// Steps of a URL's path that have a digit or a large letter among letters; the others are the words of every address there.
fn steps(url: &[u8], add: &mut impl FnMut(&[u8], &[u8])) {
    let end = url.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    let path = url.get(..end).unwrap_or(url);
    let host = memchr::memmem::find(path, b"://").map_or(0, |at| at + 3);
    let is_plain = |step: &[u8]| {
        step.iter().all(|byte| !byte.is_ascii_digit() && !byte.is_ascii_uppercase())
            || !step.iter().any(u8::is_ascii_alphabetic)
    };
    for step in path.get(host..).unwrap_or_default().split(|byte| *byte == b'/').skip(1) {
        if !is_plain(step) {
            add(b"", step);
        }
    }
}

fn named(pair: &[u8], add: &mut impl FnMut(&[u8], &[u8])) {
    let pair = pair.trim_ascii();
    let at = memchr::memchr(b'=', pair).unwrap_or(0);
    let (name, value) = (pair.get(..at).unwrap_or_default(), pair.get(at..).unwrap_or_default());
    add(name, value.strip_prefix(b"=").unwrap_or(value));
}

fn labels(name: &[u8], add: &mut impl FnMut(&[u8], &[u8])) {
    let name = name.trim_ascii();
    let name = name.strip_suffix(b".").unwrap_or(name);
    let labels: Vec<&[u8]> = name.split(|byte| *byte == b'.').collect();
    for label in labels.iter().take(labels.len().saturating_sub(2)) {
        add(b"", label);
    }
}

fn words(text: &[u8], add: &mut impl FnMut(&[u8], &[u8])) {
    let is_edge = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'"' | b'\'' | b',' | b':' | b';' | b'&' | b'=' | b'{' | b'}' | b'[' | b']' | b'?'
            )
    };
    for word in text.split(is_edge) {
        match word.strip_prefix(b"//") {
            // Of a URL the steps of its path.
            Some(url) => url.split(|byte| *byte == b'/').skip(1).for_each(|step| add(b"", step)),
            None => add(b"", word),
        }
    }
}

/// Where an event goes: its host without the labels that may be data, else its tool.
fn destination(event: &Event) -> u64 {
    match (host(event), &event.head.detail) {
        (Some(host), _) => hash_of_host(host),
        (None, Detail::Rpc { tool: Some(tool), .. } | Detail::Model { tool: Some(tool), .. }) => {
            hash(tool.as_bytes())
        }
        (None, _) => 0,
    }
}

fn host(event: &Event) -> Option<&[u8]> {
    event
        .first_on(Surface::Url)
        .and_then(|part| {
            let url = event.bytes(part);
            let rest = url.get(memchr::memmem::find(url, b"://")? + 3..)?;
            rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next()
        })
        .or_else(|| {
            event.first_on(Surface::DnsName).or(event.first_on(Surface::Host)).map(|part| event.bytes(part))
        })
}

/// Tells a host by its last two labels, since those before may be data.
fn hash_of_host(host: &[u8]) -> u64 {
    let host = host.trim_ascii();
    let host = host.strip_suffix(b".").unwrap_or(host);
    let mut dots = host.iter().enumerate().rev().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
    let from = dots.nth(1).map_or(0, |at| at + 1);
    hash(&host.get(from..).unwrap_or_default().to_ascii_lowercase())
}
