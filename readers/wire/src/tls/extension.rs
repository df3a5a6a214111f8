//! Extensions of hellos, by the numbers of IANA's "TLS ExtensionType Values".

use super::cursor::{Cursor, u16s};

pub(super) const SERVER_NAME: u16 = 0;
pub(super) const SUPPORTED_GROUPS: u16 = 10;
pub(super) const EC_POINT_FORMATS: u16 = 11;
pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
pub(super) const ALPN: u16 = 16;
pub(super) const ENCRYPT_THEN_MAC: u16 = 22;
pub(super) const PRE_SHARED_KEY: u16 = 41;
pub(super) const EARLY_DATA: u16 = 42;
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
/// Encrypted client hello (RFC 9849).
pub(super) const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// The extensions that stand in a vector: number and content. It ends where the vector is broken.
#[derive(Debug, Clone)]
pub(super) struct Extensions<'a> {
    rest: Cursor<'a>,
    /// Whether bytes were left over that are no extension.
    pub(super) broken: bool,
}

impl<'a> Extensions<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Cursor(bytes), broken: false }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken || self.rest.is_empty() {
            return None;
        }
        let next = self.rest.u16().zip(self.rest.vector16());
        self.broken = next.is_none();
        next
    }
}

/// Whether a number is there to keep peers lenient, and means nothing (RFC 8701).
pub(super) fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// The host in a server name extension (RFC 6066, section 3).
pub(super) fn host_name(body: &[u8]) -> Option<&[u8]> {
    let mut names = Cursor(Cursor(body).vector16()?);
    loop {
        let kind = names.u8()?;
        let name = names.vector16()?;
        if kind == 0 {
            return Some(name);
        }
    }
}

/// The protocols of an ALPN extension, in order (RFC 7301, section 3.1).
pub(super) fn protocols(body: &[u8]) -> Vec<Vec<u8>> {
    let mut names = Cursor(Cursor(body).vector16().unwrap_or_default());
    std::iter::from_fn(|| names.vector8().map(<[u8]>::to_vec)).collect()
}

/// The numbers in a vector after two bytes of length.
pub(super) fn list16(body: &[u8]) -> Vec<u16> {
    u16s(Cursor(body).vector16().unwrap_or_default()).collect()
}

/// The versions that a client offers (RFC 8446, section 4.2.1).
pub(super) fn versions(body: &[u8]) -> Vec<u16> {
    u16s(Cursor(body).vector8().unwrap_or_default()).collect()
}
