//! WebSocket messages: the frames of one are held until it is whole and judged, and then passed on as they came.
//!
//! Extensions are not agreed on, so frames hold what the ends say.

use std::sync::Arc;

use coldcase_model::{Direction, EventKind};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Mutex;

use super::counters::add;
use super::exchange::Talk;
use super::judge::Ruling;
use super::payload::{self, Message};
use super::room::Part;
use super::rpc;
use super::serve::Proxy;
use super::socket_frame::{self as frame, Header};
use crate::live::answer::{FAILED, Why};
use crate::live::carriage::Carriage;

type Io = TokioIo<Upgraded>;
type Sink = Mutex<WriteHalf<Io>>;

/// Passes messages both ways until one side ends.
pub(super) async fn pass(proxy: Arc<Proxy>, talk: Talk, client: Upgraded, server: Upgraded) {
    let (from_client, to_client) = tokio::io::split(TokioIo::new(client));
    let (from_server, to_server) = tokio::io::split(TokioIo::new(server));
    let (to_client, to_server) = (Mutex::new(to_client), Mutex::new(to_server));
    let side = |direction| Side {
        proxy: &proxy,
        talk: &talk,
        direction,
        held: Vec::new(),
        message: None,
        room: proxy.room.part(),
    };
    let (out, back) = (side(Direction::Egress), side(Direction::Ingress));
    let stopped = tokio::select! {
        stopped = out.run(from_client, &to_server) => stopped,
        stopped = back.run(from_server, &to_client) => stopped,
        () = proxy.switch.killed() => true,
    };
    if stopped {
        let _gone = to_client.lock().await.write_all(&frame::closing(false)).await;
        let _gone = to_server.lock().await.write_all(&frame::closing(true)).await;
    }
    let _gone = to_client.lock().await.shutdown().await;
    let _gone = to_server.lock().await.shutdown().await;
}

/// One direction.
struct Side<'p> {
    proxy: &'p Arc<Proxy>,
    talk: &'p Talk,
    direction: Direction,
    /// Bytes that came and are not passed on: first the frames of the message under way.
    held: Vec<u8>,
    message: Option<Building>,
    /// What both take of the room for all.
    room: Part,
}

/// A message under way.
struct Building {
    opcode: u8,
    content: Vec<u8>,
    /// Its frames as they came.
    frames: Vec<u8>,
}

