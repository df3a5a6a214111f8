//! Tool definitions that an event lists: results of `tools/list`, agent cards, lists of tools that a model is told; and what
//! a server says of itself.
//!
//! Of each definition its name, its place and the digest of its canonical form are worked out here. Its texts are read only
//! when the fold finds that the digest is new: most listings repeat what is known, and pay for a digest only.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::json::{Kind, Tape, Value};
use coldcase_model::{
    Category, Detail, Digest, Event, EventKind, Excerpt, Finding, Origin, Redactor, RpcRole, Severity,
    SourceSpan, Span, Surface,
};
use memchr::memmem;

use super::canonical;

/// What an event says about tools.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Listed {
    /// Which kind of saying.
    pub(crate) what: What,
    /// The name by which a server or an agent introduces itself.
    pub(crate) announced: Option<Excerpt>,
    /// What it says of itself: a server's instructions, an agent's card.
    pub(crate) about: Option<Definition>,
    /// The tools, in order.
    pub(crate) tools: Vec<Definition>,
    /// How many tools there were beyond those.
    pub(crate) left_out: u64,
    /// The document that spans are measured in.
    #[serde(with = "crate::kept::byte_string")]
    pub(crate) document: Bytes,
    /// Where it stands: in the artifact from this offset on, or within one stretch of it.
    pub(crate) place: Place,
    /// Knows the event's secrets.
    pub(crate) redactor: Redactor,
}

/// Which kind of saying about tools an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum What {
    /// A client asks for the tools, from the start or from a cursor on.
    Asked { from_start: bool },
    /// A server lists tools, and says whether more follow.
    Page { more: bool },
    /// A server says that its tools have changed.
    Changed,
    /// A server introduces itself.
    Introduced,
    /// An agent's card.
    Card,
    /// Tools that a model is told.
    Told,
}

/// One definition.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Definition {
    /// The tool's name.
    pub(crate) name: Excerpt,
    /// Where it stands in the document.
    pub(crate) span: Span,
    /// The JSON pointer to it.
    pub(crate) pointer: String,
    /// SHA-256 of its canonical form.
    pub(crate) digest: Digest,
    /// The length of its description.
    pub(crate) description_bytes: u64,
    /// How many parameters it has.
    pub(crate) parameters: u64,
    /// Rules that found something in it, in their order.
    pub(crate) rules: Vec<Broken>,
}

/// A rule that found something in a definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Broken {
    /// The rule.
    pub(crate) rule: Arc<str>,
    /// Whether it is about where data goes, and not about orders.
    pub(crate) sends: bool,
    /// The member of the definition in which it was found.
    pub(crate) field: String,
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) enum Place {
    /// From this offset on.
    At(u64),
    /// Somewhere within this stretch.
    Within { offset: u64, len: u64 },
}

/// How many tools one event may list.
pub(crate) const MOST_TOOLS: usize = 100_000;
/// Names are cut here.
const MOST_NAME: usize = 256;
/// How deep lists of tools are looked for in what a model is told.
const MAX_DEPTH: usize = 8;

/// What an event lists, if anything. `redactor` is asked for only then.
pub(crate) fn of(
    event: &Event,
    findings: &[Finding],
    redactor: impl FnOnce() -> Redactor,
) -> Option<Box<Listed>> {
    let said = said(event)?;
    let place = place(event);
    let mut reading = Reading { redactor: redactor(), room: Vec::new(), tools: Vec::new(), left_out: 0 };
    let (what, announced, mut about) = match said {
        Said::Asked => {
            let from_start = memmem::find(&event.document, b"\"cursor\"").is_none();
            (What::Asked { from_start }, None, None)
        }
        Said::Changed => (What::Changed, None, None),
        Said::Listing => {
            let mut tape = Tape::default();
            let root = tape.parse(&event.document).ok()?;
            reading.listing(event.head.kind, root)?
        }
    };
    let Reading { redactor, mut tools, left_out, .. } = reading;
    blame(findings, tools.iter_mut().chain(&mut about).collect());
    let document = event.document.clone();
    Some(Box::new(Listed { what, announced, about, tools, left_out, document, place, redactor }))
}

