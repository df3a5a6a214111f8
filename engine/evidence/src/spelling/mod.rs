//! How the writer spells JSON: Go's `encoding/json` with HTML-safe escaping, without white space.
//!
//! Checked in one pass over the bytes, without building values.

mod special;
mod text;
mod time;
mod value;

pub(crate) use text::{Strictness, encode, string};
pub(crate) use time::{LastSecond, Stamp, is_writer_time, stamp};
pub(crate) use value::value;
