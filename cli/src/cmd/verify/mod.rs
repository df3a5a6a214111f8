//! `verify`: what audit logs and sealed reports prove, in four lines each, and no more.

pub(crate) mod files;
mod run;
mod text;
pub(crate) mod trust;

pub(crate) use run::verify;
