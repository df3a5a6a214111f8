//! What both directions share: the state of the session, the policy, and the record of what happened.
//!
//! One event at a time goes through here, from either side, so that the order in the record is the order in which the
//! session's risk moved.

use std::sync::{Mutex, MutexGuard, PoisonError};

use coldcase_engine::{Detection, Joiner, Pack, Policy, Tracker};
use coldcase_model::Judged;

use super::answer::{FAILED, Why};
use super::record::Recorder;

/// What becomes of a message.
#[derive(Debug)]
pub(super) enum Fate {
    /// It goes on as it stands.
    Pass,
    /// It goes on without what was found.
    Strip(Vec<u8>),
    /// It does not go on.
    Stop {
        /// Why.
        why: Why,
        /// Whether its id may go where it would have gone.
        id_is_clean: bool,
    },
}

impl Fate {
    /// The word for it in the log.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Pass => "allow",
            Self::Strip(_) => "strip",
            Self::Stop { .. } => "block",
        }
    }

    /// Why it does not go on.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Pass | Self::Strip(_) => None,
            Self::Stop { why, .. } => Some(&why.reason),
        }
    }
}

/// The state of a live session.
pub(super) struct Fold {
    tracker: Tracker,
    joiner: Joiner<'static>,
    policy: Policy,
    pub(super) recorder: Recorder,
    /// Events, and those of them that did not pass as they stood.
    pub(super) counts: [u64; 2],
}

impl Fold {
    pub(super) fn new(pack: &'static Pack, policy: Policy, recorder: Recorder) -> Self {
        let joiner = Joiner::new(pack);
        Self { tracker: Tracker::default(), joiner, policy, recorder, counts: [0; 2] }
    }

    /// Decides by another policy from the next event on.
    #[cfg(unix)]
    pub(super) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Concludes about the next event, decides what becomes of it, and records both.
    pub(super) fn conclude(
        &mut self,
        detection: Detection,
        bytes: u64,
        record: &[u8],
        decide: impl FnOnce(&Judged, &Policy) -> Fate,
    ) -> (Judged, Fate) {
        let (judged, fate) = self.judge(detection, decide);
        let fate = self.record(&judged, fate, bytes, record);
        (judged, fate)
    }

    /// Concludes about the next event and decides, for whoever has to decide about others before it is recorded.
    pub(super) fn judge(
        &mut self,
        detection: Detection,
        decide: impl FnOnce(&Judged, &Policy) -> Fate,
    ) -> (Judged, Fate) {
        let judged = self.tracker.conclude(detection, &self.policy, &mut self.joiner);
        let fate = decide(&judged, &self.policy);
        (judged, fate)
    }

    /// Records an event with what is to become of it; what does become of it, since nothing passes unrecorded.
    pub(super) fn record(&mut self, judged: &Judged, fate: Fate, bytes: u64, record: &[u8]) -> Fate {
        let fate = match self.recorder.event(judged, &fate, bytes, record) {
            Ok(()) => fate,
            Err(_) => {
                let why = Why::refused(FAILED, "the record of it cannot be written");
                Fate::Stop { why, id_is_clean: true }
            }
        };
        let [events, touched] = &mut self.counts;
        *events += 1;
        *touched += u64::from(!matches!(fate, Fate::Pass));
        fate
    }
}

/// A direction that panicked has left its lock behind; the other one goes on with the state as it is.
pub(super) fn lock(fold: &Mutex<Fold>) -> MutexGuard<'_, Fold> {
    fold.lock().unwrap_or_else(PoisonError::into_inner)
}
