//! What a log is to be like.

use std::sync::Arc;

use super::Session;
use crate::keys::SecretKey;

/// How a log is written. The defaults are the format's own, and at the same time its limits.
#[derive(Debug, Clone)]
pub struct LogConfig {
    pub(super) session: Session,
    pub(super) key: Arc<SecretKey>,
    pub(super) checkpoint_interval: u64,
    pub(super) max_entries: u64,
    pub(super) max_bytes: u64,
}

/// A setting that readers would refuse the log for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{setting} must lie between 1 and {most}")]
pub struct LogConfigError {
    /// The setting.
    pub setting: &'static str,
    /// Its highest value.
    pub most: u64,
}

impl LogConfig {
    /// Lines of a shard, checkpoints included.
    pub const MAX_ENTRIES: u64 = 10_000;
    /// Bytes of a shard.
    pub const MAX_BYTES: u64 = 8 << 20;

    /// A log of this session, its checkpoints and heads signed with this key.
    pub fn new(session: Session, key: Arc<SecretKey>) -> Self {
        Self {
            session,
            key,
            checkpoint_interval: 1000,
            max_entries: Self::MAX_ENTRIES,
            max_bytes: Self::MAX_BYTES,
        }
    }

    /// After how many recorded entries a checkpoint follows; what comes after the last one, nobody vouches for.
    #[must_use]
    pub fn checkpoint_interval(mut self, entries: u64) -> Self {
        self.checkpoint_interval = entries;
        self
    }

    /// How many lines a shard takes.
    #[must_use]
    pub fn max_entries(mut self, lines: u64) -> Self {
        self.max_entries = lines;
        self
    }

    /// How many bytes a shard takes. A single line that is longer gets a shard of its own.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    pub(super) fn check(&self) -> Result<(), LogConfigError> {
        for (setting, value, most) in [
            ("checkpoint_interval", self.checkpoint_interval, u64::MAX),
            ("max_entries", self.max_entries, Self::MAX_ENTRIES),
            ("max_bytes", self.max_bytes, Self::MAX_BYTES),
        ] {
            if value == 0 || value > most {
                return Err(LogConfigError { setting, most });
            }
        }
        Ok(())
    }
}
