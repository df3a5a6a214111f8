//! Details inside the part of JSON that every reader of the format agrees on.
//!
//! Objects with keys sorted by bytes and unique, arrays, texts without NUL, whole numbers of at most 53 bits,
//! booleans and null, nested at most 32 deep. A detail is kept as its spelling, so that nothing recurses.
//!
//! Left out: fractions, which readers print differently; they can only come in as strings.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 15, point 15.

use std::collections::BTreeMap;

use coldcase_model::json::{self, Tape};

use super::Altered;
use super::members::Members;
use crate::spelling;

/// The detail of an entry, or a value inside it.
///
/// ```
/// use coldcase_evidence::Detail;
/// let detail = Detail::object([("verdict", Detail::from("block")), ("count", Detail::from(2_u64))])?;
/// assert_eq!(detail.json(), br#"{"count":2,"verdict":"block"}"#);
/// # Ok::<(), coldcase_evidence::DetailError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    json: Vec<u8>,
    /// How many containers lie inside one another.
    depth: usize,
    altered: Altered,
}

/// Why something cannot be a detail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetailError {
    /// Not JSON.
    #[error("cannot be read: it {0}")]
    NotJson(#[from] json::Error),
    /// Values nest deeper than 32.
    #[error("nests deeper than {}", Detail::DEEPEST)]
    TooDeep,
    /// Two members have one key, if need be after broken bytes were replaced.
    #[error("holds the key {0:?} twice")]
    DuplicateKey(String),
    /// JSON that was to be taken as it is, and holds white space or signs that the format escapes.
    #[error("is not spelled as the log spells JSON, at byte {0}")]
    Respelled(usize),
}

impl Detail {
    /// How many containers may lie inside one another.
    pub const DEEPEST: usize = 32;
    /// The largest number, and the smallest with its sign turned: beyond it a reader that counts in binary64
    /// may see another number.
    pub const MOST: u64 = (1 << 53) - 1;

    /// `null`.
    pub fn null() -> Self {
        Self::scalar(b"null".to_vec(), Altered::default())
    }

    /// A text that may hold anything; a NUL and each broken byte become U+FFFD, and are flagged.
    pub fn text(text: &[u8]) -> Self {
        let mut altered = Altered::default();
        let clean = altered.clean(text);
        let mut json = Vec::with_capacity(clean.len() + 2);
        spelling::encode(clean.as_bytes(), &mut json);
        Self::scalar(json, altered)
    }

    /// An array.
    pub fn list(items: impl IntoIterator<Item = Detail>) -> Result<Self, DetailError> {
        let mut whole = Self::scalar(vec![b'['], Altered::default());
        for item in items {
            if whole.json.len() > 1 {
                whole.json.push(b',');
            }
            whole.json.extend_from_slice(&item.json);
            whole.hold(&item);
        }
        whole.json.push(b']');
        whole.deeper()
    }

    /// An object. The members may come in any order.
    pub fn object<K: AsRef<[u8]>>(
        members: impl IntoIterator<Item = (K, Detail)>,
    ) -> Result<Self, DetailError> {
        let mut whole = Self::scalar(Vec::new(), Altered::default());
        let mut sorted = BTreeMap::new();
        for (key, value) in members {
            let key = whole.altered.clean(key.as_ref()).into_owned();
            whole.hold(&value);
            if sorted.contains_key(&key) {
                return Err(DetailError::DuplicateKey(key));
            }
            sorted.insert(key, value);
        }
        let mut object = Members::begin(&mut whole.json);
        for (key, value) in &sorted {
            object.raw(key, &value.json);
        }
        object.end();
        whole.deeper()
    }

    /// JSON that must stay as it is, byte for byte, because it was signed so. It must be compact and HTML-safe.
    ///
    /// Its keys need not be sorted, nor its numbers small: only readers that hash the raw bytes, all but the very
    /// first, agree on such a detail. Where the bytes do not matter, [`Detail::from_json`] is the better choice.
    pub fn raw(json: &[u8]) -> Result<Self, DetailError> {
        Tape::default().parse(json)?;
        match spelling::value(json, 0, &mut Vec::new()) {
            Ok(end) if end == json.len() => {}
            Ok(at) | Err(at) => return Err(DetailError::Respelled(at)),
        }
        Ok(Self::scalar(json.to_vec(), Altered::default()))
    }

    /// The spelling.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// What was changed on the way in.
    pub fn altered(&self) -> Altered {
        self.altered
    }

    /// Marks as changed what only the reader of a source document can know of.
    pub(super) fn flag(mut self, altered: Altered) -> Self {
        self.altered = self.altered.or(altered);
        self
    }

    /// A value that this module's own code spelled.
    pub(super) fn spelled(json: Vec<u8>) -> Self {
        Self::scalar(json, Altered::default())
    }

    /// A number as a string of its spelling.
    pub(super) fn spelled_number(digits: &[u8]) -> Self {
        Self::text(digits).flag(Altered { numbers: true, ..Altered::default() })
    }

    fn scalar(json: Vec<u8>, altered: Altered) -> Self {
        Self { json, depth: 0, altered }
    }

    fn hold(&mut self, inner: &Detail) {
        self.depth = self.depth.max(inner.depth);
        self.altered = self.altered.or(inner.altered);
    }

    fn deeper(mut self) -> Result<Self, DetailError> {
        self.depth += 1;
        if self.depth > Self::DEEPEST { Err(DetailError::TooDeep) } else { Ok(self) }
    }
}

impl Default for Detail {
    fn default() -> Self {
        Self::null()
    }
}

impl From<bool> for Detail {
    fn from(value: bool) -> Self {
        Self::scalar(value.to_string().into_bytes(), Altered::default())
    }
}

/// Numbers beyond 53 bits become strings, and are flagged.
impl From<i64> for Detail {
    fn from(value: i64) -> Self {
        let digits = value.to_string().into_bytes();
        if value.unsigned_abs() > Self::MOST {
            Self::spelled_number(&digits)
        } else {
            Self::scalar(digits, Altered::default())
        }
    }
}

/// Numbers beyond 53 bits become strings, and are flagged.
impl From<u64> for Detail {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::spelled_number(value.to_string().as_bytes()), Self::from)
    }
}

impl From<u32> for Detail {
    fn from(value: u32) -> Self {
        Self::from(u64::from(value))
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::text(text.as_bytes())
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::text(text.as_bytes())
    }
}

#[cfg(test)]
pub(super) mod tests;
