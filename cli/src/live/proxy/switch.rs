//! The two switches: traffic stopped and let run again, and the end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::term;

/// How often the file is looked for.
const LOOK: Duration = Duration::from_millis(250);

/// Says whether traffic runs, to whoever asks or waits.
#[derive(Debug)]
pub(super) struct Switch {
    killed: watch::Sender<bool>,
    by_signal: AtomicBool,
    by_file: AtomicBool,
    ending: watch::Sender<bool>,
}

impl Switch {
    pub(super) fn new() -> Self {
        Self {
            killed: watch::Sender::new(false),
            by_signal: AtomicBool::new(false),
            by_file: AtomicBool::new(false),
            ending: watch::Sender::new(false),
        }
    }

    /// Whether all traffic is stopped.
    pub(super) fn is_killed(&self) -> bool {
        *self.killed.borrow()
    }

    /// Waits until traffic is stopped.
    pub(super) async fn killed(&self) {
        let mut killed = self.killed.subscribe();
        let _dropped = killed.wait_for(|killed| *killed).await;
    }

    /// Waits until everything ends.
    pub(super) async fn ending(&self) {
        let mut ending = self.ending.subscribe();
        let _dropped = ending.wait_for(|ending| *ending).await;
    }

    pub(super) fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Ends everything.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Stops traffic by a signal, or no longer does; says whether that changes anything.
    pub(super) fn signal(&self, kills: bool) -> bool {
        self.by_signal.store(kills, Ordering::Release);
        self.settle()
    }

    /// Stops traffic while a file is there; `changed` is told of each change.
    pub(super) async fn follow(&self, file: PathBuf, changed: impl Fn(bool)) {
        loop {
            tokio::time::sleep(LOOK).await;
            if self.look(&file) {
                changed(self.is_killed());
            }
        }
    }

    /// Looks whether the file is there; says whether that changes anything.
    pub(super) fn look(&self, file: &Path) -> bool {
        // What cannot be looked at may be there.
        let is_there = file.try_exists().unwrap_or(true);
        self.by_file.store(is_there, Ordering::Release);
        self.settle()
    }

    fn settle(&self) -> bool {
        let killed = self.by_signal.load(Ordering::Acquire) || self.by_file.load(Ordering::Acquire);
        let changed = self.killed.send_replace(killed) != killed;
        if changed {
            let what = if killed { "all traffic is stopped" } else { "traffic runs again" };
            term::note(&format!("coldcase: {what}"));
        }
        changed
    }
}
