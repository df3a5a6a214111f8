//! Rule packs: YAML data, checked and compiled once into one immutable value.

mod anchor;
mod around;
mod compile;
mod evaded;
mod fragments;
mod grade;
mod joint;
mod lens;
mod lint;
mod load;
mod mutate;
mod national;
mod near;
mod neighbours;
mod pattern;
mod phrase;
mod plan;
mod schema;
mod selftest;
mod sets;
mod slack;
mod spec;
mod texts;
mod validator;
mod ways;
mod word_reader;
mod words;

pub(crate) use anchor::Piece;
pub(crate) use around::{Around, There};
pub(crate) use compile::CompiledRule;
#[cfg(test)]
pub(crate) use evaded::SLACK;
pub use evaded::{Evaded, Tried, evasions};
pub(crate) use grade::Grade;
pub use joint::{FieldChange, Joint, RuleChange, RuleChangeKind, RuleSource, Selection, rule_changes};
pub(crate) use lens::{Lenses, RuleAnchor};
pub use lint::{Advice, Level, lint};
pub use load::{Pack, PackError, PackText, builtin_texts, rule_text};
pub use mutate::{Mutant, MutantFate, MutateLimits, RuleMutants, mutants};
pub(crate) use neighbours::{Neighbours, WORDS};
pub(crate) use pattern::Pattern;
pub(crate) use schema::Case;
pub use schema::RuleView;
pub use selftest::{Promise, Wanted, promises};
#[cfg(test)]
pub(crate) use selftest::{Sample, samples};
pub(crate) use sets::{Set, Sets};
pub use spec::FieldKind;
pub(crate) use word_reader::{Reader, Way, Word};
pub(crate) use words::word_starts;
