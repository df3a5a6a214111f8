//! The bytes of an entry that its hash covers.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 4: parts joined by single zero bytes, strings decoded, `detail` raw.

use sha2::{Digest, Sha256};

/// What stands in `prev_hash` of the first entry of a session.
pub(crate) const GENESIS: &[u8] = b"genesis";

/// The hashed parts of an entry. Strings are decoded; what is absent is empty.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    /// The entry version: 1, 2 or 3.
    pub(crate) version: u8,
    pub(crate) seq: u64,
    pub(crate) ts: &'a [u8],
    pub(crate) session: &'a [u8],
    /// Version 3 only.
    pub(crate) chain_kind: &'a [u8],
    /// Version 3 only.
    pub(crate) writer: &'a [u8],
    pub(crate) trace: &'a [u8],
    pub(crate) kind: &'a [u8],
    /// From version 2 on.
    pub(crate) event_kind: &'a [u8],
    pub(crate) transport: &'a [u8],
    pub(crate) summary: &'a [u8],
    /// The JSON value as it stands in the line.
    pub(crate) detail: &'a [u8],
    pub(crate) raw_ref: &'a [u8],
    /// The text: `genesis` or 64 digits.
    pub(crate) prev_hash: &'a [u8],
}

/// The entry's hash. `room` is memory to work in.
pub(crate) fn hash(fields: &Fields<'_>, room: &mut Vec<u8>) -> [u8; 32] {
    project(fields, room);
    Sha256::digest(&room).into()
}

/// The hashed bytes.
pub(crate) fn project(fields: &Fields<'_>, out: &mut Vec<u8>) {
    out.clear();
    push_number(u64::from(fields.version), out);
    out.push(0);
    push_number(fields.seq, out);
    let mut part = |bytes: &[u8]| {
        out.push(0);
        out.extend_from_slice(bytes);
    };
    part(fields.ts);
    part(fields.session);
    if fields.version >= 3 {
        part(fields.chain_kind);
        part(fields.writer);
    }
    part(fields.trace);
    part(fields.kind);
    if fields.version >= 2 {
        part(fields.event_kind);
    }
    part(fields.transport);
    part(fields.summary);
    part(fields.detail);
    part(fields.raw_ref);
    part(fields.prev_hash);
}

/// Decimal digits, without an allocation.
fn push_number(mut value: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// Each version hashes the parts that it has, one zero byte between them.
    #[test]
    fn each_version_has_its_parts() {
        let fields = Fields {
            seq: 10,
            ts: b"t",
            session: b"s",
            chain_kind: b"c",
            writer: b"w",
            trace: b"r",
            kind: b"k",
            event_kind: b"e",
            transport: b"p",
            summary: b"y",
            detail: b"{}",
            raw_ref: b"f",
            prev_hash: b"genesis",
            ..Fields::default()
        };
        for (version, parts) in [
            (1, "1 10 t s r k p y {} f genesis"),
            (2, "2 10 t s r k e p y {} f genesis"),
            (3, "3 10 t s c w r k e p y {} f genesis"),
        ] {
            let mut out = Vec::new();
            project(&Fields { version, ..fields }, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), parts.replace(' ', "\0"), "{version}");
        }
    }

    /// The worked example of the format's description: entry 1, whose detail must not be touched.
    #[test]
    fn the_published_example_hashes_as_published() {
        let entry = Fields {
            version: 2,
            seq: 1,
            ts: b"2026-03-01T10:00:01Z",
            session: b"demo",
            trace: b"t-1",
            kind: b"decision",
            event_kind: b"proxy_decision",
            transport: b"fetch",
            summary: b"allow: ",
            detail: br#"{"layer":"","n":[9007199254740993,1.50,1e3],"verdict":"allow"}"#,
            prev_hash: b"2dd333bc4cc11d8c1d58568382b530896c0d4d8924f9d49066b9268f48b390f8",
            ..Fields::default()
        };
        let digest = hash(&entry, &mut Vec::new());
        assert_eq!(hex::encode(&digest), "a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9");
    }

    #[test]
    fn version_three_hashes_its_namespace() {
        let entry = Fields {
            version: 3,
            seq: 7,
            ts: b"2026-08-07T12:34:56.000000789Z",
            session: b"proxy",
            chain_kind: b"recorder",
            writer: b"writer-0123456789abcdef",
            trace: b"trace-7",
            kind: b"request",
            event_kind: b"write",
            transport: b"fetch",
            summary: b"v3 reader fixture",
            detail: br#"{"a":"b"}"#,
            raw_ref: b"evidence.raw.enc",
            prev_hash: GENESIS,
        };
        let digest = hash(&entry, &mut Vec::new());
        assert_eq!(hex::encode(&digest), "86cf558b8504031e857711860383f0b2badd0cff5c06761a3f29ae507c1d4292");
    }

    #[test]
    fn numbers_are_decimal() {
        for value in [0, 9, 10, 1000, u64::MAX] {
            let mut out = Vec::new();
            push_number(value, &mut out);
            assert_eq!(out, value.to_string().into_bytes());
        }
    }
}
