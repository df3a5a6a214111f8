//! Requests and responses of a record to events, laid out as those of any other recording, with what the record holds besides
//! them at the end of the first.

use std::borrow::Cow;

use coldcase_model::json::Tape;
use coldcase_model::{
    Anomaly, AnomalyKind, Detail, Direction, EventHead, EventKind, Interner, Item, NotScanned, Origin, Span,
    Surface, Timestamp,
};
use coldcase_wire::sse;

use super::tree::Node;
use crate::http::{
    self, Body, Document, HttpText, Places, answer_event, answers, emit_messages, host, messages_in,
};
use crate::mcp::Hints;
use crate::record::{Context, Emit, RawRecord};

/// A request or response in a record.
#[derive(Default)]
pub(super) struct Message<'n> {
    pub(super) is_response: bool,
    pub(super) method: Option<&'n Node<'n>>,
    pub(super) status: Option<&'n Node<'n>>,
    pub(super) reason: Option<&'n Node<'n>>,
    pub(super) url: Url<'n>,
    pub(super) headers: Vec<(&'n Node<'n>, &'n Node<'n>)>,
    /// The bytes of the body, and where it stands.
    pub(super) body: Option<(Cow<'n, [u8]>, Span)>,
    pub(super) time: Option<Timestamp>,
}

/// A URL and the values that it was put together from.
#[derive(Default, Clone)]
pub(super) struct Url<'n> {
    pub(super) bytes: Vec<u8>,
    pub(super) from: Vec<&'n Node<'n>>,
}

/// A message whose text is complete.
struct Built {
    head: EventHead,
    text: HttpText,
    /// MCP messages in the body.
    messages: Vec<Document>,
    answers: Vec<sse::Joined>,
    origin: Origin,
}

/// The messages of one record.
pub(super) struct Exchange<'r> {
    record: &'r RawRecord,
    context: &'r Context,
    tape: &'r mut Tape,
    names: &'r mut Interner,
    built: Vec<Built>,
    /// What went into the messages.
    taken: Vec<Span>,
}

impl<'r> Exchange<'r> {
    pub(super) fn new(
        record: &'r RawRecord,
        context: &'r Context,
        tape: &'r mut Tape,
        names: &'r mut Interner,
    ) -> Self {
        Self { record, context, tape, names, built: Vec::new(), taken: Vec::new() }
    }

    fn origin(&self, span: Span) -> Origin {
        Origin::Decoded { offset: self.record.at(span.start).offset, len: span.len() as u64 }
    }

