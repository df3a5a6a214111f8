//! What of a pack decides about kept results: each rule by a digest of what it says, and the texts that it is tried at.
//!
//! Two books tell which rules differ, and the texts of these tell which inputs they could say something of. Rules count as one if
//! they find the same and say the same of it, and stand in the same order; their own test texts do not matter. Left out: which
//! surfaces a differing rule looks at, since what is kept of an input covers all of its text.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fragments::Fragments;
use super::joint::{RuleSource, longest_climb};
use super::load::{Pack, PackError, Written, spread};
use super::plan::MIN_TEXT;
use super::spec::{FieldKind, RuleSpec};
use crate::scan::{Grams, Texts, Wanted, runs};

/// The rules of a pack, as far as kept results depend on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// The longest text of any rule: views are searched so far round their changes.
    longest: u64,
    rules: Vec<BookRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BookRule {
    digest: [u8; 32],
    /// The texts that it is tried at, and their turned forms.
    texts: Vec<Vec<u8>>,
}

impl Pack {
    /// The book of this pack, which was compiled from `source`; `None` if it was not.
    pub fn book(&self, source: &RuleSource) -> Result<Option<Book>, PackError> {
        let sources = source.read()?;
        let written: Vec<Written<'_>> = sources.written().map(|(written, _)| written).collect();
        let is_own = written.len() == self.rules.len()
            && std::iter::zip(&written, &self.rules).all(|(one, other)| one.rule.id.value == *other.info.id);
        if !is_own {
            return Ok(None);
        }
        let mut wanted: Vec<Vec<Wanted>> = written.iter().map(|_| Vec::new()).collect();
        for (rule, one) in self.lenses.wanted() {
            if let Some(of_rule) = wanted.get_mut(rule) {
                of_rule.push(one.clone());
            }
        }
        let rules: Vec<_> = std::iter::zip(&written, wanted).collect();
        let rules = spread(&rules, |(written, wanted)| BookRule::of(written, wanted));
        Ok(Some(Book { longest: self.lenses.longest() as u64, rules }))
    }
}

impl BookRule {
    fn of(written: &Written<'_>, wanted: &[Wanted]) -> Self {
        let Written { pack, rule, fragments, .. } = written;
        let spec = RuleSpec::of(pack, rule, &Fragments(fragments));
        let mut hash = Sha256::new();
        let mut put = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        put(&rule.id.value);
        for field in spec.fields.iter().filter(|field| field.kind != FieldKind::Text) {
            put(field.name);
            put(&field.value);
        }
        let mut texts: Vec<Vec<u8>> = Texts::new(wanted.iter()).forms().collect();
        texts.sort_unstable();
        texts.dedup();
        Self { digest: hash.finalize().into(), texts }
    }
}

impl Book {
    /// The name of the book: equal ones judge alike.
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(b"coldcase.book/1");
        hash.update(self.longest.to_le_bytes());
        self.rules.iter().for_each(|rule| hash.update(rule.digest));
        Digest(hash.finalize().into())
    }

    /// The book as bytes, to be kept.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// From those bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (book, rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(book)
    }

    /// Which rules differ between an earlier book and this one.
    pub(crate) fn since(&self, earlier: &Self) -> Difference {
        if self.longest != earlier.longest {
            return Difference::Any;
        }
        let places: BTreeMap<&[u8; 32], usize> =
            earlier.rules.iter().enumerate().map(|(at, rule)| (&rule.digest, at)).collect();
        let pairs = self.rules.iter().enumerate();
        let pairs: Vec<(usize, usize)> =
            pairs.filter_map(|(at, rule)| Some((*places.get(&rule.digest)?, at))).collect();
        // A rule that has moved may come before another now, and is both gone and new.
        let (before, now): (BTreeSet<usize>, BTreeSet<usize>) = longest_climb(&pairs).into_iter().unzip();
        let others = |rules: &[BookRule], same: &BTreeSet<usize>| -> Vec<BookRule> {
            let all = rules.iter().enumerate().filter(|(at, _)| !same.contains(at));
            all.map(|(_, rule)| rule.clone()).collect()
        };
        let differ = [others(&earlier.rules, &before), others(&self.rules, &now)].concat();
        // Nothing tells where a rule without a text of some length is tried.
        let is_tried_anywhere =
            |rule: &BookRule| rule.texts.is_empty() || rule.texts.iter().any(|text| text.len() < MIN_TEXT);
        if differ.iter().any(is_tried_anywhere) {
            return Difference::Any;
        }
        let texts = differ.iter().flat_map(|rule| &rule.texts).map(|text| runs(text).collect());
        Difference::At(texts.collect())
    }
}

/// What differs between two books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It may show in any text.
    Any,
    /// It shows only where one of these texts stands, each told by its runs of four bytes.
    At(Vec<Vec<u32>>),
}

impl Difference {
    /// Whether it may show in a text of which these runs are known.
    pub(crate) fn may_show(&self, grams: &Grams) -> bool {
        match self {
            Self::Any => true,
            Self::At(texts) => texts.iter().any(|runs| grams.may_have(runs)),
        }
    }
}
