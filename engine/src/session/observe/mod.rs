//! What the fold over a session needs of an event besides its findings, worked out on any thread while the event's bytes
//! are there: which tool is called and what kind of deed that is, what flows, which tools are listed.
//!
//! Stateless: what is observed of an event does not depend on the events before it. Nothing here keeps bytes of the input
//! but what is said to be displayable.

pub(super) mod canonical;
pub(super) mod listed;

use coldcase_model::{Event, Finding, Redactor};

mod calls;

pub(super) use calls::{Call, Deed, Deeds};

/// What was observed of one event.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The tool call or request that it is.
    pub(super) call: Option<Call>,
    /// Tools that it lists.
    pub(super) listed: Option<Box<listed::Listed>>,
}

impl Observed {
    /// Observes an event in which this was found; `redactor` makes one that knows its secrets.
    pub(crate) fn of(event: &Event, findings: &[Finding], redactor: impl FnOnce() -> Redactor) -> Self {
        Self { call: Call::of(event), listed: listed::of(event, findings, redactor) }
    }

    /// The call of a tool with these arguments.
    #[cfg(test)]
    pub(super) fn of_call(tool: &str, arguments: &str) -> Call {
        Call::new(Some(&coldcase_model::Name::from(tool)), arguments.as_bytes().to_vec(), Deeds::default())
    }
}
