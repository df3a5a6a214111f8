//! Which session what was found in captures belongs to, by one of five rules.
//!
//! Marks stand in requests, so this is told where batches are cut, in the order of the capture. A session's name is written
//! into reports: a mark that opens something (a session id, a key) is in it as a fingerprint only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

use coldcase_model::SessionKey;
use coldcase_wire::tcp::FlowId;
use coldcase_wire::{Found, Side, What};

use super::event::timestamp;
use super::marks::mark;
use crate::session_rule::SessionRule;

/// Clients and marks whose names are kept; when they are more, names are made anew.
const MOST_NAMES: usize = 65_536;
/// Connections whose marks are kept; the oldest is forgotten, and what comes of it then is its client's.
const MOST_FLOWS: usize = 65_536;
/// Requests of a connection that wait for their responses.
const MOST_WAITING: usize = 256;

/// The sessions of a chain of captures.
pub(super) struct Sessions {
    rule: SessionRule,
    /// What all names begin with.
    capture: SessionKey,
    clients: HashMap<IpAddr, SessionKey>,
    marked: HashMap<String, SessionKey>,
    flows: BTreeMap<FlowId, Marked>,
    /// By client, for the rule of gaps.
    spells: HashMap<IpAddr, Spell>,
}

/// What requests on a connection were marked with.
#[derive(Default)]
struct Marked {
    last: Option<SessionKey>,
    /// By number of the exchange or stream.
    waiting: VecDeque<(u64, Option<SessionKey>)>,
}

/// A time in which a client was not silent for long.
struct Spell {
    last: i64,
    session: SessionKey,
}

impl Sessions {
    pub(super) fn new(rule: SessionRule, capture: SessionKey) -> Self {
        Self {
            rule,
            capture,
            clients: HashMap::new(),
            marked: HashMap::new(),
            flows: BTreeMap::new(),
            spells: HashMap::new(),
        }
    }

    /// The session of the next finding.
    pub(super) fn of(&mut self, found: &Found) -> SessionKey {
        let client = found.place.flow.client.address;
        match self.rule {
            SessionRule::Client => self.client(client),
            SessionRule::Gap { nanos } => self.spell(client, nanos, found.times()),
            SessionRule::Mcp | SessionRule::Agent | SessionRule::Key => {
                let session = self.by_mark(found);
                session.unwrap_or_else(|| self.client(client))
            }
        }
    }

    fn client(&mut self, address: IpAddr) -> SessionKey {
        if let Some(known) = self.clients.get(&address) {
            return known.clone();
        }
        if self.clients.len() >= MOST_NAMES {
            self.clients.clear();
        }
        let session = SessionKey::new(&format!("{} {address}", self.capture.as_str()));
        self.clients.insert(address, session.clone());
        session
    }

    fn by_mark(&mut self, found: &Found) -> Option<SessionKey> {
        let flow = found.place.flow.id;
        let (side, number) = match &found.what {
            What::Http1(message, _) => (message.side, message.exchange),
            What::Http2(message, _) => (message.side, u64::from(message.stream)),
            What::WebSocket(..) | What::Dns(..) | What::Hello(_) | What::Text(_) => {
                return self.flows.get(&flow)?.last.clone();
            }
        };
        let own = mark(self.rule, &found.what).map(|mark| self.named(mark));
        if side == Side::Server {
            return own.or_else(|| {
                let waiting = &self.flows.get(&flow)?.waiting;
                waiting.iter().rev().find(|(other, _)| *other == number)?.1.clone()
            });
        }
        if self.flows.len() >= MOST_FLOWS && !self.flows.contains_key(&flow) {
            self.flows.pop_first();
        }
        let marked = self.flows.entry(flow).or_default();
        if own.is_some() {
            marked.last.clone_from(&own);
        }
        if marked.waiting.len() >= MOST_WAITING {
            marked.waiting.pop_front();
        }
        marked.waiting.push_back((number, own.clone()));
        own
    }

    fn named(&mut self, mark: String) -> SessionKey {
        if let Some(known) = self.marked.get(&mark) {
            return known.clone();
        }
        if self.marked.len() >= MOST_NAMES {
            self.marked.clear();
        }
        let session = SessionKey::new(&format!("{} {mark}", self.capture.as_str()));
        self.marked.insert(mark, session.clone());
        session
    }

    /// Named after its first time, so that the name does not depend on what came before.
    fn spell(&mut self, client: IpAddr, gap: i64, (first, last): (Option<i64>, Option<i64>)) -> SessionKey {
        let Some(first) = first else {
            return match self.spells.get(&client) {
                Some(spell) => spell.session.clone(),
                None => self.client(client),
            };
        };
        let last = last.unwrap_or(first).max(first);
        if let Some(spell) = self.spells.get_mut(&client)
            && first <= spell.last.saturating_add(gap)
        {
            spell.last = spell.last.max(last);
            return spell.session.clone();
        }
        if self.spells.len() >= MOST_NAMES {
            self.spells.clear();
        }
        let since = timestamp(Some(first)).map(|time| time.to_string()).unwrap_or_default();
        let session = SessionKey::new(&format!("{} {client} from {since}", self.capture.as_str()));
        self.spells.insert(client, Spell { last, session: session.clone() });
        session
    }
}
