//! Which sessions are told to be recordings of one run, in words, for both sides of each pair.
//!
//! Bounded; the table `joins` has all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{Basis, Judged, TieKind};

/// Sessions whose other recordings are kept, and how many of each.
const MOST_SESSIONS: usize = 4096;
const MOST_OTHERS: usize = 8;

/// What is told of each session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Joined {
    of: BTreeMap<Arc<str>, Vec<String>>,
}

impl Joined {
    /// Adds what an event gives away.
    pub(super) fn add(&mut self, judged: &Judged) {
        for join in &judged.story.joins {
            let (here, there) = (judged.labels.session.as_str(), join.with.as_str());
            let words = words(join.basis, join.by, join.shared);
            let events = [join.from.to_string(), judged.head.id.to_string()];
            for (session, other) in [(here, there), (there, here)] {
                self.say(
                    session,
                    format!("Also recorded as {other}: {words}, events {}.", events.join(" and ")),
                );
            }
        }
    }

    fn say(&mut self, session: &str, sentence: String) {
        if self.of.len() >= MOST_SESSIONS && !self.of.contains_key(session) {
            return;
        }
        let known = self.of.entry(session.into()).or_default();
        if known.len() < MOST_OTHERS {
            known.push(sentence);
        }
    }

    /// What is told of a session, a sentence for each other recording.
    pub(crate) fn of(&self, session: &str) -> &[String] {
        self.of.get(session).map(Vec::as_slice).unwrap_or_default()
    }
}

/// By what sessions are told to be one run.
pub(crate) fn words(basis: Basis, by: TieKind, shared: u64) -> String {
    let by = match by {
        TieKind::SessionId => "the id of the session".to_owned(),
        TieKind::McpSession => "Mcp-Session-Id".to_owned(),
        TieKind::Trace => "the id of the trace".to_owned(),
        TieKind::Content => format!("{shared} calls and results that are the same"),
    };
    format!("{basis} by {by}")
}
