//! One request and its answer: each taken in, judged, and passed on; or streams begun.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use coldcase_evidence::EntryKind;
use coldcase_model::{Direction, EventKind};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, ALT_SVC, CONTENT_LENGTH, EXPECT, HOST, HeaderValue};
use hyper::http::{request, response};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde_json::json;

use super::body::{self, NotTaken, Passed, Whole};
use super::counters::add;
use super::dial::NoDial;
use super::judge::Ruling;
use super::payload::{self, Held, Message};
use super::refusal::{MARK, Refusal, json_answer};
use super::serve::{Guest, Proxy};
use super::{events, fields, rpc, socket};
use crate::live::answer::Why;
use crate::live::carriage::Carriage;
use crate::live::fold::lock;

/// Who talks with whom about what.
#[derive(Debug, Clone)]
pub(super) struct Talk {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) session: String,
    #[expect(dead_code, reason = "a client counts as connected until all that came of it has ended")]
    pub(super) guest: Arc<Guest>,
}

/// Takes a request through the judge to its server, and the answer back.
pub(super) async fn exchange(
    proxy: &Arc<Proxy>,
    talk: Talk,
    uri: Uri,
    mut request: Request<Incoming>,
) -> Result<Response<Passed>, Refusal> {
    let is_socket = fields::strip(request.headers_mut()) && request.method() == Method::GET;
    let upgrade = is_socket.then(|| hyper::upgrade::on(&mut request));
    let (mut head, body) = request.into_parts();
    let mut body = taken(proxy, body).await?;
    prepare(&mut head, &uri, &body.bytes, is_socket);
    let is_rpc = body.rest.is_none() && is_rpc(proxy, &head, &body.bytes);
    let looked_at = if is_rpc { Held::NONE } else { body.held() };
    judge_request(proxy, &talk, &head, (body.trailers.as_ref(), looked_at)).await?;
    if is_rpc && let Some(answer) = rpc_request(proxy, &talk, &mut body, &mut head).await {
        return Ok(answer);
    }
    if body.rest.is_none() {
        head.headers.remove(CONTENT_LENGTH);
    }
    let client = if is_socket { &proxy.client_1 } else { &proxy.client };
    let asked = client.request(Request::from_parts(head, body.passed()));
    let answer = match tokio::time::timeout(proxy.limits.idle, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(no_answer(proxy, &error)),
        Err(_) => {
            add(&proxy.counters.upstream_errors);
            return Err(Refusal::of(StatusCode::GATEWAY_TIMEOUT, "silent", "the server does not answer"));
        }
    };
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return switched(proxy, talk, answer, upgrade).await;
    }
    answered(proxy, talk, answer).await
}

async fn taken(proxy: &Proxy, body: Incoming) -> Result<Whole, Refusal> {
    let taken = body::take(body, proxy.limits.body, proxy.limits.idle, &proxy.room).await;
    taken.map_err(|why| match why {
        NotTaken::Full => full(proxy),
        NotTaken::Broken => Refusal::of(StatusCode::BAD_REQUEST, "broken", "a body that breaks off"),
        NotTaken::Silent => Refusal::of(StatusCode::REQUEST_TIMEOUT, "silent", "a body that does not go on"),
    })
}

fn full(proxy: &Proxy) -> Refusal {
    add(&proxy.counters.no_room);
    Refusal::of(StatusCode::SERVICE_UNAVAILABLE, "full", "there is no room for more bodies at once")
}

impl Whole {
    fn held(&self) -> Held<'_> {
        Held { bytes: &self.bytes, over: self.over }
    }
}

/// The head as it is sent to the server, which is as it is judged.
fn prepare(head: &mut request::Parts, uri: &Uri, body: &[u8], is_socket: bool) {
    head.uri = uri.clone();
    head.version = hyper::Version::HTTP_11;
    let fields = &mut head.headers;
    fields.remove(EXPECT);
    if let Some(authority) = uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        fields.insert(HOST, authority);
    }
    if is_socket {
        fields::ask_for_socket(fields);
    }
    // A stream that is coded cannot be judged piece by piece.
    let streams = fields::lists(fields, ACCEPT, "text/event-stream")
        || memchr::memmem::find(body, b"\"stream\"").is_some();
    if streams && fields.contains_key(ACCEPT_ENCODING) {
        fields.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
}

