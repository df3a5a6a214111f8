//! Progress on long work: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that counts bytes, or things.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar up to `bytes`, hidden where standard error is no terminal or the user wants quiet.
    pub(crate) fn new(bytes: u64, quiet: bool) -> Self {
        let hidden = quiet || !std::io::stderr().is_terminal();
        let target =
            if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// A bar that counts things, of which the number is told later.
    pub(crate) fn of_things(quiet: bool) -> Self {
        let bar = Self::new(0, quiet);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {per_sec} {eta}") {
            bar.0.set_style(style);
        }
        bar
    }

    /// Tells how many there are in all.
    pub(crate) fn expect(&self, all: u64) {
        self.0.set_length(all);
    }

    /// Counts bytes or things as done.
    pub(crate) fn add(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
