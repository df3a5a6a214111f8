//! Tool drift: the inventory of each server over sessions and inputs, and what changes in it.
//!
//! A server that is not named is its session's own. What a model is told of tools is compared within a session and never taken
//! for complete: agents tell different lists to their parts. A version from a baseline is what later ones are compared with,
//! however often they change.
//!
//! # Bounds
//! Servers, tools and kept text are capped in all, rows and findings for each server and event. What is beyond is said once by
//! a finding, and changes that introduce orders or destinations are found even when rows are no longer shown.

mod baseline;
mod change;
mod features;
mod inventory;
mod names;
mod rules;
mod sentences;
mod signs;
mod version;

pub use baseline::{Accepted, AcceptedField, AcceptedTool, Baseline};

use std::collections::HashMap;

use coldcase_model::json::Tape;
use coldcase_model::{
    ChangeClass, ChangeKind, Digest, EventHead, Excerpt, Finding, FindingId, Labels, SessionKey, Signal,
    SignalKind, Span, Story, Surface, ToolChange, ToolSeen,
};

use super::observe::listed::{Definition, Listed, What};
use super::snapshot::MOST_COUNT;
use inventory::{Held, Inventory, Key, Kind};
use names::{Clash, Names};
use rules::Rule;

/// The tools of all servers of a run.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Drift {
    #[serde(with = "crate::session::snapshot::sorted")]
    inventories: HashMap<Key, Inventory>,
    /// By session the names of tools, and the server that introduced itself: those used last, and those used before.
    #[serde(with = "crate::session::snapshot::sorted")]
    sessions: HashMap<SessionKey, Seen>,
    #[serde(with = "crate::session::snapshot::sorted")]
    older: HashMap<SessionKey, Seen>,
    /// How many sessions were forgotten.
    pub(super) lost: u64,
    held: Held,
    /// How many events were of servers beyond the most.
    beyond: u64,
    /// Whether servers are held to a baseline.
    against_baseline: bool,
    #[serde(skip)]
    tape: Tape,
}

#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Seen {
    announced: Option<Excerpt>,
    names: Names,
}

/// How many servers are followed.
const MOST_SERVERS: usize = 50_000;
/// How many sessions are remembered by name, half of them those that were used last.
const MOST_SESSIONS: usize = 20_000;
/// How many rows of changes one event may add; and how many findings.
const MOST_ROWS: usize = 512;
const MOST_FINDINGS: usize = 64;

/// What an event adds, before it is known whether a tool that is new was only renamed.
#[derive(Default)]
pub(super) struct Pending {
    rows: Vec<Row>,
    /// Rows that were left out.
    dropped: u64,
}

/// A change with what it rests on.
struct Row {
    change: ToolChange,
    /// The definition without its name.
    body: Digest,
    /// Its place in the listing; `None` for a tool that is gone.
    at: Option<(Span, String)>,
}

