//! Seals over a report's manifest, and time stamps that others put on it.
