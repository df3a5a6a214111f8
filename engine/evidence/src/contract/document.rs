//! Small signed files, read strictly: each member once, known, and of its type.
//!
//! Left out: what the members mean.

use coldcase_model::json::{Error, Kind, Tape, Value};

use super::canonical::{CanonicalError, decode};
use crate::spelling::{Stamp, stamp};
use crate::{KeyError, PublicKey, hex};

/// Why a file is not what its kind must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Larger than any genuine one.
    #[error("over {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// No JSON.
    #[error("the file {0}")]
    Syntax(Error),
    /// An object was expected.
    #[error("no object at byte {offset}")]
    NotAnObject {
        /// The value's first byte.
        offset: usize,
    },
    /// A member is absent.
    #[error("`{member}` is missing")]
    Missing {
        /// Which.
        member: &'static str,
    },
    /// A member that does not belong here: unknown, a second time, spelled otherwise, or out of order.
    #[error("a member that does not belong at byte {offset}")]
    Stray {
        /// The key's first byte.
        offset: usize,
    },
    /// A member of the wrong type or form.
    #[error("`{member}` has the wrong type or form")]
    Form {
        /// Which.
        member: &'static str,
    },
    /// A key that no signature should be checked under.
    #[error("`{member}`: {cause}")]
    Key {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        cause: KeyError,
    },
    /// A version or kind that is not known.
    #[error("`{member}` names a version or kind that is not known")]
    Unsupported {
        /// Which.
        member: &'static str,
    },
    /// What is signed has no canonical form.
    #[error("no canonical form: {0}")]
    Canonical(CanonicalError),
    /// JSON that is not spelled as the writer spells it, in a file that must be byte-exact.
    #[error("not in the writer's spelling at byte {offset}")]
    Spelling {
        /// Where it differs.
        offset: usize,
    },
}

/// An object of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'t, 'd>(Value<'t, 'd>);

impl<'t, 'd> Document<'t, 'd> {
    /// Reads a file that holds one object.
    pub(crate) fn read(json: &'d [u8], tape: &'t mut Tape, limit: usize) -> Result<Self, DocumentError> {
        if json.len() > limit {
            return Err(DocumentError::TooLarge { limit });
        }
        Self::of(tape.parse(json).map_err(DocumentError::Syntax)?)
    }

    /// Takes a value that is an object.
    pub(crate) fn of(value: Value<'t, 'd>) -> Result<Self, DocumentError> {
        if value.kind() == Kind::Object {
            Ok(Self(value))
        } else {
            Err(DocumentError::NotAnObject { offset: value.span().start })
        }
    }

    /// The object itself.
    pub(crate) fn value(self) -> Value<'t, 'd> {
        self.0
    }

