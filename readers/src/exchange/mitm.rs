//! Flow files of mitmproxy, versions 5 to 12: HTTP and WebSocket flows; other flows are log events of their fields.
//!
//! What mitmproxy changed, the flow holds as changed; what was there before stands under `backup` and is scanned as a field.

use std::sync::Arc;

use coldcase_model::{Anomaly, AnomalyKind, Item, TimeSource, Timestamp};

use super::message::{Exchange, Message, Url};
use super::tnet;
use super::tree::Node;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads flows.
pub(crate) struct MitmReader {
    pub(crate) context: Arc<Context>,
}

impl RecordReader for MitmReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { inner, names, .. } = scratch;
        let Some((flow, is_whole)) = tnet::parse(&record.bytes) else {
            let what = "the record is not a tnetstring; scanned as plain text".into();
            return Err(Reject { kind: AnomalyKind::Malformed, offset: 0, what });
        };
        if !is_whole {
            let what =
                "a flow with damage inside, or too deep; what was not understood is scanned as it stands";
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::Malformed, record.pos, what)));
        }
        let mut exchange = Exchange::new(record, &self.context, inner, names);
        // Up to version 6 a WebSocket is a flow of its own that holds its handshake.
        let http = flow.get("handshake_flow").unwrap_or(&flow);
        let kind = flow.get("type").and_then(Node::str).unwrap_or("flow");
        let part = |key| http.get(key).filter(|_| !matches!(kind, "tcp" | "udp" | "dns"));
        let url = part("request").map(url).unwrap_or_default();
        if let Some(request) = part("request") {
            exchange.message(&message(request, false, url.clone()), emit);
        }
        if let Some(response) = part("response") {
            let end =
                url.bytes.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.bytes.len());
            let bytes = url.bytes.get(..end).unwrap_or_default().to_vec();
            exchange.message(&message(response, true, Url { bytes, from: Vec::new() }), emit);
        }
        let own = || flow.get("messages").filter(|_| kind == "websocket");
        let list = flow.at(&["websocket", "messages"]).or_else(own);
        for item in list.map(Node::items).unwrap_or_default() {
            let [opcode, from_client, content, rest @ ..] = item.items() else { continue };
            let is_response = from_client.bytes() != Some(b"true");
            let time = rest.first().and_then(epoch);
            exchange.web_socket((is_response, Some(opcode), time), &url.bytes, content);
        }
        exchange.finish(kind, flow.get("timestamp_created").and_then(epoch), emit);
        Ok(Booked::Whole)
    }

    fn is_of_text(&self) -> bool {
        false
    }
}

fn epoch(node: &Node<'_>) -> Option<Timestamp> {
    time::from_epoch(node.str()?.parse().ok()?, TimeSource::LogField)
}

fn message<'n>(part: &'n Node<'n>, is_response: bool, url: Url<'n>) -> Message<'n> {
    let lists = ["headers", "trailers"].iter().filter_map(|key| part.get(key));
    let pairs = lists.flat_map(Node::items).filter_map(|pair| pair.items().first().zip(pair.items().get(1)));
    let body = part.get("content").and_then(|content| Some((content.bytes()?.into(), content.span)));
    Message {
        is_response,
        method: part.get("method").filter(|_| !is_response),
        status: part.get("status_code"),
        reason: part.get("reason"),
        url,
        headers: pairs.filter(|(name, value)| name.bytes().is_some() && value.bytes().is_some()).collect(),
        body: body.filter(|(bytes, _): &(std::borrow::Cow<'_, [u8]>, _)| !bytes.is_empty()),
        time: part.get("timestamp_start").and_then(epoch),
    }
}

/// The URL of a request; its host is the one that the client asked for, where it says.
fn url<'n>(request: &'n Node<'n>) -> Url<'n> {
    let parts =
        ["scheme", "host", "port", "path"].map(|key| request.get(key).filter(|part| part.bytes().is_some()));
    let [scheme, host, port, path] = parts.map(|part| part.and_then(Node::bytes).unwrap_or_default());
    let named = request.get("headers").map(Node::items).unwrap_or_default().iter().find_map(|pair| {
        let is_host = pair.items().first()?.bytes()?.eq_ignore_ascii_case(b"host");
        pair.items().get(1)?.bytes().filter(|_| is_host)
    });
    let authority = request.get("authority").and_then(Node::bytes).filter(|authority| !authority.is_empty());
    let is_usual = matches!((scheme, port), (b"http", b"80") | (b"https", b"443"));
    let with_port = if is_usual || port.is_empty() { host.to_vec() } else { [host, b":", port].concat() };
    let asked = named.or(authority).map_or(with_port, <[u8]>::to_vec);
    let bytes = if scheme.is_empty() { asked } else { [scheme, b"://", &asked, path].concat() };
    // The path last: it is where a URL's findings are.
    let [scheme, host, port, path] = parts;
    Url { bytes, from: [scheme, host, port, path].into_iter().flatten().collect() }
}