    /// Books a value as part of a message; gives its bytes and place.
    fn take<'n>(&mut self, node: &'n Node<'n>) -> (&'n [u8], Origin) {
        self.taken.push(node.span);
        (node.bytes().unwrap_or_default(), self.origin(node.span))
    }

    fn head(&mut self, kind: EventKind, is_response: bool, detail: Detail, url: &[u8]) -> EventHead {
        let mut head = EventHead::new(kind, self.context.session.clone(), self.record.span());
        head.direction = Some(if is_response { Direction::Ingress } else { Direction::Egress });
        head.server = host(url).map(|host| self.names.name_lossy(host));
        head.detail = detail;
        head
    }

    /// Adds a request or response.
    pub(super) fn message(&mut self, message: &Message<'_>, emit: Emit<'_>) {
        let kind = if message.is_response { EventKind::HttpResponse } else { EventKind::HttpRequest };
        let method = message.method.and_then(Node::str).map(|method| self.names.name(method));
        let status = message.status.and_then(Node::str).and_then(|status| status.parse().ok());
        let detail = Detail::Http { method, status };
        let mut head = self.head(kind, message.is_response, detail, &message.url.bytes);
        head.time = message.time;
        let mut text = HttpText::with_capacity(512);
        self.start(message, &mut text);
        for (name, value) in &message.headers {
            let (name, _) = self.take(name);
            let (value, origin) = self.take(value);
            text.header(name, value, origin);
        }
        let mut built = Built {
            head,
            text,
            messages: Vec::new(),
            answers: Vec::new(),
            origin: Origin::Body { offset: 0, len: 0 },
        };
        if let Some((bytes, span)) = &message.body {
            self.taken.push(*span);
            self.body(message, bytes, *span, &mut built, emit);
        }
        self.built.push(built);
    }

    fn start(&mut self, message: &Message<'_>, text: &mut HttpText) {
        let nowhere = self.origin(Span::default());
        let mut url_origin = nowhere;
        for node in &message.url.from {
            let (_, origin) = self.take(node);
            url_origin = origin;
        }
        if message.is_response {
            let code = message.status.map(|status| self.take(status));
            let reason = message.reason.map(|reason| self.take(reason));
            if let Some((_, origin)) = code.or(reason) {
                let of = |part: Option<(&[u8], Origin)>| part.map_or(Vec::new(), |(bytes, _)| bytes.to_vec());
                text.start(Surface::Header, &[&of(code)[..], b" ", &of(reason), b"\n"].concat(), origin);
            }
        } else if let Some(method) = message.method {
            let (method, origin) = self.take(method);
            text.start(Surface::Header, &[method, b" "].concat(), origin);
        }
        if !message.url.bytes.is_empty() {
            text.url(&message.url.bytes, url_origin);
        }
    }

    fn body(&mut self, message: &Message<'_>, bytes: &[u8], span: Span, built: &mut Built, emit: Emit<'_>) {
        let field = |wanted: &str| {
            let is = |name: &Node<'_>| {
                name.bytes().is_some_and(|name| name.eq_ignore_ascii_case(wanted.as_bytes()))
            };
            let found = message.headers.iter().find(|(name, _)| is(name));
            found.and_then(|(_, value)| value.bytes()).unwrap_or_default()
        };
        let coding = String::from_utf8_lossy(field("content-encoding"));
        let (mut decoded, error) = http::decode_coding(bytes, &coding, self.context.limits.body_bytes);
        // Recorders undo the coding and leave the field as it was.
        if error.as_ref().is_some_and(|error| *error != http::CodingError::OverCap)
            && std::str::from_utf8(bytes).is_ok()
        {
            decoded = bytes.to_vec();
        } else if error.is_some() {
            built.head.missing.push((NotScanned::BadBody, bytes.len() as u64));
            let what = "a body that is not coded as its header says, or is over the cap when decoded";
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::BadBody, self.record.at(span.start), what)));
        }
        let (offset, len) = (self.record.at(span.start).offset, span.len() as u64);
        let body = Body { bytes: decoded, offset, len, places: Places::default() };
        built.origin = Origin::Body { offset, len };
        built.messages = messages_in(&body, self.tape);
        if built.messages.is_empty() {
            built.answers = answers(field("content-type"), &body.bytes);
            let most = self.context.limits.body_bytes;
            let odd = built.text.body(body, most, (self.tape, self.names));
            odd.tell(self.record.at(span.start), &mut built.head, emit);
        }
    }

    /// Adds a WebSocket message.
    pub(super) fn web_socket(
        &mut self,
        (is_response, opcode, time): (bool, Option<&Node<'_>>, Option<Timestamp>),
        url: &[u8],
        content: &Node<'_>,
    ) {
        let opcode = opcode.and_then(Node::str).map(|opcode| self.names.name(opcode));
        let detail = Detail::Http { method: opcode, status: None };
        let mut head = self.head(EventKind::WsMessage, is_response, detail, url);
        head.time = time;
        self.taken.push(content.span);
        let (offset, len) = (self.record.at(content.span.start).offset, content.span.len() as u64);
        let bytes = content.bytes().unwrap_or_default().to_vec();
        let body = Body { bytes, offset, len, places: Places::default() };
        let mut text = HttpText::with_capacity(body.bytes.len());
        let messages = messages_in(&body, self.tape);
        if messages.is_empty() {
            text.payload(Surface::WsMessage, body, self.tape);
        }
        let origin = Origin::Body { offset, len };
        self.built.push(Built { head, text, messages, answers: Vec::new(), origin });
    }

    /// Emits the events, the first with all that is in none of them; without messages, that alone as a log event.
    pub(super) fn finish(mut self, entry_type: &str, time: Option<Timestamp>, emit: Emit<'_>) {
        let gaps = gaps(std::mem::take(&mut self.taken), self.record.bytes.len());
        if self.built.is_empty() {
            let mut head = EventHead::new(EventKind::Log, self.context.session.clone(), self.record.span());
            head.detail = Detail::Log { entry_type: Some(self.names.name(entry_type)) };
            head.time = time;
            let text = HttpText::with_capacity(self.record.bytes.len());
            let origin = self.origin(Span::default());
            self.built.push(Built { head, text, messages: Vec::new(), answers: Vec::new(), origin });
        }
        let mut gaps = Some(gaps);
        for mut built in std::mem::take(&mut self.built) {
            for gap in gaps.take().into_iter().flatten() {
                built.text.beside(gap.of(&self.record.bytes), self.origin(gap));
            }
            let head = built.head.clone();
            emit(Item::Event(Box::new(built.text.into_event(built.head))));
            let mut hints = Hints::of_session(head.session.clone());
            (hints.direction, hints.time) = (head.direction, head.time);
            hints.server.clone_from(&head.server);
            emit_messages(built.messages, &hints, self.record.span(), (self.tape, self.names), emit);
            for answer in built.answers {
                let event = answer_event(&answer, head.clone(), built.origin, self.names);
                emit(Item::Event(Box::new(event)));
            }
        }
    }
}

/// What is left of so many bytes without these stretches.
fn gaps(mut taken: Vec<Span>, len: usize) -> Vec<Span> {
    taken.sort_unstable();
    let (mut gaps, mut at) = (Vec::with_capacity(taken.len() + 1), 0);
    for span in taken.into_iter().chain([Span::new(len, len)]) {
        if span.start > at {
            gaps.push(Span::new(at, span.start));
        }
        at = at.max(span.end);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_what_is_not_taken() {
        let spans =
            |pairs: &[(usize, usize)]| pairs.iter().map(|(a, b)| Span::new(*a, *b)).collect::<Vec<_>>();
        assert_eq!(gaps(spans(&[(5, 7), (1, 3), (2, 4)]), 9), spans(&[(0, 1), (4, 5), (7, 9)]));
        assert_eq!(gaps(Vec::new(), 0), []);
        assert_eq!(gaps(spans(&[(0, 9)]), 9), []);
    }
}
