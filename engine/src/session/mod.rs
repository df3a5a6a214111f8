//! State that crosses events: the pairs of requests and responses, and the risk of each session.

mod chains;
mod fragments;
mod observe;
mod pairs;
mod recall;
mod risk;
mod taint;
mod tracker;

pub use observe::Observed;
pub use tracker::Tracker;
