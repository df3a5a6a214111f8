//! Reads the records of an agent's log. The shapes tell what is said; a record of a type that the format did not have when
//! this was written is read all the same, and said to be new.

use std::sync::Arc;

use coldcase_model::json::{ErrorKind, Kind, Value};
use coldcase_model::{Anomaly, AnomalyKind, Interner, Item, SessionKey, Surface, TimeSource, Timestamp};

use super::conversation;
use super::drift;
use super::emit::{Facts, emit};
use super::formats::AgentLog;
use super::origin::LogFile;
use super::shapes::{MAX_ACTS, acts};
use super::speaker::Speaker;
use crate::build;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// How many new types of records are named for each batch.
const MOST_NAMED: usize = 32;

/// Reads the log of one agent, or JSON that may be one.
pub(crate) struct AgentReader {
    pub(crate) context: Arc<Context>,
    /// `None` for JSON of no known format.
    pub(crate) log: Option<AgentLog>,
    pub(crate) file: LogFile,
    /// Whether the file is a list or lines of records, each of which may be a conversation.
    pub(crate) holds_several: bool,
}

impl RecordReader for AgentReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit_item: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, names, seen, .. } = scratch;
        match tape.parse(&record.bytes) {
            Ok(root) => {
                self.value(record, root, names, seen, emit_item);
                Ok(Booked::Whole)
            }
            Err(error) if error.kind == ErrorKind::Trailing && is_glued(record, error.offset) => {
                Ok(self.several(record, scratch, emit_item))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl AgentReader {
    /// Reads the one value of a record.
    fn value(
        &self,
        record: &RawRecord,
        root: Value<'_, '_>,
        names: &mut Interner,
        seen: &mut std::collections::BTreeSet<String>,
        emit_item: Emit<'_>,
    ) {
        let kind = root.get_str("type");
        if let (Some(log), Some(kind)) = (self.log, kind.as_deref())
            && log.known_types().is_some_and(|known| !known.contains(&kind))
            && seen.len() < MOST_NAMED
            && seen.insert(kind.to_owned())
        {
            let what = drift::described(log.as_str(), kind, root);
            emit_item(Item::Anomaly(Anomaly::new(AnomalyKind::UnknownField, record.pos, what)));
        }
        let speaker = self.log.and_then(|log| Speaker::of_record(log, root));
        let acts = acts(root, speaker);
        if acts.len() >= MAX_ACTS {
            let what =
                format!("the record says over {MAX_ACTS} things; what is beyond was scanned as a log field");
            emit_item(Item::Anomaly(Anomaly::new(AnomalyKind::OverLimit, record.pos, what)));
        }
        let facts = self.facts(root, kind.as_deref(), names);
        emit(record, root, &acts, &facts, names, emit_item);
    }

    /// Reads a record of several values: programs that write at once, or one that was killed, leave such lines.
    fn several(&self, record: &RawRecord, scratch: &mut Scratch, emit_item: Emit<'_>) -> Booked {
        let what = "several JSON values in one record; each was read as a record";
        emit_item(Item::Anomaly(Anomaly::new(AnomalyKind::Malformed, record.pos, what)));
        let Scratch { tape, names, seen, .. } = scratch;
        let (mut at, mut scanned) = (0, 0);
        loop {
            let rest = record.bytes.get(at..).unwrap_or_default();
            let start = at + (rest.len() - rest.trim_ascii_start().len());
            let rest = record.bytes.slice(start..);
            if rest.is_empty() {
                return Booked::Scanned(scanned);
            }
            let (one, ended) = match tape.parse_first(&rest) {
                Ok((root, _)) if root.kind() == Kind::Object => {
                    let end = root.span().end;
                    let one = RawRecord { bytes: rest.slice(..end), pos: record.at(start) };
                    self.value(&one, root, names, seen, emit_item);
                    (one, false)
                }
                _ => (RawRecord { bytes: rest, pos: record.at(start) }, true),
            };
            scanned += one.bytes.len();
            at = start + one.bytes.len();
            if ended {
                let what = "the rest of the record is not JSON; scanned as plain text";
                emit_item(Item::Anomaly(Anomaly::new(AnomalyKind::Malformed, one.pos, what)));
                let kind = coldcase_model::EventKind::Text;
                let event = build::text_event(kind, self.context.session.clone(), &one, Surface::JsonString);
                emit_item(Item::Event(Box::new(event)));
            }
        }
    }

    fn facts(&self, root: Value<'_, '_>, kind: Option<&str>, names: &mut Interner) -> Facts {
        let sub = self.sub_agent(root);
        let agent = self.log.filter(|log| *log != AgentLog::Chat).map(|log| match &sub {
            Some(sub) => names.name(&format!("{}/{sub}", log.as_str())),
            None => names.name(log.as_str()),
        });
        let name = ["uuid", "id"].iter().find_map(|key| root.get_str(key)).map(|name| names.name(&name));
        Facts {
            session: self.session(root, sub.as_deref()),
            time: time_of(root),
            agent,
            name,
            entry_type: Some(names.name(kind.unwrap_or("json"))),
        }
    }

    /// The sub-agent that writes: it has a name of its own within its session.
    fn sub_agent<'d>(&'d self, root: Value<'_, 'd>) -> Option<std::borrow::Cow<'d, str>> {
        let named = root.get_str("agentId").filter(|id| !id.is_empty() && id != "main");
        let aside = || root.get("isSidechain").is_some_and(|aside| aside.raw() == b"true");
        named
            .or_else(|| self.file.sub_agent.as_deref().map(Into::into))
            .or_else(|| aside().then(|| "sidechain".into()))
    }

    /// The session of a record: what it names itself, but not the sub-agent's own where the session above is known. A
    /// record that is a whole conversation is a session of its own.
    fn session(&self, root: Value<'_, '_>, sub: Option<&str>) -> SessionKey {
        let named = self.log.filter(|log| log.names_session_always()).and_then(|log| log.session(root));
        match (named, &self.file.parent, sub) {
            (Some(named), Some(parent), Some(sub)) if named.strip_prefix("agent-") == Some(sub) => {
                SessionKey::new(parent)
            }
            (Some(named), ..) => SessionKey::new(&named),
            (None, ..) => {
                let of_file = &self.context.session;
                let may_hold = matches!(self.log, None | Some(AgentLog::Chat)) && self.holds_several;
                let own = may_hold.then(|| conversation::mark(root)).flatten();
                own.map_or_else(
                    || of_file.clone(),
                    |own| SessionKey::new(&format!("{}#{own:016x}", of_file.as_str())),
                )
            }
        }
    }
}

/// Whether a record is an object and what follows it another.
fn is_glued(record: &RawRecord, follows: usize) -> bool {
    let second = record.bytes.get(follows..).unwrap_or_default().trim_ascii_start();
    record.bytes.trim_ascii_start().starts_with(b"{") && second.starts_with(b"{")
}

/// When a record was written.
fn time_of(root: Value<'_, '_>) -> Option<Timestamp> {
    const FIELDS: [&str; 7] =
        ["timestamp", "time", "ts", "@timestamp", "created_at", "createdAt", "startTime"];
    let epoch = |number| time::from_epoch(number, TimeSource::LogField);
    FIELDS.iter().filter_map(|field| root.get(field)).find_map(|value| match value.kind() {
        Kind::String => value.str().and_then(|text| time::parse(&text, TimeSource::LogField)),
        Kind::Number => value.f64().and_then(epoch),
        Kind::Object => {
            let at = value.get("created").or(value.get("start"));
            at.and_then(Value::f64).and_then(epoch)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
