//! DNS over HTTPS (RFC 8484): messages in bodies, and in the URL of a GET. JSON forms of it stay JSON.

use bytes::Bytes;
use coldcase_wire::{Notes, Place, dns, multipart};

use super::event::FoundReader;
use super::message::Message;
use crate::http::Body;
use crate::record::Emit;

/// RFC 8484, section 6.
const MEDIA_TYPE: &[u8] = b"application/dns-message";
/// Messages that are read of one URL; a client sends one.
const MOST: usize = 4;

/// A message in the wire format, and where it stands in the capture file.
pub(super) struct Carried {
    bytes: Bytes,
    at: u64,
}

/// What a message of HTTP carries of DNS.
pub(super) fn messages(message: &Message<'_>, body: &Body) -> Vec<Carried> {
    let is_dns = |value: &[u8]| {
        let kind = value.split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(MEDIA_TYPE)
    };
    let mut carried = Vec::new();
    if !body.bytes.is_empty() && message.value(b"content-type").is_some_and(is_dns) {
        carried.push(Carried { bytes: Bytes::copy_from_slice(&body.bytes), at: message.body_at });
    }
    let query = message.url.iter().position(|byte| *byte == b'?').and_then(|at| message.url.get(at + 1..));
    if let Some(query) = query.filter(|_| message.method == Some(b"GET")) {
        let query = query.split(|byte| *byte == b'#').next().unwrap_or_default();
        carried.extend(asked(query).take(MOST).map(|bytes| Carried { bytes, at: message.at }));
    }
    carried
}

/// The `dns` parameters of a query that are whole questions: other programs have parameters of that name, too.
fn asked(query: &[u8]) -> impl Iterator<Item = Bytes> {
    multipart::fields(query).filter_map(|field| {
        let (start, end) = field.value?;
        let name = multipart::percent_decoded(query.get(field.name.0..field.name.1)?);
        let value = query.get(start..end).filter(|_| name == b"dns")?;
        let bytes = Bytes::from(crate::http::base64(&multipart::percent_decoded(value))?);
        let message = dns::read(bytes.clone(), 0, None, &mut Notes::default())?;
        (!message.is_cut && !message.questions.is_empty()).then_some(bytes)
    })
}

impl FoundReader<'_> {
    /// The events of these messages, beside that of the message of HTTP.
    pub(super) fn dns_over_https(
        &mut self,
        place: &Place,
        message: &Message<'_>,
        carried: Vec<Carried>,
        emit: Emit<'_>,
    ) {
        for Carried { bytes, at } in carried {
            let mut notes = Notes::default();
            let read = dns::read(bytes, at, message.time, &mut notes);
            for note in notes.take() {
                self.note(&note, emit);
            }
            if let Some(read) = read {
                self.dns(place, message.side, &read, emit);
            }
        }
    }
}
