//! State that crosses events: the pairs of requests and responses, and the risk of each session.

mod pairs;
mod tracker;

pub use tracker::Tracker;
