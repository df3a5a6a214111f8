//! The plain types that every Coldcase crate speaks.
//!
//! A reader turns an artifact's bytes into [`Event`]s and [`Anomaly`]s; the engine turns an event into
//! [`Finding`]s and a [`Verdict`]; reports write rows of all of them. This crate holds those values, the
//! JSON lexing that gives them positions, and nothing that judges.
//!
//! # Invariants
//! - No I/O, no clock, no environment, no logging.
//! - The parts of an event tile its text: every byte belongs to exactly one part ([`Event::is_tiled`]).
//! - Text of an input reaches a writer only as an [`Excerpt`], which cannot be made without a [`Redactor`].
#![forbid(unsafe_code)]

mod acceptance;
mod anomaly;
mod batch;
mod capture;
mod chain;
mod coverage;
mod event;
mod excerpt;
mod finding;
mod ids;
pub mod json;
mod judged;
mod kind;
mod names;
mod part;
mod replay;
mod run;
mod source;
mod story;
mod time;
mod unfollowed;
mod verdict;

pub use acceptance::{Acceptance, Fingerprint};
pub use anomaly::{Anomaly, AnomalyKind};
pub use batch::{Batch, BatchSource, KeptPart, Outcome};
pub use capture::{
    CaptureClock, CaptureDrops, CaptureGaps, CaptureInterface, CaptureSummary, CaptureTraffic,
};
pub use chain::{
    Chain, ChainBreak, ChainCheckpoints, ChainKey, ChainPlace, ChainStatus, ChainStretch, ChainTorn,
};
pub use coverage::{Account, Ledger, NotScanned, ScanCoverage, Space};
pub use event::{Detail, Event, EventHead, Extent, Recorded, RpcRole};
pub use excerpt::{Excerpt, Redactor, Show};
pub use finding::{Category, Confidence, Finding, References, RuleInfo, Severity, ViewKind};
pub use ids::{ArtifactIndex, Digest, EventId, FindingId};
pub use judged::{Judged, Labels};
pub use kind::{Direction, EventKind, Surface};
pub use names::{Interner, Name, SessionKey};
pub use part::{Label, Origin, Part, Span};
pub use replay::{ChangeCause, FindingChange, FindingChangeKind, Replayed, RulesetFacts, Standing};
pub use run::{InputFacts, InputState, RunFacts};
pub use source::{Item, SourcePos, SourceSpan};
pub use story::{
    Argument, ArgumentClass, ArgumentKind, Basis, ChangeClass, ChangeKind, Edge, EdgeKind, Join, Signal,
    SignalKind, Story, TieKind, ToolChange, ToolSeen,
};
pub use time::{Precision, TimeSource, Timestamp};
pub use unfollowed::Unfollowed;
pub use verdict::{Action, Risk, RiskLevel, Verdict};