impl Drift {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        self.inventories.len() <= MOST_SERVERS
            && self.sessions.len() <= MOST_SESSIONS / 2 + 1
            && self.older.len() <= MOST_SESSIONS / 2 + 1
            && self.lost < MOST_COUNT
            && self.held.is_sound()
            && self.beyond < MOST_COUNT
            && self.inventories.values().all(Inventory::is_sound)
            && self.sessions.values().chain(self.older.values()).all(|seen| seen.names.is_sound())
    }

    /// Takes up what an event lists.
    pub(super) fn fold(
        &mut self,
        (head, labels): (&EventHead, &Labels),
        listed: Option<&Listed>,
        findings: &mut Vec<Finding>,
        story: &mut Story,
    ) {
        let Some(listed) = listed else { return };
        let key = self.key(head, labels, listed);
        let mut out = Out { head, listed, findings, signals: &mut story.signals, left: MOST_FINDINGS };
        if !self.inventories.contains_key(&key) {
            if self.inventories.len() >= MOST_SERVERS {
                // Nothing remembers which of them were told: the first is, and then each time that there are twice as many.
                self.beyond = self.beyond.saturating_add(1);
                if self.beyond.is_power_of_two() {
                    out.say(Rule::Unfollowed, None, &key.server);
                }
                return;
            }
            let shadow = self.against_baseline && key.kind != Kind::Told;
            self.inventories.insert(key.clone(), Inventory::new(shadow));
        }
        let seen = |definition: &Definition| ToolSeen {
            server: key.server.clone(),
            name: definition.name.clone(),
            definition: definition.digest,
            description_bytes: definition.description_bytes,
            parameters: definition.parameters,
        };
        story.tools.extend(listed.tools.iter().map(seen));
        let Some(inventory) = self.inventories.get_mut(&key) else { return };
        if !listed.tools.is_empty() && std::mem::take(&mut inventory.shadow) {
            out.say(Rule::Shadow, listed.tools.first(), &key.server);
        }
        let mut pending = Pending::default();
        let unfollowed =
            inventory.take((&key, head.id, listed), &mut self.held, &mut self.tape, &mut pending);
        if unfollowed {
            out.say(Rule::Unfollowed, listed.tools.first(), &key.server);
        }
        if inventory.is_unstable(!pending.rows.is_empty()) {
            out.say(Rule::Unstable, listed.tools.first(), &key.server);
        }
        // What is worst first: findings of an event are capped.
        let is_worse = |row: &&Row| row.change.class >= ChangeClass::InstructionIntroduced;
        pending.rows.iter().filter(is_worse).for_each(|row| out.changed(row));
        pending.rows.iter().filter(|row| !is_worse(row)).for_each(|row| out.changed(row));
        self.clashes(head, &key, listed, &mut out);
        story.changes.extend(pending.rows.into_iter().map(|row| row.change));
    }

    /// What is remembered of a session, which counts as used.
    fn session(&mut self, key: &SessionKey) -> &mut Seen {
        let Self { sessions, older, lost, .. } = self;
        if sessions.len() >= MOST_SESSIONS / 2 && !sessions.contains_key(key) {
            let kept = older.remove(key);
            *lost = lost.saturating_add(older.len() as u64);
            *older = std::mem::take(sessions);
            sessions.extend(kept.map(|kept| (key.clone(), kept)));
        }
        sessions.entry(key.clone()).or_insert_with(|| older.remove(key).unwrap_or_default())
    }

    /// Whose tools an event is about.
    fn key(&mut self, head: &EventHead, labels: &Labels, listed: &Listed) -> Key {
        let session = self.session(&head.session);
        let named = |kind, server: &Excerpt| Key { kind, server: server.clone() };
        match listed.what {
            What::Card => named(Kind::Card, listed.announced.as_ref().unwrap_or(&labels.session)),
            What::Told => named(Kind::Told, &labels.session),
            _ => {
                if let Some(announced) = &listed.announced {
                    session.announced = Some(announced.clone());
                }
                let own = session.announced.as_ref().unwrap_or(&labels.session);
                named(Kind::Server, if labels.server.is_empty() { own } else { &labels.server })
            }
        }
    }

    fn clashes(&mut self, head: &EventHead, key: &Key, listed: &Listed, out: &mut Out<'_>) {
        if key.kind != Kind::Server {
            return;
        }
        let Some(seen) = self.sessions.get_mut(&head.session) else { return };
        for tool in &listed.tools {
            match seen.names.add(&key.server, &tool.name) {
                Some(Clash::Same(_)) => out.say(Rule::Collision, Some(tool), &tool.name),
                Some(Clash::Alike(_)) => out.say(Rule::LookAlike, Some(tool), &tool.name),
                None => {}
            }
        }
    }
}

