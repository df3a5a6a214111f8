//! Requests and responses of one session, paired by JSON-RPC id.
//!
//! Client and server number their requests independently, so an id counts within one direction. Whichever of the
//! two is read first waits for the other: recordings with a file for each direction are read one after the other.

use std::collections::{HashMap, VecDeque};

use coldcase_model::{Detail, Direction, EventHead, EventId, Excerpt, Labels, Name, RpcRole};

/// The waiting halves of one session's pairs.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    waiting: HashMap<Key, Half>,
    order: VecDeque<Key>,
}

/// An id, the direction of its request, and whether the request is the half that waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    id: Name,
    /// One log may hold the traffic of several servers.
    server: Option<Name>,
    request: Option<Direction>,
    is_request: bool,
}

#[derive(Debug)]
struct Half {
    event: EventId,
    method: Option<Name>,
    tool: Option<Name>,
    /// Method and tool as they may be written.
    labels: (Excerpt, Excerpt),
}

/// How many halves wait at a time; the oldest goes first.
const MOST_WAITING: usize = 4096;

impl Pairs {
    /// Completes `head` with what the other half tells, or lets it wait for that half.
    pub(super) fn pair(&mut self, head: &mut EventHead, labels: &mut Labels) {
        let (direction, server) = (head.direction, head.server.clone());
        let Detail::Rpc { role, method, id: Some(id), tool, pair } = &mut head.detail else { return };
        let is_request = match role {
            RpcRole::Request => true,
            RpcRole::Response | RpcRole::Error => false,
            RpcRole::Notification => return,
        };
        let request = if is_request { direction } else { direction.map(opposite) };
        let other = Key { id: id.clone(), server, request, is_request: !is_request };
        if let Some(half) = self.waiting.remove(&other) {
            *pair = Some(half.event);
            if !is_request {
                *method = half.method;
                *tool = half.tool;
                labels.method = half.labels.0;
                labels.tool = half.labels.1;
            }
            return;
        }
        let key = Key { is_request, ..other };
        let half = Half {
            event: head.id,
            method: method.clone(),
            tool: tool.clone(),
            labels: (labels.method.clone(), labels.tool.clone()),
        };
        if self.waiting.insert(key.clone(), half).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MOST_WAITING
            && let Some(oldest) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
        }
    }
}

const fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Egress => Direction::Ingress,
        Direction::Ingress => Direction::Egress,
    }
}