/// Whether a body is for the lanes. In front of a server, what is no JSON under the type of JSON is, too: they refuse it.
fn is_rpc(proxy: &Proxy, head: &request::Parts, body: &[u8]) -> bool {
    if head.method != Method::POST || fields::is_coded(&head.headers) {
        return false;
    }
    let strict = proxy.upstream.is_some() && fields::media_type(&head.headers) == "application/json";
    match (strict || rpc::may_be(body)).then(|| rpc::kind(body)) {
        Some(rpc::Kind::Rpc) => true,
        Some(rpc::Kind::NoJson) => strict,
        Some(rpc::Kind::Other) | None => false,
    }
}

async fn judge_request(
    proxy: &Proxy,
    talk: &Talk,
    head: &request::Parts,
    (trailers, body): (Option<&HeaderMap>, Held<'_>),
) -> Result<(), Refusal> {
    let message = Message {
        kind: EventKind::HttpRequest,
        direction: Direction::Egress,
        session: talk.session.clone(),
        server: talk.host.clone(),
        key: "request",
        payload: payload::request(head.method.as_str(), &talk.url, (&head.headers, trailers), body),
        bytes: body.bytes.len() as u64 + body.over,
    };
    match proxy.judge.ask(message, None).await {
        Ruling::Pass => Ok(()),
        Ruling::Stop(why) => Err(Refusal::judged(why)),
    }
}

/// Leads a JSON-RPC body through its lane; an answer if nothing is to be sent on.
///
/// Of a batch with a request that is stopped nothing is sent: its answers could not be told apart.
async fn rpc_request(
    proxy: &Proxy,
    talk: &Talk,
    body: &mut Whole,
    head: &mut request::Parts,
) -> Option<Response<Passed>> {
    let of = (talk.session.as_str(), talk.host.as_str());
    let sent = proxy.lanes.take(of, Direction::Egress, Carriage::Together, &body.bytes).await;
    let mut answer = match (sent.back, sent.onward) {
        (Some(back), _) if proxy.endpoints.answer(&talk.url, &back).await => {
            json_answer(StatusCode::ACCEPTED, Bytes::new())
        }
        (Some(back), _) => json_answer(StatusCode::OK, back),
        (None, Some(onward)) => {
            if !rpc::is_same(&onward, &body.bytes) {
                head.headers.remove(CONTENT_LENGTH);
                body.bytes = onward;
            }
            return None;
        }
        // A notification, which nobody answers (MCP 2025-11-25, "Streamable HTTP").
        (None, None) => json_answer(StatusCode::ACCEPTED, Bytes::new()),
    };
    answer.headers_mut().insert(MARK, HeaderValue::from_static("blocked"));
    Some(answer)
}

/// What a client is told when its server cannot be asked.
fn no_answer(proxy: &Proxy, error: &hyper_util::client::legacy::Error) -> Refusal {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(no_dial) = error.downcast_ref::<NoDial>() {
            return not_dialled(proxy, no_dial);
        }
        cause = error.source();
    }
    add(&proxy.counters.upstream_errors);
    Refusal::of(StatusCode::BAD_GATEWAY, "unreachable", "the server broke off before it answered")
}

/// The same for a server that was not dialled; an address that is refused is recorded.
pub(super) fn not_dialled(proxy: &Proxy, error: &NoDial) -> Refusal {
    let NoDial::Forbidden { what, address } = error else {
        add(&proxy.counters.upstream_errors);
        let code = if matches!(error, NoDial::Tls(_)) { "no-tls" } else { "unreachable" };
        return Refusal::of(StatusCode::BAD_GATEWAY, code, error.to_string());
    };
    add(&proxy.counters.addresses_refused);
    let reason = format!("an address of the server is {what}");
    crate::term::note(&format!("coldcase: block: {reason}"));
    let detail =
        json!({ "verdict": "block", "layer": "address", "address": address.to_string(), "reason": reason });
    let summary = format!("block egress dial: {reason}");
    let _told_already =
        lock(&proxy.judge.fold).recorder.note(EntryKind::Decision, "address", &summary, &detail);
    Refusal { status: StatusCode::FORBIDDEN, code: "address", why: Why::refused(-1, reason) }
}

