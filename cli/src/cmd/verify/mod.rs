//! `verify`: what audit logs and sealed reports prove, in four lines each, and no more.

mod anchors;
mod capped;
pub(crate) mod files;
mod finish;
mod links;
mod paths;
mod run;
mod text;
mod trust;

pub(crate) use run::verify;
