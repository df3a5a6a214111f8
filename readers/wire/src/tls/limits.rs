//! Caps on what a connection keeps, and on the work that it may cost.

/// Caps, each with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one handshake message; longer ones are passed over. A chain of certificates rarely has 20 KB.
    pub handshake_message: usize,
    /// Bytes of records that wait for the other side's hello, for each side. Early data of today's servers is 16 KB.
    pub held: usize,
    /// Sequence numbers that are tried for a record after a gap: 1,024 full records are 16 MB that were lost.
    pub tries: u64,
    /// Tries that failed, for each side, before only the next number is tried. A record that authenticates gives some
    /// back, so that work stays linear in the bytes that are pushed.
    pub failed_tries: u64,
    /// Certificates that are read of one chain.
    pub certificates: usize,
    /// Alternative names that are kept of one certificate.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake_message: 256 << 10,
            held: 64 << 10,
            tries: 1024,
            failed_tries: 4096,
            certificates: 16,
            names: 256,
        }
    }
}
