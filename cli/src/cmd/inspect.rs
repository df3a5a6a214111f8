//! `inspect`: what is there, how much of it can be read, and what is odd. Nothing is judged.

use std::io::{self, BufWriter, Write};

use coldcase_model::{Account, Anomaly, BatchSource, EventId, InputFacts, InputState, Item, Ledger, Space};
use coldcase_readers::{InputSet, Limits, expand, write_event};
use serde_json::json;

use crate::args::InspectArgs;
use crate::config;
use crate::term::{self, Exit};

pub(crate) fn inspect(args: &InspectArgs) -> anyhow::Result<Exit> {
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&args.paths, &limits)?, limits)
        .key_log(config::key_log(args.keylog.as_deref())?);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut current = Counts::default();
    let mut any_read = false;
    while let Some(batch) = inputs.next_batch() {
        let mut failed = None;
        let outcome = batch.read(&mut |item| {
            let result = current.take(item, args.events.then_some(&mut out as &mut dyn Write));
            failed = failed.take().or(result.err());
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        current.ledger.merge(&outcome.ledger);
        current.records += outcome.records;
        if let Some(facts) = outcome.finished {
            let counts = std::mem::take(&mut current);
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
struct Counts {
    records: u64,
    events: u64,
    kinds: std::collections::BTreeMap<&'static str, u64>,
    all_anomalies: u64,
    anomalies: Vec<Anomaly>,
    ledger: Ledger,
}

impl Counts {
    /// How many anomalies of an input are named.
    const SHOWN: usize = 20;

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

/// The ledgers of an input: what the batches booked belongs to the decoded bytes where there are such.
fn ledgers(facts: &InputFacts, counts: &Counts) -> Vec<(Space, Ledger)> {
    let mut stored = facts.stored;
    match facts.decoded {
        None => {
            stored.merge(&counts.ledger);
            vec![(Space::Stored, stored)]
        }
        Some(mut decoded) => {
            decoded.merge(&counts.ledger);
            vec![(Space::Stored, stored), (Space::Decoded, decoded)]
        }
    }
}

fn as_text(facts: &InputFacts, counts: &Counts) -> String {
    let mut text = format!("{}\n", facts.path);
    let mut row = |name: &str, value: String| text.push_str(&format!("  {name:<12}{value}\n"));
    row("format", facts.format.to_owned());
    if let Some(creator) = &facts.creator {
        row("written by", creator.clone());
    }
    row("bytes", facts.stored_bytes.to_string());
    if facts.decoded.is_some() {
        row("compression", format!("{}, {} bytes decoded", facts.compression, facts.decoded_bytes));
    }
    if let Some(sha256) = facts.sha256 {
        row("sha256", sha256.to_string());
    }
    row("records", counts.records.to_string());
    let kinds: Vec<String> = counts.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    row("events", if kinds.is_empty() { "0".to_owned() } else { kinds.join(", ") });
    for (space, ledger) in ledgers(facts, counts) {
        let entries: Vec<String> =
            ledger.entries().map(|(account, bytes)| format!("{bytes} {account}")).collect();
        row(space.as_str(), entries.join(", "));
    }
    for anomaly in &counts.anomalies {
        row(
            "anomaly",
            format!(
                "{}: {} (record {}, byte {})",
                anomaly.kind, anomaly.what, anomaly.pos.record, anomaly.pos.offset
            ),
        );
    }
    let unnamed = counts.all_anomalies - counts.anomalies.len() as u64;
    if unnamed > 0 {
        row("anomaly", format!("and {unnamed} more"));
    }
    term::sanitize(&text)
}

fn as_json(facts: &InputFacts, counts: &Counts) -> serde_json::Value {
    let ledgers: serde_json::Map<String, serde_json::Value> = ledgers(facts, counts)
        .into_iter()
        .map(|(space, ledger)| {
            let accounts: serde_json::Map<String, serde_json::Value> = Account::ALL
                .iter()
                .map(|account| (account.as_str().to_owned(), ledger.bytes(*account).into()))
                .collect();
            (space.as_str().to_owned(), accounts.into())
        })
        .collect();
    json!({
        "path": facts.path,
        "format": facts.format,
        "creator": facts.creator,
        "compression": facts.compression,
        "sha256": facts.sha256.map(|digest| digest.to_string()),
        "stored_bytes": facts.stored_bytes,
        "decoded_bytes": facts.decoded_bytes,
        "state": if facts.state == InputState::Read && counts.all_anomalies > 0 { "read_with_anomalies" } else { facts.state.as_str() },
        "records": counts.records,
        "events": counts.events,
        "kinds": counts.kinds,
        "anomalies": counts.all_anomalies,
        "ledger": ledgers,
    })
}

fn line(facts: &InputFacts, anomaly: &Anomaly) -> String {
    format!(
        "{}: {}: {} (record {}, byte {})",
        facts.path, anomaly.kind, anomaly.what, anomaly.pos.record, anomaly.pos.offset
    )
}
