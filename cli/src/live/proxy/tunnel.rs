//! CONNECT: where it leads is judged; what runs in it is passed on unseen, or looked into.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use coldcase_evidence::EntryKind;
use coldcase_model::{Direction, EventKind};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::Acceptor;

use super::body::Passed;
use super::exchange::not_dialled;
use super::judge::Ruling;
use super::listener::{self, PATIENCE, Protocol};
use super::payload::{self, Held, Message};
use super::refusal::Refusal;
use super::serve::{Door, Place, Proxy};
use super::{authority::Authority, fields};
use crate::live::answer::{FAILED, Why};
use crate::live::fold::lock;

/// A hello has a few kilobytes at most.
const MOST_HELLO: usize = 64 << 10;

/// Answers CONNECT, and goes on with what comes through it.
pub(super) async fn connect(
    proxy: &Arc<Proxy>,
    door: &Door,
    mut request: Request<Incoming>,
) -> Result<Response<Passed>, Refusal> {
    fields::strip(request.headers_mut());
    let bad = |what: &str| Refusal::of(StatusCode::BAD_REQUEST, "bad-request", what);
    let authority = request.uri().authority().ok_or_else(|| bad("CONNECT without a host"))?;
    let host = authority.host().to_ascii_lowercase();
    let port = authority.port_u16().ok_or_else(|| bad("CONNECT without a port"))?;
    let target = format!("{host}:{port}");
    let message = Message {
        kind: EventKind::HttpRequest,
        direction: Direction::Egress,
        session: door.session(proxy),
        server: host.clone(),
        key: "request",
        payload: payload::request("CONNECT", &target, (request.headers(), None), Held::NONE),
        bytes: 0,
    };
    if let Ruling::Stop(why) = proxy.judge.ask(message, None).await {
        return Err(Refusal::judged(why));
    }
    let server = if proxy.authority.is_some() {
        None
    } else {
        let dialled = proxy.dialler.dial(&host, port).await;
        let (stream, address) = dialled.map_err(|error| not_dialled(proxy, &error))?;
        Some((stream, address.ip()))
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let tunnel = Tunnel { proxy: Arc::clone(proxy), door: door.clone(), host, port };
    tokio::spawn(async move {
        if let Ok(client) = upgrade.await {
            tunnel.run(TokioIo::new(client), server).await;
        }
    });
    Ok(Response::new(Passed::of("")))
}

struct Tunnel {
    proxy: Arc<Proxy>,
    door: Door,
    host: String,
    port: u16,
}

/// What a tunnel begins with.
enum Begin {
    Tls { name: Option<String> },
    Plain,
}

impl Tunnel {
    async fn run<C>(self, mut client: C, server: Option<(TcpStream, IpAddr)>)
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut read = Vec::new();
        let begin = tokio::time::timeout(self.proxy.limits.header, begin(&mut client, &mut read)).await;
        let Ok(Some(begin)) = begin else { return };
        let client = Begun { read, at: 0, stream: client };
        match (begin, server) {
            // HTTP in the clear, which is judged in any case; anything else is no HTTP and gets an error.
            (Begin::Plain, _) => self.serve(client, "http", Protocol::Http1).await,
            (Begin::Tls { name }, Some((server, address))) => {
                if self.may_ask_for(name.as_deref()).await {
                    self.pass(client, server, address).await;
                }
            }
            (Begin::Tls { name }, None) => {
                if self.may_ask_for(name.as_deref()).await
                    && let Some(authority) = &self.proxy.authority
                {
                    self.intercept(authority, client, name.as_deref()).await;
                }
            }
        }
    }

    /// Whether the server that TLS asks for is the one that was judged, or passes as well where that was an address.
    async fn may_ask_for(&self, name: Option<&str>) -> bool {
        let Some(name) = name else { return true };
        let fits = name.eq_ignore_ascii_case(&self.host) || is_address(&self.host);
        let refused =
            (!fits).then(|| Why::refused(FAILED, "a server name other than the host of the tunnel"));
        let message = Message {
            kind: EventKind::Text,
            direction: Direction::Egress,
            session: self.door.session(&self.proxy),
            server: self.host.clone(),
            key: "text",
            payload: payload::host(name),
            bytes: name.len() as u64,
        };
        matches!(self.proxy.judge.ask(message, refused).await, Ruling::Pass)
    }

    async fn intercept<C>(&self, authority: &Authority, client: Begun<C>, name: Option<&str>)
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let host = name.unwrap_or(&self.host).to_ascii_lowercase();
        let Ok(config) = authority.server(&host) else { return };
        let shake = TlsAcceptor::from(config).accept(client);
        let Ok(Ok(stream)) = tokio::time::timeout(self.proxy.limits.header, shake).await else { return };
        let is_2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let protocol = if is_2 { Protocol::Http2 } else { Protocol::Http1 };
        let inner = Self { proxy: Arc::clone(&self.proxy), door: self.door.clone(), host, port: self.port };
        inner.serve(stream, "https", protocol).await;
    }

    async fn serve<C>(&self, client: C, scheme: &'static str, protocol: Protocol)
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let place = Place { scheme, host: self.host.clone(), port: self.port };
        let door = Door { into: Some(Arc::new(place)), ..self.door.clone() };
        listener::serve(Arc::clone(&self.proxy), client, door, protocol).await;
    }

    /// Passes bytes both ways, and says afterwards how many there were.
    async fn pass<C: AsyncRead + AsyncWrite>(&self, client: C, server: TcpStream, address: IpAddr) {
        let begun = Instant::now();
        self.note("tunnel_open", &json!({ "address": address.to_string() }));
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_server, mut to_server) = server.into_split();
        let clock = Clock { begun, last: AtomicU64::new(0), idle: self.proxy.limits.idle };
        let (out, back) = (AtomicU64::new(0), AtomicU64::new(0));
        tokio::select! {
            ((), ()) = async { tokio::join!(
                pump(&mut from_client, &mut to_server, &clock, &out),
                pump(&mut from_server, &mut to_client, &clock, &back),
            ) } => {}
            () = clock.silent() => {}
            () = self.proxy.switch.killed() => {}
            () = async { self.proxy.switch.ending().await; tokio::time::sleep(PATIENCE).await } => {}
        }
        let (out, back) = (out.load(Ordering::Relaxed), back.load(Ordering::Relaxed));
        self.proxy.counters.tunnel_bytes.fetch_add(out + back, Ordering::Relaxed);
        self.note(
            "tunnel_close",
            &json!({ "address": address.to_string(), "to_server_bytes": out, "to_client_bytes": back, "scanned": false }),
        );
    }

    fn note(&self, kind: &str, detail: &serde_json::Value) {
        let summary = format!("{kind}: what runs in it is not seen");
        let _told_already =
            lock(&self.proxy.judge.fold).recorder.note(EntryKind::Capture, kind, &summary, detail);
    }
}

