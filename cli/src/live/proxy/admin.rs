//! A port for whoever runs it: whether it is alive, and what it has counted. Loopback only.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::body::Passed;
use super::serve::Proxy;
use crate::term;

/// Opens the port.
pub(super) async fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    if !address.ip().is_loopback() {
        bail!("--admin takes a loopback address, and {address} is none");
    }
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    term::note(&format!("coldcase: admin on {}", listener.local_addr()?));
    Ok(listener)
}

/// Serves it for ever.
pub(super) async fn run(listener: TcpListener, proxy: Arc<Proxy>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let answer = answer(&proxy, &request);
                async { Ok::<_, Infallible>(answer) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(proxy.limits.header);
            let _ended = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(proxy: &Proxy, request: &Request<Incoming>) -> Response<Passed> {
    let killed = proxy.switch.is_killed();
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") if proxy.switch.is_ending() => {
            (StatusCode::SERVICE_UNAVAILABLE, "ending\n".into())
        }
        (&Method::GET, "/healthz") if killed => (StatusCode::SERVICE_UNAVAILABLE, "killed\n".into()),
        (&Method::GET, "/healthz") => (StatusCode::OK, "ok\n".to_owned()),
        (&Method::GET, "/metrics") => (StatusCode::OK, proxy.counters.text(killed)),
        _ => (StatusCode::NOT_FOUND, "not here\n".into()),
    };
    let mut answer = Response::new(Passed::of(body));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
