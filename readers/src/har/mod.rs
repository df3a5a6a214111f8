//! HTTP Archive 1.2 (`http://www.softwareishard.com/blog/har-12-spec/`), entry by entry.
//!
//! Written against what exporters really do: missing fields, nulls, own fields, bodies in two encodings. Whatever
//! a field is that HTTP does not know, its text is scanned all the same.

mod content;
mod entry;
mod trivial;

pub(crate) use entry::HarReader;
