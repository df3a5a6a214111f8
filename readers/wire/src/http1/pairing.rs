//! Which response answers which request: the nth the nth (RFC 9112 section 9.3.2), with repairs for what was lost.

use std::collections::VecDeque;

/// Requests that wait for an answer, and answers that wait for their request, up to as many.
const MOST: usize = 1 << 16;

/// What about a request matters for its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// `HEAD`: no body.
    Head,
    /// `CONNECT`: a tunnel.
    Connect,
    /// With an `Upgrade` field.
    Upgrade,
    /// HTTP/0.9: a body only.
    Simple,
    /// Any other.
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Pairing {
    next_request: u64,
    next_response: u64,
    /// Requests without an answer, by number.
    waiting: VecDeque<(u64, Asked)>,
    /// Responses whose request was not seen before them, by number, with their place in the file.
    early: VecDeque<(u64, u64)>,
}

impl Pairing {
    /// The number of a new request that stands at `at`.
    pub(super) fn request(&mut self, asked: Asked, at: u64) -> u64 {
        while let Some((number, when)) = self.early.front().copied() {
            if number > self.next_request || (number == self.next_request && when >= at) {
                break;
            }
            // A response before the request in the capture answers one that was lost.
            self.next_request = self.next_request.max(number.saturating_add(1));
            self.early.pop_front();
        }
        let number = self.next_request;
        self.next_request = number.saturating_add(1);
        if self.early.front().is_some_and(|(other, _)| *other == number) {
            self.early.pop_front();
        } else if self.waiting.len() < MOST {
            self.waiting.push_back((number, asked));
        }
        number
    }

    /// The request that the next response answers, if it was seen.
    pub(super) fn asked(&self) -> Option<Asked> {
        let (number, asked) = self.waiting.front().copied()?;
        (number == self.next_response).then_some(asked)
    }

    /// The number of a response that stands at `at`; an interim one leaves its request waiting.
    pub(super) fn response(&mut self, is_interim: bool, at: u64) -> u64 {
        let number = self.next_response;
        if is_interim {
            return number;
        }
        self.next_response = number.saturating_add(1);
        while self.waiting.front().is_some_and(|(waiting, _)| *waiting <= number) {
            self.waiting.pop_front();
        }
        if number >= self.next_request && self.early.len() < MOST {
            self.early.push_back((number, at));
        }
        number
    }

    /// After bytes of the server were lost: without pipelining, the next response answers the last request.
    pub(super) fn server_lost(&mut self) {
        self.next_response = self.next_response.max(self.next_request.saturating_sub(1));
        while self.waiting.front().is_some_and(|(waiting, _)| *waiting < self.next_response) {
            self.waiting.pop_front();
        }
    }

    /// Whether the last request asks for another protocol and has no final answer yet.
    pub(super) fn awaits_switch(&self) -> Option<Asked> {
        let (number, asked) = self.waiting.back().copied()?;
        let is_last = number.saturating_add(1) == self.next_request;
        (is_last && matches!(asked, Asked::Connect | Asked::Upgrade)).then_some(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_responses_do_not_count() {
        let mut pairing = Pairing::default();
        assert_eq!(pairing.request(Asked::Other, 0), 0);
        assert_eq!(pairing.request(Asked::Head, 10), 1);
        assert_eq!([pairing.response(true, 20), pairing.response(false, 30)], [0, 0]);
        assert_eq!(pairing.asked(), Some(Asked::Head));
        assert_eq!(pairing.response(false, 40), 1);
    }

    #[test]
    fn a_response_before_the_first_request_answers_a_lost_one() {
        let mut pairing = Pairing::default();
        assert_eq!(pairing.response(false, 5), 0);
        assert_eq!(pairing.request(Asked::Other, 10), 1);
        assert_eq!(pairing.response(false, 15), 1);
    }

    #[test]
    fn sides_may_be_pushed_one_after_the_other() {
        let mut pairing = Pairing::default();
        assert_eq!([pairing.response(false, 5), pairing.response(false, 15)], [0, 1]);
        assert_eq!([pairing.request(Asked::Other, 0), pairing.request(Asked::Other, 10)], [0, 1]);
    }
}
