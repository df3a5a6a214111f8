//! Rule packs: YAML data, checked and compiled once into one immutable value.

mod anchor;
mod around;
mod book;
mod compile;
mod evaded;
mod fragments;
mod frozen;
mod grade;
mod joint;
mod lens;
mod lint;
mod load;
mod mutate;
mod national;
mod near;
mod pattern;
mod phrase;
mod plan;
mod problem;
mod schema;
mod selftest;
mod sets;
mod slack;
mod sources;
mod spec;
mod texts;
mod trial;
mod validator;
mod ways;
mod words;

pub(crate) use anchor::Piece;
pub(crate) use around::{Around, There};
pub use book::Book;
pub(crate) use book::Difference;
pub(crate) use compile::CompiledRule;
#[cfg(test)]
pub(crate) use evaded::SLACK;
pub use evaded::{Evaded, Tried, evasions};
pub use frozen::freeze;
pub(crate) use grade::Grade;
pub use joint::{FieldChange, Joint, RuleChange, RuleChangeKind, RuleSource, Selection};
pub(crate) use lens::{Lenses, RuleAnchor};
pub use lint::{Advice, Level, lint};
pub use load::{FirstPlace, Pack, PackError, PackText, builtin_texts, rule_text};
pub use mutate::{Mutant, MutantFate, MutateLimits, RuleMutants, mutants};
pub(crate) use pattern::Pattern;
pub(crate) use schema::Case;
pub use schema::RuleView;
pub use selftest::{Promise, Wanted, promises};
#[cfg(test)]
pub(crate) use selftest::{Sample, samples};
pub(crate) use sets::{Set, Sets};
pub use spec::FieldKind;
pub use trial::RuleTrial;
pub(crate) use ways::Way;
pub(crate) use words::word_starts;
