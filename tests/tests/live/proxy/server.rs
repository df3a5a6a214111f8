//! Servers for the proxy to stand before: they answer what a test says, in the pieces that it says, and keep what they saw.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{Receiver, channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a server saw of a request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) version: hyper::Version,
}

/// What a server answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) pieces: Vec<Vec<u8>>,
    /// Before each piece but the first.
    pub(super) pause: Duration,
}

impl Answer {
    pub(super) fn new(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let fields = vec![("content-type", kind.to_owned())];
        Self { status: 200, fields, pieces: vec![body.into()], pause: Duration::ZERO }
    }

    /// The body in pieces of so many bytes.
    pub(super) fn in_pieces(mut self, bytes: usize) -> Self {
        self.pieces = self.pieces.concat().chunks(bytes).map(<[u8]>::to_vec).collect();
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }
}

type Answers = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// A server, plain and with TLS.
pub(super) struct Server {
    pub(super) plain: SocketAddr,
    pub(super) tls: SocketAddr,
    seen: Arc<Mutex<Vec<Asked>>>,
    /// What came over WebSockets.
    pub(super) sockets: Arc<Mutex<Vec<u8>>>,
    /// The certificate that signed its own.
    pub(super) ca: String,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(super) fn start(answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let answers: Answers = Arc::new(answers);
        let seen = Arc::<Mutex<Vec<Asked>>>::default();
        let sockets = Arc::<Mutex<Vec<u8>>>::default();
        let (config, ca) = certificates();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (plain, tls) = runtime.block_on(async { (listen().await, listen().await) });
        let addresses = [&plain, &tls].map(|listener| listener.local_addr().unwrap());
        for (listener, config) in [(plain, None), (tls, Some(config))] {
            let (answers, seen, sockets) = (answers.clone(), seen.clone(), sockets.clone());
            runtime.spawn(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (answers, seen, sockets) = (answers.clone(), seen.clone(), sockets.clone());
                    let config = config.clone();
                    tokio::spawn(async move {
                        match config {
                            None => serve(stream, false, answers, seen, sockets).await,
                            Some(config) => {
                                let Ok(stream) = TlsAcceptor::from(config).accept(stream).await else {
                                    return;
                                };
                                let is_2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                                serve(stream, is_2, answers, seen, sockets).await;
                            }
                        }
                    });
                }
            });
        }
        let [plain, tls] = addresses;
        Self { plain, tls, seen, sockets, ca, _runtime: runtime }
    }

    /// What it was asked so far.
    pub(super) fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

async fn listen() -> tokio::net::TcpListener {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn certificates() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let certificate = CertificateParams::new(names).unwrap().signed_by(&own, &issuer).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(own.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (Arc::new(config), ca.pem())
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    is_2: bool,
    answers: Answers,
    seen: Arc<Mutex<Vec<Asked>>>,
    sockets: Arc<Mutex<Vec<u8>>>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (answers, seen, sockets) = (answers.clone(), seen.clone(), sockets.clone());
        async move { Ok::<_, Infallible>(answered(request, answers, seen, sockets).await) }
    });
    let stream = TokioIo::new(stream);
    if is_2 {
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _gone = builder.serve_connection(stream, service).await;
    } else {
        let builder = hyper::server::conn::http1::Builder::new();
        let _gone = builder.serve_connection(stream, service).with_upgrades().await;
    }
}

async fn answered(
    mut request: Request<Incoming>,
    answers: Answers,
    seen: Arc<Mutex<Vec<Asked>>>,
    sockets: Arc<Mutex<Vec<u8>>>,
) -> Response<Pieces> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (head, body) = request.into_parts();
    let field = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let asked = Asked {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        fields: head.headers.iter().map(field).collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
        version: head.version,
    };
    let answer = answers(&asked);
    seen.lock().unwrap().push(asked);
    let (sender, pieces) = channel(1);
    let mut response = Response::new(Pieces(pieces));
    *response.status_mut() = answer.status.try_into().unwrap();
    for (name, value) in &answer.fields {
        response.headers_mut().append(*name, value.parse().unwrap());
    }
    tokio::spawn(async move {
        if answer.status == 101 {
            let mut stream = TokioIo::new(upgrade.await.unwrap());
            for piece in answer.pieces {
                stream.write_all(&piece).await.unwrap();
                stream.flush().await.unwrap();
            }
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                sockets.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
            return;
        }
        for (index, piece) in answer.pieces.into_iter().enumerate() {
            if index > 0 {
                tokio::time::sleep(answer.pause).await;
            }
            if sender.send(Bytes::from(piece)).await.is_err() {
                return;
            }
        }
    });
    response
}

/// A body that comes in pieces.
pub(super) struct Pieces(Receiver<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
