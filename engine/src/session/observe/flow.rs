//! What flows in an event: where its content comes from, and prints and values by which it is known again in a later one.
//!
//! Told part by part, since a request to a model holds what its user said, what tools answered and what the model called:
//!
//! | source | content |
//! |---|---|
//! | operator, user | what the operator and the person at the keyboard say |
//! | own | what the model says, and its calls where a request repeats them |
//! | outside | bodies of responses, results and descriptions of tools, messages of servers |
//! | action | what leaves: requests, calls of tools, queries for names, messages to servers |
//!
//! Only the surfaces that hold content are looked at: no syntax, no fields of a log's own, no header fields of responses.
//! Left out: log entries and plain text, which do not tell which way they went, and answers of DNS.

use coldcase_model::{Detail, Direction, Event, EventKind, Part, Span, Surface};

use super::prints::{self, Print};
use super::values::{self, Value};
use crate::view::Landmarks;

/// Where content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Had {
    pub(crate) value: Value,
    /// Where it stands.
    pub(crate) surface: Surface,
}

/// A secret that a rule found in an event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Secret {
    /// Hash of the secret as decoded.
    pub(crate) hash: u64,
    /// The secret itself, so that its pieces are known again. Never shown.
    pub(crate) bytes: Box<[u8]>,
    /// Where the part that it stands in comes from.
    pub(crate) source: Source,
    /// Whether it stands where requests are signed in.
    pub(crate) signs_in: bool,
}

/// The content of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Strand {
    pub(crate) source: Source,
    /// Where the part stands in the event's text.
    pub(crate) span: Span,
    /// Hash of the part as a whole, where a later event may repeat it; else 0.
    pub(crate) whole: u64,
    /// How many of the event's prints and values are its own, after those of the strands before.
    pub(crate) prints: usize,
    pub(crate) values: usize,
    /// How sure the surest injection in it is, in thousandths.
    pub(crate) injection: Option<u16>,
}

/// What flows in an event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Flow {
    pub(crate) kind: EventKind,
    pub(crate) strands: Vec<Strand>,
    pub(crate) prints: Vec<Print>,
    pub(crate) values: Vec<Had>,
    pub(crate) secrets: Vec<Secret>,
    /// Bytes of content beyond the most strands, prints or values of an event.
    pub(crate) beyond: u64,
}

/// What a rule found, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'f> {
    /// A secret, as decoded.
    Secret(&'f [u8]),
    /// Orders to the agent, and how sure that is.
    Injection(f32),
}

/// How many parts of an event are told apart.
const MOST_STRANDS: usize = 512;
/// How many prints of an event are kept.
const MOST_PRINTS: usize = 1024;
/// How many values of an event are kept.
const MOST_VALUES: usize = 256;
/// How many secrets of an event are kept, and of how many bytes.
const MOST_SECRETS: usize = 32;
const LONGEST_SECRET: usize = 4096;

impl Flow {
    /// What flows in an event, whose own text has these landmarks; nothing where no content does.
    pub(super) fn of(event: &Event, landmarks: &Landmarks) -> Option<Box<Self>> {
        let says = Says::of(event)?;
        let mut flow: Option<Box<Self>> = None;
        let mut found = Vec::new();
        for part in &event.parts {
            let Some(source) = says.source(part.surface) else { continue };
            let flow = flow.get_or_insert_with(|| Box::new(Self::none(event.head.kind)));
            flow.add(event, part, source, landmarks, &mut found);
        }
        flow
    }

    fn none(kind: EventKind) -> Self {
        let (strands, prints, values, secrets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { kind, strands, prints, values, secrets, beyond: 0 }
    }

    fn add(
        &mut self,
        event: &Event,
        part: &Part,
        source: Source,
        landmarks: &Landmarks,
        found: &mut Vec<Value>,
    ) {
        let span = part.span;
        if self.strands.len() >= MOST_STRANDS {
            self.beyond = self.beyond.saturating_add(span.len() as u64);
            return;
        }
        let room = MOST_VALUES.saturating_sub(self.values.len());
        let mut beyond = if is_name(part.surface) {
            values::of_name(event.bytes(part), room, found);
            0
        } else {
            values::add(&event.text, span, landmarks, room, found)
        };
        let values = found.len();
        self.values.extend(found.drain(..).map(|value| Had { value, surface: part.surface }));
        let prints = self.prints.len();
        // Header fields are the same in every request, and names are values.
        if !matches!(part.surface, Surface::Header | Surface::Cookie | Surface::Host | Surface::DnsName) {
            let own = source == Source::Action;
            let most = (MOST_PRINTS, own);
            beyond = beyond.max(prints::add(&event.text, span, landmarks, most, &mut self.prints));
        }
        self.beyond = self.beyond.saturating_add(beyond);
        let prints = self.prints.len() - prints;
        let repeats = self.kind == EventKind::HttpRequest && source != Source::Action;
        let whole = if repeats { whole(event.bytes(part)) } else { 0 };
        self.strands.push(Strand { source, span, whole, prints, values, injection: None });
    }

    /// Adds what was found at a place of the event.
    pub(super) fn found(&mut self, event: &Event, place: Span, what: Found<'_>) {
        let at = self.strands.partition_point(|strand| strand.span.end <= place.start);
        let Some(strand) = self.strands.get_mut(at).filter(|strand| strand.span.start <= place.start) else {
            return;
        };
        match what {
            Found::Injection(sure) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
                let sure = (sure.clamp(0.0, 1.0) * 1000.0) as u16;
                strand.injection = strand.injection.max(Some(sure));
            }
            Found::Secret(bytes) => {
                let (hash, source) = (values::hash(bytes), strand.source);
                let signs_in = event.part_at(place.start).is_some_and(|part| signs_in(event, part));
                let same = |known: &&mut Secret| known.hash == hash && known.source == source;
                if let Some(known) = self.secrets.iter_mut().find(same) {
                    known.signs_in &= signs_in;
                } else if self.secrets.len() < MOST_SECRETS && bytes.len() <= LONGEST_SECRET {
                    self.secrets.push(Secret { hash, bytes: bytes.into(), source, signs_in });
                } else {
                    self.beyond = self.beyond.saturating_add(bytes.len() as u64);
                }
            }
        }
    }

