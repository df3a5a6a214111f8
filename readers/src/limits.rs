//! Caps on what a reader holds, follows and expands. Each cut is booked in the ledger and shows as an anomaly.

/// Caps of the readers.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// The longest record that is held whole: a line, a HAR entry. 16 MiB covers every genuine
    /// flight-recorder line and all but the largest bodies in HAR files.
    pub record_bytes: usize,
    /// How much of an input is read before its records are handed out.
    pub batch_bytes: usize,
    /// The largest ratio of decoded to stored bytes of a compressed input beyond `free_expansion_bytes`.
    /// gzip's own maximum is 1,032; logs reach 20 to 50.
    pub expansion_ratio: u64,
    /// How much a compressed input may decode to whatever its ratio.
    pub free_expansion_bytes: u64,
    /// The largest decoded form of one coded body.
    pub body_bytes: usize,
    /// How many files one run takes.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 16 << 20,
            batch_bytes: 1 << 20,
            expansion_ratio: 200,
            free_expansion_bytes: 256 << 20,
            body_bytes: 16 << 20,
            files: 1_000_000,
        }
    }
}
