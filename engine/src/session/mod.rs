//! State that crosses events: the pairs of requests and responses, and the risk of each session.

mod chains;
mod observe;
mod pairs;
mod risk;
mod tracker;

pub use observe::Observed;
pub use tracker::Tracker;
