//! Where the bytes of one side went.

/// Bytes by account. Each byte that was pushed is in one of them once; a byte in a gap is `lost` and was never pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Application data that was decrypted and handed on.
    pub plain: u64,
    /// Headers of records, handshake messages, alerts, nonces, tags and padding.
    pub framing: u64,
    /// What could not be decrypted, and what is not TLS.
    pub opaque: u64,
    /// Handshake messages over their cap.
    pub over_limit: u64,
    /// Bytes that the caller said were lost.
    pub lost: u64,
}

impl Count {
    /// The bytes that were pushed and are in an account.
    pub fn pushed(&self) -> u64 {
        self.plain.saturating_add(self.framing).saturating_add(self.opaque).saturating_add(self.over_limit)
    }
}
