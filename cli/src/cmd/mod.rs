//! The work of each subcommand, one file each.

mod ca;
mod chains;
mod demo;
mod drift;
mod explain;
mod inspect;
mod judge;
mod keygen;
mod log;
mod print;
mod replay;
mod rules;
mod rules_bench;
mod rules_diff;
mod rules_import;
mod rules_sign;
mod scan;
mod seal;
mod staging;
mod timeline;
mod verify;

pub(crate) use ca::ca;
pub(crate) use demo::demo;
pub(crate) use drift::drift;
pub(crate) use explain::explain;
pub(crate) use inspect::inspect;
pub(crate) use judge::judge;
pub(crate) use keygen::keygen;
pub(crate) use log::{find_predecessor, log};
pub(crate) use print::{completions, man};
pub(crate) use replay::replay;
pub(crate) use rules::rules;
pub(crate) use scan::scan;
pub(crate) use seal::seal;
pub(crate) use timeline::timeline;
pub(crate) use verify::verify;
