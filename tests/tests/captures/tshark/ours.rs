//! What Coldcase finds in a capture, as items.

use coldcase_model::EventKind;
use coldcase_readers::Limits;
use coldcase_wire::websocket::Opcode;
use coldcase_wire::{Found, What, http1, http2};

use super::item::{Item, Protocol, dns, request, web_socket};
use crate::captures::wired::wired;
use crate::reading::read_with;

/// The items of a capture's content; the events of the file are as many.
pub(super) fn items(path: &std::path::Path, content: &[u8], keys: &[u8]) -> Vec<Item> {
    let found = wired(content, keys).found;
    let kinds: Vec<EventKind> =
        read_with(path, Limits::default(), keys.to_vec()).into_iter().flat_map(|read| read.kinds).collect();
    let events = |wanted: &[EventKind]| kinds.iter().filter(|kind| wanted.contains(kind)).count();
    let messages = |is_wanted: fn(&What) -> bool| found.iter().filter(|one| is_wanted(&one.what)).count();
    let shown = path.display();
    let http = messages(|what| matches!(what, What::Http1(..) | What::Http2(..)));
    assert_eq!(events(&[EventKind::HttpRequest, EventKind::HttpResponse]), http, "{shown}: events of HTTP");
    let web_socket = messages(|what| matches!(what, What::WebSocket(..)));
    assert_eq!(events(&[EventKind::WsMessage]), web_socket, "{shown}: events of WebSocket");
    let dns = messages(|what| matches!(what, What::Dns(..)));
    // Messages in bodies of HTTP are events besides.
    assert!(events(&[EventKind::Dns]) >= dns, "{shown}: events of DNS");
    found.iter().flat_map(of).collect()
}

fn of(found: &Found) -> Vec<Item> {
    match &found.what {
        What::Http1(message, _) => http1(message).into_iter().collect(),
        What::Http2(message, _) => http2(message),
        What::WebSocket(message, _) => {
            let opcode = match message.opcode {
                Opcode::Continuation => 0,
                Opcode::Text => 1,
                Opcode::Binary => 2,
                Opcode::Close => 8,
                Opcode::Ping => 9,
                Opcode::Pong => 10,
                Opcode::Reserved(other) => other,
            };
            let len = (!message.was_compressed).then_some(message.data.len() as u64);
            vec![web_socket(opcode, len)]
        }
        What::Dns(_, message) => {
            let questions = message.questions.iter().map(|one| (one.name.clone(), one.kind.0));
            vec![dns(message.is_response, message.id, questions)]
        }
        What::Hello(_) | What::Text(_) => Vec::new(),
    }
}

fn http1(message: &http1::Message) -> Option<Item> {
    if let Some(status) = message.status() {
        return Some(Item::new(Protocol::Http1, &status.to_string()));
    }
    let (method, target) = message.request()?;
    let host = message.values("host").next();
    Some(request(Protocol::Http1, method, host.as_deref(), target))
}

/// A request and its interim and final answers are heads of their own.
fn http2(message: &http2::Message) -> Vec<Item> {
    let heads = message.interim.iter().chain([&message.fields]);
    let item = |fields: &Vec<http2::Field>| {
        let field = |name: &[u8]| fields.iter().find(|one| one.name == name).map(|one| one.value.as_ref());
        if let Some(status) = field(b":status") {
            return Some(Item::new(Protocol::Http2, &String::from_utf8_lossy(status)));
        }
        let (method, path) = (field(b":method")?, field(b":path").unwrap_or_default());
        Some(request(Protocol::Http2, method, field(b":authority"), path))
    };
    heads.filter_map(item).collect()
}
