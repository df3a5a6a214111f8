//! What stands after the last newline of a file: what a crash leaves, or what none does.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 7, "Crash" and "Newer Pipelock on a torn tail".

use coldcase_model::json::{Kind, Tape};

use super::blocks::Tail;
use super::breaks::{BreakReason, Replaced};
use super::check::Before;
use super::link::Link;
use crate::entry::{HashCheck, LineFault, Room, diagnose, read};

/// What a tail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TailKind {
    /// Nothing.
    Clean,
    /// As a crash leaves it.
    Torn {
        /// Whether only the newline is missing.
        only_newline_missing: bool,
        /// Whether it is the start of an entry as the writer spells one.
        is_start_of_entry: bool,
    },
    /// A line that no crash leaves.
    Bad(BreakReason),
}

/// Judges a tail, given what stands before it and the session as an entry spells it.
pub(crate) fn judge(tail: &Tail, before: &Before, session: Option<&[u8]>, limit: usize) -> TailKind {
    if let Some(bytes) = tail.too_long {
        let fault = LineFault::TooLong { bytes, limit: limit as u64 };
        return TailKind::Bad(BreakReason::Line { fault, content_agrees: false });
    }
    let fragment = tail.fragment.as_slice();
    if fragment.is_empty() && tail.zeros == 0 {
        return TailKind::Clean;
    }
    let mut room = Room::default();
    match read(fragment, &mut room) {
        Ok(entry) => {
            let link = Link::of(&entry);
            let follows = match before {
                Before::Nothing => link.starts(),
                Before::Entry(before) => before.before(&link),
                Before::Unknown => None,
            };
            let other = session.is_some_and(|session| session != entry.session.content);
            match entry.check_hash(&mut room) {
                HashCheck::Ambiguous => TailKind::Bad(BreakReason::Ambiguous),
                HashCheck::Differs => TailKind::Bad(BreakReason::HashDiffers { replaced: Replaced::None }),
                HashCheck::Agrees if other => TailKind::Bad(BreakReason::OtherSession),
                HashCheck::Agrees => follows.map_or(
                    TailKind::Torn { only_newline_missing: true, is_start_of_entry: true },
                    TailKind::Bad,
                ),
            }
        }
        Err(place) if place == fragment.len() => {
            TailKind::Torn { only_newline_missing: false, is_start_of_entry: true }
        }
        Err(place) => foreign(tail, place),
    }
}

/// A tail that is no start of an entry: a whole value, text behind an entry and bytes that no JSON holds were not
/// left by a crash; of anything else that can't be said.
fn foreign(tail: &Tail, place: usize) -> TailKind {
    let fragment = tail.fragment.as_slice();
    let is_whole = Tape::default().parse(fragment).is_ok_and(|value| value.kind() == Kind::Object);
    let found = diagnose(fragment, place);
    if is_whole || found.fault == LineFault::Trailing {
        return TailKind::Bad(BreakReason::Line { fault: found.fault, content_agrees: found.content_agrees });
    }
    if fragment.iter().any(|byte| *byte < 0x20) {
        return TailKind::Bad(BreakReason::ForeignTail { bytes: fragment.len() as u64 + tail.zeros });
    }
    TailKind::Torn { only_newline_missing: false, is_start_of_entry: false }
}
