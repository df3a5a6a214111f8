//! Reads the records of an agent's log. The shapes tell what is said; a record of a type that the format did not have when
//! this was written is read all the same, and said to be new.

use std::sync::Arc;

use coldcase_model::json::{Kind, Tape, Value};
use coldcase_model::{Anomaly, AnomalyKind, Interner, Item, SessionKey, TimeSource, Timestamp};

use super::emit::{Facts, emit};
use super::formats::AgentLog;
use super::shapes::acts;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// How many new types of records are named for each batch.
const MOST_NAMED: usize = 32;
/// How many lines are asked for the session's id.
const LINES: usize = 16;

/// Reads the log of one agent, or JSON that may be one.
pub(crate) struct AgentReader {
    pub(crate) context: Arc<Context>,
    /// `None` for JSON of no known format.
    pub(crate) log: Option<AgentLog>,
}

impl RecordReader for AgentReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit_item: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, names, seen, .. } = scratch;
        let root = tape.parse(&record.bytes)?;
        let kind = root.get_str("type");
        if let (Some(kind), Some(known)) = (kind.as_deref(), self.log.and_then(AgentLog::known_types))
            && !known.contains(&kind)
            && seen.len() < MOST_NAMED
            && seen.insert(kind.to_owned())
        {
            let log = self.log.map_or("json", AgentLog::as_str);
            let what = format!(
                "a record of a type that {log} logs are not known to have; it was scanned by its shape"
            );
            emit_item(Item::Anomaly(Anomaly::new(AnomalyKind::UnknownField, record.pos, what)));
        }
        let facts = self.facts(root, kind.as_deref(), names);
        emit(record, root, acts(root, None), &facts, names, emit_item);
        Ok(Booked::Whole)
    }
}

impl AgentReader {
    fn facts(&self, root: Value<'_, '_>, kind: Option<&str>, names: &mut Interner) -> Facts {
        let named = self.log.filter(|log| log.names_session_always()).and_then(|log| log.session(root));
        let session = named.map_or_else(|| self.context.session.clone(), |id| SessionKey::new(&id));
        // A sub-agent has a name of its own within its session.
        let sub = root.get_str("agentId").filter(|id| !id.is_empty());
        let agent = self.log.filter(|log| *log != AgentLog::Chat).map(|log| match &sub {
            Some(sub) => names.name(&format!("{}/{sub}", log.as_str())),
            None => names.name(log.as_str()),
        });
        let name = ["uuid", "id"].iter().find_map(|key| root.get_str(key)).map(|name| names.name(&name));
        Facts {
            session,
            time: time_of(root),
            agent,
            name,
            entry_type: Some(names.name(kind.unwrap_or("json"))),
        }
    }
}

/// When a record was written.
fn time_of(root: Value<'_, '_>) -> Option<Timestamp> {
    const FIELDS: [&str; 7] =
        ["timestamp", "time", "ts", "@timestamp", "created_at", "createdAt", "startTime"];
    FIELDS.iter().filter_map(|field| root.get(field)).find_map(|value| match value.kind() {
        Kind::String => value.str().and_then(|text| time::parse(&text, TimeSource::LogField)),
        Kind::Number => value.f64().and_then(|number| time::from_epoch(number, TimeSource::LogField)),
        Kind::Object => {
            let created = value.get("created").and_then(Value::f64);
            created.and_then(|number| time::from_epoch(number, TimeSource::LogField))
        }
        _ => None,
    })
}

/// The session that the first records of a log name.
pub(crate) fn session_of(log: AgentLog, head: &[u8]) -> Option<String> {
    let mut tape = Tape::default();
    let lines = head.split(|byte| *byte == b'\n').take(LINES);
    let of_line = lines.into_iter().find_map(|line| log.session(tape.parse(line).ok()?));
    // A document over several lines: its first members may name it before the head ends.
    of_line.or_else(|| {
        let mut tape = Tape::default();
        tape.parse_first(head.trim_ascii_start()).ok().and_then(|(root, _)| log.session(root))
    })
}
