//! Mappings whose type states the keys that it reads, with the names of those that it does not.
//!
//! A member that nothing reads may be a condition of its rule, so no reader passes over one: it tells the names. Values of
//! such members are not kept.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::account::{ChangeKind, Outcome, SettingAccount};
use crate::draft::Drafts;

/// How many names are told of one mapping; of the rest, only how many they are.
const MOST_NAMES: usize = 16;

/// The members that a type knows.
pub(crate) trait Known {
    /// The keys that it reads, and those that only describe.
    const KEYS: &'static [&'static str];
    /// Whether the source reads keys in any case. `KEYS` and the type's own names are then in lower case.
    const IN_ANY_CASE: bool = false;
}

/// A mapping as its type reads it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members<T> {
    read: T,
    unknown: BTreeSet<String>,
}

impl<T> Members<T> {
    /// What was read, without the names of what was not.
    pub(crate) fn into_read(self) -> T {
        self.read
    }

    /// The keys that are not known, as they are written, in order.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        self.unknown.iter().map(String::as_str)
    }

    /// The keys that are not known behind the name of where they stand, in one line; empty if all are known.
    pub(crate) fn told(&self, place: &str) -> String {
        let names: Vec<String> = self.unknown().take(MOST_NAMES).map(|key| format!("{place}{key}")).collect();
        match self.unknown.len().saturating_sub(MOST_NAMES) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// Notes the keys that are not known as a change of a rule.
    pub(crate) fn tell(&self, drafts: &mut Drafts, of: usize, place: &str) {
        if !self.unknown.is_empty() {
            drafts.change(of, ChangeKind::Member, &self.told(place));
        }
    }

    /// The keys that are not known as settings that are left out. `means` says what one is, by its whole name.
    pub(crate) fn settings(
        &self,
        place: &str,
        means: impl Fn(&str) -> &'static str,
    ) -> impl Iterator<Item = SettingAccount> {
        let account = move |key: &str| {
            let setting = format!("{place}{key}");
            let detail = means(&setting).to_owned();
            SettingAccount { setting, outcome: Outcome::LeftOut, detail }
        };
        self.unknown().map(account)
    }
}

impl<T> Deref for Members<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.read
    }
}

impl<'de, T: Known + Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Mapping<T>(PhantomData<T>);
        impl<'de, T: Known + Deserialize<'de>> Visitor<'de> for Mapping<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Members<T>, A::Error> {
                let mut unknown = BTreeSet::new();
                let watched = Watched::<'_, A, T> { map, unknown: &mut unknown, of: PhantomData };
                let read = T::deserialize(MapAccessDeserializer::new(watched))?;
                Ok(Members { read, unknown })
            }
        }
        deserializer.deserialize_map(Mapping(PhantomData))
    }
}

/// A mapping while it is read, which notes the keys that its type does not know.
struct Watched<'u, A, T> {
    map: A,
    unknown: &'u mut BTreeSet<String>,
    of: PhantomData<T>,
}

impl<'de, A: MapAccess<'de>, T: Known> MapAccess<'de> for Watched<'_, A, T> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(written) = self.map.next_key::<String>()? else { return Ok(None) };
        let key = if T::IN_ANY_CASE { written.to_ascii_lowercase() } else { written.clone() };
        if !T::KEYS.contains(&key.as_str()) {
            self.unknown.insert(written);
        }
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    struct Written {
        number: Option<u32>,
    }

    impl Known for Written {
        const KEYS: &'static [&'static str] = &["number", "note"];
    }

    #[derive(Debug, Deserialize)]
    struct InAnyCase {
        number: u32,
    }

    impl Known for InAnyCase {
        const KEYS: &'static [&'static str] = &["number"];
        const IN_ANY_CASE: bool = true;
    }

    #[test]
    fn members_that_are_not_known_are_named() {
        let read: Members<Written> =
            serde_saphyr::from_str("{zebra: [1], note: n, number: 3, apple: {a: 1}, Number: 4}").unwrap();
        assert_eq!(read.number, Some(3));
        assert_eq!(read.told("x."), "x.Number, x.apple, x.zebra");
        let many: String = (10..40).map(|number| format!("k{number}: 1\n")).collect();
        let read: Members<Written> = serde_saphyr::from_str(&many).unwrap();
        assert!(read.told("").ends_with("k24, k25 and 14 more"), "{}", read.told(""));
    }

    #[test]
    fn keys_are_read_in_any_case_where_the_source_does() {
        let read: Members<InAnyCase> = toml::from_str("NumBer = 3\nNumberr = 4\n").unwrap();
        assert_eq!((read.number, read.told("").as_str()), (3, "Numberr"));
        assert!(toml::from_str::<Members<InAnyCase>>("number = 3\nNUMBER = 4\n").is_err(), "twice");
    }
}
