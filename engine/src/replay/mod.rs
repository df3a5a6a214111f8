//! Replay: the same events, in order, under two rule sets with all state of sessions, in one read; or under one, held to
//! the verdicts that were recorded.
//!
//! Rules that both sets have are looked for once ([`Joint`](crate::Joint)). Where the rules are the same and only the policy
//! differs, events are judged once and decided about twice. A sweep ([`Sweep`]) has the second set several times, each with
//! another least confidence.

mod compare;
mod judging;
mod recorded;
mod sweep;

pub use judging::{Against, Replay, replay};
pub use sweep::{Sweep, Swept, sweep};
