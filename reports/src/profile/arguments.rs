//! The shapes of arguments: for each tool and argument what it is in JSON, what strings look like, and how long it is.
//!
//! A shape is compared only where calls of enough sessions have the tool. Left out: arguments that calls leave away, and what
//! objects and arrays hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stats::{self, spread};
use super::{FAR, FEWEST, Spread};

/// What is usual for an argument of a tool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// How many sessions have it.
    pub sessions: u64,
    /// How many calls have it.
    pub calls: u64,
    /// What it is (`number`, `string path`), and in how many calls.
    pub forms: BTreeMap<String, u64>,
    /// How many bytes it has, over calls.
    pub bytes: Spread,
    /// The most bytes that it has.
    pub most: u64,
}

/// One argument of one call.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) bytes: u64,
}

/// What the calls of one session have as an argument.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    calls: u64,
    forms: BTreeMap<String, u64>,
    /// The sizes of the first calls.
    sizes: Vec<u64>,
    most: u64,
}

/// What of an argument is not as usual: what deviates, its name, the number, what is usual, and how far it is from that.
pub(super) type Odd = (&'static str, String, f64, Spread, f64);

/// How many sizes of a session's argument are kept.
const MOST_SIZES: usize = 64;
/// How many forms; there are thirteen.
const MOST_FORMS: usize = 16;
/// An argument may be so many times as long as the longest before it is called long.
const LONGER: u64 = 2;
/// Fewer calls than this do not tell that an argument has no other form.
const FEWEST_CALLS: u64 = 20;

impl Held {
    pub(super) fn add(&mut self, seen: &Seen) {
        self.calls += 1;
        self.most = self.most.max(seen.bytes);
        if self.sizes.len() < MOST_SIZES {
            self.sizes.push(seen.bytes);
        }
        let form = [seen.kind.as_str(), &seen.class].join(" ");
        let form = form.trim_end();
        if let Some(count) = self.forms.get_mut(form) {
            *count += 1;
        } else if self.forms.len() < MOST_FORMS {
            self.forms.insert(form.to_owned(), 1);
        }
    }
}

/// What is usual for an argument, from what each session has.
#[expect(clippy::cast_precision_loss, reason = "sizes that are compared in tenths of themselves")]
pub(super) fn shape(sessions: &[&Held]) -> Shape {
    let mut shape = Shape { sessions: sessions.len() as u64, ..Shape::default() };
    let mut sizes = Vec::new();
    for held in sessions {
        shape.calls += held.calls;
        shape.most = shape.most.max(held.most);
        for (form, count) in &held.forms {
            *shape.forms.entry(form.clone()).or_default() += count;
        }
        sizes.extend(held.sizes.iter().map(|size| *size as f64));
    }
    shape.bytes = spread(sizes);
    shape
}

/// What is not as usual in what a session has as the argument `name` of a tool; `known` is what is usual for it, if anything.
#[expect(clippy::cast_precision_loss, reason = "sizes that are compared in tenths of themselves")]
pub(super) fn compare(name: &str, held: &Held, known: Option<&Shape>) -> Vec<Odd> {
    let never = Spread::default();
    let Some(known) = known else {
        return vec![("argument", name.to_owned(), held.calls as f64, never, 0.0)];
    };
    let mut all = Vec::new();
    if known.calls >= FEWEST_CALLS && known.sessions >= FEWEST {
        let new = held.forms.iter().filter(|(form, _)| !known.forms.contains_key(*form));
        all.extend(
            new.map(|(form, count)| ("argument_form", format!("{name}: {form}"), *count as f64, never, 0.0)),
        );
    }
    let score = stats::score(held.most as f64, known.bytes);
    if known.sessions >= FEWEST && score >= FAR && held.most > known.most.saturating_mul(LONGER) {
        all.push(("argument_bytes", name.to_owned(), held.most as f64, known.bytes, score));
    }
    all
}
