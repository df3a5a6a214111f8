//! What the head and the place of a log tell of all its records: the session, and the sub-agent whose log it is.

use std::path::Path;

use coldcase_model::json::{Tape, Value};

use super::formats::AgentLog;

/// How many lines are asked for the session's id.
const LINES: usize = 16;

/// A log as a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogFile {
    /// The session that the first records name, or the place.
    pub(crate) session: Option<String>,
    /// The session above, where the place names it.
    pub(crate) parent: Option<String>,
    /// The sub-agent whose log it is.
    pub(crate) sub_agent: Option<String>,
}

impl LogFile {
    /// What is known of a log by its first bytes and its path.
    pub(crate) fn of(log: AgentLog, head: &[u8], path: &Path) -> Self {
        let mut tape = Tape::default();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let parent = folder_above(path);
        let of_lines = first(log, head, &mut tape);
        let session = match log {
            // Cursor writes no ids into its transcripts.
            AgentLog::Cursor => {
                of_lines.or_else(|| parent.clone().or(stem.map(str::to_owned)).filter(|id| is_uuid(id)))
            }
            _ => of_lines,
        };
        let sub_agent = match log {
            AgentLog::Cursor if parent.is_some() => stem.map(str::to_owned),
            AgentLog::Codex => nickname(head, &mut tape),
            _ => None,
        };
        Self { session, parent, sub_agent }
    }
}

/// The folder that the folder `subagents` of a path stands in: it is named like the session above.
fn folder_above(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "subagents"))?;
    folder.parent()?.file_name()?.to_str().map(str::to_owned)
}

/// The session that the first records of a log name.
fn first(log: AgentLog, head: &[u8], tape: &mut Tape) -> Option<String> {
    let lines = head.split(|byte| *byte == b'\n').take(LINES);
    let of_line = lines.into_iter().find_map(|line| log.session(tape.parse(line.trim_ascii()).ok()?));
    // A document over several lines: its first members may name it before the head ends.
    of_line.or_else(|| tape.parse_first(head.trim_ascii_start()).ok().and_then(|(root, _)| log.session(root)))
}

/// The name of the agent whose rollout it is, where another started it.
fn nickname(head: &[u8], tape: &mut Tape) -> Option<String> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let payload = tape.parse(line.trim_ascii()).ok()?.get("payload")?;
    payload.get("parent_thread_id").and_then(Value::str)?;
    let name = payload.get_str("agent_nickname").or(payload.get_str("agent_path"));
    name.filter(|name| !name.is_empty()).map(std::borrow::Cow::into_owned)
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_sub_agent_has_the_session_of_its_parent() {
        let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let parent = LogFile::of(AgentLog::Cursor, b"", Path::new(&format!("t/{id}/{id}.jsonl")));
        let child = LogFile::of(AgentLog::Cursor, b"", Path::new(&format!("t/{id}/subagents/c1.jsonl")));
        assert_eq!((parent.session.as_deref(), parent.sub_agent), (Some(id), None));
        assert_eq!((child.session.as_deref(), child.sub_agent.as_deref()), (Some(id), Some("c1")));
        assert_eq!(LogFile::of(AgentLog::Cursor, b"", Path::new("t/small.jsonl")).session, None);
    }

    #[test]
    fn a_codex_rollout_of_a_sub_agent_has_its_name() {
        let line = br#"{"type":"session_meta","payload":{"id":"t2","session_id":"s1","parent_thread_id":"t1","agent_nickname":"Euler"}}"#;
        let file = LogFile::of(AgentLog::Codex, line, Path::new("r.jsonl"));
        assert_eq!((file.session.as_deref(), file.sub_agent.as_deref()), (Some("s1"), Some("Euler")));
        let line = br#"{"type":"session_meta","payload":{"id":"t1","agent_nickname":"Euler"}}"#;
        assert_eq!(LogFile::of(AgentLog::Codex, line, Path::new("r.jsonl")).sub_agent, None);
    }
}
