//! What the fold over sessions did not follow, because it came to one of its bounds.

/// What was met and not followed from event to event, or was forgotten before the end. Each event was still scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Unfollowed {
    /// Sessions whose state was forgotten.
    pub sessions: u64,
    /// Bytes of content that were not looked at, and passages, values, secrets and edges beyond what a session remembers.
    pub content: u64,
    /// Short values that left, and secrets whose pieces were looked for.
    pub pieces: u64,
    /// Hosts that something was sent to.
    pub hosts: u64,
    /// Ids, contents and pairs by which recordings of one run are told.
    pub ties: u64,
    /// Requests, calls and answers that waited for the other half of their pair.
    pub pairs: u64,
}

impl Unfollowed {
    /// Each kind by its name, with its count.
    pub const fn kinds(self) -> [(&'static str, u64); 6] {
        let Self { sessions, content, pieces, hosts, ties, pairs } = self;
        [
            ("sessions", sessions),
            ("content", content),
            ("pieces", pieces),
            ("hosts", hosts),
            ("ties", ties),
            ("pairs", pairs),
        ]
    }

    /// All of it, whatever its kind.
    pub fn total(self) -> u64 {
        self.kinds().iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Adds what another part did not follow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            sessions: self.sessions.saturating_add(other.sessions),
            content: self.content.saturating_add(other.content),
            pieces: self.pieces.saturating_add(other.pieces),
            hosts: self.hosts.saturating_add(other.hosts),
            ties: self.ties.saturating_add(other.ties),
            pairs: self.pairs.saturating_add(other.pairs),
        }
    }
}
