//! What ties an event's session to recordings of the same run in other files and formats: ids that both have, and content.
//!
//! Ids: the values of `Mcp-Session-Id` and the trace of `traceparent`. Content: the arguments of a call or the text of its
//! result as the sum of the hashes of their words, so that white space, escapes and the order of members do not matter. Left
//! out: what is shorter than [`SHORTEST`] letters and digits, which many runs have; ids inside of bodies.

use coldcase_model::{Detail, Event, Name, Surface, TieKind};

use super::fields;
use super::prints::mixed;

/// What may tie an event to another recording.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Ties {
    /// Kind and hash of each id.
    pub(crate) ids: Vec<(TieKind, u64)>,
    /// Hash of the content; 0 where there is none that tells.
    pub(crate) content: u64,
    /// Hash of the JSON-RPC id; 0 where there is none.
    pub(crate) message: u64,
}

/// How many letters and digits of content tell.
pub(crate) const SHORTEST: u64 = 24;
/// How much of the content is looked at.
const MOST_BYTES: usize = 2 << 10;
/// How many ids of an event are kept.
const MOST_IDS: usize = 4;
/// A trace's id in a `traceparent` field: 32 hexadecimal digits after the version.
const TRACE: std::ops::Range<usize> = 3..35;

impl Ties {
    /// What ties an event.
    pub(super) fn of(event: &Event) -> Option<Box<Self>> {
        let ids = ids(event);
        let message = match &event.head.detail {
            Detail::Rpc { id: Some(id), .. } => id_hash(id.as_bytes()),
            _ => 0,
        };
        let content = content(event);
        (!ids.is_empty() || content != 0).then(|| Box::new(Self { ids, content, message }))
    }
}

/// The hash of a session's name, where it looks like an id: a file's path, an address or a word ties nothing.
pub(crate) fn of_name(name: &Name) -> Option<u64> {
    const SHORTEST: usize = 16;
    let bytes = name.as_bytes();
    let is_id = bytes.len() >= SHORTEST
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && bytes.iter().any(u8::is_ascii_digit);
    is_id.then(|| id_hash(bytes))
}

fn ids(event: &Event) -> Vec<(TieKind, u64)> {
    let mut ids = Vec::new();
    for part in event.parts.iter().filter(|part| part.surface == Surface::Header) {
        let label = event.label(part);
        let Some(value) = fields::value(event, part) else { continue };
        let id = if label.eq_ignore_ascii_case(b"mcp-session-id") {
            Some((TieKind::McpSession, value))
        } else if label.eq_ignore_ascii_case(b"traceparent") {
            value
                .get(TRACE)
                .filter(|trace| trace.iter().any(|byte| *byte != b'0'))
                .map(|id| (TieKind::Trace, id))
        } else {
            None
        };
        if let Some((kind, id)) = id.filter(|(_, id)| id.len() >= 8 && ids.len() < MOST_IDS) {
            ids.push((kind, id_hash(id)));
        }
    }
    ids
}

/// FNV-1a over small letters, spread over all bits; never 0.
fn id_hash(bytes: &[u8]) -> u64 {
    mixed(bytes.iter().fold(START, |sum, byte| step(sum, byte.to_ascii_lowercase()))).max(1)
}

const START: u64 = 0xCBF2_9CE4_8422_2325;

const fn step(sum: u64, byte: u8) -> u64 {
    (sum ^ byte as u64).wrapping_mul(0x0100_0000_01B3)
}

fn content(event: &Event) -> u64 {
    let arguments = sum(event, Surface::ToolArgument);
    let results = sum(event, Surface::ToolResult);
    match (arguments, results) {
        (Some(words), None) => mixed(words ^ 1).max(1),
        (None, Some(words)) => mixed(words ^ 2).max(1),
        // A request to a model repeats what was said.
        _ => 0,
    }
}

/// The sum over the words of what stands on a surface; `None` where there is too little.
fn sum(event: &Event, surface: Surface) -> Option<u64> {
    let (mut sum, mut letters, mut left) = (0_u64, 0_u64, MOST_BYTES);
    for part in event.parts.iter().filter(|part| part.surface == surface) {
        let bytes = event.bytes(part);
        let bytes = bytes.get(..left).unwrap_or(bytes);
        left -= bytes.len();
        for word in bytes.split(|byte| !(byte.is_ascii_alphanumeric() || *byte >= 0x80)) {
            if !word.is_empty() {
                letters += word.len() as u64;
                sum = sum.wrapping_add(mixed(word.iter().fold(START, |sum, byte| step(sum, *byte))));
            }
        }
    }
    (letters >= SHORTEST).then_some(sum)
}
