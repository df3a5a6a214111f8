//! The runs of one chain: a process opens its run, beats, and closes it.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 9, "Chain rules".

use std::collections::HashMap;

use super::chain::Last;
use super::problem::ChainFault as Fault;
use super::seen::{Control, Nonce, Open, PrevHash, Seen};

/// How many runs are followed; a log of a run a minute for six weeks.
pub(super) const MOST_RUNS: usize = 1 << 16;

/// The runs so far.
#[derive(Debug, Default)]
pub(super) struct Runs {
    known: HashMap<Nonce, Run>,
    /// The run that was opened last, until it closes.
    active: Option<Nonce>,
    /// Whether runs may have been opened where nobody saw it.
    unseen: bool,
}

#[derive(Debug)]
struct Run {
    open_nonce: Nonce,
    closed: bool,
}

impl Runs {
    /// From here on, a run without an opening may have been opened where it cannot be seen.
    pub(super) fn may_be_unseen(&mut self) {
        self.unseen = true;
    }

    /// Whether no more runs are followed.
    pub(super) fn is_full(&self) -> bool {
        self.known.len() >= MOST_RUNS
    }

    /// Checks what a receipt says of its run, given the receipt before it.
    pub(super) fn check(&mut self, seen: &Seen, last: Option<&Last>) -> Result<(), Fault> {
        // Without a run there is nothing to follow: of a control, the reader has said so.
        let Some(run) = seen.run else { return Ok(()) };
        match (self.known.get(&run), seen.control.as_deref()) {
            (Some(known), _) if known.closed => return Err(Fault::AfterClose),
            (Some(_), Some(Control::Open(_))) => return Err(Fault::RunOpenedTwice),
            (None, Some(Control::Open(open))) => {
                self.open(run, open);
                return check_open(open, seen, last);
            }
            (None, _) if self.unseen || self.is_full() => return Ok(()),
            (None, _) => return Err(Fault::RunNotOpened),
            (Some(_), _) => {}
        }
        match seen.control.as_deref() {
            Some(Control::Heartbeat { open_nonce, head, seq_head }) => {
                self.check_active(run, *open_nonce)?;
                let right = last.is_some_and(|last| last.is_head(*head) && *seq_head == last.seq);
                if right { Ok(()) } else { Err(Fault::HeartbeatHead) }
            }
            Some(Control::Close { open_nonce, root, final_seq, count }) => {
                self.check_active(run, *open_nonce)?;
                self.close(run);
                let right = last.is_some_and(|last| last.is_head(*root));
                let counted = *final_seq == seen.seq && *count == seen.seq.and_then(|seq| seq.checked_add(1));
                match (right, counted) {
                    (false, _) => Err(Fault::CloseRoot),
                    (true, false) => Err(Fault::CloseCount),
                    (true, true) => Ok(()),
                }
            }
            Some(Control::Open(_)) | None => Ok(()),
        }
    }

    fn open(&mut self, run: Nonce, open: &Open) {
        if !self.is_full() {
            self.known.insert(run, Run { open_nonce: open.nonce, closed: false });
            self.active = Some(run);
        }
    }

    fn close(&mut self, run: Nonce) {
        if let Some(known) = self.known.get_mut(&run) {
            known.closed = true;
        }
        self.active = None;
    }

    fn check_active(&self, run: Nonce, open_nonce: Nonce) -> Result<(), Fault> {
        if self.known.get(&run).is_none_or(|known| known.open_nonce != open_nonce) {
            Err(Fault::OpenNonce)
        } else if self.active != Some(run) && !self.is_full() {
            Err(Fault::RunNotActive)
        } else {
            Ok(())
        }
    }
}

/// The first receipt opens a chain of its own; a later `session_open` goes on with the one there is.
fn check_open(open: &Open, seen: &Seen, last: Option<&Last>) -> Result<(), Fault> {
    let Some(last) = last else {
        let Some(PrevHash::BoundGenesis(bound)) = seen.prev else { return Ok(()) };
        return if bound != open.bound || open.genesis != Some(bound) {
            Err(Fault::BoundGenesis)
        } else if open.has_prior || open.chain_open_seq != Some(0) {
            Err(Fault::OpenWithPrior)
        } else {
            Ok(())
        };
    };
    let right = !open.has_genesis && last.is_head(open.prior_head) && Some(open.prior_seq) == last.seq;
    if right { Ok(()) } else { Err(Fault::OpenMismatch) }
}
