//! Connections of clients: how many at once, how long they may take, and how they end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::body::Passed;
use super::serve::{Door, Guest, Proxy, handle};
use crate::term;

/// How long what is under way may take at the end.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a head, and streams of a connection, that are taken at most.
const MOST_HEAD: usize = 64 << 10;
const MOST_FIELDS: usize = 256;
const MOST_STREAMS: u32 = 128;
/// After a failed accept, which mostly means that files have run out.
const REST: Duration = Duration::from_millis(50);

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Opens the port.
pub(super) async fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    term::note(&format!("coldcase: listening on {address}"));
    if !address.ip().is_loopback() {
        term::note("coldcase: anybody who reaches this address can use the proxy");
    }
    Ok(listener)
}

/// Takes connections until the end, and waits for what is under way.
pub(super) async fn run(listener: TcpListener, proxy: Arc<Proxy>) {
    let places = Arc::new(Semaphore::new(proxy.limits.connections));
    let mut ending = pin!(proxy.switch.ending());
    loop {
        let accepted = tokio::select! {
            () = &mut ending => break,
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
        };
        let (Ok((stream, client)), Ok(place)) = accepted else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let _cosmetic = stream.set_nodelay(true);
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let guest = Arc::new(Guest::new(&proxy.counters, place));
            let door = Door { client: client.ip().to_canonical(), guest, into: None };
            serve(proxy, stream, door, Protocol::Http1).await;
        });
    }
    drop(listener);
    let all = u32::try_from(proxy.limits.connections).unwrap_or(u32::MAX);
    let _late = tokio::time::timeout(PATIENCE, places.acquire_many(all)).await;
}

/// Serves one connection. Boxed, since a tunnel in it is served by the same.
pub(super) fn serve<S>(
    proxy: Arc<Proxy>,
    stream: S,
    door: Door,
    protocol: Protocol,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    Box::pin(served(proxy, stream, door, protocol))
}

async fn served<S>(proxy: Arc<Proxy>, stream: S, door: Door, protocol: Protocol)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = Arc::clone(&proxy);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = handle(Arc::clone(&shared), door.clone(), request);
        async move { Ok::<Response<Passed>, Infallible>(answer.await) }
    });
    let stream = TokioIo::new(stream);
    match protocol {
        Protocol::Http1 => {
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(proxy.limits.header);
            builder.max_buf_size(MOST_HEAD).max_headers(MOST_FIELDS).half_close(false);
            let mut connection = pin!(builder.serve_connection(stream, service).with_upgrades());
            tokio::select! {
                _ended = connection.as_mut() => {}
                () = proxy.switch.killed() => {}
                () = proxy.switch.ending() => {
                    connection.as_mut().graceful_shutdown();
                    let _late = tokio::time::timeout(PATIENCE, connection).await;
                }
            }
        }
        Protocol::Http2 => {
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.timer(TokioTimer::new()).max_concurrent_streams(MOST_STREAMS);
            builder.max_header_list_size(u32::try_from(MOST_HEAD).unwrap_or(u32::MAX));
            builder.keep_alive_interval(proxy.limits.idle).keep_alive_timeout(proxy.limits.header);
            let mut connection = pin!(builder.serve_connection(stream, service));
            tokio::select! {
                _ended = connection.as_mut() => {}
                () = proxy.switch.killed() => {}
                () = proxy.switch.ending() => {
                    connection.as_mut().graceful_shutdown();
                    let _late = tokio::time::timeout(PATIENCE, connection).await;
                }
            }
        }
    }
}
