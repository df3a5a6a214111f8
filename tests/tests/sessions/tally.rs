//! How often each says something in a log, and which calls and results there are: what both ways of counting agree on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use coldcase_model::{BatchSource, Detail, Event, EventKind, Item, Surface};
use coldcase_readers::{InputSet, Limits, expand};

/// What a log says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    /// Texts of the person and of the model that are not empty.
    pub(super) user: usize,
    pub(super) assistant: usize,
    /// Calls by tool and id, results by id; `-` where there is none.
    pub(super) calls: BTreeMap<(String, String), usize>,
    pub(super) results: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn call(&mut self, tool: Option<&str>, id: Option<&str>) {
        let name = |name: Option<&str>| name.unwrap_or("-").to_owned();
        // The server of an MCP tool has a column of its own.
        let tool = tool.map(|tool| match tool.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
            Some((server, tool)) if !server.is_empty() && !tool.is_empty() => tool,
            _ => tool,
        });
        *self.calls.entry((name(tool), name(id))).or_default() += 1;
    }

    pub(super) fn result(&mut self, id: Option<&str>) {
        *self.results.entry(id.unwrap_or("-").to_owned()).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.user += other.user;
        self.assistant += other.assistant;
        for (call, times) in &other.calls {
            *self.calls.entry(call.clone()).or_default() += times;
        }
        for (result, times) in &other.results {
            *self.results.entry(result.clone()).or_default() += times;
        }
    }

    /// In what they differ, in words.
    pub(super) fn difference(&self, read: &Self) -> Option<String> {
        if self == read {
            return None;
        }
        let more = |one: Vec<String>, other: &[String]| {
            let only: Vec<String> = one.into_iter().filter(|text| !other.contains(text)).take(4).collect();
            only.join(" ")
        };
        let all = |tally: &Self| -> Vec<String> {
            let calls = tally.calls.iter().map(|((tool, id), times)| format!("call:{tool}/{id}×{times}"));
            let results = tally.results.iter().map(|(id, times)| format!("result:{id}×{times}"));
            calls.chain(results).collect()
        };
        let (own, events) = (all(self), all(read));
        Some(format!(
            "by its fields {self}, events say {read}; only fields [{}], only events [{}]",
            more(own.clone(), &events),
            more(events, &own)
        ))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (calls, results): (usize, usize) = (self.calls.values().sum(), self.results.values().sum());
        write!(f, "{} user, {} assistant, {calls} calls, {results} results", self.user, self.assistant)
    }
}

/// A log as it was read.
pub(super) struct Log {
    pub(super) format: String,
    pub(super) events: Vec<Event>,
}

impl Log {
    pub(super) fn read(path: &Path) -> Self {
        let limits = Limits::default();
        let mut inputs = InputSet::new(expand(&[path.to_owned()], &limits).unwrap(), limits);
        let (mut format, mut events) = (String::new(), Vec::new());
        while let Some(batch) = inputs.next_batch() {
            let outcome = batch.read(&mut |item| {
                if let Item::Event(event) = item {
                    events.push(*event);
                }
            });
            if let Some(facts) = outcome.finished {
                format = facts.format.into_owned();
            }
        }
        Self { format, events }
    }

    /// What the events say.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for event in self.events.iter().filter(|event| event.head.kind == EventKind::Model) {
            let Detail::Model { role, tool, call, .. } = &event.head.detail else { continue };
            let on = |surface| event.parts.iter().filter(|part| part.surface == surface).count();
            match role.as_deref() {
                Some("user") => tally.user += on(Surface::ModelInput),
                Some("assistant") => {
                    tally.assistant += on(Surface::ModelOutput);
                    if on(Surface::ToolArgument) + on(Surface::ToolName) > 0 {
                        tally.call(tool.as_deref(), call.as_deref());
                    }
                }
                Some("tool") => tally.result(call.as_deref()),
                _ => {}
            }
        }
        tally
    }
}
