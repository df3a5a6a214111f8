//! Policy: findings and what was not scanned, to an action with its reason.

mod decide;
mod schema;

pub use schema::{Policy, PolicyError};
