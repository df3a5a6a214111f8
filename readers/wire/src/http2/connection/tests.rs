//! Connections made frame by frame. Field blocks here have literals without indexing unless the test is about the table.

mod hostile;
mod midway;
mod odd;
mod plain;
mod properties;

use super::super::frame::PREFACE;
use super::*;

/// A piece of a capture.
#[derive(Debug, Clone)]
enum Part {
    Bytes(Side, Vec<u8>),
    Gap(Side, u64),
}

/// What a connection came to.
#[derive(Debug, PartialEq)]
struct Read {
    messages: Vec<Message>,
    count: Count,
    kinds: Vec<(&'static str, u64)>,
}

impl Read {
    fn message(&self, stream: u32, side: Side) -> &Message {
        let mut fitting =
            self.messages.iter().filter(|message| (message.stream, message.side) == (stream, side));
        let first = fitting.next().expect("no such message");
        assert_eq!(fitting.next(), None, "more than one such message");
        first
    }

    fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|(other, _)| *other == kind)
    }
}

/// Reads a capture in which there are 100 bytes between the pieces, and holds the accounts to what was pushed.
fn read_with(mut connection: Connection, parts: &[Part], split: impl Fn(usize) -> usize) -> Read {
    let mut messages = Vec::new();
    let mut out = |message| messages.push(message);
    let (mut at, mut pushed, mut time) = (1000, 0, 0);
    for part in parts {
        match part {
            Part::Bytes(side, bytes) => {
                let mut rest = &bytes[..];
                let mut from = at;
                while !rest.is_empty() {
                    let (now, later) = rest.split_at(split(rest.len()).clamp(1, rest.len()));
                    connection.push(*side, now, from, Some(time), &mut out);
                    from += now.len() as u64;
                    rest = later;
                }
                at += bytes.len() as u64 + 100;
                pushed += bytes.len() as u64;
                time += 1;
            }
            Part::Gap(side, len) => {
                connection.gap(*side, *len, &mut out);
                pushed += len;
            }
        }
    }
    connection.finish(Side::Client, &mut out);
    connection.finish(Side::Server, &mut out);
    let content: u64 = messages.iter().map(Message::content_bytes).sum();
    assert_eq!(content + connection.count().total(), pushed, "{:?}", connection.count());
    let kinds = connection.notes().counts().to_vec();
    Read { messages, count: connection.count(), kinds }
}

fn read(parts: &[Part]) -> Read {
    read_with(Connection::new(Limits::default()), parts, |len| len)
}

fn client(frames: &[&[u8]]) -> Part {
    Part::Bytes(Side::Client, frames.concat())
}

fn server(frames: &[&[u8]]) -> Part {
    Part::Bytes(Side::Server, frames.concat())
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

fn data(flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, flags, stream, payload)
}

/// A field block of literals.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let string = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], string(name), string(value)].concat()).collect()
}

const GET: [(&str, &str); 3] = [(":method", "GET"), (":scheme", "http"), (":path", "/")];

/// HEADERS of a whole block.
fn headers(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, flags | END_HEADERS, stream, &block(fields))
}

fn get(stream: u32) -> Vec<u8> {
    headers(END_STREAM, stream, &GET)
}

/// A client's first bytes and a request with these fields added.
fn request_with(fields: &[(&str, &str)]) -> Read {
    let all = [&GET[..], fields].concat();
    read(&[client(&[PREFACE, &settings(), &headers(END_STREAM, 1, &all)])])
}

fn shown(fields: &[super::super::Field]) -> Vec<String> {
    fields.iter().map(ToString::to_string).collect()
}

fn kinds(message: &Message) -> Vec<&'static str> {
    message.notes.iter().map(|note| note.kind).collect()
}
