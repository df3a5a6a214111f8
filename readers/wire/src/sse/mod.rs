//! Server-sent events, and deltas of model answers joined.
