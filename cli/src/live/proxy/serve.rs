//! What all connections share, and what a request wants: a tunnel, or an exchange with a server.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::http::uri::Authority as UriAuthority;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use tokio::sync::OwnedSemaphorePermit;

use super::authority::Authority;
use super::body::Passed;
use super::counters::{Counters, add};
use super::dial::{Connector, Dialler};
use super::endpoints::Endpoints;
use super::exchange::{Talk, exchange};
use super::judge::Judge;
use super::refusal::Refusal;
use super::room::Room;
use super::rpc::Lanes;
use super::sessions::Sessions;
use super::switch::Switch;
use super::tunnel;

/// How much, how many, how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) body: usize,
    pub(super) header: Duration,
    pub(super) idle: Duration,
    pub(super) connections: usize,
}

/// What all connections share.
pub(super) struct Proxy {
    pub(super) judge: Arc<Judge>,
    pub(super) lanes: Lanes,
    pub(super) client: Client<Connector, Passed>,
    /// For what HTTP/2 cannot do.
    pub(super) client_1: Client<Connector, Passed>,
    pub(super) dialler: Dialler,
    pub(super) authority: Option<Authority>,
    /// The server that it stands in front of.
    pub(super) upstream: Option<Uri>,
    pub(super) limits: Limits,
    pub(super) counters: Arc<Counters>,
    pub(super) switch: Switch,
    /// Whether it serves this machine only.
    pub(super) is_local: bool,
    pub(super) sessions: Sessions,
    pub(super) endpoints: Endpoints,
    pub(super) room: Arc<Room>,
}

/// A client that is connected, in whatever way: dropped when all that came of it has ended.
#[derive(Debug)]
pub(super) struct Guest {
    counters: Arc<Counters>,
    _place: OwnedSemaphorePermit,
}

impl Guest {
    pub(super) fn new(counters: &Arc<Counters>, place: OwnedSemaphorePermit) -> Self {
        add(&counters.connections);
        counters.open.fetch_add(1, Ordering::Relaxed);
        Self { counters: Arc::clone(counters), _place: place }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.counters.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where requests come in.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) client: IpAddr,
    pub(super) guest: Arc<Guest>,
    /// Where they may lead, if not anywhere.
    pub(super) into: Option<Arc<Place>>,
}

/// A server at the end of a tunnel.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
}

/// Answers a request.
pub(super) async fn handle(proxy: Arc<Proxy>, door: Door, request: Request<Incoming>) -> Response<Passed> {
    add(&proxy.counters.requests);
    let killed = || Refusal::of(StatusCode::SERVICE_UNAVAILABLE, "killed", "all traffic is stopped").answer();
    if proxy.switch.is_killed() {
        return killed();
    }
    tokio::select! {
        answer = answered(&proxy, &door, request) => answer,
        // A stream of HTTP/2 goes on by itself when its connection is gone.
        () = proxy.switch.killed() => killed(),
    }
}

async fn answered(proxy: &Arc<Proxy>, door: &Door, request: Request<Incoming>) -> Response<Passed> {
    let forward = proxy.upstream.is_none() && door.into.is_none();
    let answer = if request.method() == Method::CONNECT && forward {
        tunnel::connect(proxy, door, request).await
    } else {
        match target(proxy, door, &request) {
            Ok((uri, host)) => {
                let session = session(proxy, door, request.headers());
                // Where it stands before a server that was named, the host is nobody's choice.
                let url = match (&proxy.upstream, uri.path_and_query()) {
                    (Some(_), Some(path)) => path.to_string(),
                    _ => uri.to_string(),
                };
                let talk = Talk { url, host, session, guest: Arc::clone(&door.guest) };
                exchange(proxy, talk, uri, request).await
            }
            Err(refusal) => Err(refusal),
        }
    };
    answer.unwrap_or_else(|refusal| refusal.answer())
}

/// The URL that a request is about, and its host.
fn target(proxy: &Proxy, door: &Door, request: &Request<Incoming>) -> Result<(Uri, String), Refusal> {
    let bad = |what: &str| Refusal::of(StatusCode::BAD_REQUEST, "bad-request", what);
    if request.method() == Method::CONNECT {
        return Err(bad("CONNECT leads nowhere here"));
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let (scheme, host, port) = match (&door.into, &proxy.upstream) {
        (Some(place), _) => {
            let asked = authority_of(request).ok_or_else(|| bad("a request without a host"))?;
            let fits = asked.host().eq_ignore_ascii_case(&place.host)
                && asked.port_u16().is_none_or(|port| port == place.port);
            if !fits {
                let what = "a host other than that of the tunnel";
                return Err(Refusal::of(StatusCode::MISDIRECTED_REQUEST, "misdirected", what));
            }
            (place.scheme, place.host.clone(), place.port)
        }
        (None, Some(upstream)) => {
            // A name that somebody made lead to this machine, so that a browser here asks for it, is none of ours; the
            // server cannot tell any more, since it is asked under its own name.
            let asked = authority_of(request).ok_or_else(|| bad("a request without a host"))?;
            if proxy.is_local && !is_local(asked.host()) {
                let what = "a host other than this machine";
                return Err(Refusal::of(StatusCode::MISDIRECTED_REQUEST, "misdirected", what));
            }
            let own = upstream.path_and_query().map_or("/", |path| path.as_str());
            let path = if path == "/" { own } else { path };
            let authority = upstream.authority().map(ToString::to_string).unwrap_or_default();
            let scheme = upstream.scheme_str().unwrap_or("http");
            let uri = format!("{scheme}://{authority}{path}")
                .parse()
                .map_err(|_| bad("a target that is no URL"))?;
            return Ok((uri, upstream.host().unwrap_or_default().to_owned()));
        }
        (None, None) => {
            let uri = request.uri();
            let scheme = match uri.scheme_str() {
                Some("http") => "http",
                Some("https") => "https",
                _ => return Err(bad("a proxy takes requests with an absolute http or https URL")),
            };
            let host = uri.host().filter(|host| !host.is_empty());
            let host = host.ok_or_else(|| bad("a URL without a host"))?.to_ascii_lowercase();
            (scheme, host, uri.port_u16().unwrap_or(usual_port(scheme)))
        }
    };
    // Without user info, which would be sent to the server as part of nothing.
    let authority = if port == usual_port(scheme) { host.clone() } else { format!("{host}:{port}") };
    let uri = format!("{scheme}://{authority}{path}").parse().map_err(|_| bad("a target that is no URL"))?;
    Ok((uri, host))
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn usual_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

/// The host that a request names, in its target or its header.
fn authority_of(request: &Request<Incoming>) -> Option<UriAuthority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    host.to_str().ok()?.parse().ok()
}

/// The session that a request belongs to: its client's, or in front of a server the one that the server named.
fn session(proxy: &Proxy, door: &Door, fields: &HeaderMap) -> String {
    match fields.get("mcp-session-id").filter(|_| proxy.upstream.is_some()) {
        Some(id) => proxy.sessions.marked(id.as_bytes(), &proxy.judge.fold),
        None => door.session(proxy),
    }
}

impl Door {
    /// The session of its client.
    pub(super) fn session(&self, proxy: &Proxy) -> String {
        proxy.sessions.of_client(self.client, &proxy.judge.fold)
    }
}
