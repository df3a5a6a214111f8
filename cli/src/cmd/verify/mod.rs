//! `verify`: what audit logs and sealed reports prove, in four lines each, and no more.

mod anchors;
pub(crate) mod files;
mod links;
mod run;
mod text;
mod trust;

pub(crate) use run::verify;
