//! What is wrong with a rule, in which of its members, and where that member stands in the pack's file.
//!
//! Places are looked up when something is wrong, in a second reading of the file: rules that are sound carry none but that of
//! their id.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::schema::RuleId;

/// A member of a rule, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    name: &'static str,
    /// Of a list, from 0.
    entry: Option<usize>,
    inner: Option<&'static str>,
}

impl Member {
    pub(super) const fn of(name: &'static str) -> Self {
        Self { name, entry: None, inner: None }
    }

    /// One entry of the list that it is.
    pub(super) const fn entry(self, index: usize) -> Self {
        Self { entry: Some(index), ..self }
    }

    /// A member of what it is.
    pub(super) const fn inner(self, name: &'static str) -> Self {
        Self { inner: Some(name), ..self }
    }

    /// What is wrong with it.
    pub(super) fn problem(self, message: impl Into<String>) -> Problem {
        Problem { member: Some(self), message: message.into() }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name)?;
        if let Some(index) = self.entry {
            write!(f, ", entry {}", index + 1)?;
        }
        self.inner.map_or(Ok(()), |inner| write!(f, ", `{inner}`"))
    }
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where it is wrong.
    pub(super) member: Option<Member>,
    /// What it is and how to mend it.
    pub(super) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(member) = self.member {
            write!(f, "{member}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Where everything in a pack's file stands.
#[derive(Debug, Default)]
pub(super) struct Places(Option<Node>);

impl Places {
    /// Reads the places of a file; of one that cannot be read, none.
    pub(super) fn read(text: &str) -> Self {
        Self(serde_saphyr::from_str(text).ok())
    }

    /// Line and column of a member of a rule, or of what holds it where the rule does not state it: in the end the rule's id.
    pub(super) fn of(&self, rule: &RuleId, member: Option<Member>) -> (u64, u64) {
        let own = (rule.line, rule.column);
        let stated = || {
            let Inside::List(rules) = &self.0.as_ref()?.member("rules")?.inside else { return None };
            let is_it = |node: &&Node| node.member("id").is_some_and(|id| id.place == own);
            let Member { name, entry, inner } = member?;
            let mut node = rules.iter().find(is_it)?.member(name)?;
            if let Some(index) = entry {
                let Some(inside) = node.entry(index) else { return Some(node.place) };
                node = inside;
            }
            Some(inner.and_then(|inner| node.member(inner)).unwrap_or(node).place)
        };
        stated().unwrap_or(own)
    }
}

/// A value of a file.
#[derive(Debug)]
struct Node {
    place: (u64, u64),
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    Map(BTreeMap<String, Node>),
    List(Vec<Node>),
    Plain,
}

impl Node {
    fn member(&self, name: &str) -> Option<&Self> {
        let Inside::Map(members) = &self.inside else { return None };
        members.get(name)
    }

    fn entry(&self, index: usize) -> Option<&Self> {
        let Inside::List(entries) = &self.inside else { return None };
        entries.get(index)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value: inside, defined, .. } = Spanned::deserialize(deserializer)?;
        Ok(Self { place: (defined.line(), defined.column()), inside })
    }
}

impl<'de> Deserialize<'de> for Inside {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InsideVisitor)
    }
}

struct InsideVisitor;

impl<'de> Visitor<'de> for InsideVisitor {
    type Value = Inside;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Inside, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, node)) = map.next_entry()? {
            members.insert(name, node);
        }
        Ok(Inside::Map(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inside, A::Error> {
        let mut entries = Vec::new();
        while let Some(node) = list.next_element()? {
            entries.push(node);
        }
        Ok(Inside::List(entries))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_str<E>(self, _: &str) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_unit<E>(self) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }

    fn visit_none<E>(self) -> Result<Inside, E> {
        Ok(Inside::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pack: p\nrules:\n- id: a.b\n  confidence: 0.5\n  near:\n  - {any: [x], regex: y}\n  allow: ['a', b]\n\
                        - {id: a.c, title: ~, secret: 1, yields: true}\n- id: a.d\n  regex: |-\n    zyzzyva\n";

    #[test]
    fn members_are_placed_and_what_is_not_stated_is_where_it_would_be() {
        let places = Places::read(TEXT);
        let place =
            |(line, column), member| places.of(&RuleId { value: "a.b".into(), line, column }, Some(member));
        let (first, second, third) = ((3, 7), (8, 8), (9, 7));
        assert_eq!(place(first, Member::of("confidence")), (4, 15));
        assert_eq!(place(first, Member::of("near").entry(0).inner("regex")), (6, 23));
        assert_eq!(place(first, Member::of("near").entry(0).inner("within")), (6, 5), "the entry");
        assert_eq!(place(first, Member::of("allow").entry(1)), (7, 16));
        assert_eq!(place(first, Member::of("allow").entry(2)), (7, 10), "the list");
        assert_eq!(place(first, Member::of("regex")), first, "the rule");
        assert_eq!(place(second, Member::of("secret")), (8, 31));
        assert_eq!(place(third, Member::of("regex")), (11, 5), "a block where its text starts");
        assert_eq!(
            Places::read("rules: [").of(&RuleId { value: "a".into(), line: 1, column: 2 }, None),
            (1, 2)
        );
    }
}
