//! What talks to the terminal: exit codes, progress, messages.

mod exit;
mod message;
mod progress;

pub(crate) use exit::Exit;
pub(crate) use message::{error, is_closed_pipe, note, one_line, out, sanitize};
pub(crate) use progress::Bar;
