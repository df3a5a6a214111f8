//! Requests and responses of one session, paired by JSON-RPC id; calls of tools and their results, by the call's id.
//!
//! Client and server number their requests independently, so an id counts within one direction. Whichever of the
//! two is read first waits for the other: recordings with a file for each direction are read one after the other.

use std::collections::{HashMap, VecDeque};

use coldcase_model::{Detail, Direction, EventHead, EventId, Excerpt, Labels, Name, RpcRole};

/// The waiting halves of one session's pairs.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Pairs {
    /// Boxed, since most sessions of a recording with many have one.
    #[serde(with = "super::snapshot::sorted")]
    waiting: HashMap<Key, Box<Half>>,
    order: VecDeque<Key>,
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
    event: EventId,
    method: Option<Name>,
    tool: Option<Name>,
    server: Option<Name>,
    /// Method, tool and server as they may be written.
    labels: (Excerpt, Excerpt, Excerpt),
}

/// How many halves wait at a time; the oldest goes first.
const MOST_WAITING: usize = 4096;

impl Pairs {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        self.waiting.len() <= MOST_WAITING && self.order.len() <= MOST_WAITING
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
        let half = Box::new(Half {
            event: head.id,
            method: method.and_then(|method| method.clone()),
            tool: tool.clone(),
            server: head.server.clone(),
            labels: (labels.method.clone(), labels.tool.clone(), labels.server.clone()),
        });
        if self.waiting.insert(key.clone(), half).is_none() {
            if self.order.is_empty() {
                self.order.reserve_exact(1);
            }
            self.order.push_back(key);
        }
        if self.order.len() > MOST_WAITING
            && let Some(oldest) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
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
