//! A message of either version of HTTP, as the events of both are made of it.

use std::borrow::Cow;

use coldcase_wire::{Place, Side, http2};

use crate::http::Places;

/// A message of either version of HTTP, in the order of its text.
pub(super) struct Message<'m> {
    pub(super) side: Side,
    pub(super) method: Option<&'m [u8]>,
    pub(super) status: Option<u16>,
    /// What stands behind the status.
    pub(super) reason: &'m [u8],
    pub(super) url: Vec<u8>,
    pub(super) fields: Vec<Field<'m>>,
    pub(super) body: &'m [u8],
    pub(super) body_at: u64,
    /// Where the body's bytes stand, before its codings are undone.
    pub(super) places: Places,
    /// Codings of the body, the last applied last.
    pub(super) codings: Vec<u8>,
    pub(super) trailers: Vec<Field<'m>>,
    pub(super) at: u64,
    pub(super) len: u64,
    pub(super) time: Option<i64>,
    /// Bytes that are not in the capture.
    pub(super) lost: u64,
    /// Bytes over a cap.
    pub(super) over_limit: u64,
    /// It goes on after what was captured.
    pub(super) is_cut: bool,
}

/// A header field with its place in the capture.
pub(super) struct Field<'m> {
    pub(super) name: &'m [u8],
    pub(super) value: Cow<'m, [u8]>,
    pub(super) at: u64,
}

impl<'m> Field<'m> {
    pub(super) fn of(field: &'m http2::Field, at: u64) -> Self {
        Self { name: &field.name, value: Cow::Borrowed(&field.value), at }
    }
}

impl Message<'_> {
    /// The value of the first header field of a name.
    pub(super) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let field = self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(&field.value)
    }
}

/// The absolute form of a request target.
pub(super) fn absolute(target: &[u8], host: Option<&[u8]>, place: &Place) -> Vec<u8> {
    if !target.starts_with(b"/") && target != b"*" {
        return target.to_vec();
    }
    let scheme: &[u8] = if place.is_encrypted { b"https://" } else { b"http://" };
    let host = match (host, &place.host) {
        (Some(host), _) if !host.is_empty() => Cow::Borrowed(host),
        (_, Some(host)) => Cow::Borrowed(host.as_bytes()),
        _ => Cow::Owned(place.flow.server.address.to_string().into_bytes()),
    };
    [scheme, &host, target].concat()
}