impl Pending {
    /// Adds a change. Those that only widen or edit are shown up to a number; those that are worse find room longer.
    fn push(&mut self, row: Row) {
        let worse = row.change.class >= ChangeClass::InstructionIntroduced;
        if self.rows.len() < if worse { 2 * MOST_ROWS } else { MOST_ROWS } {
            self.rows.push(row);
        } else {
            self.dropped += 1;
        }
    }
}

/// Where conclusions go.
struct Out<'o> {
    head: &'o EventHead,
    listed: &'o Listed,
    findings: &'o mut Vec<Finding>,
    signals: &'o mut Vec<Signal>,
    left: usize,
}

impl Out<'_> {
    fn changed(&mut self, row: &Row) {
        let Some(rule) = Rule::of(row.change.class) else { return };
        let pointer = row.at.as_ref().map_or("", |(_, pointer)| pointer);
        let pointer = format!("{pointer}{}", row.change.field);
        let span = row.at.as_ref().map(|(span, _)| *span);
        let surface = match row.change.field.as_str() {
            "/inputSchema" | "/outputSchema" | "/input_schema" | "/parameters" => Surface::ToolSchema,
            _ => Surface::ToolDescription,
        };
        self.push(rule, span, (surface, &pointer), row.change.diff.clone());
    }

    /// Concludes something about a definition, or about the listing as a whole.
    fn say(&mut self, rule: Rule, definition: Option<&Definition>, what: &Excerpt) {
        let span = definition.map(|definition| definition.span);
        let pointer = definition.map_or("", |definition| &definition.pointer);
        let surface = match rule {
            Rule::Collision | Rule::LookAlike => Surface::ToolName,
            _ => Surface::ToolDescription,
        };
        self.push(rule, span, (surface, pointer), what.clone());
    }

    fn push(
        &mut self,
        rule: Rule,
        span: Option<Span>,
        (surface, pointer): (Surface, &str),
        excerpt: Excerpt,
    ) {
        let Some(info) = rule.info().filter(|_| self.left > 0) else { return };
        self.left -= 1;
        let worse = matches!(rule, Rule::Instruction | Rule::Destination);
        if worse && !self.signals.iter().any(|signal| signal.kind == SignalKind::Drift) {
            self.signals.push(Signal { kind: SignalKind::Drift, what: info.id.clone(), points: POINTS });
        }
        let source = span.map_or(self.head.source, |span| self.listed.source(span, self.head.source));
        self.findings.push(Finding {
            id: FindingId::default(),
            event: self.head.id,
            confidence: info.confidence,
            rule: info,
            direction: self.head.direction,
            surface,
            pointer: self.listed.redactor.label(pointer.as_bytes()),
            // The definition, in the document that lists it.
            span: span.unwrap_or_default(),
            views: Vec::new(),
            source,
            excerpt,
            fingerprint: None,
            acceptance: None,
        });
    }
}

/// What a change for the worse adds to a session's risk, beside its finding: it comes after the tool was trusted.
const POINTS: f64 = 2.0;

/// A change of a tool as rows have it.
fn row(key: &Key, tool: &Excerpt, (kind, class): (ChangeKind, ChangeClass), listed: &Listed) -> ToolChange {
    ToolChange {
        server: key.server.clone(),
        tool: tool.clone(),
        kind,
        class,
        field: listed.redactor.label(b""),
        diff: listed.redactor.label(b""),
        before: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_are_used_stay_when_there_are_too_many() {
        let mut drift = Drift::default();
        let used = SessionKey::new("used");
        for number in 0..3 * MOST_SESSIONS {
            drift.session(&SessionKey::new(&format!("s{number}")));
            let seen = drift.session(&used);
            if number == 0 {
                seen.announced = Some(Excerpt::of_name(b"hub"));
            }
            assert!(seen.announced.is_some(), "{number}");
        }
        let kept = drift.sessions.len() + drift.older.len();
        assert!(kept <= MOST_SESSIONS, "{kept}");
        assert_eq!(drift.lost, 3 * MOST_SESSIONS as u64 + 1 - kept as u64);
    }
}
