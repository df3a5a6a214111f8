//! Exit codes. Scripts depend on them: a number never changes its meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked to.
    Done,
    /// A gate was met: a finding at or above `--fail-on`.
    Gate,
    /// An input or a configuration file cannot be used.
    Input,
    /// The evidence is incomplete: nothing could be read, or `--require-complete` is not met.
    Incomplete,
    /// Evidence is not as it was written, or could not be pinned to a key that was given.
    Integrity,
    /// The command line is wrong.
    Usage,
    /// That of the program that was run.
    Of(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Gate => 1,
            Exit::Input => 2,
            Exit::Incomplete => 3,
            Exit::Integrity => 4,
            Exit::Usage => 64,
            Exit::Of(code) => code,
        })
    }
}
