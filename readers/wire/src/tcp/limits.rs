//! Caps on what the reassembler keeps, and whose reading it follows.

/// Which of two versions of the same bytes is the stream's. Bytes that were handed on are never taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The version that was captured first.
    #[default]
    First,
    /// The version that was captured last.
    Last,
    /// As Linux since 4.9 (`tcp_data_queue_ofo`): the earlier segment, unless the later one starts before it, or starts
    /// with it and ends after it. Coalescing of neighbours in its queue is not modelled.
    Linux,
}

/// Caps and time-outs. What is over a cap is handed on early, with a gap before it; it is never dropped unseen.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Memory of segments that wait for a hole to be filled, one direction of one flow, in bytes with overhead. 4 MiB is
    /// the largest window that common systems open by default (Linux: 6 MiB with its own overhead).
    pub held_side: usize,
    /// The same of all flows together.
    pub held_total: usize,
    /// The last bytes handed on, of all flows together, that retransmissions are compared with; rounded up to a power
    /// of two. Zero compares nothing: what is not acknowledged is then handed over as unverified. It costs a copy: plain
    /// segments of 1,460 bytes pass at 4.9 GB/s with it and at 7.9 without, on the machine it was written on.
    pub history: usize,
    /// Flows at once, those just closed included.
    pub flows: usize,
    /// A hole that the receiver acknowledged is given up after so many further segments of the flow. Reordering at
    /// taps stays far under it.
    pub patience: u32,
    /// Idle time after which a flow is closed, in nanoseconds of capture time.
    pub idle: i64,
    /// The same after FIN or RST.
    pub idle_done: i64,
    /// Who wins an overlap.
    pub policy: Policy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            held_side: 4 << 20,
            held_total: 128 << 20,
            history: 8 << 20,
            flows: 200_000,
            patience: 1000,
            idle: 600 * 1_000_000_000,
            idle_done: 30 * 1_000_000_000,
            policy: Policy::First,
        }
    }
}
