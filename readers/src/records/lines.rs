//! Event records line by line, for a caller that judges each before the next arrives.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::{
    Anomaly, AnomalyKind, ArtifactIndex, EventKind, Item, NotScanned, SessionKey, SourcePos, Surface,
};

use super::read::RecordsReader;
use crate::build;
use crate::limits::Limits;
use crate::record::{Context, RawRecord, RecordReader, Reject, Scratch};

/// A reader of lines.
pub struct RecordLines {
    reader: RecordsReader,
    scratch: Scratch,
    line: u64,
    offset: u64,
}

impl RecordLines {
    /// A reader whose events belong to `session` where they name none.
    pub fn new(session: &str) -> Self {
        let context = Context {
            artifact: ArtifactIndex::default(),
            session: SessionKey::new(session),
            limits: Limits::default(),
        };
        let reader = RecordsReader { context: Arc::new(context) };
        Self { reader, scratch: Scratch::default(), line: 0, offset: 0 }
    }

    /// The items of the next line, given without its line feed and without `left_out` bytes at its end. A broken
    /// line gives an anomaly and its text as an event, so that it is scanned all the same.
    pub fn read(&mut self, line: &[u8], left_out: u64) -> Vec<Item> {
        let pos = SourcePos { artifact: ArtifactIndex::default(), record: self.line, offset: self.offset };
        let record = RawRecord { bytes: Bytes::copy_from_slice(line), pos };
        self.line += 1;
        self.offset += line.len() as u64 + left_out + 1;
        let mut items = Vec::new();
        let read = if left_out == 0 {
            self.reader.read(&record, &mut self.scratch, &mut |item| items.push(item)).map(|_| ())
        } else {
            let what = format!("the record is over {} bytes; {left_out} bytes are left out", line.len());
            Err(Reject { kind: AnomalyKind::OverLimit, offset: 0, what })
        };
        if let Err(reject) = read {
            items.push(Item::Anomaly(Anomaly::new(reject.kind, record.at(reject.offset), reject.what)));
            let session = self.reader.context.session.clone();
            let mut event = build::text_event(EventKind::Text, session, &record, Surface::JsonString);
            // Its text is scanned, but what it means is unknown: policy is told that it was not understood.
            let why = if left_out > 0 { NotScanned::RecordCap } else { NotScanned::NotUnderstood };
            event.head.missing.push((why, left_out));
            items.push(Item::Event(Box::new(event)));
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::Event;

    use super::*;

    fn only(line: &str) -> Event {
        match RecordLines::new("s").read(line.as_bytes(), 0).as_slice() {
            [Item::Event(event)] => Event::clone(event),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_live_proxy_did_not_look_at_is_over_a_limit_and_not_lost() {
        let event = only(
            r#"{"v":1,"kind":"http_request","request":{"method":"PUT","url":"http://h.test/","headers":[],"body":{"text":"x","over_limit_bytes":7}}}"#,
        );
        assert_eq!(event.head.missing, [(NotScanned::RecordCap, 7)]);
    }

    #[test]
    fn a_header_value_may_be_any_bytes() {
        let event = only(
            r#"{"v":1,"kind":"http_response","response":{"status":200,"headers":[["a",{"base64":"6Q=="}],["b","c"]]}}"#,
        );
        assert!(event.text.windows(5).any(|window| window == b"a: \xE9\n"), "{:?}", event.text);
        let broken = RecordLines::new("s").read(
            br#"{"v":1,"kind":"http_response","response":{"status":200,"headers":[["a",{"base64":"?"}]]}}"#,
            0,
        );
        assert!(matches!(broken.first(), Some(Item::Anomaly(_))), "{broken:?}");
    }

    #[test]
    fn a_server_that_the_url_names_is_not_told_twice() {
        let line = |server: &str| {
            format!(
                r#"{{"v":1,"kind":"http_request","server":"{server}","request":{{"method":"GET","url":"https://a-long-host.example.test/","headers":[]}}}}"#
            )
        };
        let text = |server| String::from_utf8(only(&line(server)).text.to_vec()).unwrap();
        assert_eq!(text("a-long-host.example.test").matches("a-long-host").count(), 1);
        assert!(
            text("another-host.example.test").contains("another-host"),
            "what it says besides is scanned"
        );
    }
}
