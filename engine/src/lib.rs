//! Judges events: packs, views, scan, policy, sessions and the parallel run over many of them.
//!
//! ```
//! use coldcase_engine::{Pack, Policy, Judge};
//! let pack = Pack::builtin()?;
//! let mut judge = Judge::new(&pack, Policy::balanced(), coldcase_model::Show::Redacted);
//! # fn events() -> Vec<coldcase_model::Event> { Vec::new() }
//! for event in events() {
//!     let judged = judge.judge(&event);
//!     assert!(judged.findings.len() < 1000);
//! }
//! # Ok::<(), coldcase_engine::PackError>(())
//! ```
//!
//! # Invariants
//! - No I/O: no files, sockets, clock, environment or logging. The caller passes bytes.
//! - One scan entry point, [`Detector::detect`]; batch, replay, rule tests and the live proxy call it.
//! - Detection is stateless: the findings of an event do not depend on the events before it.
//! - A pack is compiled once and immutable; a detector is one per thread.
//! - Results come in input order on any number of threads.

mod accept;
mod batch;
mod disguise;
mod judge;
mod kept;
mod pack;
mod policy;
mod replay;
mod scan;
mod session;
mod vector;
mod view;
mod yaml;

pub use accept::{AcceptedPlace, AcceptedWhere, MacKey, Suppressions, may_be_marked};
pub use batch::{Progress, Report, Take, With, run, run_from, run_with};
pub use judge::{Detection, Detector, Judge};
pub use kept::{Holds, Keeper, Part, Sign};
pub use pack::{
    Advice, Book, Evaded, FieldChange, FieldKind, FirstPlace, Joint, Level, Mutant, MutantFate, MutateLimits,
    Pack, PackError, PackText, Promise, RuleChange, RuleChangeKind, RuleMutants, RuleSource, RuleTrial,
    RuleView, Selection, Tried, Wanted, builtin_chains, builtin_texts, evasions, freeze, lint, mutants,
    promises, rule_text,
};
pub use policy::{Policy, PolicyError};
pub use replay::{Against, Replay, Sweep, Swept, replay, sweep};
pub use scan::{Clock, RuleCost};
pub use session::{
    Accepted, AcceptedField, AcceptedTool, Baseline, Joiner, Observed, SnapshotError, Tracker,
};
