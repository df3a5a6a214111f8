//! What the fold over a session needs of an event besides its findings, worked out on any thread while the event's bytes
//! are there: which tool is called and what kind of deed that is, what flows, which tools are listed.
//!
//! Stateless: what is observed of an event does not depend on the events before it. Nothing here keeps bytes of the input
//! but what is said to be displayable, and the short values of `pieces`, which the fold holds for a while and never shows.

pub(super) mod canonical;
pub(super) mod listed;

use coldcase_model::{Argument, ArtifactIndex, Event, Finding, Redactor, Span};

use crate::view::Landmarks;

mod arguments;
mod calls;
mod fields;
mod flow;
mod pieces;
mod prints;
mod ties;
mod values;

pub(super) use calls::Call;
pub(crate) use calls::{Deed, Deeds};
pub(crate) use flow::Found;
pub(super) use flow::{Flow, Had, Source, Strand};
pub(super) use pieces::{Piece, Pieces};
pub(super) use prints::{LETTERS, Print};
pub(super) use ties::{SHORTEST as SHORTEST_TIE, Ties, of_name as name_tie};
pub(super) use values::ValueKind;
#[cfg(test)]
pub(super) use {prints::mixed, values::hash};

/// What was observed of one event.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Observed {
    /// The tool call or request that it is.
    pub(super) call: Option<Call>,
    /// Tools that it lists.
    pub(super) listed: Option<Box<listed::Listed>>,
    /// What flows.
    pub(super) flow: Option<Box<Flow>>,
    /// Short values that leave.
    pub(super) pieces: Option<Box<Pieces>>,
    /// Hash of the host that it goes to.
    pub(super) host: Option<u64>,
    /// What may tie it to another recording of the same run.
    pub(super) ties: Option<Box<Ties>>,
    /// The arguments of the call that it is.
    pub(super) arguments: Vec<Argument>,
}

impl Observed {
    /// Observes an event, whose own text has these landmarks, and in which this was found; `redactor` makes one that knows
    /// its secrets.
    pub(crate) fn of(
        event: &Event,
        landmarks: &Landmarks,
        findings: &[Finding],
        redactor: impl Fn() -> Redactor,
    ) -> Self {
        Self {
            call: Call::of(event),
            listed: listed::of(event, findings, &redactor),
            flow: Flow::of(event, landmarks),
            pieces: Pieces::of(event),
            host: pieces::host_of(event),
            ties: Ties::of(event),
            arguments: arguments::of(event, &redactor),
        }
    }

    /// Puts it into another place of the run; everything of it is of one input.
    pub(crate) fn move_to(&mut self, now: ArtifactIndex) {
        let Self { call: _, listed: _, flow: _, pieces, host: _, ties: _, arguments: _ } = self;
        for piece in pieces.iter_mut().flat_map(|pieces| &mut pieces.all) {
            piece.place.pos.artifact = now;
        }
    }

    /// Takes in what a rule found at a place of the event.
    pub(crate) fn found(&mut self, event: &Event, place: Span, what: Found<'_>) {
        if let Some(flow) = &mut self.flow {
            flow.found(event, place, what);
        }
    }

    /// The call of a tool with these arguments.
    #[cfg(test)]
    pub(super) fn of_call(tool: &str, arguments: &str) -> Call {
        Call::new(Some(&coldcase_model::Name::from(tool)), arguments.as_bytes().to_vec(), Deeds::default())
    }
}
