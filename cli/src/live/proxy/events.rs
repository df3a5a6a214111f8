//! Server-sent events: each is judged when it is whole, and released when it is judged.
//!
//! What a model says in many small events is joined and judged once more at the end: what only shows then is recorded, and
//! the stream does not end well.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use coldcase_model::{Direction, EventKind};
use coldcase_wire::sse;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::body::{Fault, Passed};
use super::counters::add;
use super::endpoints::Named;
use super::exchange::Talk;
use super::judge::Ruling;
use super::payload::{self, Message};
use super::pieces::Blocks;
use super::refusal::Refusal;
use super::rpc;
use super::serve::Proxy;
use crate::live::answer::{FAILED, Why};
use crate::live::carriage::Carriage;

/// How long the last event has to be written.
const FLUSH: Duration = Duration::from_millis(100);
/// Blocks that may wait for a client that is slow to read.
const WAITING: usize = 16;

/// Passes a stream on, event by event.
pub(super) fn pass(proxy: &Arc<Proxy>, talk: Talk, body: Incoming) -> Passed {
    let (out, pieces): (Sender<Result<Bytes, Fault>>, Receiver<_>) = channel(WAITING);
    let stream =
        Stream { proxy: Arc::clone(proxy), talk, joiner: sse::Joiner::default(), number: 0, endpoint: None };
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        tokio::select! {
            () = stream.run(body, &out) => {}
            // Nobody listens any more; the next event, which would tell, may never come.
            () = out.closed() => {}
            () = proxy.switch.killed() => {
                let _gone = out.send(Err("stopped".into())).await;
            }
        }
    });
    Passed::Pieces(pieces)
}

struct Stream {
    proxy: Arc<Proxy>,
    talk: Talk,
    joiner: sse::Joiner,
    number: u64,
    /// Where its client posts to, if it was told.
    endpoint: Option<Named>,
}

/// What becomes of a block.
enum Fate {
    Pass(Bytes),
    Drop,
    End(Why),
}

impl Stream {
    async fn run(mut self, mut body: Incoming, out: &Sender<Result<Bytes, Fault>>) {
        let mut blocks = Blocks::default();
        let mut room = self.proxy.room.part();
        loop {
            let frame = tokio::time::timeout(self.proxy.limits.idle, body.frame()).await;
            let data = match frame {
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Ok(None) => break,
                Ok(Some(Err(_))) | Err(_) => {
                    let _gone = out.send(Err("the server's stream broke off".into())).await;
                    return;
                }
            };
            blocks.push(&data);
            while let Some(block) = blocks.next() {
                if !self.block(block, out).await {
                    return;
                }
            }
            let finds_room = room.resize(blocks.held());
            if !finds_room {
                add(&self.proxy.counters.no_room);
            }
            if blocks.held() > self.proxy.limits.body || !finds_room {
                let why = Why::refused(FAILED, "an event that is too long");
                self.record_refused(&blocks.rest(), &why).await;
                end(out, why).await;
                return;
            }
        }
        let rest = blocks.rest();
        if !rest.is_empty() && !self.block(rest, out).await {
            return;
        }
        if let Some(why) = self.joined().await {
            end(out, why).await;
        }
    }

    /// Judges a block and passes it on; says whether the stream goes on.
    async fn block(&mut self, block: Vec<u8>, out: &Sender<Result<Bytes, Fault>>) -> bool {
        match self.fate(block, out).await {
            Fate::Pass(bytes) => out.send(Ok(bytes)).await.is_ok(),
            Fate::Drop => true,
            Fate::End(why) => {
                end(out, why).await;
                false
            }
        }
    }

    async fn fate(&mut self, block: Vec<u8>, out: &Sender<Result<Bytes, Fault>>) -> Fate {
        let mut events = Vec::new();
        let mut parser = sse::Parser::new(sse::Limits::default());
        parser.push(&block, &mut |event| events.push(event));
        parser.finish(&mut |event| events.push(event));
        // Between two ends of lines there is nothing; two events in a block would be a mistake of ours.
        let event = match (events.pop(), events.is_empty()) {
            (None, _) => return Fate::Pass(block.into()),
            (Some(event), true) => event,
            (Some(_), false) => return Fate::End(Why::refused(FAILED, "an event that cannot be told apart")),
        };
        let data = event.data.as_deref().unwrap_or_default();
        if rpc::may_be(data) && rpc::kind(data) == rpc::Kind::Rpc {
            return self.message(block, event).await;
        }
        self.joiner.push(self.number, data);
        self.number += 1;
        match self.ask(&event).await {
            Ruling::Pass => {
                if event.name.as_deref() == Some(b"endpoint") {
                    let data = event.data.as_deref().unwrap_or_default();
                    // What was named before is forgotten first: it may be the same.
                    self.endpoint = None;
                    self.endpoint = self.proxy.endpoints.name(&self.talk.url, data, out);
                }
                Fate::Pass(block.into())
            }
            Ruling::Stop(why) => Fate::End(why),
        }
    }

