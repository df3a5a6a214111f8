//! The sessions that have state: those that were used last, up to a bound that no recording's number of sessions can move.
//!
//! Sessions lie in two generations. One that is used moves to the younger; when that is half of what there may be, the elder
//! is forgotten and the younger takes its place. So finding a session costs the same whatever their number, and which are
//! forgotten depends on the events alone. How many were is counted.

use std::collections::HashMap;

use coldcase_model::SessionKey;

use super::chains::Chains;
use super::fragments::Fragments;
use super::outflow::Outflow;
use super::pairs::Pairs;
use super::recall::Room;
use super::risk::Curve;
use super::taint::Taint;

/// The state of one session.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) pairs: Pairs,
    pub(super) chains: Chains,
    pub(super) taint: Taint,
    pub(super) fragments: Fragments,
    pub(super) outflow: Outflow,
    pub(super) curve: Curve,
}

impl Session {
    /// How much was not followed.
    fn left_out(&self) -> u64 {
        self.taint.left_out() + self.fragments.left_out() + self.outflow.lost
    }
}

/// All sessions that have state.
#[derive(Debug)]
pub(super) struct Sessions {
    young: Generation,
    old: Generation,
    /// How many sessions are in a generation.
    half: usize,
    /// Sessions that were forgotten.
    forgotten: u64,
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
        Self { young, old, half: (most / 2).max(1), forgotten: 0 }
    }

    /// The state of a session, which counts as used; `room` gets back what forgotten sessions had taken.
    pub(super) fn of(&mut self, key: &SessionKey, room: &mut Room) -> &mut Session {
        if self.young.len() >= self.half && !self.young.contains_key(key) {
            let kept = self.old.remove(key);
            self.forgotten += self.old.len() as u64;
            room.0 += self.old.values().map(|session| session.taint.slots()).sum::<usize>();
            self.old = std::mem::take(&mut self.young);
            if let Some(kept) = kept {
                self.young.insert(key.clone(), kept);
            }
        }
        let Self { young, old, .. } = self;
        young.entry(key.clone()).or_insert_with(|| old.remove(key).unwrap_or_default())
    }

    /// How much of the sessions that are remembered was not followed, and how many are not remembered.
    pub(super) fn left_out(&self) -> u64 {
        let all = self.young.values().chain(self.old.values());
        self.forgotten + all.map(|session| session.left_out()).sum::<u64>()
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
        assert_eq!(sessions.forgotten, 101 - (sessions.young.len() + sessions.old.len()) as u64);
        let taken = room.0;
        assert!(taken < Room::ALL);
        for number in 0..100 {
            sessions.of(&key(number), &mut room);
        }
        assert_eq!(room.0, Room::ALL, "what it had taken is free again");
    }
}
