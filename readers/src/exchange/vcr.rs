//! Cassettes: interactions as VCR for Ruby, vcrpy, go-vcr and their like record them, in YAML or JSON.
//!
//! | part | where it is looked for |
//! |---|---|
//! | URL, method | `request.uri`, `request.url`, `request.method` |
//! | header fields | `headers`: a map of values or of lists of values, or a list of pairs |
//! | body | `body` as text, `!!binary`, or with `string`, `base64_string`, `text` inside; `parsed_body`; `content` |
//! | status | `response.status.code`, `response.status`, `response.code`, `response.status_code` |
//! | time | `recorded_at` |

use std::borrow::Cow;
use std::sync::Arc;

use coldcase_model::{AnomalyKind, Precision, TimeSource, Timestamp};

use super::message::{Exchange, Message, Url};
use super::tree::{Content, Node};
use super::yaml;
use crate::http;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads interactions.
pub(crate) struct VcrReader {
    pub(crate) context: Arc<Context>,
    /// The cassette is in YAML.
    pub(crate) is_yaml: bool,
}

impl RecordReader for VcrReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, inner, names, .. } = scratch;
        let tree = if self.is_yaml {
            let text = std::str::from_utf8(&record.bytes).map_err(|error| Reject {
                kind: AnomalyKind::Malformed,
                offset: error.valid_up_to(),
                what: "a cassette that is not UTF-8; scanned as plain text".into(),
            })?;
            yaml::parse(text).map_err(|(offset, what)| Reject {
                kind: AnomalyKind::Malformed,
                offset,
                what,
            })?
        } else {
            Node::of_json(tape.parse(&record.bytes)?)
        };
        let interaction = tree.items().first().unwrap_or(&tree);
        let (request, response) = (interaction.get("request"), interaction.get("response"));
        if request.is_none() && response.is_none() {
            let what = "an interaction without request and response; scanned as plain text".into();
            return Err(Reject { kind: AnomalyKind::MissingField, offset: 0, what });
        }
        let time = interaction.get("recorded_at").and_then(Node::str).and_then(recorded_at);
        let url = request.and_then(|request| request.get("uri").or_else(|| request.get("url")));
        let mut exchange = Exchange::new(record, &self.context, inner, names);
        if let Some(request) = request {
            let message = Message {
                method: request.get("method"),
                url: Url {
                    bytes: url.and_then(Node::bytes).unwrap_or_default().to_vec(),
                    from: url.into_iter().collect(),
                },
                headers: headers(request),
                body: body(request),
                time,
                ..Message::default()
            };
            exchange.message(&message, emit);
        }
        if let Some(response) = response {
            let status = response.get("status");
            let code = status
                .and_then(|status| status.get("code"))
                .or(status.filter(|status| status.bytes().is_some()));
            // The URL makes a response findable by itself; it is the request's.
            let bytes = url.and_then(Node::bytes).unwrap_or_default();
            let end = bytes.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(bytes.len());
            let message = Message {
                is_response: true,
                status: response.get("status_code").or_else(|| response.get("code")).or(code),
                reason: status.and_then(|status| status.get("message")),
                url: Url { bytes: bytes.get(..end).unwrap_or_default().to_vec(), from: Vec::new() },
                headers: headers(response),
                body: body(response),
                time,
                ..Message::default()
            };
            exchange.message(&message, emit);
        }
        exchange.finish("interaction", time, emit);
        Ok(Booked::Whole)
    }
}

/// Names and values; a field that stands several times once for each value.
fn headers<'n>(message: &'n Node<'n>) -> Vec<(&'n Node<'n>, &'n Node<'n>)> {
    let Some(headers) = message.get("headers") else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in headers.members() {
        if value.bytes().is_some() {
            found.push((name, value));
        }
        found.extend(value.items().iter().filter(|value| value.bytes().is_some()).map(|value| (name, value)));
    }
    for pair in headers.items() {
        let named = pair.get("name").zip(pair.get("value"));
        let listed = pair.items().first().zip(pair.items().get(1));
        found.extend(
            named.or(listed).filter(|(name, value)| name.bytes().is_some() && value.bytes().is_some()),
        );
    }
    found
}

/// The bytes of a message's body, and where they stand.
fn body<'n>(message: &'n Node<'n>) -> Option<(Cow<'n, [u8]>, coldcase_model::Span)> {
    let holder = ["body", "content"].iter().find_map(|key| message.get(key));
    let Some(holder) = holder else {
        let parsed = message.get("parsed_body")?;
        return Some((json(parsed), parsed.span));
    };
    if let Some(bytes) = holder.bytes() {
        return Some((bytes.into(), holder.span));
    }
    if let Some(coded) = holder.get("base64_string") {
        let bytes =
            http::base64(coded.bytes()?).map_or_else(|| coded.bytes().unwrap_or_default().into(), Cow::Owned);
        return Some((bytes, coded.span));
    }
    let text =
        ["string", "text"].iter().find_map(|key| holder.get(key)).filter(|text| text.bytes().is_some());
    match (text, &holder.content) {
        (Some(text), _) => Some((text.bytes()?.into(), text.span)),
        // `string` may be null; a structure without it is a body that was parsed.
        (None, Content::Map(members)) => {
            let is_holder = members.iter().any(|(key, _)| matches!(key.str(), Some("string" | "encoding")));
            (!is_holder).then(|| (json(holder), holder.span))
        }
        (None, Content::List(_)) => Some((json(holder), holder.span)),
        (None, Content::Null | Content::Text { .. }) => None,
    }
}

fn json<'n>(node: &Node<'_>) -> Cow<'n, [u8]> {
    let mut out = Vec::with_capacity(node.span.len());
    node.write_json(&mut out);
    out.into()
}

/// `Tue, 01 Nov 2011 04:58:44 GMT`, or a date with a zone.
fn recorded_at(text: &str) -> Option<Timestamp> {
    if let Some(time) = time::parse(text, TimeSource::LogField) {
        return Some(time);
    }
    let nanos = jiff::fmt::rfc2822::parse(text.get(..text.len().min(64))?).ok()?.timestamp().as_nanosecond();
    Some(Timestamp {
        nanos: i64::try_from(nanos).ok()?,
        precision: Precision::Second,
        source: TimeSource::LogField,
    })
}
