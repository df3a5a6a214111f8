//! The state of a fold as bytes: written in one place, read in another, or refused.
//!
//! A snapshot is `coldcase state`, a newline, the version of its form and that of the program (each as a line), the SHA-256 of
//! what follows, and the state in postcard's encoding. It holds what the fold remembers, among it secrets that passed and short
//! values that left, as they are: it is as secret as the recording. Equal states give equal bytes.
//!
//! A snapshot is read within bounds, and every number in it that the fold counts or subtracts with is checked: damage and
//! malice are refused, or do no more than a recording could. Left out: who wrote it, which a digest does not tell.

use std::collections::HashMap;
use std::hash::Hash;

use coldcase_model::ArtifactIndex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::drift::Drift;
use super::joins::Joins;
use super::recall::Room;
use super::sessions::Sessions;
use super::tracker::Tracker;

/// Why a snapshot is not written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It does not begin as one.
    #[error("not a snapshot of sessions")]
    Foreign,
    /// Another form, or another version of the program, whose chains and rules may be others.
    #[error("a snapshot of another version")]
    Version,
    /// Its digest is not that of what it holds.
    #[error("a damaged snapshot: its digest does not fit")]
    Damaged,
    /// What it holds is no state that a run comes to.
    #[error("a snapshot of no possible state")]
    Impossible,
    /// More bytes than are written or read.
    #[error("a snapshot of more than {} MiB", Tracker::LARGEST_SNAPSHOT >> 20)]
    TooLarge,
}

const MAGIC: &[u8] = b"coldcase state\n";
/// The form of what follows the digest.
const FORM: &str = "3";
const DIGEST: usize = 32;
/// More of anything was never counted.
pub(super) const MOST_COUNT: u64 = 1 << 40;

/// What is written.
#[derive(Serialize)]
struct Written<'t> {
    sessions: &'t Sessions,
    #[serde(with = "sorted")]
    next: &'t HashMap<ArtifactIndex, u64>,
    drift: &'t Drift,
    joins: &'t Joins,
}

/// What is read.
#[derive(Deserialize)]
struct Read {
    sessions: Sessions,
    #[serde(with = "sorted")]
    next: HashMap<ArtifactIndex, u64>,
    drift: Drift,
    joins: Joins,
}

impl Tracker {
    /// The most bytes of a snapshot.
    pub const LARGEST_SNAPSHOT: usize = 1 << 30;

    /// All that it remembers, to go on from later. It holds secrets of the recording as they are.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let Self { sessions, room: _, next, drift, joins } = self;
        let written = Written { sessions, next, drift, joins };
        let state = postcard::to_stdvec(&written).map_err(|_| SnapshotError::TooLarge)?;
        let mut out = header();
        out.extend_from_slice(&Sha256::digest(&state));
        out.extend_from_slice(&state);
        if out.len() > Self::LARGEST_SNAPSHOT { Err(SnapshotError::TooLarge) } else { Ok(out) }
    }

    /// Goes on from a snapshot. Events go on to be numbered in the inputs that they were numbered in.
    pub fn resume(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        if snapshot.len() > Self::LARGEST_SNAPSHOT {
            return Err(SnapshotError::TooLarge);
        }
        if !snapshot.starts_with(MAGIC) {
            return Err(SnapshotError::Foreign);
        }
        let rest = snapshot.strip_prefix(header().as_slice()).ok_or(SnapshotError::Version)?;
        let (digest, state) = rest.split_at_checked(DIGEST).ok_or(SnapshotError::Damaged)?;
        if *digest != *Sha256::digest(state) {
            return Err(SnapshotError::Damaged);
        }
        let (read, rest) = postcard::take_from_bytes::<Read>(state).map_err(|_| SnapshotError::Impossible)?;
        let Read { mut sessions, next, drift, joins } = read;
        let mut room = Room::default();
        let is_sound = rest.is_empty()
            && sessions.settle(&mut room)
            && next.values().all(|next| *next < MOST_COUNT)
            && drift.is_sound()
            && joins.is_sound();
        if !is_sound {
            return Err(SnapshotError::Impossible);
        }
        Ok(Self { sessions, room, next, drift, joins })
    }
}

fn header() -> Vec<u8> {
    [MAGIC, FORM.as_bytes(), b"\n", env!("CARGO_PKG_VERSION").as_bytes(), b"\n"].concat()
}

/// Maps without an order of their own, written in the order of their keys.
pub(super) mod sorted {
    use std::fmt;
    use std::hash::BuildHasher;
    use std::marker::PhantomData;

    use serde::de::{Error, MapAccess, Visitor};
    use serde::ser::SerializeMap;
    use serde::{Deserializer, Serializer};

    use super::{Deserialize, Hash, HashMap, Serialize};

    /// No map of the fold has more entries.
    const MOST: usize = 1 << 20;

    pub(in crate::session) fn serialize<S, K, V, H>(map: &HashMap<K, V, H>, to: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        K: Serialize + Ord,
        V: Serialize,
    {
        let mut all: Vec<(&K, &V)> = map.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        let mut out = to.serialize_map(Some(all.len()))?;
        for (key, value) in all {
            out.serialize_entry(key, value)?;
        }
        out.end()
    }

    pub(in crate::session) fn deserialize<'de, D, K, V, H>(from: D) -> Result<HashMap<K, V, H>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
        H: BuildHasher + Default,
    {
        struct Entries<K, V, H>(PhantomData<(K, V, H)>);

        impl<'de, K, V, H> Visitor<'de> for Entries<K, V, H>
        where
            K: Deserialize<'de> + Eq + Hash,
            V: Deserialize<'de>,
            H: BuildHasher + Default,
        {
            type Value = HashMap<K, V, H>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut map = HashMap::default();
                while let Some((key, value)) = entries.next_entry()? {
                    if map.len() >= MOST || map.insert(key, value).is_some() {
                        return Err(A::Error::custom("too many entries, or one twice"));
                    }
                }
                Ok(map)
            }
        }

        from.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_state_comes_back_and_anything_else_is_refused_by_its_reason() {
        let whole = Tracker::default().snapshot().expect("a small one");
        let again = Tracker::resume(&whole).expect("sound");
        assert_eq!(again.snapshot().as_deref(), Ok(whole.as_slice()));
        let why = |bytes: &[u8]| Tracker::resume(bytes).err();
        assert_eq!(why(b"PAR1"), Some(SnapshotError::Foreign));
        assert_eq!(why(b""), Some(SnapshotError::Foreign));
        assert_eq!(why(b"coldcase state\n0\n9.9.9\n"), Some(SnapshotError::Version));
        assert_eq!(why(&whole[..whole.len() - 1]), Some(SnapshotError::Damaged));
        assert_eq!(why(&header()), Some(SnapshotError::Damaged));
        let mut other = whole.clone();
        *other.last_mut().expect("a byte") ^= 1;
        assert_eq!(why(&other), Some(SnapshotError::Damaged));
        let longer = [&whole[header().len() + DIGEST..], b"more"].concat();
        let sealed = [header(), Sha256::digest(&longer).to_vec(), longer].concat();
        assert_eq!(why(&sealed), Some(SnapshotError::Impossible));
    }
}
