//! The sessions that have state: those that were used last, up to a bound that no recording's number of sessions can move.
//!
//! Sessions lie in two generations. One that is used moves to the younger; when that is half of what there may be, the elder
//! is forgotten and the younger takes its place. So finding a session costs the same whatever their number, and which are
//! forgotten depends on the events alone. How many were is counted.

use std::collections::HashMap;

use coldcase_model::{SessionKey, Unfollowed};

use super::chains::Chains;
use super::fragments::Fragments;
use super::outflow::Outflow;
use super::pairs::Pairs;
use super::recall::Room;
use super::risk::Curve;
use super::snapshot::MOST_COUNT;
use super::taint::Taint;

/// The state of one session.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Session {
    pub(super) pairs: Pairs,
    pub(super) chains: Chains,
    pub(super) taint: Taint,
    pub(super) fragments: Fragments,
    pub(super) outflow: Outflow,
    pub(super) curve: Curve,
    /// Whether an event of it was folded.
    pub(super) met: bool,
}

impl Session {
    /// Puts what was read in order, taking its share of `room`; says whether it is a state that a session comes to.
    fn settle(&mut self, room: &mut Room) -> bool {
        self.taint.settle(room)
            && self.pairs.is_sound()
            && self.chains.is_sound()
            && self.fragments.is_sound()
            && self.outflow.is_sound()
            && self.curve.is_sound()
    }

    /// How much was not followed.
    fn left_out(&self) -> Unfollowed {
        let (content, pieces) = (self.taint.left_out(), self.fragments.left_out());
        Unfollowed {
            content,
            pieces,
            hosts: self.outflow.lost,
            pairs: self.pairs.lost,
            ..Unfollowed::default()
        }
    }
}

/// All sessions that have state.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Sessions {
    #[serde(with = "super::snapshot::sorted")]
    young: Generation,
    #[serde(with = "super::snapshot::sorted")]
    old: Generation,
    /// How many sessions are in a generation.
    half: usize,
    /// Sessions that were forgotten, and what of them had not been followed.
    forgotten: Unfollowed,
}

type Generation = HashMap<SessionKey, Box<Session>>;

/// How many sessions have state; each costs about a kilobyte, and what it remembers of content.
const MOST: usize = 1 << 20;

impl Default for Sessions {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Sessions {
    fn new(most: usize) -> Self {
        let (young, old) = (Generation::default(), Generation::default());
        Self { young, old, half: (most / 2).max(1), forgotten: Unfollowed::default() }
    }

    /// The state of a session, which counts as used; `room` gets back what forgotten sessions had taken.
    pub(super) fn of(&mut self, key: &SessionKey, room: &mut Room) -> &mut Session {
        if self.young.len() >= self.half && !self.young.contains_key(key) {
            let kept = self.old.remove(key);
            self.forgotten =
                self.old.values().fold(self.forgotten, |all, session| all.and(session.left_out()));
            self.forgotten.sessions += self.old.len() as u64;
            room.0 += self.old.values().map(|session| session.taint.slots()).sum::<usize>();
            self.old = std::mem::take(&mut self.young);
            if let Some(kept) = kept {
                self.young.insert(key.clone(), kept);
            }
        }
        let Self { young, old, .. } = self;
        young.entry(key.clone()).or_insert_with(|| old.remove(key).unwrap_or_default())
    }

    /// The same for all sessions. Which of them takes its room first matters only where there is too little.
    pub(super) fn settle(&mut self, room: &mut Room) -> bool {
        let Self { young, old, half, forgotten } = self;
        let most = (*half).saturating_add(1);
        let is_sound =
            *half == MOST / 2 && forgotten.total() < MOST_COUNT && young.len() <= most && old.len() <= most;
        is_sound && young.values_mut().chain(old.values_mut()).all(|session| session.settle(room))
    }

    /// How much of the sessions that are remembered was not followed, and how many are not remembered.
    pub(super) fn left_out(&self) -> Unfollowed {
        let all = self.young.values().chain(self.old.values());
        all.fold(self.forgotten, |sum, session| sum.and(session.left_out()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_are_used_stay_and_others_give_their_room_back() {
        let (mut sessions, mut room) = (Sessions::new(8), Room::default());
        let key = |number: usize| SessionKey::new(&format!("s{number}"));
        for number in 0..100 {
            sessions.of(&key(number), &mut room);
            let used = sessions.of(&key(1000), &mut room);
            if number == 0 {
                used.taint.fill(&mut room);
            }
            assert!(used.taint.slots() > 0, "{number}");
            let all = sessions.young.len() + sessions.old.len();
            assert!(all <= 8, "{all}");
        }
        assert_eq!(sessions.forgotten.sessions, 101 - (sessions.young.len() + sessions.old.len()) as u64);
        let taken = room.0;
        assert!(taken < Room::ALL);
        for number in 0..100 {
            sessions.of(&key(number), &mut room);
        }
        assert_eq!(room.0, Room::ALL, "what it had taken is free again");
    }
}
