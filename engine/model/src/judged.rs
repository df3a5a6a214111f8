//! A judged event: what is left of it when its bytes are gone, ready for any writer.

use crate::{EventHead, Excerpt, Finding, Story, Verdict};

/// The names of an event as they may be written: the head's own names are bytes of the input, these are not.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Labels {
    /// The session.
    pub session: Excerpt,
    /// The name that the recording gave the event; empty when it gave none.
    pub name: Excerpt,
    /// The HTTP or JSON-RPC method, the entry's type, the model role; empty when it has none.
    pub method: Excerpt,
    /// Scheme, host and path of the URL, without user info, query and fragment; empty when there is no URL.
    pub target: Excerpt,
    /// The tool that is called or answers; empty when there is none.
    pub tool: Excerpt,
    /// Who acts; empty when unknown.
    pub agent: Excerpt,
    /// The server at the other end; empty when unknown.
    pub server: Excerpt,
    /// What the recording firewall decided; empty when it wrote nothing.
    pub recorded_verdict: Excerpt,
    /// Its layer that decided; empty when it wrote nothing.
    pub recorded_layer: Excerpt,
    /// Its pattern that fired; empty when it wrote nothing.
    pub recorded_pattern: Excerpt,
}

/// An event with all that was concluded about it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What it was. Of its strings only [`Labels`] may be written.
    pub head: EventHead,
    /// Its names as they may be written.
    pub labels: Labels,
    /// The findings, by position.
    pub findings: Vec<Finding>,
    /// What it adds to the story of its session.
    pub story: Story,
    /// The decision.
    pub verdict: Verdict,
}
