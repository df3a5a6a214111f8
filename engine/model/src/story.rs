//! What an event adds to the story of its session: signals of risk, edges to earlier events, tools that were listed or have
//! changed. Everything that a report says of a session is built from these.

use std::sync::Arc;

use crate::kind::vocabulary;
use crate::{Digest, EventId, Excerpt};

vocabulary! {
    /// What moved a session's risk.
    SignalKind {
        /// A finding of a rule.
        Finding => "finding",
        /// The recording firewall stopped the event.
        Blocked => "blocked",
        /// The recording firewall saw something and let it pass.
        NearMiss => "near_miss",
        /// A chain of tool calls.
        Chain => "chain",
        /// Untrusted content came before a sensitive action, or flowed into it.
        Taint => "taint",
        /// A tool's definition changed for the worse.
        Drift => "drift",
        /// Pieces of one secret in several events.
        Fragment => "fragment",
        /// More was sent to one place than its budget allows.
        Budget => "budget",
        /// Requests at even intervals.
        Beacon => "beacon",
        /// Time without anything new.
        Decay => "decay",
    }
}

/// What moved a session's risk at an event, and by how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Which kind.
    pub kind: SignalKind,
    /// The rule, chain or budget by its name.
    pub what: Arc<str>,
    /// Points that it added; negative for decay.
    pub points: f64,
}

vocabulary! {
    /// How two events hang together.
    EdgeKind {
        /// The later event does what the earlier one's content asked for.
        InjectedBy => "injected_by",
        /// Content of the earlier event stands in the later one.
        Carried => "carried",
        /// The later event came after the earlier one.
        Followed => "followed",
        /// Both are one message, in two recordings of one run.
        SameAs => "same_as",
    }
}

vocabulary! {
    /// What an edge rests on.
    Basis {
        /// Bytes that both events have.
        Linked => "linked",
        /// Their order alone.
        Inferred => "inferred",
    }
}

/// An edge from an earlier event to the one that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The earlier event.
    pub from: EventId,
    /// How they hang together.
    pub kind: EdgeKind,
    /// What that rests on.
    pub basis: Basis,
    /// How many bytes of content both events are known to share, at the least.
    pub shared_bytes: u64,
    /// What is shared or was done, in words without the input's bytes.
    pub what: Arc<str>,
}

/// A tool as a server lists it.
#[derive(Debug, Clone)]
pub struct ToolSeen {
    /// The server, or the session's input where it is not named.
    pub server: Excerpt,
    /// The tool's name.
    pub name: Excerpt,
    /// SHA-256 of its definition with sorted keys.
    pub definition: Digest,
    /// How many bytes its description has.
    pub description_bytes: u64,
    /// How many parameters its input schema has at the top.
    pub parameters: u64,
}

vocabulary! {
    /// By what two sessions are told to be recordings of one run.
    TieKind {
        /// The id that a session is named by.
        SessionId => "session_id",
        /// The session's id in `Mcp-Session-Id`.
        McpSession => "mcp_session",
        /// The trace in `traceparent`.
        Trace => "trace",
        /// Content of calls and results.
        Content => "content",
    }
}

/// Another recording of the same run: a session that the event's session shares an id or content with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The other session.
    pub with: Excerpt,
    /// The event of it that has the same.
    pub from: EventId,
    /// What that rests on.
    pub basis: Basis,
    /// By what it is told.
    pub by: TieKind,
    /// How many ids or contents were the same when it was told.
    pub shared: u64,
}

vocabulary! {
    /// What became of a tool between two listings.
    ChangeKind {
        /// It was not there before.
        Added => "added",
        /// It is gone.
        Removed => "removed",
        /// Its definition stands under another name.
        Renamed => "renamed",
        /// A text or schema of it changed.
        Changed => "changed",
    }
}

vocabulary! {
    /// What a change means.
    ChangeClass {
        /// Words, no meaning.
        Editorial => "editorial",
        /// It can do more.
        CapabilityWidened => "capability_widened",
        /// It takes something new.
        NewParameter => "new_parameter",
        /// It tells the model what to do.
        InstructionIntroduced => "instruction_introduced",
        /// It names a place where data goes.
        DestinationIntroduced => "destination_introduced",
    }
}

/// A change of a tool, against the listing before.
#[derive(Debug, Clone)]
pub struct ToolChange {
    /// The server.
    pub server: Excerpt,
    /// The tool's name now; the former one of a tool that is gone.
    pub tool: Excerpt,
    /// What became of it.
    pub kind: ChangeKind,
    /// What that means.
    pub class: ChangeClass,
    /// Where in the definition: a JSON pointer.
    pub field: Excerpt,
    /// The words that went and came, with `-` and `+` before them.
    pub diff: Excerpt,
    /// The event with the listing before; `None` for one from a baseline.
    pub before: Option<EventId>,
}

vocabulary! {
    /// What a call's argument is in JSON.
    ArgumentKind {
        /// An object.
        Object => "object",
        /// An array.
        Array => "array",
        /// A string.
        String => "string",
        /// A number.
        Number => "number",
        /// `true` or `false`.
        Boolean => "boolean",
        /// `null`.
        Null => "null",
    }
}

vocabulary! {
    /// What an argument that is a string looks like.
    ArgumentClass {
        /// Nothing, or blanks.
        Empty => "empty",
        /// A number.
        Number => "number",
        /// A URL.
        Url => "url",
        /// A file's path.
        Path => "path",
        /// An e-mail address.
        Address => "address",
        /// A word, as names are.
        Word => "word",
        /// Something long without a blank, or of letters and digits mixed, as keys and coded data are.
        Token => "token",
        /// Anything with blanks in it.
        Text => "text",
    }
}

/// An argument of a call, without its value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: Excerpt,
    /// What it is in JSON.
    pub kind: ArgumentKind,
    /// What a string looks like; `None` for all else.
    pub class: Option<ArgumentClass>,
    /// How many bytes it has as written, a string without its quotes.
    pub bytes: u64,
}

/// What one event adds to its session's story.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// What moved the risk, in the order in which it was added.
    pub signals: Vec<Signal>,
    /// Edges from earlier events to this one.
    pub edges: Vec<Edge>,
    /// Tools that the event lists.
    pub tools: Vec<ToolSeen>,
    /// What changed in them.
    pub changes: Vec<ToolChange>,
    /// Other recordings of the session's run that the event gave away.
    pub joins: Vec<Join>,
    /// Arguments of the call that it is, in their order.
    pub arguments: Vec<Argument>,
}
