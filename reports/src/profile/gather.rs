//! What each session of each subject did, gathered from the tables of reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::arguments::{Held, Seen as SeenArgument};
use crate::ReportError;
use crate::timeline::rows;

/// Sessions by subject.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    sessions: BTreeMap<(String, String), SessionFacts>,
    /// How many events there was no room for, in sessions beyond the most.
    pub left_out: u64,
    /// How many shapes of arguments all sessions may still have.
    shapes: Room,
}

/// Shapes of arguments that there is room for.
#[derive(Debug, Clone)]
struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST_SHAPES)
    }
}

/// What a session of a subject did.
#[derive(Debug, Clone, Default)]
pub struct SessionFacts {
    pub(super) tools: BTreeSet<String>,
    pub(super) hosts: BTreeSet<String>,
    pub(super) hours: [bool; 24],
    /// Arguments of calls by tool and name.
    pub(super) arguments: BTreeMap<(String, String), Held>,
    /// Whether there were more tools, hosts or arguments than are kept.
    pub(super) cut: bool,
    events: u64,
    calls: u64,
    bytes_out: u64,
    bytes_in: u64,
    findings: u64,
    times: Option<(i64, i64)>,
}

/// An event, as far as it matters.
struct Seen<'e> {
    tool: &'e str,
    host: &'e str,
    egress: bool,
    bytes: u64,
    findings: u64,
    nanos: Option<i64>,
}

/// How many sessions are gathered.
const MOST_SESSIONS: usize = 1 << 18;
/// How many tools and hosts of a session.
const MOST_NAMES: usize = 1024;
/// How many arguments of all sessions together.
const MOST_SHAPES: usize = 1 << 18;
const HOUR: i64 = 3600 * 1_000_000_000;

impl Gathered {
    /// Adds the sessions of a report.
    pub fn add(&mut self, report: &Path) -> Result<(), ReportError> {
        let columns =
            ["length", "time", "direction", "session", "agent", "server", "target", "tool", "findings"];
        for event in rows(report, "events", &columns)? {
            let event = event?;
            let subject = subject(&event.text("server"), &event.text("agent"));
            let (tool, target) = (event.text("tool"), event.text("target"));
            let seen = Seen {
                tool: &tool,
                host: host(&target),
                egress: event.text("direction") == "egress",
                bytes: event.number("length"),
                findings: event.number("findings"),
                nanos: event.nanos("time"),
            };
            self.see(subject, event.text("session"), &seen);
        }
        self.add_arguments(report)
    }

    /// Adds the arguments of calls. A report of a version without such a table has none.
    fn add_arguments(&mut self, report: &Path) -> Result<(), ReportError> {
        if !report.join("tables").join("arguments.parquet").exists() {
            return Ok(());
        }
        let columns = ["session", "agent", "server", "tool", "argument", "kind", "class", "bytes"];
        for row in rows(report, "arguments", &columns)? {
            let row = row?;
            let seen =
                SeenArgument { kind: row.text("kind"), class: row.text("class"), bytes: row.number("bytes") };
            let key = (subject(&row.text("server"), &row.text("agent")), row.text("session"));
            self.see_argument(&key, (row.text("tool"), row.text("argument")), &seen);
        }
        Ok(())
    }

    fn see_argument(&mut self, session: &(String, String), name: (String, String), seen: &SeenArgument) {
        let Some(facts) = self.sessions.get_mut(session) else { return };
        if let Some(held) = facts.arguments.get_mut(&name) {
            held.add(seen);
        } else if self.shapes.0 > 0 {
            self.shapes.0 -= 1;
            facts.arguments.entry(name).or_default().add(seen);
        } else {
            facts.cut = true;
        }
    }

    fn see(&mut self, subject: String, session: String, seen: &Seen<'_>) {
        let key = (subject, session);
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        self.sessions.entry(key).or_default().add(seen);
    }

    /// A call of a server's tool.
    #[cfg(test)]
    pub(super) fn add_call(&mut self, server: &str, session: &str, tool: &str, nanos: Option<i64>) {
        let seen = Seen { tool, host: "", egress: true, bytes: 100, findings: 0, nanos };
        self.see(format!("server {server}"), session.to_owned(), &seen);
    }

    /// An argument of a server's tool.
    #[cfg(test)]
    pub(super) fn add_argument(
        &mut self,
        server: &str,
        session: &str,
        [tool, argument, form]: [&str; 3],
        bytes: u64,
    ) {
        let key = (format!("server {server}"), session.to_owned());
        let (kind, class) = form.split_once(' ').unwrap_or((form, ""));
        let seen = SeenArgument { kind: kind.to_owned(), class: class.to_owned(), bytes };
        self.see_argument(&key, (tool.to_owned(), argument.to_owned()), &seen);
    }

    /// Every session with its subject, in order.
    pub fn sessions(&self) -> impl Iterator<Item = (&(String, String), &SessionFacts)> {
        self.sessions.iter()
    }
}

impl SessionFacts {
    fn add(&mut self, seen: &Seen<'_>) {
        self.events += 1;
        self.findings += seen.findings;
        let bytes = if seen.egress { &mut self.bytes_out } else { &mut self.bytes_in };
        *bytes = bytes.saturating_add(seen.bytes);
        if seen.egress && !seen.tool.is_empty() {
            self.calls += 1;
        }
        for (names, name) in [(&mut self.tools, seen.tool), (&mut self.hosts, seen.host)] {
            if name.is_empty() || names.contains(name) {
                continue;
            }
            if names.len() < MOST_NAMES {
                names.insert(name.to_owned());
            } else {
                self.cut = true;
            }
        }
        if let Some(nanos) = seen.nanos {
            let (first, last) = self.times.unwrap_or((nanos, nanos));
            self.times = Some((first.min(nanos), last.max(nanos)));
            let hour = usize::try_from(nanos.div_euclid(HOUR).rem_euclid(24)).unwrap_or_default();
            if let Some(has) = self.hours.get_mut(hour) {
                *has = true;
            }
        }
    }

    /// Each measure by its name.
    #[expect(clippy::cast_precision_loss, reason = "counts that are compared in tenths of themselves")]
    pub(super) fn measures(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let seconds = self.times.map(|(first, last)| ("seconds", last.saturating_sub(first) as f64 / 1e9));
        [
            ("events", self.events as f64),
            ("calls", self.calls as f64),
            ("tools", self.tools.len() as f64),
            ("hosts", self.hosts.len() as f64),
            ("bytes_out", self.bytes_out as f64),
            ("bytes_in", self.bytes_in as f64),
            ("findings", self.findings as f64),
        ]
        .into_iter()
        .chain(seconds)
    }
}

/// Whose behaviour an event is.
fn subject(server: &str, agent: &str) -> String {
    match (server.is_empty(), agent.is_empty()) {
        (false, _) => format!("server {server}"),
        (true, false) => format!("agent {agent}"),
        (true, true) => "(no name)".to_owned(),
    }
}

/// The host of a URL without user info.
fn host(target: &str) -> &str {
    let rest = target.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}
