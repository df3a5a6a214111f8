//! `inspect`: what is there, how much of it can be read, and what is odd. Nothing is judged.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use coldcase_model::{Anomaly, ArtifactIndex, BatchSource, EventId, InputFacts, Item, Ledger, SessionKey};
use coldcase_readers::{InputSet, Limits, expand, write_event};

use super::show::{as_json, as_text};
use crate::args::InspectArgs;
use crate::config;
use crate::term::{self, Exit};

pub(crate) fn inspect(args: &InspectArgs) -> anyhow::Result<Exit> {
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&args.paths, &limits)?, limits)
        .key_log(config::key_log(args.keylog.as_deref())?)
        .sessions(args.sessions);
    let mut out = BufWriter::new(io::stdout().lock());
    // Files that are read as one are under way together.
    let mut current: BTreeMap<ArtifactIndex, Counts> = BTreeMap::new();
    let mut any_read = false;
    while let Some(batch) = inputs.next_batch() {
        let mut failed = None;
        let outcome = batch.read(&mut |item| {
            let artifact = match &item {
                Item::Event(event) => event.head.source.pos.artifact,
                Item::Anomaly(anomaly) => anomaly.pos.artifact,
            };
            let counts = current.entry(artifact).or_default();
            let result = counts.take(item, args.events.then_some(&mut out as &mut dyn Write));
            failed = failed.take().or(result.err());
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        let counts = current.entry(outcome.artifact).or_default();
        counts.ledger.merge(&outcome.ledger);
        counts.records += outcome.records;
        if let Some(facts) = outcome.finished {
            let counts = current.remove(&facts.artifact).unwrap_or_default();
            any_read |= counts.events > 0;
            if args.json {
                writeln!(out, "{}", as_json(&facts, &counts))?;
            } else if !args.events {
                out.write_all(as_text(&facts, &counts).as_bytes())?;
            } else {
                counts
                    .anomalies
                    .iter()
                    .take(Counts::SHOWN)
                    .for_each(|anomaly| term::note(&line(&facts, anomaly)));
            }
        }
    }
    out.flush()?;
    Ok(if any_read { Exit::Done } else { Exit::Incomplete })
}

/// What has come of the input under way.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) records: u64,
    pub(super) events: u64,
    pub(super) kinds: BTreeMap<&'static str, u64>,
    /// Events by session; those of sessions beyond the cap are not among them.
    pub(super) sessions: BTreeMap<SessionKey, u64>,
    pub(super) all_anomalies: u64,
    /// The first ones.
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) ledger: Ledger,
}

impl Counts {
    /// How many anomalies of an input are named.
    const SHOWN: usize = 20;
    /// How many sessions of an input are counted.
    const MOST_SESSIONS: usize = 65_536;

    /// The sessions with the most events, and how many there are.
    pub(super) fn largest_sessions(&self) -> (Vec<(&str, u64)>, usize) {
        let mut all: Vec<(&str, u64)> =
            self.sessions.iter().map(|(session, events)| (session.as_str(), *events)).collect();
        // Those with as many stay in the order of their names.
        all.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
        all.truncate(Self::SHOWN);
        (all, self.sessions.len())
    }

    fn take(&mut self, item: Item, events: Option<&mut dyn Write>) -> io::Result<()> {
        match item {
            Item::Event(event) => {
                if let Some(out) = events {
                    let id = EventId { artifact: event.head.source.pos.artifact, index: self.events };
                    serde_json::to_writer(&mut *out, &write_event(&event, &id.to_string()))?;
                    out.write_all(b"\n")?;
                }
                self.events += 1;
                *self.kinds.entry(event.head.kind.as_str()).or_default() += 1;
                let session = event.head.session;
                if self.sessions.len() < Self::MOST_SESSIONS || self.sessions.contains_key(&session) {
                    *self.sessions.entry(session).or_default() += 1;
                }
            }
            Item::Anomaly(anomaly) => {
                self.all_anomalies += 1;
                if self.anomalies.len() < Self::SHOWN {
                    self.anomalies.push(anomaly);
                }
            }
        }
        Ok(())
    }
}

fn line(facts: &InputFacts, anomaly: &Anomaly) -> String {
    format!(
        "{}: {}: {} (record {}, byte {})",
        facts.path, anomaly.kind, anomaly.what, anomaly.pos.record, anomaly.pos.offset
    )
}
