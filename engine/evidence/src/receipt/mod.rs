//! Action receipts, version 1: each signed by itself, chained to one another.