impl Listed {
    /// The bytes of the input that a definition rests on.
    pub(crate) fn source(&self, span: Span, event: SourceSpan) -> SourceSpan {
        let mut source = event;
        (source.pos.offset, source.len) = match self.place {
            Place::At(offset) => (offset + span.start as u64, span.len() as u64),
            Place::Within { offset, len } => (offset, len),
        };
        source
    }
}

enum Said {
    Asked,
    Changed,
    Listing,
}

/// Whether an event may say something about tools, told without reading it.
fn said(event: &Event) -> Option<Said> {
    if event.document.is_empty() {
        return None;
    }
    let lists = || {
        let told = |part: &coldcase_model::Part| {
            matches!(part.surface, Surface::ToolDescription | Surface::ToolSchema)
        };
        event.parts.iter().any(told)
    };
    match (&event.head.kind, &event.head.detail) {
        (EventKind::Mcp, Detail::Rpc { role: RpcRole::Request, method, .. }) => {
            (method.as_deref() == Some("tools/list")).then_some(Said::Asked)
        }
        (EventKind::Mcp, Detail::Rpc { role: RpcRole::Notification, method, .. }) => {
            (method.as_deref() == Some("notifications/tools/list_changed")).then_some(Said::Changed)
        }
        (EventKind::Mcp, Detail::Rpc { role: RpcRole::Response, .. }) => {
            let none = || memmem::find(&event.document, b"\"tools\"").is_some();
            (lists() || none()).then_some(Said::Listing)
        }
        (EventKind::A2aCard, _) => Some(Said::Listing),
        (EventKind::Model, _) => lists().then_some(Said::Listing),
        _ => None,
    }
}

fn place(event: &Event) -> Place {
    let body = event.parts.iter().find_map(|part| match part.origin {
        Origin::Document => Some(Place::At(event.document_offset)),
        Origin::Body { offset, len } => Some(Place::Within { offset, len }),
        Origin::Decoded { .. } => None,
    });
    body.unwrap_or(Place::At(event.document_offset))
}

/// Says of each definition which rules found something in it.
fn blame(findings: &[Finding], mut definitions: Vec<&mut Definition>) {
    for finding in findings {
        let sends = match finding.rule.category {
            Category::Injection | Category::ToolPoison => false,
            Category::Exfil | Category::Egress | Category::Ssrf => true,
            _ => continue,
        };
        if finding.rule.severity < Severity::Medium {
            continue;
        }
        let pointer = finding.pointer.as_str();
        let within = |definition: &&mut Definition| {
            let rest = pointer.strip_prefix(definition.pointer.as_str())?;
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| rest.split('/').nth(1).unwrap_or_default().to_owned())
        };
        // At most 256 findings of an event are looked up like this.
        let found = definitions.iter_mut().find_map(|definition| Some((within(definition)?, definition)));
        if let Some((field, definition)) = found {
            let broken = Broken { rule: finding.rule.id.clone(), sends, field };
            if let Err(at) = definition.rules.binary_search(&broken) {
                definition.rules.insert(at, broken);
            }
        }
    }
}

type Introduction = (What, Option<Excerpt>, Option<Definition>);

struct Reading {
    redactor: Redactor,
    room: Vec<u8>,
    tools: Vec<Definition>,
    left_out: u64,
}

impl Reading {
    fn listing(&mut self, kind: EventKind, root: Value<'_, '_>) -> Option<Introduction> {
        match kind {
            EventKind::A2aCard => Some(self.card(root)),
            EventKind::Model => {
                self.told(root, &mut String::new(), 0);
                (!self.tools.is_empty()).then_some((What::Told, None, None))
            }
            _ => self.result(root.get("result")?),
        }
    }

