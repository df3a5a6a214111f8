//! Header fields: which are for one connection only, and what a proxy adds or takes away.
//!
//! Fields are changed before a message is judged, so that what is judged is what is sent.

use hyper::HeaderMap;
use hyper::header::{self, HeaderName, HeaderValue};

/// Fields that concern one connection (RFC 9110, section 7.6.1) or the proxy.
const OF_A_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Takes away what concerns one connection; says whether it asked for a WebSocket.
pub(super) fn strip(fields: &mut HeaderMap) -> bool {
    let is_socket =
        lists(fields, header::CONNECTION, "upgrade") && lists(fields, header::UPGRADE, "websocket");
    let named: Vec<HeaderName> = fields
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    // What came in chunks has their length, whatever else was said (RFC 9112, section 6.3).
    if fields.contains_key(header::TRANSFER_ENCODING) {
        while fields.remove(header::CONTENT_LENGTH).is_some() {}
    }
    let takes_trailers = lists(fields, header::TE, "trailers");
    for name in named.iter().chain(&OF_A_CONNECTION) {
        while fields.remove(name).is_some() {}
    }
    if takes_trailers {
        // gRPC insists on it, and it is all that HTTP/2 has of TE (RFC 9113, section 8.2.2).
        fields.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    is_socket
}

/// Asks for a WebSocket again, without extensions: messages are judged as they are framed.
pub(super) fn ask_for_socket(fields: &mut HeaderMap) {
    while fields.remove(header::SEC_WEBSOCKET_EXTENSIONS).is_some() {}
    answer_for_socket(fields);
}

/// Agrees to a WebSocket.
pub(super) fn answer_for_socket(fields: &mut HeaderMap) {
    fields.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    fields.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

/// Whether a field lists a word, with parameters or without.
pub(super) fn lists(fields: &HeaderMap, name: HeaderName, word: &str) -> bool {
    fields
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| item.split(';').next())
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}

/// The type of a body, in small letters and without parameters.
pub(super) fn media_type(fields: &HeaderMap) -> String {
    let text = fields.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a body is coded.
pub(super) fn is_coded(fields: &HeaderMap) -> bool {
    fields
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_connection_goes_and_the_rest_stays() {
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("proxy-authorization", "Basic eA=="),
            ("te", "trailers, deflate"),
            ("authorization", "kept"),
        ] {
            fields.append(name, value.parse().unwrap());
        }
        assert!(!strip(&mut fields));
        let mut names: Vec<&str> = fields.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "te"]);
        assert_eq!(fields["te"], "trailers");
        fields.insert("content-length", "4".parse().unwrap());
        assert!(!strip(&mut fields) && fields["content-length"] == "4");
        fields.insert("transfer-encoding", "chunked".parse().unwrap());
        assert!(!strip(&mut fields) && !fields.contains_key("content-length"));
        fields.insert("connection", "keep-alive, Upgrade".parse().unwrap());
        fields.insert("upgrade", "websocket".parse().unwrap());
        assert!(strip(&mut fields));
    }
}
