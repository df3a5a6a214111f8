//! What kind of deed a tool call or request is: told by the tool's name, and for shells and files by the arguments.
//!
//! A name is split into words (`readFile`, `read_file` and `fs.read-file` are one), each of which may tell a class. A call
//! of a shell is classed by its command line as well. Left out: what a tool's description says, and the quoting of shells,
//! which the tool-policy rules undo; here a word too many costs a weak signal, not a verdict.

use coldcase_model::{Detail, Direction, Event, EventKind, Name, Surface};

mod words;

pub(crate) use words::{Deed, Deeds};

/// A tool call, or a request of the agent's own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Call {
    /// What it does.
    pub(crate) deeds: Deeds,
    /// Hashes of files, hosts and URLs in its arguments, sorted; so that a later call can be told to use them.
    pub(crate) values: Vec<u64>,
    /// Hash of tool and arguments: equal calls have the same.
    pub(crate) whole: u64,
}

/// How much of the arguments is looked at.
const MOST_BYTES: usize = 16 << 10;
/// How many values of a call are kept.
const MOST_VALUES: usize = 32;
/// The shortest value that tells something.
const SHORTEST: usize = 5;

impl Call {
    /// The call that an event is.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let head = &event.head;
        let answered;
        let tool = match &head.detail {
            Detail::Rpc { tool: Some(tool), .. } if head.direction != Some(Direction::Ingress) => Some(tool),
            Detail::Model { tool: Some(tool), .. } if head.direction == Some(Direction::Egress) => Some(tool),
            Detail::Http { .. } if head.kind == EventKind::HttpRequest => None,
            Detail::Http { .. } | Detail::Model { tool: None, .. } => {
                answered = answered_tools(event)?;
                Some(&answered)
            }
            _ => return None,
        };
        let mut deeds = Deeds::default();
        let mut arguments = Vec::new();
        if tool.is_some() {
            add(event, Surface::ToolArgument, &mut arguments);
        } else {
            deeds.insert(Deed::Network);
            add(event, Surface::Url, &mut arguments);
            if let Detail::Http { method: Some(method), .. } = &head.detail
                && matches!(&**method, "POST" | "PUT" | "PATCH")
            {
                deeds.insert(Deed::Send);
            }
        }
        Some(Self::new(tool, arguments, deeds))
    }

    /// A call of a tool, or a request, with these arguments.
    pub(super) fn new(tool: Option<&Name>, mut arguments: Vec<u8>, deeds: Deeds) -> Self {
        let mut deeds = tool.map_or(deeds, words::of_name);
        arguments.make_ascii_lowercase();
        words::of_arguments(&arguments, &mut deeds);
        let name = tool.map_or(&b""[..], |tool| tool.as_bytes());
        let whole = arguments.iter().fold(hash(name), |sum, &byte| step(sum, byte));
        Self { deeds, values: values(&arguments), whole }
    }

    /// Whether its values are as few as they may be, and sorted.
    pub(crate) fn is_sound(&self) -> bool {
        self.values.len() <= MOST_VALUES && self.values.is_sorted()
    }

    /// Whether it names a file, host or URL that another call names.
    pub(crate) fn shares_a_value(&self, values: &[u64]) -> bool {
        self.values.iter().any(|value| values.binary_search(value).is_ok())
    }
}

/// The tools that a model's answer calls, as one name: what they do is one deed.
fn answered_tools(event: &Event) -> Option<Name> {
    event.first_on(Surface::ToolArgument)?;
    let names = event.parts.iter().filter(|part| part.surface == Surface::ToolName);
    let mut all = String::new();
    for name in names.filter_map(|part| std::str::from_utf8(event.bytes(part)).ok()) {
        all.push_str(name.trim());
        all.push(' ');
        if all.len() > MOST_BYTES {
            break;
        }
    }
    (!all.is_empty()).then(|| Name::from(all))
}

fn add(event: &Event, surface: Surface, out: &mut Vec<u8>) {
    for part in event.parts.iter().filter(|part| part.surface == surface) {
        let room = MOST_BYTES.saturating_sub(out.len());
        let bytes = event.bytes(part);
        out.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        out.push(b' ');
    }
}

/// Hashes of what looks like a file, a host or a URL: words with a dot or a slash in them, whole and by their last part.
fn values(text: &[u8]) -> Vec<u64> {
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-' | b'_' | b'~' | b':');
    let mut values = Vec::new();
    for word in text.split(|byte| !is_part(byte)) {
        let word = word.trim_ascii().strip_suffix(b".").unwrap_or(word);
        if word.len() < SHORTEST || !word.iter().any(|byte| matches!(byte, b'.' | b'/')) {
            continue;
        }
        let last = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let host = memchr::memmem::find(word, b"://")
            .and_then(|at| word.get(at + 3..)?.split(|byte| *byte == b'/').next());
        for value in [Some(word), Some(last), host].into_iter().flatten() {
            if value.len() >= SHORTEST && values.len() < MOST_VALUES {
                values.push(hash(value));
            }
        }
    }
    values.sort_unstable();
    values.dedup();
    values
}

/// FNV-1a: short words, and nothing that an attacker gains by a collision but a weak signal.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, &byte| step(sum, byte))
}

const fn step(sum: u64, byte: u8) -> u64 {
    (sum ^ byte as u64).wrapping_mul(0x0100_0000_01B3)
}
