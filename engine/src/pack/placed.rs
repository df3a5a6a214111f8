//! A value of a pack's file together with where it stands there. Left out: where it ends.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

/// A value, and where its pack states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    /// From 1.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
}

impl<T> Placed<T> {
    /// Line and column.
    pub(super) const fn place(&self) -> (u64, u64) {
        (self.line, self.column)
    }
}

impl<T: Serialize> Serialize for Placed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.value, self.line, self.column).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let Spanned { value, defined, .. } = Spanned::<T>::deserialize(deserializer)?;
            return Ok(Self { value, line: defined.line(), column: defined.column() });
        }
        let (value, line, column) = Deserialize::deserialize(deserializer)?;
        Ok(Self { value, line, column })
    }
}
