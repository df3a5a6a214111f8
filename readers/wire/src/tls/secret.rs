//! Bytes of a key: wiped when dropped, and never shown.

use std::fmt;

use zeroize::Zeroize;

/// The longest that a key log has: a traffic secret of SHA-512; a master secret has 48 bytes.
pub(super) const LONGEST: usize = 64;

/// A secret of up to [`LONGEST`] bytes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Secret {
    /// `len` zero bytes, to be filled in.
    pub(super) fn zero(len: usize) -> Self {
        Self { bytes: [0; LONGEST], len: len.min(LONGEST) }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl AsRef<[u8]> for Secret {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Secret {
    fn as_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.len)
    }
}
