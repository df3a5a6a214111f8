//! What a client gets in place of what does not pass: a status, a header and a small JSON body, without the content.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::body::Passed;
use crate::live::answer::{BLOCKED, FAILED, Why};

/// The header by which a client tells our answers from a server's.
pub(super) const MARK: HeaderName = HeaderName::from_static("x-coldcase");

/// Why a request is not answered by its server.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// A word for programs.
    pub(super) code: &'static str,
    pub(super) why: Why,
}

impl Refusal {
    /// What the judge stopped.
    pub(super) fn judged(why: Why) -> Self {
        let code = match why.code {
            BLOCKED => "blocked",
            FAILED => "scan-failed",
            _ => "refused",
        };
        Self { status: StatusCode::FORBIDDEN, code, why }
    }

    /// What is refused without being judged.
    pub(super) fn of(status: StatusCode, code: &'static str, reason: impl Into<String>) -> Self {
        Self { status, code, why: Why::refused(FAILED, reason) }
    }

    /// As the data of an event, or a body.
    pub(super) fn json(&self) -> String {
        let Why { reason, action, rules, .. } = &self.why;
        let message = format!("blocked by coldcase: {reason}");
        json!({ "error": {
            "type": "coldcase", "code": self.code, "message": message,
            "reason": reason, "action": action, "rules": rules,
        } })
        .to_string()
    }

    /// The answer.
    pub(super) fn answer(&self) -> Response<Passed> {
        let mark = if self.status == StatusCode::FORBIDDEN { "blocked" } else { "refused" };
        let mut answer = json_answer(self.status, self.json());
        answer.headers_mut().insert(MARK, HeaderValue::from_static(mark));
        answer
    }
}

/// An answer of our own that is JSON.
pub(super) fn json_answer(status: StatusCode, body: impl Into<bytes::Bytes>) -> Response<Passed> {
    let mut answer = Response::new(Passed::of(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
