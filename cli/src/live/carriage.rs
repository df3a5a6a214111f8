//! How messages of JSON-RPC are brought over, and so what can become of those that come together.
//!
//! Where one of them cannot be stopped by itself, others are stopped with it; the record says so of each.

use coldcase_model::Judged;
use coldcase_readers::McpMessage;

use super::answer::{BLOCKED, Why};
use super::fold::Fate;
use super::lane::by_policy;

/// What a way to carry messages can do with a part of what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carriage {
    /// Each message has a fate of its own.
    Each,
    /// One answer stands for all requests of a batch: if one of them is answered here, none goes on.
    Together,
    /// It passes as it came, or not at all.
    Untouched,
}

impl Carriage {
    /// Stops what cannot go on without that which is stopped.
    pub(super) fn hold_back(self, messages: &[McpMessage], decided: &mut [(Judged, Fate)]) {
        let is_stopped = |(message, (_, fate)): (&McpMessage, &(Judged, Fate))| match (self, fate) {
            (Self::Each, _) | (_, Fate::Pass) | (Self::Together, Fate::Strip(_)) => false,
            (Self::Together, Fate::Stop { .. }) => message.has_method && message.id.is_some(),
            (Self::Untouched, Fate::Strip(_) | Fate::Stop { .. }) => true,
        };
        if !messages.iter().zip(&*decided).any(is_stopped) {
            return;
        }
        for (judged, fate) in decided {
            let why = match fate {
                Fate::Stop { .. } => continue,
                Fate::Strip(_) if self == Self::Untouched => by_policy(judged),
                Fate::Pass | Fate::Strip(_) => {
                    Why::refused(BLOCKED, "another message of its batch is stopped")
                }
            };
            *fate = Fate::Stop { why, id_is_clean: true };
        }
    }
}