    /// Its members, which must be these, in this order, spelled plainly.
    pub(crate) fn ordered<const N: usize>(
        self,
        names: [&'static str; N],
    ) -> Result<[Value<'t, 'd>; N], DocumentError> {
        let mut wanted = names.into_iter();
        let mut values = Vec::with_capacity(N);
        for (key, value) in self.0.members() {
            let name = wanted.next();
            if name.is_none_or(|name| key.is_escaped() || !key.is_key(name)) {
                return Err(DocumentError::Stray { offset: key.span().start });
            }
            values.push(value);
        }
        let member = wanted.next().unwrap_or_default();
        values.try_into().map_err(|_| DocumentError::Missing { member })
    }

    /// Its members, which must be these and may be those, in any order.
    pub(crate) fn unordered<const N: usize, const M: usize>(
        self,
        must: [&'static str; N],
        may: [&'static str; M],
    ) -> Result<[Value<'t, 'd>; N], DocumentError> {
        let names: Vec<_> = must.iter().chain(&may).collect();
        let mut seen = vec![false; names.len()];
        for (key, _) in self.0.members() {
            let slot = names.iter().position(|name| key.is_key(name)).and_then(|at| seen.get_mut(at));
            if slot.is_none_or(|seen| std::mem::replace(seen, true)) {
                return Err(DocumentError::Stray { offset: key.span().start });
            }
        }
        let mut values = Vec::with_capacity(N);
        for member in must {
            values.push(self.0.get(member).ok_or(DocumentError::Missing { member })?);
        }
        values.try_into().map_err(|_| DocumentError::Missing { member: "" })
    }
}

/// A string, which may be empty.
pub(crate) fn text(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    decode(value).ok_or(DocumentError::Form { member })
}

/// A string with something in it.
pub(super) fn filled(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    let text = text(value, member)?;
    if text.is_empty() { Err(DocumentError::Form { member }) } else { Ok(text) }
}

/// A whole number, not below zero, in plain digits.
pub(crate) fn number(value: Value<'_, '_>, member: &'static str) -> Result<u64, DocumentError> {
    value.u64().ok_or(DocumentError::Form { member })
}

/// A time as the writer spells it.
pub(super) fn time(value: Value<'_, '_>, member: &'static str) -> Result<(String, Stamp), DocumentError> {
    let text = text(value, member)?;
    let stamp = stamp(text.as_bytes()).ok_or(DocumentError::Form { member })?;
    Ok((text, stamp))
}

/// A public key in 64 lower-case digits.
pub(crate) fn key(value: Value<'_, '_>, member: &'static str) -> Result<PublicKey, DocumentError> {
    let bytes = hex::decode(text(value, member)?.as_bytes()).ok_or(DocumentError::Form { member })?;
    PublicKey::from_bytes(&bytes).map_err(|cause| DocumentError::Key { member, cause })
}

/// A signature: `ed25519:` and 128 lower-case digits.
pub(crate) fn signature(value: Value<'_, '_>, member: &'static str) -> Result<[u8; 64], DocumentError> {
    let text = text(value, member)?;
    let digits = text.strip_prefix("ed25519:").ok_or(DocumentError::Form { member })?;
    hex::decode(digits.as_bytes()).ok_or(DocumentError::Form { member })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(json: &str) -> Result<Vec<u64>, DocumentError> {
        let mut tape = Tape::default();
        let [a, b] = Document::read(json.as_bytes(), &mut tape, 64)?.ordered(["a", "b"])?;
        Ok(vec![number(a, "a")?, number(b, "b")?])
    }

    fn unordered(json: &str) -> Result<Vec<u64>, DocumentError> {
        let mut tape = Tape::default();
        let [a, b] = Document::read(json.as_bytes(), &mut tape, 64)?.unordered(["a", "b"], ["c"])?;
        Ok(vec![number(a, "a")?, number(b, "b")?])
    }

    #[test]
    fn ordered_members_are_these_in_this_order() {
        assert_eq!(ordered(r#"{"a":1,"b":2}"#), Ok(vec![1, 2]));
        assert_eq!(ordered(r#"{"a":1}"#), Err(DocumentError::Missing { member: "b" }));
        for (json, offset) in [
            (r#"{"b":2,"a":1}"#, 1),
            (r#"{"a":1,"a":1}"#, 7),
            (r#"{"a":1,"b":2,"c":3}"#, 13),
            (r#"{"a":1,"b":2,"b":3}"#, 13),
            (r#"{"\u0061":1,"b":2}"#, 1),
            (r#"{"A":1,"b":2}"#, 1),
        ] {
            assert_eq!(ordered(json), Err(DocumentError::Stray { offset }), "{json}");
        }
    }

    #[test]
    fn unordered_members_stand_once_each() {
        assert_eq!(unordered(r#"{"b":2,"c":0,"a":1}"#), Ok(vec![1, 2]));
        assert_eq!(unordered(r#"{"b":2}"#), Err(DocumentError::Missing { member: "a" }));
        for json in [r#"{"b":2,"b":1}"#, r#"{"b":2,"d":1}"#, r#"{"b":2,"B":1}"#, r#"{"b":2,"\u0062":1}"#] {
            assert_eq!(unordered(json), Err(DocumentError::Stray { offset: 7 }), "{json}");
        }
    }

    #[test]
    fn size_shape_and_numbers_are_checked() {
        let padded = |width: usize| ordered(&format!("{:>width$}", r#"{"a":1,"b":2}"#));
        assert_eq!(padded(65), Err(DocumentError::TooLarge { limit: 64 }));
        assert_eq!(padded(64), Ok(vec![1, 2]));
        assert_eq!(ordered("[1]"), Err(DocumentError::NotAnObject { offset: 0 }));
        assert!(matches!(ordered("{} {}"), Err(DocumentError::Syntax(_))));
        for number in ["1.0", "-1", "-0", "1e0", "\"1\"", "null", "18446744073709551616"] {
            let json = format!(r#"{{"a":{number},"b":2}}"#);
            assert_eq!(ordered(&json), Err(DocumentError::Form { member: "a" }), "{json}");
        }
    }
}
