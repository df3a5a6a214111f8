//! From the paths that a user names to streams of decoded bytes.

mod compression;
mod expand;
mod stream;

pub use expand::{Found, expand, expand_globs};
pub(crate) use stream::{Closed, Stream};
