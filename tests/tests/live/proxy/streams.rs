//! What comes piece by piece: server-sent events and WebSocket messages.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::{Way, ask, block, connect, request, send};
use super::intercept::{intercepting, ways};
use super::server::{Answer, Server};
use super::started::{Started, decisions};
use crate::samples::{ORDER, token};

const STREAM: &str =
    ": hello\n\nevent: a\nid: 1\ndata: one\ndata: two\n\ndata: {\"n\": 2}\r\n\r\nretry: 10\n\ndata: last\n\n";

fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.plain)
}

#[test]
fn an_event_is_released_when_it_is_judged() {
    let server = Server::start(|_| Answer {
        pieces: vec![b"data: first\n\n".to_vec(), b"data: second\n\n".to_vec()],
        pause: Duration::from_secs(3),
        ..Answer::new("text/event-stream", "")
    });
    let proxy = Started::new(&[]);
    block(async {
        let start = Instant::now();
        let response = send(proxy.address, &Way::Plain, request("GET", &url(&server, "/"), "")).await;
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "data: first\n\n");
        assert!(start.elapsed() < Duration::from_millis(2500), "{:?}", start.elapsed());
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "data: second\n\n");
        assert!(body.frame().await.is_none());
    });
}

#[test]
fn a_clean_stream_passes_byte_for_byte_in_whatever_pieces_it_comes() {
    let server = Server::start(|asked| {
        let size = asked.target.rsplit('/').next().unwrap().parse().unwrap();
        Answer::new("text/event-stream", STREAM).in_pieces(size)
    });
    let proxy = intercepting(&server, &[]);
    let mut ways = ways(&proxy).into_iter().cycle();
    for size in [1, 2, 3, 7, 1000] {
        let got = ask(proxy.address, &Way::Plain, request("GET", &url(&server, &format!("/{size}")), ""));
        assert_eq!((got.text().as_str(), got.is_whole), (STREAM, true), "{size}");
        let inside = format!("https://localhost:{}/{size}", server.tls.port());
        let got = ask(proxy.address, &ways.next().unwrap(), request("GET", &inside, ""));
        assert_eq!((got.text().as_str(), got.is_whole), (STREAM, true), "{size}");
    }
}

#[test]
fn a_stream_ends_at_the_event_that_is_stopped_wherever_it_hides() {
    let server = Server::start(|asked| {
        let bad = match asked.target.as_str() {
            "/data" => format!("data: {ORDER}\n\n"),
            "/comment" => format!(": {ORDER}\ndata: x\n\n"),
            "/other" => format!("odd: {ORDER}\ndata: x\n\n"),
            "/id" => format!("id: {ORDER}\ndata: x\n\n"),
            "/unfinished" => format!("data: {ORDER}"),
            other => panic!("{other}"),
        };
        Answer::new("text/event-stream", format!("data: fine\n\n{bad}\n\ndata: late\n\n")).in_pieces(11)
    });
    let proxy = Started::new(&[]);
    for path in ["/data", "/comment", "/other", "/id", "/unfinished"] {
        let got = ask(proxy.address, &Way::Plain, request("GET", &url(&server, path), ""));
        assert_eq!(got.status, 200, "the head was clean");
        let text = got.text();
        assert!(text.starts_with("data: fine\n\nevent: error\ndata: {"), "{path}: {text}");
        assert!(!got.is_whole && !text.contains(ORDER) && !text.contains("late"), "{path}: {text}");
    }
}

#[test]
fn what_a_model_says_in_pieces_is_judged_as_a_whole_at_the_end() {
    let server = Server::start(|_| {
        let delta = |text: &str| {
            let chunk = json!({ "id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [
                { "index": 0, "delta": { "content": text } } ] });
            format!("data: {chunk}\n\n")
        };
        let token = token();
        let pieces: String =
            token.as_bytes().chunks(5).map(|piece| delta(std::str::from_utf8(piece).unwrap())).collect();
        let text = format!("{}{pieces}{}data: [DONE]\n\n", delta("Here it is: "), delta(" bye"));
        Answer::new("text/event-stream", text)
    });
    let proxy = Started::recording(&["--policy", "observe"]);
    let got = ask(proxy.address, &Way::Plain, request("GET", &url(&server, "/"), ""));
    assert!(got.is_whole && got.text().ends_with("[DONE]\n\n"), "{got:?}");
    let (folder, _) = proxy.end();
    let decisions = decisions(&folder);
    let last = decisions.last().unwrap();
    assert!(last["detail"]["event"].to_string().contains("dlp.github.pat-classic"), "{last}");
    assert!(decisions[..decisions.len() - 1].iter().all(|one| !one.to_string().contains("dlp.github")));
}