    /// A message of JSON-RPC: judged as such, and what stands beside it as an event without data.
    async fn message(&mut self, block: Vec<u8>, event: sse::Event) -> Fate {
        let (event, data) = (sse::Event { data: None, ..event.clone() }, event.data.unwrap_or_default());
        let has_more = !event.comments.is_empty() || !event.other.is_empty() || event.id.is_some();
        if has_more && let Ruling::Stop(why) = self.ask(&event).await {
            return Fate::End(why);
        }
        let of = (self.talk.session.as_str(), self.talk.host.as_str());
        let sent = self.proxy.lanes.take(of, Direction::Ingress, Carriage::Each, &data).await;
        match sent.onward {
            Some(onward) if rpc::is_same(&onward, &data) => Fate::Pass(block.into()),
            Some(onward) => Fate::Pass(spelled(&event, &onward)),
            None => Fate::Drop,
        }
    }

    async fn ask(&self, event: &sse::Event) -> Ruling {
        let payload = payload::event(&self.talk.url, event);
        let bytes = event.data.as_ref().map_or(0, Vec::len) as u64;
        self.proxy.judge.ask(self.of_kind(EventKind::SseEvent, "sse", payload, bytes), None).await
    }

    fn of_kind(&self, kind: EventKind, key: &'static str, payload: Vec<u8>, bytes: u64) -> Message {
        let (session, server) = (self.talk.session.clone(), self.talk.host.clone());
        Message { kind, direction: Direction::Ingress, session, server, key, payload, bytes }
    }

    async fn record_refused(&self, bytes: &[u8], why: &Why) {
        let event = sse::Event { data: Some(bytes.to_vec()), ..sse::Event::default() };
        let payload = payload::event(&self.talk.url, &event);
        let message = self.of_kind(EventKind::SseEvent, "sse", payload, bytes.len() as u64);
        let _stopped = self.proxy.judge.ask(message, Some(why.clone())).await;
    }

    /// What the deltas say together; the reason if that is stopped.
    async fn joined(&mut self) -> Option<Why> {
        for answer in std::mem::take(&mut self.joiner).finish() {
            let text = String::from_utf8_lossy(&answer.text);
            let payload = match answer.kind {
                sse::Kind::Text | sse::Kind::Reasoning => {
                    json!({ "role": "assistant", "content": [{ "type": "text", "text": text }] })
                }
                sse::Kind::ToolArguments => {
                    let call = json!({ "function": { "name": answer.name, "arguments": text } });
                    json!({ "role": "assistant", "tool_calls": [call] })
                }
            };
            let payload = payload.to_string().into_bytes();
            let message = self.of_kind(EventKind::Model, "model", payload, answer.text.len() as u64);
            if let Ruling::Stop(why) = self.proxy.judge.ask(message, None).await {
                return Some(why);
            }
        }
        None
    }
}

/// An event whose data is another than it was.
fn spelled(event: &sse::Event, data: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(data.len() + 64);
    for (key, value) in [("event", &event.name), ("id", &event.id), ("retry", &event.retry)] {
        if let Some(value) = value {
            text.extend_from_slice(format!("{key}: ").as_bytes());
            text.extend_from_slice(value);
            text.push(b'\n');
        }
    }
    for line in data.split(|byte| *byte == b'\n') {
        text.extend_from_slice(b"data: ");
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.into()
}

/// Tells why, and breaks the stream off, so that nobody takes it for whole.
async fn end(out: &Sender<Result<Bytes, Fault>>, why: Why) {
    let event = format!("event: error\ndata: {}\n\n", Refusal::judged(why).json());
    let _gone = out.send(Ok(event.into())).await;
    // A connection that breaks off takes with it what it has not written yet.
    tokio::time::sleep(FLUSH).await;
    let _gone = out.send(Err("stopped by the policy".into())).await;
}
