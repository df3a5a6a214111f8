//! Bodies of HAR entries: `content` of a response, `postData` of a request, `data` of a WebSocket message.

use coldcase_model::NotScanned;
use coldcase_model::json::Value;

use crate::http::{Body, Places};

/// What became of a body's stated encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    Plain,
    Decoded,
    /// It says base64 and is not; the text is taken as it stands.
    NotBase64,
}

/// The body in the member `key` of `holder`, decoded where its `encoding` says base64.
pub(super) fn body(holder: Value<'_, '_>, key: &str, offset: u64) -> Option<(Body, Decoding)> {
    let value = holder.get(key)?;
    let text = value.string()?;
    let span = value.span();
    let is_base64 =
        holder.get_str("encoding").is_some_and(|coding| coding.trim().eq_ignore_ascii_case("base64"));
    let (bytes, decoding) = match is_base64.then(|| crate::http::base64(&text)) {
        Some(Some(bytes)) => (bytes, Decoding::Decoded),
        Some(None) => (text.into_owned(), Decoding::NotBase64),
        None => (text.into_owned(), Decoding::Plain),
    };
    let body =
        Body { bytes, offset: offset + span.start as u64, len: span.len() as u64, places: Places::default() };
    Some((body, decoding))
}

/// Bytes of a response body that the exporter measured and did not keep.
pub(super) fn not_recorded(content: Value<'_, '_>) -> Option<(NotScanned, u64)> {
    let size = content.get("size").and_then(Value::u64).filter(|size| *size > 0)?;
    Some((NotScanned::NotRecorded, size))
}