    fn result(&mut self, result: Value<'_, '_>) -> Option<Introduction> {
        if let Some(tools) = result.get("tools").filter(|tools| tools.kind() == Kind::Array) {
            self.all(tools, "/result/tools");
            let cursor = result.get("nextCursor").filter(|cursor| !cursor.is_null());
            return Some((What::Page { more: cursor.is_some() }, None, None));
        }
        if result.get("serverInfo").is_none() && result.get("protocolVersion").is_none() {
            return None;
        }
        let named = result.at(&["serverInfo", "name"]).and_then(Value::str);
        let announced = named.filter(|name| !name.trim().is_empty()).map(|name| self.name(&name));
        let about = result.get("instructions").map(|value| {
            let description_bytes = value.content().len() as u64;
            let empty = self.redactor.name("");
            let digest = canonical::digest(value, &mut self.room);
            let pointer = "/result/instructions".to_owned();
            Definition {
                name: empty,
                span: value.span(),
                pointer,
                digest,
                description_bytes,
                parameters: 0,
                rules: Vec::new(),
            }
        });
        Some((What::Introduced, announced, about))
    }

    fn card(&mut self, card: Value<'_, '_>) -> Introduction {
        let announced = card.get("name").and_then(Value::str).map(|name| self.name(&name));
        if let Some(skills) = card.get("skills").filter(|skills| skills.kind() == Kind::Array) {
            self.all(skills, "/skills");
        }
        // The skills are compared one by one.
        self.room.clear();
        let mut members = canonical::sorted(card);
        members.retain(|(key, _)| key != b"skills");
        canonical::write_object(members, &mut self.room);
        let about = Definition {
            name: self.redactor.name(""),
            span: card.span(),
            pointer: String::new(),
            digest: canonical::digest_of(&self.room),
            description_bytes: text_bytes(card),
            parameters: 0,
            rules: Vec::new(),
        };
        (What::Card, announced, Some(about))
    }

    /// Looks for lists of tools at any depth, as the reader of agents' logs does.
    fn told(&mut self, value: Value<'_, '_>, pointer: &mut String, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if depth == 0 && value.kind() == Kind::Array {
            return self.all(value, "");
        }
        let len = pointer.len();
        for (key, member) in value.members() {
            let name = canonical::content(key);
            let is_list = matches!(name.as_slice(), b"tools" | b"functions" | b"functionDeclarations");
            pointer.push('/');
            pointer.push_str(&String::from_utf8_lossy(&name));
            if is_list && member.kind() == Kind::Array {
                self.all(member, pointer);
            } else if member.kind() == Kind::Object {
                self.told(member, pointer, depth + 1);
            }
            pointer.truncate(len);
        }
    }

    fn all(&mut self, list: Value<'_, '_>, pointer: &str) {
        for (index, item) in list.items().enumerate() {
            let declared = item.get("functionDeclarations").or(item.get("function_declarations"));
            if let Some(declared) = declared.filter(|declared| declared.kind() == Kind::Array) {
                for (inner, tool) in declared.items().enumerate() {
                    self.one(tool, format!("{pointer}/{index}/functionDeclarations/{inner}"));
                }
                continue;
            }
            match item.get("function").filter(|function| function.kind() == Kind::Object) {
                Some(function) => self.one(function, format!("{pointer}/{index}/function")),
                None => self.one(item, format!("{pointer}/{index}")),
            }
        }
    }

    fn one(&mut self, tool: Value<'_, '_>, pointer: String) {
        let named = tool.get("name").or(tool.get("id")).and_then(Value::str);
        let Some(name) = named.filter(|_| tool.kind() == Kind::Object) else { return };
        if self.tools.len() >= MOST_TOOLS {
            self.left_out += 1;
            return;
        }
        let schema = ["inputSchema", "input_schema", "parameters"].iter().find_map(|key| tool.get(key));
        let parameters = schema.and_then(|schema| schema.get("properties"));
        let definition = Definition {
            name: self.name(&name),
            span: tool.span(),
            pointer,
            digest: canonical::digest(tool, &mut self.room),
            description_bytes: text_bytes(tool),
            parameters: parameters.map_or(0, |properties| properties.members().count() as u64),
            rules: Vec::new(),
        };
        self.tools.push(definition);
    }

    fn name(&self, name: &str) -> Excerpt {
        self.redactor.name(name.get(..name.floor_char_boundary(MOST_NAME)).unwrap_or(name))
    }
}

fn text_bytes(value: Value<'_, '_>) -> u64 {
    value.get("description").and_then(Value::string).map_or(0, |text| text.len() as u64)
}
