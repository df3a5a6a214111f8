//! Sessions, sub-agents, times, and lines as programs leave them.

use bytes::Bytes;
use coldcase_model::{ArtifactIndex, Detail, Event, SourcePos};

use super::*;
use crate::limits::Limits;

/// Reads one line of a log that lies in a folder of sub-agents where `parent` is given.
fn read(log: Option<AgentLog>, line: &[u8], parent: Option<&str>) -> (Vec<Event>, Vec<Anomaly>, usize) {
    let context = Context {
        artifact: ArtifactIndex(0),
        session: SessionKey::new("of the file"),
        limits: Limits::default(),
    };
    let file = LogFile { parent: parent.map(str::to_owned), ..LogFile::default() };
    let reader = AgentReader { context: Arc::new(context), log, file, holds_several: true };
    let pos = SourcePos { artifact: ArtifactIndex(0), record: 0, offset: 0 };
    let record = RawRecord { bytes: Bytes::copy_from_slice(line), pos };
    let (mut events, mut anomalies) = (Vec::new(), Vec::new());
    let booked = reader.read(&record, &mut Scratch::default(), &mut |item| match item {
        Item::Event(event) => events.push(*event),
        Item::Anomaly(anomaly) => anomalies.push(anomaly),
    });
    let scanned = match booked.expect("the line is a record") {
        Booked::Whole => line.len(),
        Booked::Scanned(scanned) => scanned,
    };
    (events, anomalies, scanned)
}

fn claude(members: &str) -> String {
    format!(
        r#"{{"sessionId":"s1","uuid":"u1","type":"user","timestamp":"2026-03-01T10:00:00+02:00","message":{{"role":"user","content":"hi"}}{members}}}"#
    )
}

#[test]
fn a_record_says_its_session_agent_time_and_name() {
    let (events, anomalies, _) = read(Some(AgentLog::ClaudeCode), claude("").as_bytes(), None);
    assert_eq!((events.len(), anomalies.len()), (1, 0));
    let head = &events[0].head;
    assert_eq!((head.session.as_str(), head.agent.as_deref()), ("s1", Some("claude_code")));
    assert_eq!(head.name.as_deref(), Some("u1"));
    assert_eq!(head.time.map(|time| time.to_string()).as_deref(), Some("2026-03-01T08:00:00Z"));
}

#[test]
fn sub_agents_have_names_of_their_own_in_the_session_above() {
    let agent = |members: &str, parent| {
        let (events, ..) = read(Some(AgentLog::ClaudeCode), claude(members).as_bytes(), parent);
        let head = &events[0].head;
        (head.session.as_str().to_owned(), head.agent.as_deref().unwrap_or_default().to_owned())
    };
    let pair = |session: &str, agent: &str| (session.to_owned(), agent.to_owned());
    assert_eq!(agent(r#","isSidechain":true,"agentId":"a7""#, None), pair("s1", "claude_code/a7"));
    assert_eq!(agent(r#","isSidechain":true"#, None), pair("s1", "claude_code/sidechain"));
    assert_eq!(agent(r#","isSidechain":false"#, None), pair("s1", "claude_code"));
    // Its own id as the session is led back to the session that the folder is named by.
    let own = claude(r#","agentId":"a7""#).replace("\"s1\"", "\"agent-a7\"");
    let (events, ..) = read(Some(AgentLog::ClaudeCode), own.as_bytes(), Some("s1"));
    assert_eq!(events[0].head.session.as_str(), "s1");
    let (events, ..) = read(Some(AgentLog::ClaudeCode), own.as_bytes(), None);
    assert_eq!(events[0].head.session.as_str(), "agent-a7");
}

#[test]
fn objects_that_were_glued_together_are_read_one_by_one() {
    let line = format!("{} {}", claude(""), claude(r#","note":"{\"glued\":1}""#));
    let (events, anomalies, scanned) = read(Some(AgentLog::ClaudeCode), line.as_bytes(), None);
    assert_eq!((events.len(), anomalies.len(), scanned), (2, 1, line.len() - 1));
    assert!(events.iter().all(|event| matches!(event.head.detail, Detail::Model { .. })));
    assert_eq!(events[1].head.source.pos.offset, claude("").len() as u64 + 1);
    // What follows and is no object is scanned as text.
    let line = format!("{}{{\"half", claude(""));
    let (events, anomalies, scanned) = read(Some(AgentLog::ClaudeCode), line.as_bytes(), None);
    assert_eq!((events.len(), anomalies.len(), scanned), (2, 2, line.len()));
    assert_eq!(events[1].text, &b"{\"half"[..]);
}

#[test]
fn new_types_of_records_are_named_and_read() {
    let line = claude("").replace("\"type\":\"user\"", "\"type\":\"brand-new\"");
    let (events, anomalies, _) = read(Some(AgentLog::ClaudeCode), line.as_bytes(), None);
    assert_eq!(anomalies.len(), 1);
    assert!(anomalies[0].what.contains("`brand-new`"), "{}", anomalies[0].what);
    assert!(anomalies[0].what.contains("sessionId, uuid, timestamp, message"), "{}", anomalies[0].what);
    assert!(matches!(events[0].head.detail, Detail::Model { .. }));
}

#[test]
fn very_many_acts_are_told() {
    let item = r#"{"role":"user","content":"x"},"#;
    let line = format!("[{}null]", item.repeat(MAX_ACTS + 1));
    let (_, anomalies, _) = read(None, line.as_bytes(), None);
    assert!(anomalies.iter().any(|anomaly| anomaly.kind == AnomalyKind::OverLimit));
}

#[test]
fn conversations_of_one_file_are_sessions_of_their_own() {
    let run = |task: &str| {
        let line = format!(
            r#"{{"task_id":"{task}","traj":[{{"role":"system","content":"You help."}},{{"role":"user","content":"go"}}]}}"#
        );
        let (events, ..) = read(Some(AgentLog::Chat), line.as_bytes(), None);
        let sessions: Vec<String> =
            events.iter().map(|event| event.head.session.as_str().to_owned()).collect();
        assert!(sessions.windows(2).all(|two| two[0] == two[1]), "{sessions:?}");
        sessions.into_iter().next().expect("it says something")
    };
    let (one, two) = (run("1"), run("2"));
    assert!(one.starts_with("of the file#") && one != two && one == run("1"), "{one} {two}");
    // The next turn of a conversation is in the session of the file.
    let turn = br#"{"messages":[{"role":"user","content":"go on"},{"role":"assistant","content":"yes"}]}"#;
    let (events, ..) = read(Some(AgentLog::Chat), turn, None);
    assert!(events.iter().all(|event| event.head.session.as_str() == "of the file"));
}
