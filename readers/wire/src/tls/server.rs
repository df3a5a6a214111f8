//! What a server answers to a hello (RFC 8446, sections 4.1.3, 4.1.4 and 4.3.1; RFC 5246, section 7.4.1.3).

use super::cursor::Cursor;
use super::extension::{self, Extensions};
use super::fingerprint;

/// The random of a server hello that is a hello retry request: SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a server chose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct ServerHello {
    /// Its random.
    pub random: [u8; 32],
    /// The version that was chosen: `0x0301` to `0x0304`.
    pub version: u16,
    /// The cipher suite that was chosen.
    pub suite: u16,
    /// The application protocol that was chosen; TLS 1.3 says it in [`EncryptedExtensions`].
    pub alpn: Option<Vec<u8>>,
    /// Whether it asks for another client hello.
    pub retry: bool,
    /// Whether a session is resumed: by a chosen key in TLS 1.3, by a session id that is sent back before.
    pub resumed: bool,
    /// Whether it does not follow its own lengths.
    pub malformed: bool,
    /// JA3S: MD5, in hex.
    pub ja3s: String,
    pub(super) session_id: Vec<u8>,
    /// RFC 7366.
    pub(super) encrypt_then_mac: bool,
    /// Other than none: such records cannot be read.
    pub(super) compression: u8,
}

impl ServerHello {
    /// Reads the body of the message; `None` if it has no suite.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let version = cursor.u16()?;
        let random = cursor.array()?;
        let session_id = cursor.vector8()?.to_vec();
        let mut hello = Self {
            random,
            version,
            suite: cursor.u16()?,
            alpn: None,
            retry: random == RETRY,
            resumed: false,
            malformed: false,
            ja3s: String::new(),
            session_id,
            encrypt_then_mac: false,
            compression: 0,
        };
        let mut kinds = Vec::new();
        hello.malformed = hello.rest(cursor, &mut kinds).is_none();
        hello.ja3s = fingerprint::ja3s(version, hello.suite, &kinds);
        Some(hello)
    }

    fn rest(&mut self, mut cursor: Cursor<'_>, kinds: &mut Vec<u16>) -> Option<()> {
        self.compression = cursor.u8()?;
        if cursor.is_empty() {
            return Some(());
        }
        let whole = cursor.vector16();
        let mut extensions = Extensions::new(whole.or_else(|| cursor.0.get(2..))?);
        for (kind, content) in extensions.by_ref() {
            kinds.push(kind);
            match kind {
                extension::ALPN => self.alpn = extension::protocols(content).into_iter().next(),
                extension::ENCRYPT_THEN_MAC => self.encrypt_then_mac = true,
                extension::PRE_SHARED_KEY => self.resumed = true,
                extension::SUPPORTED_VERSIONS => self.version = Cursor(content).u16().unwrap_or(self.version),
                _ => {}
            }
        }
        (whole.is_some() && !extensions.broken).then_some(())
    }
}

/// The extensions that a server of TLS 1.3 sends encrypted (RFC 8446, section 4.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncryptedExtensions {
    /// The application protocol that was chosen.
    pub alpn: Option<Vec<u8>>,
    /// Whether early data was accepted.
    pub early_data: bool,
}

impl EncryptedExtensions {
    /// Reads the body of the message.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut read = Self::default();
        for (kind, content) in Extensions::new(Cursor(body).vector16().unwrap_or_default()) {
            match kind {
                extension::ALPN => read.alpn = extension::protocols(content).into_iter().next(),
                extension::EARLY_DATA => read.early_data = true,
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hello;
    use super::*;

    #[test]
    fn the_version_is_the_one_that_was_chosen_by_extension() {
        let body = hello::server(&RETRY, 0x1302, &[(43, vec![3, 4]), (41, vec![0, 0])]);
        let read = ServerHello::read(&body).unwrap();
        assert_eq!((read.version, read.suite), (0x0304, 0x1302));
        assert!(read.retry && read.resumed && !read.malformed);
        for len in 0..body.len() {
            let _ = ServerHello::read(&body[..len]);
        }
    }

    #[test]
    fn the_encrypted_extensions_of_rfc_8448_section_4_accept_early_data() {
        let body = super::super::tests::unhex(
            "0026000a00140012001d00170018001901000101010201030104001c0002400100000000002a0000",
        );
        assert_eq!(EncryptedExtensions::read(&body), EncryptedExtensions { alpn: None, early_data: true });
    }
}
