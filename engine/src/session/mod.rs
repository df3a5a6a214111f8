//! State that crosses events: the pairs of requests and responses, and the risk of each session.

mod chains;
mod drift;
mod fragments;
mod joins;
mod observe;
mod outflow;
mod pairs;
mod recall;
mod rests;
mod risk;
mod sessions;
mod snapshot;
mod taint;
mod tracker;

pub use drift::{Accepted, AcceptedField, AcceptedTool, Baseline};
pub use fragments::Joiner;
pub use observe::Observed;
pub(crate) use observe::{Deed, Deeds, Found};
pub(crate) use rests::rests_on;
pub use snapshot::SnapshotError;
pub use tracker::Tracker;
pub(crate) use tracker::decided;
