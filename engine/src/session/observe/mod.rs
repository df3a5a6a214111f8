//! What the fold over a session needs of an event besides its findings, worked out on any thread while the event's bytes
//! are there: which tool is called and what kind of deed that is, what flows, which tools are listed.
//!
//! Stateless: what is observed of an event does not depend on the events before it. Nothing here keeps bytes of the input
//! but what is said to be displayable, and the short values of `pieces`, which the fold holds for a while and never shows.

use coldcase_model::{Event, Span};

mod calls;
mod flow;
mod pieces;
mod prints;
mod values;

pub(super) use calls::{Call, Deed, Deeds};
pub(super) use flow::{Flow, Source};
pub(super) use pieces::{Piece, Pieces};
pub(super) use prints::LETTERS;
pub(super) use values::ValueKind;
#[cfg(test)]
pub(super) use {
    flow::{Had, Secret},
    prints::{add as add_prints, mixed},
    values::{Value, add as add_values, hash},
};

/// What was observed of one event.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The tool call or request that it is.
    pub(super) call: Option<Call>,
    /// What flows.
    pub(super) flow: Option<Box<Flow>>,
    /// Short values that leave.
    pub(super) pieces: Option<Box<Pieces>>,
}

impl Observed {
    /// Observes an event.
    pub(crate) fn of(event: &Event) -> Self {
        Self { call: Call::of(event), flow: Flow::of(event), pieces: Pieces::of(event) }
    }

    /// Takes in a secret that a rule found at a place of the event.
    pub(crate) fn add_secret(&mut self, event: &Event, place: Span, secret: &[u8]) {
        if let Some(flow) = &mut self.flow {
            flow.add_secret(event, place, secret);
        }
    }

    /// The call of a tool with these arguments.
    #[cfg(test)]
    pub(super) fn of_call(tool: &str, arguments: &str) -> Call {
        Call::new(Some(&coldcase_model::Name::from(tool)), arguments.as_bytes().to_vec(), Deeds::default())
    }
}
