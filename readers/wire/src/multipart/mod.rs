//! Parts of multipart bodies (RFC 2046 section 5.1, RFC 7578), and fields of URL-encoded forms.
//!
//! Bodies are given whole; parts and fields come as spans of them. Line ends, a missing last boundary, and a missing
//! empty line are read as lenient servers read them, and noted. Offsets of notes are offsets in the body.
//!
//! Left out: transfer encodings and percent-encoding are not undone, and parts that are multipart again are not opened.

mod body;
mod form;
mod head;
#[cfg(test)]
mod tests;

pub use body::{Limits, Multipart, Part, read};
pub use form::{Field, fields};
pub use head::{boundary, guess_boundary, percent_decoded};
