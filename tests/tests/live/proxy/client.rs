//! A client of the proxy, over each of the ways that it offers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::started::PATIENCE;

/// How a request goes to its server.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// In the clear, in absolute form.
    Plain,
    /// Straight to the proxy, as to a server.
    Reverse,
    /// In a tunnel, with TLS of whom this trusts.
    Tls { ca: Vec<u8>, is_2: bool },
}

impl Way {
    pub(super) fn tls(ca: &Path, is_2: bool) -> Self {
        Self::Tls { ca: std::fs::read(ca).unwrap(), is_2 }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) fields: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(super) is_whole: bool,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Whether it is the proxy that answers, with this code.
    pub(super) fn is_refused(&self, status: u16, code: &str) -> bool {
        self.status == status
            && self.fields.contains_key("x-coldcase")
            && self.json()["error"]["code"] == code
    }
}

/// Waits for what a test does.
pub(super) fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await.expect("an answer in time") })
}

pub(super) async fn connect(address: SocketAddr) -> tokio::net::TcpStream {
    tokio::net::TcpStream::connect(address).await.unwrap()
}

/// A request and its whole answer.
pub(super) fn ask(proxy: SocketAddr, way: &Way, request: Request<Full<Bytes>>) -> Got {
    block(async {
        let response = send(proxy, way, request).await;
        collected(response).await
    })
}

pub(super) async fn collected(response: Response<Incoming>) -> Got {
    let (head, mut body) = response.into_parts();
    let (mut bytes, mut is_whole) = (Vec::new(), true);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => {
                is_whole = false;
                break;
            }
        }
    }
    Got { status: head.status.as_u16(), fields: head.headers, body: bytes, is_whole }
}

/// Sends a request; the answer's body is still to come.
pub(super) async fn send(
    proxy: SocketAddr,
    way: &Way,
    mut request: Request<Full<Bytes>>,
) -> Response<Incoming> {
    match way {
        Way::Plain => sent(connect(proxy).await, request, false).await,
        Way::Reverse => sent(connect(proxy).await, request, false).await,
        Way::Tls { ca, is_2 } => {
            let authority = request.uri().authority().unwrap().clone();
            let target = format!("{}:{}", authority.host(), authority.port_u16().unwrap());
            let (status, stream) = tunnel(connect(proxy).await, &target).await;
            assert_eq!(status, 200, "the tunnel to {target}");
            let stream = shake(stream, authority.host(), ca, *is_2).await.unwrap();
            if !is_2 {
                let path = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
                request.headers_mut().insert("host", authority.as_str().parse().unwrap());
                *request.uri_mut() = path;
            }
            sent(stream, request, *is_2).await
        }
    }
}

/// Asks for a tunnel; the status and what it leads to.
pub(super) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, target: &str) -> (u16, S) {
    let ask = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), stream)
}

/// TLS with whoever is at the other end.
pub(super) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    name: &str,
    ca: &[u8],
    is_2: bool,
) -> std::io::Result<TlsStream<S>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![if is_2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// A request over a connection that is there, which names another host than where it came from.
pub(super) async fn over<S>(stream: S, mut request: Request<Full<Bytes>>, host: &str, is_2: bool) -> Got
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if is_2 {
        *request.uri_mut() = format!("https://{host}/").parse().unwrap();
    } else {
        *request.uri_mut() = "/".parse().unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
    }
    collected(sent(stream, request, is_2).await).await
}

async fn sent<S>(stream: S, request: Request<Full<Bytes>>, is_2: bool) -> Response<Incoming>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(stream);
    if is_2 {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        return sender.send_request(request).await.unwrap();
    }
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    sender.send_request(request).await.unwrap()
}

/// A request without header fields of its own.
pub(super) fn request(method: &str, url: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::builder().method(method).uri(url).body(Full::new(body.into())).unwrap()
}

/// A request with a body of JSON.
pub(super) fn post(url: &str, body: &str) -> Request<Full<Bytes>> {
    let mut request = request("POST", url, body.to_owned());
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    request
}
