//! The client hello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2).

use super::cursor::{Cursor, u16s};
use super::extension::{self, Extensions};
use super::fingerprint;
use super::name::shown;
use super::suite::Suite;

/// What carries a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// QUIC.
    Quic,
}

impl Carrier {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Quic => "quic",
        }
    }
}

/// What a client says of itself and asks for. A hello that breaks off is read as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct ClientHello {
    /// The name by which key logs know the connection.
    pub random: [u8; 32],
    /// The version field; TLS 1.3 is offered in `versions` alone.
    pub legacy_version: u16,
    /// The versions that are offered by extension, in the client's order; empty before TLS 1.3.
    pub versions: Vec<u16>,
    /// The cipher suites that are offered, in the client's order.
    pub suites: Vec<u16>,
    /// The host that is asked for; with `encrypted_hello`, that of the outer hello. Bytes that are not visible ASCII
    /// are escaped.
    pub server_name: Option<String>,
    /// The application protocols that are offered, in the client's order.
    pub alpn: Vec<Vec<u8>>,
    /// Whether a session is offered for resumption, by ticket or key (TLS 1.3).
    pub pre_shared_key: bool,
    /// Whether early data is announced.
    pub early_data: bool,
    /// Whether the true hello may be encrypted inside (RFC 9849), or a decoy of one.
    pub encrypted_hello: bool,
    /// Whether it does not follow its own lengths.
    pub malformed: bool,
    /// JA3: MD5, in hex.
    pub ja3: String,
    /// JA4.
    pub ja4: String,
    pub(super) session_id: Vec<u8>,
    /// The suites of TLS 1.3 among those that are offered and can be decrypted, each once.
    pub(super) suites13: Vec<Suite>,
}

/// The parts of a hello that fingerprints are made of, as they stand on the wire.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) extensions: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) point_formats: Vec<u8>,
    pub(super) signatures: Vec<u16>,
}

impl ClientHello {
    /// Reads the body of the message; `None` if not even its random is there.
    pub(crate) fn read(body: &[u8], carrier: Carrier) -> Option<Self> {
        let mut cursor = Cursor(body);
        let mut hello = Self {
            legacy_version: cursor.u16()?,
            random: cursor.array()?,
            versions: Vec::new(),
            suites: Vec::new(),
            server_name: None,
            alpn: Vec::new(),
            pre_shared_key: false,
            early_data: false,
            encrypted_hello: false,
            malformed: false,
            ja3: String::new(),
            ja4: String::new(),
            session_id: Vec::new(),
            suites13: Vec::new(),
        };
        let mut parts = Parts::default();
        hello.malformed = hello.rest(cursor, &mut parts).is_none();
        let known = hello.suites.iter().filter(|id| Suite::is_tls13(**id));
        hello.suites13 = known.filter_map(|id| Suite::find(*id)).collect();
        hello.suites13.sort_unstable_by_key(|suite| suite.id);
        hello.suites13.dedup();
        hello.ja3 = fingerprint::ja3(&hello, &parts);
        hello.ja4 = fingerprint::ja4(&hello, &parts, carrier);
        Some(hello)
    }

    /// Whether TLS 1.3 is offered.
    pub(super) fn offers_tls13(&self) -> bool {
        self.versions.contains(&0x0304)
    }

    fn rest(&mut self, mut cursor: Cursor<'_>, parts: &mut Parts) -> Option<()> {
        self.session_id = cursor.vector8()?.to_vec();
        self.suites = u16s(cursor.vector16()?).collect();
        cursor.vector8()?;
        if cursor.is_empty() {
            // RFC 5246, section 7.4.1.2: without extensions there is not even their length.
            return Some(());
        }
        let whole = cursor.vector16();
        // Cut: those that are there count.
        let mut extensions = Extensions::new(whole.or_else(|| cursor.0.get(2..))?);
        for (kind, content) in extensions.by_ref() {
            parts.extensions.push(kind);
            self.extension(kind, content, parts);
        }
        (whole.is_some() && !extensions.broken).then_some(())
    }

    fn extension(&mut self, kind: u16, content: &[u8], parts: &mut Parts) {
        match kind {
            extension::SERVER_NAME => self.server_name = extension::host_name(content).map(shown),
            extension::ALPN => self.alpn = extension::protocols(content),
            extension::SUPPORTED_VERSIONS => self.versions = extension::versions(content),
            extension::PRE_SHARED_KEY => self.pre_shared_key = true,
            extension::EARLY_DATA => self.early_data = true,
            extension::ENCRYPTED_CLIENT_HELLO => self.encrypted_hello = true,
            extension::SUPPORTED_GROUPS => parts.groups = extension::list16(content),
            extension::EC_POINT_FORMATS => {
                parts.point_formats = Cursor(content).vector8().unwrap_or_default().to_vec();
            }
            extension::SIGNATURE_ALGORITHMS => parts.signatures = extension::list16(content),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hello;
    use super::*;

    #[test]
    fn a_hello_is_read_as_far_as_it_goes() {
        let body = hello::client(&[7; 32], 0x0303, &[0x1301, 0xc02f], &hello::usual("a.test"));
        let whole = ClientHello::read(&body, Carrier::Tcp).unwrap();
        assert_eq!(whole.server_name.as_deref(), Some("a.test"));
        assert_eq!(whole.alpn, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        assert_eq!((whole.suites.as_slice(), whole.malformed), (&[0x1301, 0xc02f][..], false));
        for len in 0..body.len() {
            let cut = ClientHello::read(&body[..len], Carrier::Tcp);
            assert_eq!(cut.is_some(), len >= 34);
            // Without extensions it is a hello of old, and whole.
            let bare = 34 + 1 + 2 + 4 + 2;
            assert!(cut.is_none_or(|cut| cut.malformed || len == bare), "{len}");
        }
    }

    #[test]
    fn lengths_at_their_extremes_break_nothing() {
        let body = hello::client(&[7; 32], 0x0303, &[0x1301], &hello::usual("a.test"));
        for place in 34..body.len() {
            for value in [0, 0x7f, 0xff] {
                let mut bent = body.clone();
                bent[place] = value;
                assert!(ClientHello::read(&bent, Carrier::Tcp).is_some());
            }
        }
    }

    #[test]
    fn a_name_that_is_no_name_is_escaped() {
        let body = hello::client(&[7; 32], 0x0303, &[0x1301], &hello::usual("a\u{1b}[0m"));
        assert_eq!(ClientHello::read(&body, Carrier::Tcp).unwrap().server_name.as_deref(), Some("a\\x1b[0m"));
    }
}
