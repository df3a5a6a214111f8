//! The older transport of MCP over HTTP: a stream of events names the URL that messages are posted to, and only the stream carries
//! answers. So what is answered here has to go into the stream: clients do not look at what a post brings back.
//!
//! Source: MCP 2024-11-05, "HTTP with SSE". Left out: streamable HTTP, where the post has the answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::Uri;
use tokio::sync::mpsc::Sender;

use super::body::Fault;

/// How long a client that is slow to read its stream holds up a post.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer URLs are no endpoints.
const LONGEST: usize = 4096;

type Out = Sender<Result<Bytes, Fault>>;

/// The streams under way, by the URL that they named.
#[derive(Debug, Clone, Default)]
pub(super) struct Endpoints(Arc<Mutex<HashMap<String, Out>>>);

/// Forgets the endpoint of a stream that has ended.
#[derive(Debug)]
pub(super) struct Named {
    all: Endpoints,
    url: String,
    out: Out,
}

impl Endpoints {
    /// Keeps what a stream at `at` names as its endpoint, as long as the answer lives.
    pub(super) fn name(&self, at: &str, named: &[u8], out: &Out) -> Option<Named> {
        let url = resolved(at, std::str::from_utf8(named).ok()?.trim())?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(url.clone(), out.clone());
        Some(Named { all: self.clone(), url, out: out.clone() })
    }

    /// Writes a message into the stream whose endpoint a URL is; says whether there is one.
    pub(super) async fn answer(&self, url: &str, message: &[u8]) -> bool {
        let out = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        let Some(out) = out else { return false };
        let event = [b"event: message\ndata: ", message, b"\n\n"].concat();
        matches!(tokio::time::timeout(PATIENCE, out.send(Ok(event.into()))).await, Ok(Ok(())))
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another stream may have named the same since.
        if all.get(&self.url).is_some_and(|out| out.same_channel(&self.out)) {
            all.remove(&self.url);
        }
    }
}

/// The URL as requests for it have it: whole, or in front of a server from the path on.
fn resolved(at: &str, named: &str) -> Option<String> {
    let named: Uri = named.parse().ok().filter(|_| named.len() <= LONGEST)?;
    let path = named.path_and_query()?.as_str();
    let at: Uri = at.parse().ok()?;
    let Some(scheme) = at.scheme_str() else { return Some(path.to_owned()) };
    let authority = at.authority()?;
    // Clients take an endpoint of the stream's own origin only (MCP 2024-11-05), and another server's is none of this stream's.
    let is_own = named.authority().is_none_or(|named| named == authority)
        && named.scheme_str().is_none_or(|named| named == scheme);
    is_own.then(|| format!("{scheme}://{authority}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_as_its_requests_name_it() {
        for (at, named, url) in [
            ("http://h.test:80/sse", "/messages?s=1", Some("http://h.test:80/messages?s=1")),
            ("https://h.test/sse", "https://h.test/m", Some("https://h.test/m")),
            ("https://h.test/sse", "https://other.test/m", None),
            ("https://h.test/sse", "http://h.test/m", None),
            ("/sse", "/messages?s=1", Some("/messages?s=1")),
            ("/sse", "http://127.0.0.1:3001/messages?s=1", Some("/messages?s=1")),
            ("/sse", "", None),
            ("/sse", "no url", None),
        ] {
            assert_eq!(resolved(at, named).as_deref(), url, "{at} {named}");
        }
    }
}
