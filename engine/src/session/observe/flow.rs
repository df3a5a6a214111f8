//! What flows in an event: where its content comes from, and prints and values by which it is known again in a later one.
//!
//! | source | events |
//! |---|---|
//! | trusted | what the operator and the person at the keyboard say |
//! | own | what the model says |
//! | outside | responses, results of tools, descriptions of tools, messages of servers |
//! | action | what leaves: requests, calls of tools, queries for names, messages to servers |
//!
//! Only the surfaces that hold content are looked at: no syntax, no fields of a log's own, no header fields of responses.
//! Left out: log entries and plain text, which do not tell which way they went, and answers of DNS.

use coldcase_model::{Detail, Direction, Event, EventKind, Part, Span, Surface};

use super::prints::{self, Print};
use super::values::{self, Value};

/// Where content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The operator.
    Operator,
    /// The person, or the program in their place.
    User,
    /// The model.
    Own,
    /// Anyone.
    Outside,
    /// The agent acts.
    Action,
}

/// A value that an event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Had {
    pub(crate) value: Value,
    /// Where it stands.
    pub(crate) surface: Surface,
}

/// A secret that a rule found in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Hash of the secret as decoded.
    pub(crate) hash: u64,
    pub(crate) len: u32,
    /// Whether it stands where requests are signed in.
    pub(crate) signs_in: bool,
}

/// What flows in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) source: Source,
    pub(crate) kind: EventKind,
    pub(crate) prints: Vec<Print>,
    pub(crate) values: Vec<Had>,
    pub(crate) secrets: Vec<Secret>,
    /// Bytes of content beyond the most prints or values of an event.
    pub(crate) beyond: u64,
}

/// How many prints of an event are kept: of about 16 KB.
const MOST_PRINTS: usize = 1024;
/// How many values of an event are kept.
const MOST_VALUES: usize = 256;
/// How many secrets of an event are kept.
const MOST_SECRETS: usize = 32;

impl Flow {
    /// What flows in an event; nothing where no content does.
    pub(super) fn of(event: &Event) -> Option<Box<Self>> {
        let source = source(event)?;
        let mut flow = Self {
            source,
            kind: event.head.kind,
            prints: Vec::new(),
            values: Vec::new(),
            secrets: Vec::new(),
            beyond: 0,
        };
        let mut found = Vec::new();
        let mut letters = 0;
        for part in event.parts.iter().filter(|part| holds_content(source, part.surface)) {
            let text = event.bytes(part);
            let room = MOST_VALUES.saturating_sub(flow.values.len());
            let mut beyond = if is_name(part.surface) {
                values::of_name(text, room, &mut found);
                0
            } else {
                values::add(text, room, &mut found)
            };
            flow.values.extend(found.drain(..).map(|value| Had { value, surface: part.surface }));
            // Header fields are the same in every request.
            if !matches!(part.surface, Surface::Header | Surface::Cookie | Surface::Host | Surface::DnsName) {
                beyond = beyond.max(prints::add(text, MOST_PRINTS, &mut letters, &mut flow.prints));
            }
            flow.beyond = flow.beyond.saturating_add(beyond);
        }
        let empty = flow.prints.is_empty() && flow.values.is_empty();
        // A user's word ends what came before, and an action may follow an injection, without any content.
        (!empty || matches!(source, Source::User | Source::Action | Source::Outside)).then(|| Box::new(flow))
    }

    /// Adds a secret that was found at a place of the event.
    pub(super) fn add_secret(&mut self, event: &Event, place: Span, secret: &[u8]) {
        let hash = values::hash(secret);
        let part = event.part_at(place.start);
        let signs_in = part.is_some_and(|part| signs_in(event, part));
        if let Some(known) = self.secrets.iter_mut().find(|known| known.hash == hash) {
            known.signs_in &= signs_in;
        } else if self.secrets.len() < MOST_SECRETS {
            let len = u32::try_from(secret.len()).unwrap_or(u32::MAX);
            self.secrets.push(Secret { hash, len, signs_in });
        }
    }
}

/// Where an event's content comes from.
pub(super) fn source(event: &Event) -> Option<Source> {
    let head = &event.head;
    let leaves = head.direction == Some(Direction::Egress);
    match head.kind {
        EventKind::Model => {
            let Detail::Model { role, tool, .. } = &head.detail else { return None };
            match role.as_deref() {
                Some("system" | "developer") => Some(Source::Operator),
                Some("user") => Some(Source::User),
                _ if !leaves => Some(Source::Outside),
                _ if tool.is_some() || event.first_on(Surface::ToolArgument).is_some() => {
                    Some(Source::Action)
                }
                _ => Some(Source::Own),
            }
        }
        EventKind::HttpRequest => {
            Some(if head.direction == Some(Direction::Ingress) { Source::Outside } else { Source::Action })
        }
        EventKind::HttpResponse => Some(if leaves { Source::Action } else { Source::Outside }),
        EventKind::Mcp | EventKind::A2a | EventKind::WsMessage | EventKind::SseEvent => {
            Some(if leaves { Source::Action } else { Source::Outside })
        }
        EventKind::A2aCard => Some(Source::Outside),
        EventKind::Dns => leaves.then_some(Source::Action),
        EventKind::Log | EventKind::Text => None,
    }
}

const fn holds_content(source: Source, surface: Surface) -> bool {
    match source {
        Source::Operator | Source::User => matches!(surface, Surface::ModelInput),
        Source::Own => matches!(surface, Surface::ModelOutput),
        Source::Outside => matches!(
            surface,
            Surface::Body
                | Surface::ToolResult
                | Surface::ToolDescription
                | Surface::SseEvent
                | Surface::WsMessage
                | Surface::ModelInput
        ),
        Source::Action => matches!(
            surface,
            Surface::Url
                | Surface::Host
                | Surface::Query
                | Surface::Header
                | Surface::Cookie
                | Surface::Body
                | Surface::DnsName
                | Surface::WsMessage
                | Surface::ToolArgument
        ),
    }
}

/// Whether the whole of a part is a name.
const fn is_name(surface: Surface) -> bool {
    matches!(surface, Surface::Host | Surface::DnsName)
}

/// Whether a part is where a request signs in, which is what a credential is for.
fn signs_in(event: &Event, part: &Part) -> bool {
    const FIELDS: [&str; 6] =
        ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "private-token"];
    let name = event.label(part);
    part.surface == Surface::Cookie
        || part.surface == Surface::Header
            && FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
}

#[cfg(test)]
mod tests;
