//! Requests and responses of one session, paired by JSON-RPC id; calls of tools and their results, by the call's id.
//!
//! Client and server number their requests independently, so an id counts within one direction. Whichever of the
//! two is read first waits for the other: recordings with a file for each direction are read one after the other.

use std::collections::{HashMap, VecDeque};

use coldcase_model::{Detail, Direction, EventHead, EventId, Excerpt, Labels, Name, RpcRole};

use super::snapshot::MOST_COUNT;

/// The waiting halves of one session's pairs.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Pairs {
    /// Boxed, since most sessions of a recording with many have one.
    #[serde(with = "super::snapshot::sorted")]
    waiting: HashMap<Key, Box<Half>>,
    /// The numbers of halves in the order in which they came, with some that wait no more.
    order: VecDeque<(u64, Key)>,
    /// How many halves came.
    numbers: u64,
    /// How many were forgotten.
    pub(super) lost: u64,
}

/// An id, the direction of its request, and whether the request is the half that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
struct Key {
    id: Name,
    /// One log may hold the traffic of several servers.
    server: Option<Name>,
    request: Option<Direction>,
    is_request: bool,
    /// Whether it is a call's id: those are no JSON-RPC ids.
    is_call: bool,
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Half {
    /// Ids are used again: this tells whose turn it is to be forgotten.
    number: u64,
    event: EventId,
    method: Option<Name>,
    tool: Option<Name>,
    server: Option<Name>,
    /// Method, tool and server as they may be written.
    labels: (Excerpt, Excerpt, Excerpt),
}

/// How many halves wait at a time; the oldest goes first.
const MOST_WAITING: usize = 4096;
/// How many numbers are kept before those of halves that wait no more are dropped.
const MOST_ORDER: usize = 2 * MOST_WAITING;

impl Pairs {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        self.waiting.len() <= MOST_WAITING
            && self.order.len() <= MOST_ORDER
            && self.numbers < MOST_COUNT
            && self.lost < MOST_COUNT
            && self.waiting.values().all(|half| half.number <= self.numbers)
    }

    /// Completes `head` with what the other half tells, or lets it wait for that half.
    pub(super) fn pair(&mut self, head: &mut EventHead, labels: &mut Labels) {
        let Some(key) = key(head) else { return };
        let (method, tool, pair) = match &mut head.detail {
            Detail::Rpc { method, tool, pair, .. } => (Some(method), tool, pair),
            Detail::Model { tool, pair, .. } => (None, tool, pair),
            Detail::None | Detail::Http { .. } | Detail::Log { .. } => return,
        };
        let other = Key { is_request: !key.is_request, ..key.clone() };
        if let Some(half) = self.waiting.remove(&other) {
            *pair = Some(half.event);
            if key.is_request {
                return;
            }
            if let Some(method) = method {
                *method = half.method;
                labels.method = half.labels.0;
            }
            // A result may name the tool where its call has not been seen by that name.
            if half.tool.is_some() || !key.is_call {
                *tool = half.tool;
                labels.tool = half.labels.1;
            }
            if key.is_call && head.server.is_none() {
                head.server = half.server;
                labels.server = half.labels.2;
            }
            return;
        }
        self.numbers += 1;
        let half = Box::new(Half {
            number: self.numbers,
            event: head.id,
            method: method.and_then(|method| method.clone()),
            tool: tool.clone(),
            server: head.server.clone(),
            labels: (labels.method.clone(), labels.tool.clone(), labels.server.clone()),
        });
        self.waiting.insert(key.clone(), half);
        if self.order.is_empty() {
            self.order.reserve_exact(1);
        }
        self.order.push_back((self.numbers, key));
        self.make_room();
    }

    /// Forgets the oldest half where too many wait.
    fn make_room(&mut self) {
        let Self { waiting, order, lost, .. } = self;
        while waiting.len() > MOST_WAITING {
            let Some((number, key)) = order.pop_front() else { return };
            if waiting.get(&key).is_some_and(|half| half.number == number) {
                waiting.remove(&key);
                *lost += 1;
            }
        }
        if order.len() > MOST_ORDER {
            order.retain(|(number, key)| waiting.get(key).is_some_and(|half| half.number == *number));
        }
    }
}

/// What an event is paired by, if it is one of two.
fn key(head: &EventHead) -> Option<Key> {
    match &head.detail {
        Detail::Rpc { role, id: Some(id), .. } => {
            let is_request = match role {
                RpcRole::Request => true,
                RpcRole::Response | RpcRole::Error => false,
                RpcRole::Notification => return None,
            };
            let request = if is_request { head.direction } else { head.direction.map(opposite) };
            Some(Key { id: id.clone(), server: head.server.clone(), request, is_request, is_call: false })
        }
        // A result seldom names the server again.
        Detail::Model { call: Some(id), .. } => {
            let is_request = head.direction == Some(Direction::Egress);
            let request = Some(Direction::Egress);
            Some(Key { id: id.clone(), server: None, request, is_request, is_call: true })
        }
        _ => None,
    }
}

const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Egress => Direction::Ingress,
        Direction::Ingress => Direction::Egress,
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::{EventKind, SessionKey, SourceSpan};

    use super::*;

    /// Folds messages: whether each is a request, and its id; gives the event that each is paired with.
    fn paired(pairs: &mut Pairs, messages: impl Iterator<Item = (bool, u64)>) -> Vec<Option<u64>> {
        let paired = messages.zip(0..).map(|((is_request, id), index)| {
            let mut head = EventHead::new(EventKind::Mcp, SessionKey::new("s"), SourceSpan::default());
            head.id.index = index;
            head.direction = Some(if is_request { Direction::Egress } else { Direction::Ingress });
            let role = if is_request { RpcRole::Request } else { RpcRole::Response };
            let id = Some(Name::from(id.to_string()));
            head.detail = Detail::Rpc { role, method: None, id, tool: None, pair: None };
            pairs.pair(&mut head, &mut Labels::default());
            match head.detail {
                Detail::Rpc { pair, .. } => pair.map(|pair| pair.index),
                _ => None,
            }
        });
        paired.collect()
    }

    #[test]
    fn an_id_that_is_used_for_every_call_pairs_each_with_its_own_answer() {
        let mut pairs = Pairs::default();
        let calls = (0..20_000).flat_map(|_| [(true, 1), (false, 1)]);
        for (index, pair) in paired(&mut pairs, calls).into_iter().enumerate() {
            let index = index as u64;
            assert_eq!(pair, (index % 2 == 1).then(|| index - 1), "event {index}");
        }
        assert_eq!((pairs.lost, pairs.waiting.len()), (0, 0));
        assert!(pairs.is_sound());
    }

    #[test]
    fn calls_without_answers_are_forgotten_from_the_oldest_on_and_counted() {
        let mut pairs = Pairs::default();
        let most = MOST_WAITING as u64;
        let calls = (0..most + 10).map(|id| (true, id));
        assert!(paired(&mut pairs, calls).iter().all(Option::is_none));
        assert_eq!((pairs.lost, pairs.waiting.len()), (10, MOST_WAITING));
        let answers = [(false, 10), (false, 9)].into_iter();
        // The answer to what was forgotten waits in its place.
        assert_eq!(paired(&mut pairs, answers), [Some(10), None]);
        assert!(pairs.is_sound());
    }
}