impl Side<'_> {
    /// Passes messages on; says whether one was stopped.
    async fn run(mut self, mut from: ReadHalf<Io>, to: &Sink) -> bool {
        let mut buffer = vec![0; 16 << 10];
        loop {
            while let Some(next) = self.frame() {
                let passed = match next {
                    Ok((header, raw)) => self.take(header, raw).await,
                    Err(what) => Err(Why::refused(FAILED, what)),
                };
                match passed {
                    Ok(Some(frames)) => {
                        let mut to = to.lock().await;
                        if to.write_all(&frames).await.is_err() || to.flush().await.is_err() {
                            return false;
                        }
                    }
                    Ok(None) => {}
                    Err(why) => {
                        self.record(why).await;
                        return true;
                    }
                }
            }
            if !self.finds_room() {
                self.record(Why::refused(FAILED, "no room for a WebSocket message")).await;
                return true;
            }
            let read = tokio::time::timeout(self.proxy.limits.idle, from.read(&mut buffer)).await;
            match read {
                Ok(Ok(count)) if count > 0 => {
                    self.held.extend_from_slice(buffer.get(..count).unwrap_or_default());
                }
                _ => return false,
            }
        }
    }

    /// Whether what is held may be.
    fn finds_room(&mut self) -> bool {
        let under_way =
            self.message.as_ref().map_or(0, |message| message.content.len() + message.frames.len());
        let found = self.room.resize(self.held.len() + under_way);
        if !found {
            add(&self.proxy.counters.no_room);
        }
        found
    }

    /// The next whole frame, if it is there.
    fn frame(&mut self) -> Option<Result<(Header, Vec<u8>), frame::Wrong>> {
        let header = match frame::header(&self.held, self.direction == Direction::Egress) {
            Ok(header) => header?,
            Err(wrong) => return Some(Err(wrong)),
        };
        let under_way = self.message.as_ref().map_or(0, |message| message.content.len()) as u64;
        if header.payload.saturating_add(under_way) > self.proxy.limits.body as u64 {
            return Some(Err("a WebSocket message that is too long"));
        }
        let len = header.own + usize::try_from(header.payload).ok()?;
        if self.held.len() < len {
            return None;
        }
        Some(Ok((header, self.held.drain(..len).collect())))
    }

    /// Takes a frame; gives what may be passed on. `Err` of what was not recorded yet.
    async fn take(&mut self, header: Header, raw: Vec<u8>) -> Result<Option<Vec<u8>>, Why> {
        let content = header.content(raw.get(header.own..).unwrap_or_default());
        if header.is_control() {
            return self.judged(header.opcode, &content, raw).await;
        }
        let is_first = header.opcode != frame::CONTINUATION;
        if is_first == self.message.is_some() {
            return Err(Why::refused(FAILED, "WebSocket frames out of order"));
        }
        let mut message = self.message.take().unwrap_or_else(|| Building {
            opcode: header.opcode,
            content: Vec::new(),
            frames: Vec::new(),
        });
        message.content.extend_from_slice(&content);
        message.frames.extend_from_slice(&raw);
        if header.is_last {
            return self.judged(message.opcode, &message.content, message.frames).await;
        }
        if message.frames.len() > self.proxy.limits.body.saturating_mul(2) {
            return Err(Why::refused(FAILED, "a WebSocket message of too many frames"));
        }
        self.message = Some(message);
        Ok(None)
    }

    /// Judges a whole message. One that is JSON-RPC is judged as that as well; it passes as it stands or not at all.
    async fn judged(&self, opcode: u8, content: &[u8], frames: Vec<u8>) -> Result<Option<Vec<u8>>, Why> {
        if content.is_empty() {
            return Ok(Some(frames));
        }
        if rpc::may_be(content) && rpc::kind(content) == rpc::Kind::Rpc {
            let of = (self.talk.session.as_str(), self.talk.host.as_str());
            let sent = self.proxy.lanes.take(of, self.direction, Carriage::Untouched, content).await;
            let is_same = sent.onward.is_some_and(|onward| rpc::is_same(&onward, content));
            return if is_same { Ok(Some(frames)) } else { Err(Why::refused(FAILED, STOPPED)) };
        }
        match self.ask(opcode, content, None).await {
            Ruling::Pass => Ok(Some(frames)),
            Ruling::Stop(_) => Err(Why::refused(FAILED, STOPPED)),
        }
    }

    async fn ask(&self, opcode: u8, content: &[u8], refused: Option<Why>) -> Ruling {
        let payload = payload::socket(&self.talk.url, frame::name(opcode), content);
        let (session, server) = (self.talk.session.clone(), self.talk.host.clone());
        let (kind, direction, bytes) = (EventKind::WsMessage, self.direction, content.len() as u64);
        let message = Message { kind, direction, session, server, key: "ws", payload, bytes };
        self.proxy.judge.ask(message, refused).await
    }

    /// Records what was refused before it could be judged.
    async fn record(&self, why: Why) {
        if why.reason == STOPPED {
            return;
        }
        let under_way = self.message.as_ref();
        let opcode = under_way.map_or(frame::CONTINUATION, |message| message.opcode);
        let mut content = under_way.map(|message| message.content.clone()).unwrap_or_default();
        content.extend_from_slice(self.held.get(..self.held.len().min(KEPT)).unwrap_or_default());
        let _stopped = self.ask(opcode, &content, Some(why)).await;
    }
}

/// Of frames that cannot be read so much is recorded.
const KEPT: usize = 64 << 10;
/// Of what is recorded already.
const STOPPED: &str = "stopped";
