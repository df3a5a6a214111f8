//! HMAC-SHA-256 (RFC 2104) over lists of byte strings.

use std::fmt;

use sha2::{Digest, Sha256};

/// A key of 32 bytes. It is never shown.
#[derive(Clone)]
pub struct MacKey([u8; 32]);

/// The block size of SHA-256.
const BLOCK: usize = 64;

impl MacKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The code of a list of byte strings. Their lengths count, so no two lists are taken for each other; `purpose` keeps
    /// codes apart that are made for different ends.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut inner = self.pad(0x36);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            inner.update((part.len() as u64).to_le_bytes());
            inner.update(part);
        }
        self.close(inner)
    }

    /// Whether `code` is what [`Self::mac`] gives; takes as long for any wrong one.
    pub fn holds(&self, purpose: &str, parts: &[&[u8]], code: &[u8]) -> bool {
        let right = self.mac(purpose, parts);
        let differing = right.iter().zip(code).fold(0, |bits, (a, b)| bits | (a ^ b));
        code.len() == right.len() && differing == 0
    }

    fn pad(&self, with: u8) -> Sha256 {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(self.0).for_each(|(to, byte)| *to ^= byte);
        Sha256::new().chain_update(block)
    }

    fn close(&self, inner: Sha256) -> [u8; 32] {
        self.pad(0x5c).chain_update(inner.finalize()).finalize().into()
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
        let code = key.close(key.pad(0x36).chain_update(b"Hi There"));
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
