//! Where each payload byte went.

/// Counters of a reassembler. `payload = data + duplicates + conflicts + decoys + waiting` at any time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments that were given.
    pub segments: u64,
    /// Payload bytes that were given.
    pub payload: u64,
    /// Bytes handed on as data.
    pub data: u64,
    /// Bytes of retransmissions that are the same, that their receiver had acknowledged before, or of keep-alives.
    pub duplicates: u64,
    /// Bytes handed on as the other version of an overlap.
    pub conflicts: u64,
    /// Bytes handed on apart from the stream.
    pub decoys: u64,
    /// Bytes that wait for a hole before them to be filled.
    pub waiting: u64,
    /// Bytes that were sent and are not in the capture, as far as is known.
    pub gaps: u64,
    /// Flows opened.
    pub flows: u64,
    /// Flows closed to make room for others.
    pub evicted: u64,
    /// Holes given up because too much waited behind them.
    pub holes_over_cap: u64,
    /// Keep-alive probes (RFC 9293, section 3.8.4).
    pub keep_alives: u64,
    /// Resets that did not fit their connection.
    pub resets_refused: u64,
}
