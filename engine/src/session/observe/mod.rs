//! What the fold over a session needs of an event besides its findings, worked out on any thread while the event's bytes
//! are there: which tool is called and what kind of deed that is, what flows, which tools are listed.
//!
//! Stateless: what is observed of an event does not depend on the events before it. Nothing here keeps bytes of the input
//! but what is said to be displayable.

use coldcase_model::Event;

/// What was observed of one event.
#[derive(Debug, Clone, Default)]
pub struct Observed {}

impl Observed {
    /// Observes an event.
    pub(crate) fn of(_event: &Event) -> Self {
        Self {}
    }
}
