//! Connections to servers: a name is resolved once, all its addresses are checked, and one of those is dialled.
//!
//! So a name whose answer changes between check and use leads nowhere else.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::{Net, forbids};

/// Why nothing was dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoDial {
    /// An address of the host may not be dialled.
    #[error("an address of the server is {what}")]
    Forbidden {
        /// What it is.
        what: &'static str,
        /// Which.
        address: IpAddr,
    },
    /// The host has no address, or none of them answers.
    #[error("the server cannot be reached")]
    Unreachable(#[source] std::io::Error),
    /// It is no server of that name, or of no version that is known.
    #[error("no TLS with the server")]
    Tls(#[source] std::io::Error),
}

/// Dials what may be dialled.
#[derive(Debug, Clone)]
pub(super) struct Dialler {
    pub(super) allowed: Arc<[Net]>,
    pub(super) patience: Duration,
}

impl Dialler {
    /// A connection to a host, and the address that it goes to.
    pub(super) async fn dial(&self, host: &str, port: u16) -> Result<(TcpStream, SocketAddr), NoDial> {
        let dialled = tokio::time::timeout(self.patience, self.dial_any(host, port)).await;
        dialled.unwrap_or_else(|_| Err(NoDial::Unreachable(std::io::ErrorKind::TimedOut.into())))
    }

    async fn dial_any(&self, host: &str, port: u16) -> Result<(TcpStream, SocketAddr), NoDial> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((bare, port)).await.map_err(NoDial::Unreachable)?.collect();
        // A name that has one address that may not be dialled is not to be trusted with the others.
        for address in &addresses {
            if let Some(what) = forbids(address.ip(), &self.allowed) {
                return Err(NoDial::Forbidden { what, address: address.ip() });
            }
        }
        let mut last = std::io::ErrorKind::NotFound.into();
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            match connect(address).await {
                Ok(stream) => return Ok((stream, address)),
                Err(error) => last = error,
            }
        }
        Err(NoDial::Unreachable(last))
    }
}

/// Addresses of a name that are tried.
const MOST_ADDRESSES: usize = 8;

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection, plain or inside TLS.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Makes connections for the client pool.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) dialler: Dialler,
    pub(super) tls: Arc<ClientConfig>,
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = NoDial;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, NoDial>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoDial>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let host = uri.host().unwrap_or_default();
            let is_tls = uri.scheme_str() == Some("https");
            let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
            let (stream, _) = connector.dialler.dial(host, port).await?;
            if !is_tls {
                return Ok(TokioIo::new(Stream::Plain(stream)));
            }
            let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
            let name = ServerName::try_from(bare.to_owned());
            let name = name.map_err(|error| NoDial::Tls(std::io::Error::other(error)))?;
            let shake = TlsConnector::from(connector.tls).connect(name, stream);
            let shaken = tokio::time::timeout(connector.dialler.patience, shake).await;
            let shaken = shaken.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
            Ok(TokioIo::new(Stream::Tls(Box::new(shaken.map_err(NoDial::Tls)?))))
        })
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        match self {
            Self::Plain(_) => Connected::new(),
            Self::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                Connected::new().negotiated_h2()
            }
            Self::Tls(_) => Connected::new(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