    /// The strands with their prints and values.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Strand, &[Print], &[Had])> {
        let (mut print, mut value) = (0, 0);
        self.strands.iter().map(move |strand| {
            let (prints, values) = (print..print + strand.prints, value..value + strand.values);
            (print, value) = (prints.end, values.end);
            let prints = self.prints.get(prints).unwrap_or_default();
            (strand, prints, self.values.get(values).unwrap_or_default())
        })
    }

    /// Whether any of it comes from there.
    pub(crate) fn has(&self, source: Source) -> bool {
        self.strands.iter().any(|strand| strand.source == source)
    }
}

/// Who says what in an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Says {
    kind: EventKind,
    leaves: bool,
    comes: bool,
    /// Who gives what a model is given.
    input: Source,
}

impl Says {
    /// Nothing for kinds of events that do not tell which way they went.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let head = &event.head;
        let input = match &head.detail {
            _ if matches!(head.kind, EventKind::Log | EventKind::Text) => return None,
            Detail::Model { role, .. } => match role.as_deref() {
                Some("system" | "developer") => Source::Operator,
                Some("user") => Source::User,
                _ => Source::Outside,
            },
            // Of a request to a model nothing tells operator and user apart.
            _ if head.kind == EventKind::HttpRequest => Source::Operator,
            _ => Source::Outside,
        };
        let leaves = head.direction == Some(Direction::Egress);
        Some(Self { kind: head.kind, leaves, comes: head.direction == Some(Direction::Ingress), input })
    }

    /// Where what stands on a surface comes from; `None` for what is no content.
    pub(super) fn source(self, surface: Surface) -> Option<Source> {
        use EventKind::{A2a, A2aCard, Dns, HttpRequest, HttpResponse, Mcp, Model, SseEvent, WsMessage};
        let rpc = matches!(self.kind, Mcp | A2a);
        let request = self.kind == HttpRequest;
        let both = Some(if self.leaves || request && !self.comes { Source::Action } else { Source::Outside });
        match surface {
            Surface::ModelOutput => Some(Source::Own),
            Surface::ModelInput if rpc && self.leaves => None,
            Surface::ModelInput => Some(self.input),
            Surface::ToolResult if rpc && self.leaves => None,
            Surface::ToolResult => Some(Source::Outside),
            Surface::ToolDescription => {
                (!self.leaves || request || self.kind == A2aCard).then_some(Source::Outside)
            }
            // A request to a model repeats the calls of its answers.
            Surface::ToolArgument if request => Some(Source::Own),
            Surface::ToolArgument if rpc && self.comes => None,
            Surface::ToolArgument => Some(Source::Action),
            Surface::Body if matches!(self.kind, HttpRequest | HttpResponse | Mcp | A2a | Model) => both,
            Surface::WsMessage if self.kind == WsMessage => both,
            Surface::SseEvent if self.kind == SseEvent => both,
            Surface::Url | Surface::Host | Surface::Query | Surface::Header | Surface::Cookie => {
                (request && !self.comes).then_some(Source::Action)
            }
            Surface::DnsName => (self.kind == Dns && self.leaves).then_some(Source::Action),
            _ => None,
        }
    }
}

/// Whether the whole of a part is a name.
const fn is_name(surface: Surface) -> bool {
    matches!(surface, Surface::Host | Surface::DnsName)
}

/// Knows a part again that is repeated byte by byte: by its length and up to 64 places of it.
fn whole(text: &[u8]) -> u64 {
    const PLACES: usize = 64;
    let (eights, rest) = text.as_chunks::<8>();
    let step = eights.len().div_ceil(PLACES).max(1);
    let sum = eights.iter().step_by(step).chain(eights.last()).fold(text.len() as u64, |sum, eight| {
        (sum ^ u64::from_le_bytes(*eight)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    });
    // Zero says that there is none.
    (sum ^ values::hash(rest)).max(1)
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