pub(super) fn frame(head: u8, content: &[u8], is_masked: bool) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 126).unwrap();
    if !is_masked {
        return [&[head, length], content].concat();
    }
    let coded: Vec<u8> = content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    [&[head, 0x80 | length], &mask[..], &coded].concat()
}

/// Opens a WebSocket through the proxy, writes, and gives what came back up to the end or to so many bytes.
pub(super) fn socket(proxy: &Started, server: &Server, writes: &[Vec<u8>], most: usize) -> Vec<u8> {
    let ask = format!(
        "GET {} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        url(server, "/socket")
    );
    block(async {
        let mut stream = connect(proxy.address).await;
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        for write in writes {
            stream.write_all(write).await.unwrap();
        }
        let mut back = Vec::new();
        while back.len() < most {
            match stream.read_u8().await {
                Ok(byte) => back.push(byte),
                Err(_) => break,
            }
        }
        back
    })
}

pub(super) fn sockets(pieces: Vec<Vec<u8>>) -> Server {
    Server::start(move |asked| {
        assert!(!asked.fields.iter().any(|(name, _)| name == "sec-websocket-extensions"), "{asked:?}");
        let switch = Answer { status: 101, pieces: pieces.clone(), ..Answer::default() };
        switch
            .with("connection", "upgrade")
            .with("upgrade", "websocket")
            .with("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    })
}

#[test]
fn clean_messages_of_a_socket_pass_frame_by_frame_as_they_came() {
    let welcome = frame(0x81, b"welcome", false);
    let server = sockets(vec![welcome.clone()]);
    let proxy = Started::new(&[]);
    let said = [frame(0x01, b"hel", true), frame(0x89, b"ping", true), frame(0x80, b"lo", true)];
    let pieces: Vec<Vec<u8>> = said.concat().chunks(1).map(<[u8]>::to_vec).collect();
    assert_eq!(socket(&proxy, &server, &pieces, welcome.len()), welcome);
    let expected = [&said[1], &said[0], &said[2]].map(Vec::as_slice).concat();
    let start = Instant::now();
    while server.sockets.lock().unwrap().len() < expected.len() && start.elapsed() < super::started::PATIENCE
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(*server.sockets.lock().unwrap(), expected, "a ping between two pieces is judged by itself");
}

#[test]
fn a_message_that_is_stopped_ends_the_socket_and_no_frame_of_it_passes() {
    let close = |back: &[u8]| back.windows(4).any(|window| window == [0x88, 0x15, 0x03, 0xF0]);
    let text = token();
    let (one, two) = text.split_at(20);
    let split = [frame(0x01, one.as_bytes(), true), frame(0x80, two.as_bytes(), true)];
    let server = sockets(vec![]);
    let proxy = Started::new(&[]);
    let back = socket(&proxy, &server, &split, usize::MAX);
    assert!(close(&back), "{back:?}");
    let seen = server.sockets.lock().unwrap().clone();
    assert!(seen.is_empty() || seen[0] == 0x88, "{seen:?}");

    let server = sockets(vec![frame(0x81, b"fine", false), frame(0x81, ORDER.as_bytes(), false)]);
    let back = socket(&proxy, &server, &[], usize::MAX);
    assert!(back.starts_with(&frame(0x81, b"fine", false)) && close(&back), "{back:?}");
    assert!(!String::from_utf8_lossy(&back).contains("previous instructions"));

    // What two ends could read differently does not pass, whatever the policy.
    let server = sockets(vec![]);
    let proxy = Started::new(&["--policy", "observe"]);
    for odd in
        [frame(0xC1, b"x", true), frame(0x81, b"x", false), frame(0x80, b"x", true), frame(0x83, b"x", true)]
    {
        let back = socket(&proxy, &server, &[odd], usize::MAX);
        assert!(close(&back), "{back:?}");
    }
}

#[test]
fn all_that_a_stopped_message_of_a_socket_carries_is_logged_as_blocked() {
    let server = sockets(vec![]);
    let proxy = Started::recording(&[]);
    let fine = r#"{"jsonrpc":"2.0","method":"y"}"#;
    let batch = format!(r#"[{fine},{{"jsonrpc":"2.0","method":"x","params":["{}"]}}]"#, token());
    socket(&proxy, &server, &[frame(0x81, batch.as_bytes(), true)], usize::MAX);
    let (folder, _) = proxy.end();
    let messages = decisions(&folder).into_iter().filter(|entry| entry["detail"]["role"] == "notification");
    let fates: Vec<_> = messages.map(|entry| entry["detail"]["verdict"].clone()).collect();
    assert_eq!(fates, ["block", "block"]);
    let seen = server.sockets.lock().unwrap().clone();
    assert!(seen.is_empty() || seen[0] == 0x88, "{seen:?}");
}
