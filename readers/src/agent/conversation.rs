//! Conversations that stand several in one file, as runs of a benchmark and logs of requests to a model do: what marks each.
//!
//! A record is a whole conversation if it has a list of messages that begins with what the operator says. It is known again by
//! what it says of itself and by how it begins, so that requests of one conversation, which repeat all of it, are one session,
//! and a page that one agent read is not taken for the reason of what another did. Left out: lists that begin with a user, which
//! may be the next turn of the conversation before.

use coldcase_model::json::{Kind, Value};

use super::sniff::LISTS;
use super::speaker::Speaker;

/// Members that say which conversation a record is.
const IDS: [&str; 7] =
    ["session_id", "conversation_id", "thread_id", "task_id", "instance_id", "trial", "attempt"];
/// How many messages mark a conversation: what the operator and the user say first.
const FIRST: usize = 2;
/// How much of each, and of each id.
const MOST_BYTES: usize = 4 << 10;

/// What marks the conversation that a record is; `None` for a record that is none.
pub(super) fn mark(record: Value<'_, '_>) -> Option<u64> {
    let messages =
        LISTS.iter().find_map(|list| record.at(list).filter(|value| value.kind() == Kind::Array))?;
    let mut items = messages.items();
    let role = items.next()?.get_str("role")?;
    if Speaker::of(&role) != Some(Speaker::System) || items.next().is_none() {
        return None;
    }
    let ids = IDS.iter().filter_map(|id| record.get(id));
    let all = ids.chain(messages.items().take(FIRST)).map(Value::raw);
    Some(all.fold(START, |sum, part| {
        let part = part.get(..MOST_BYTES).unwrap_or(part);
        part.iter().chain(&[0]).fold(sum, |sum, &byte| step(sum, byte))
    }))
}

/// FNV-1a. Conversations that were made to have the same mark would be one session, as they were in one file before.
const START: u64 = 0xCBF2_9CE4_8422_2325;

const fn step(sum: u64, byte: u8) -> u64 {
    (sum ^ byte as u64).wrapping_mul(0x0100_0000_01B3)
}

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;

    fn of(record: &str) -> Option<u64> {
        mark(Tape::default().parse(record.as_bytes()).expect("valid"))
    }

    fn run(members: &str, messages: &str) -> Option<u64> {
        let first = r#"{"role":"system","content":"You help."}"#;
        of(&format!("{{{members}\"messages\":[{first},{messages}]}}"))
    }

    #[test]
    fn conversations_are_told_apart_by_their_ids_and_by_how_they_begin() {
        let ask = r#"{"role":"user","content":"Book a flight."}"#;
        let one = run("", ask);
        assert!(one.is_some());
        let later = format!("{ask},{}", r#"{"role":"assistant","content":"Done."}"#);
        assert_eq!(run("", &later), one, "a request that repeats what was said before");
        assert_ne!(run("", &ask.replace("flight", "hotel")), one);
        assert_ne!(run(r#""trial":1,"#, ask), run(r#""trial":2,"#, ask));
    }

    #[test]
    fn a_turn_and_a_message_are_no_conversation() {
        for record in [
            r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#,
            r#"{"messages":[{"role":"system","content":"a"}]}"#,
            r#"{"role":"system","content":"a"}"#,
            r#"{"messages":"system"}"#,
            r#"[{"role":"system","content":"a"},{"role":"user","content":"b"}]"#,
        ] {
            assert_eq!(of(record), None, "{record}");
        }
    }
}
