//! State that crosses events: the pairs of requests and responses, and the risk of each session.

mod chains;
mod drift;
mod observe;
mod pairs;
mod risk;
mod tracker;

pub use drift::{Accepted, AcceptedField, AcceptedTool, Baseline};
pub use observe::Observed;
pub use tracker::Tracker;
