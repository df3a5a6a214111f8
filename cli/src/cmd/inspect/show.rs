//! What `inspect` says of an input, as text for people and as JSON for programs.

use coldcase_model::{Account, InputFacts, InputState, Ledger, Space};
use serde_json::json;

use super::capture;
use super::run::Counts;
use crate::term;

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

pub(super) fn as_text(facts: &InputFacts, counts: &Counts) -> String {
    let mut text = format!("{}\n", facts.path);
    let mut row = |name: &str, value: String| text.push_str(&format!("  {name:<12}{value}\n"));
    row("format", facts.format.to_string());
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
    if let Some(summary) = &facts.capture {
        for (name, value) in capture::as_rows(summary) {
            row(name, value);
        }
        let (sessions, total) = counts.largest_sessions();
        let more = total - sessions.len();
        for (session, events) in sessions {
            row("session", format!("{session}: {}", capture::count(events, "event")));
        }
        if more > 0 {
            row("session", format!("and {more} more"));
        }
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

pub(super) fn as_json(facts: &InputFacts, counts: &Counts) -> serde_json::Value {
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
        "capture": facts.capture.as_deref().map(|summary| capture::as_json(summary, counts.largest_sessions())),
    })
}
