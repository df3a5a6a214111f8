//! Rule packs: YAML data, checked and compiled once into one immutable value.

mod compile;
mod load;
mod reach;
mod schema;
mod selftest;
mod validator;

pub(crate) use compile::{CompiledRule, Keywords};
pub use load::{Pack, PackError, PackText, builtin_texts};
pub(crate) use schema::Case;
pub use schema::RuleView;
