//! What the fold over a session needs of an event besides its findings, worked out on any thread while the event's bytes
//! are there: which tool is called and what kind of deed that is, what flows, which tools are listed.
//!
//! Stateless: what is observed of an event does not depend on the events before it. Nothing here keeps bytes of the input
//! but what is said to be displayable.

use coldcase_model::Event;

mod calls;

pub(super) use calls::{Call, Deed, Deeds};

/// What was observed of one event.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The tool call or request that it is.
    pub(super) call: Option<Call>,
}

impl Observed {
    /// Observes an event.
    pub(crate) fn of(event: &Event) -> Self {
        Self { call: Call::of(event) }
    }

    /// The call of a tool with these arguments.
    #[cfg(test)]
    pub(super) fn of_call(tool: &str, arguments: &str) -> Call {
        Call::new(Some(&coldcase_model::Name::from(tool)), arguments.as_bytes().to_vec(), Deeds::default())
    }
}
