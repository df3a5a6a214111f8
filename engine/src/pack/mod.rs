//! Rule packs: YAML data, checked and compiled once into one immutable value.

mod anchor;
mod compile;
mod load;
mod schema;
mod selftest;
mod validator;

pub(crate) use compile::{CompiledRule, Keywords};
pub use load::{Pack, PackError, PackText, builtin_texts};
pub(crate) use schema::Case;
pub use schema::RuleView;