/// An answer, judged as a whole or begun as a stream.
async fn answered(
    proxy: &Arc<Proxy>,
    talk: Talk,
    answer: Response<Incoming>,
) -> Result<Response<Passed>, Refusal> {
    let (mut head, body) = answer.into_parts();
    fields::strip(&mut head.headers);
    // The way round a proxy that sees only TCP.
    head.headers.remove(ALT_SVC);
    // Ours alone.
    head.headers.remove(MARK);
    if fields::media_type(&head.headers) == "text/event-stream" && !fields::is_coded(&head.headers) {
        judge_answer(proxy, &talk, &head, (None, Held::NONE)).await?;
        head.headers.remove(CONTENT_LENGTH);
        return Ok(of(head, events::pass(proxy, talk, body)));
    }
    let taken = body::take(body, proxy.limits.body, proxy.limits.idle, &proxy.room).await;
    let mut body = taken.map_err(|why| match why {
        NotTaken::Full => full(proxy),
        NotTaken::Broken | NotTaken::Silent => {
            add(&proxy.counters.upstream_errors);
            Refusal::of(StatusCode::BAD_GATEWAY, "broken", "the server's answer breaks off")
        }
    })?;
    let is_rpc = body.rest.is_none()
        && !fields::is_coded(&head.headers)
        && rpc::may_be(&body.bytes)
        && rpc::kind(&body.bytes) == rpc::Kind::Rpc;
    let looked_at = if is_rpc { Held::NONE } else { body.held() };
    judge_answer(proxy, &talk, &head, (body.trailers.as_ref(), looked_at)).await?;
    if body.rest.is_none() && !body.bytes.is_empty() {
        // Its length is known. Without a body it is what an answer to HEAD says of another.
        head.headers.remove(CONTENT_LENGTH);
    }
    if is_rpc {
        let of = (talk.session.as_str(), talk.host.as_str());
        let sent = proxy.lanes.take(of, Direction::Ingress, Carriage::Each, &body.bytes).await;
        let Some(onward) = sent.onward else {
            return Err(Refusal::of(StatusCode::FORBIDDEN, "blocked", "a message of the server was stopped"));
        };
        if !rpc::is_same(&onward, &body.bytes) {
            head.headers.insert(MARK, HeaderValue::from_static("changed"));
            body.bytes = onward;
        }
    }
    Ok(of(head, body.passed()))
}

async fn judge_answer(
    proxy: &Proxy,
    talk: &Talk,
    head: &response::Parts,
    (trailers, body): (Option<&HeaderMap>, Held<'_>),
) -> Result<(), Refusal> {
    let message = Message {
        kind: EventKind::HttpResponse,
        direction: Direction::Ingress,
        session: talk.session.clone(),
        server: talk.host.clone(),
        key: "response",
        payload: payload::response(head.status.as_u16(), &talk.url, (&head.headers, trailers), body),
        bytes: body.bytes.len() as u64 + body.over,
    };
    match proxy.judge.ask(message, None).await {
        Ruling::Pass => Ok(()),
        Ruling::Stop(why) => Err(Refusal::judged(why)),
    }
}

fn of(head: response::Parts, body: Passed) -> Response<Passed> {
    let mut answer = Response::new(body);
    *answer.status_mut() = head.status;
    *answer.headers_mut() = head.headers;
    answer
}

/// Both sides go over to WebSocket.
async fn switched(
    proxy: &Arc<Proxy>,
    talk: Talk,
    mut answer: Response<Incoming>,
    upgrade: Option<hyper::upgrade::OnUpgrade>,
) -> Result<Response<Passed>, Refusal> {
    let broken = |what: &str| Refusal::of(StatusCode::BAD_GATEWAY, "broken", what);
    let upgrade = upgrade.ok_or_else(|| broken("the server changes the protocol unasked"))?;
    if answer.headers().contains_key(hyper::header::SEC_WEBSOCKET_EXTENSIONS) {
        return Err(broken("the server wants an extension of WebSocket that nobody asked for"));
    }
    let server = hyper::upgrade::on(&mut answer);
    let (mut head, _) = answer.into_parts();
    fields::strip(&mut head.headers);
    judge_answer(proxy, &talk, &head, (None, Held::NONE)).await?;
    fields::answer_for_socket(&mut head.headers);
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        if let (Ok(server), Ok(client)) = (server.await, upgrade.await) {
            socket::pass(proxy, talk, client, server).await;
        }
    });
    Ok(of(head, Passed::of(Bytes::new())))
}
