//! HMAC-SHA-256 (RFC 2104) over lists of byte strings. The code itself is that of a library.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key of 32 bytes. It is never shown.
#[derive(Clone)]
pub struct MacKey([u8; 32]);

impl MacKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The code of a list of byte strings. Their lengths count, so no two lists are taken for each other; `purpose` keeps
    /// codes apart that are made for different ends.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.over(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether `code` is what [`Self::mac`] gives; takes as long for any wrong one.
    pub fn holds(&self, purpose: &str, parts: &[&[u8]], code: &[u8]) -> bool {
        self.over(purpose, parts).verify_slice(code).is_ok()
    }

    fn over(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut hmac = self.started();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            hmac.update(&(part.len() as u64).to_le_bytes());
            hmac.update(part);
        }
        hmac
    }

    fn started(&self) -> Hmac<Sha256> {
        // A key that is shorter than a block is filled up with zeros.
        let mut block = [0; 64];
        block.iter_mut().zip(self.0).for_each(|(to, byte)| *to = byte);
        Hmac::new(&block.into())
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_hmac_sha_256() {
        // RFC 4231, test case 1: a key of 20 bytes, which zeros fill up to a block as they do ours.
        let mut bytes = [0; 32];
        bytes[..20].fill(0x0b);
        let key = MacKey::new(bytes);
        let code = key.started().chain_update(b"Hi There").finalize().into_bytes();
        let hex: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn lists_and_purposes_are_told_apart() {
        let key = MacKey::new([7; 32]);
        let code = key.mac("p", &[b"ab", b"c"]);
        assert_ne!(code, key.mac("p", &[b"a", b"bc"]));
        assert_ne!(code, key.mac("p", &[b"abc"]));
        assert_ne!(code, key.mac("q", &[b"ab", b"c"]));
        assert_ne!(code, MacKey::new([8; 32]).mac("p", &[b"ab", b"c"]));
        assert!(key.holds("p", &[b"ab", b"c"], &code));
        assert!(!key.holds("p", &[b"ab", b"c"], &code[..31]));
        assert!(!key.holds("p", &[b"ab", b"c"], &[0; 32]));
        assert_eq!(format!("{key:?}"), "MacKey");
    }
}