fn is_address(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// Reads until it is clear what comes; `None` where it is nothing that can be told.
async fn begin(client: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> Option<Begin> {
    let mut acceptor = Acceptor::default();
    loop {
        let from = read.len();
        if client.read_buf(read).await.ok()? == 0 || read.len() > MOST_HELLO {
            return None;
        }
        // RFC 8446, section 5.1: a record of the handshake.
        if read.first() != Some(&22) {
            return Some(Begin::Plain);
        }
        let mut new = read.get(from..).unwrap_or_default();
        while !new.is_empty() {
            acceptor.read_tls(&mut new).ok()?;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let name = accepted.client_hello().server_name().map(str::to_owned);
                return Some(Begin::Tls { name });
            }
            Ok(None) => {}
            Err(_) => return None,
        }
    }
}

/// When something moved last, in milliseconds since the begin.
struct Clock {
    begun: Instant,
    last: AtomicU64,
    idle: Duration,
}

impl Clock {
    fn tick(&self) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// Waits until nothing has moved for long.
    async fn silent(&self) {
        loop {
            let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
            let silent = self.begun.elapsed().saturating_sub(last);
            if silent >= self.idle {
                return;
            }
            tokio::time::sleep(self.idle.saturating_sub(silent)).await;
        }
    }
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    clock: &Clock,
    count: &AtomicU64,
) {
    let mut buffer = vec![0; 32 << 10];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        clock.tick();
        if to.write_all(buffer.get(..read).unwrap_or_default()).await.is_err() || to.flush().await.is_err() {
            break;
        }
        count.fetch_add(read as u64, Ordering::Relaxed);
    }
    let _gone = to.shutdown().await;
}

/// A stream of which the first bytes were read already.
struct Begun<S> {
    read: Vec<u8>,
    at: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let left = this.read.get(this.at..).unwrap_or_default();
        if left.is_empty() {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let count = left.len().min(buffer.remaining());
        buffer.put_slice(left.get(..count).unwrap_or_default());
        this.at += count;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
