//! What `drift` found, as text and as JSON. Every string of the input in it is an excerpt.

use coldcase_engine::{Accepted, Baseline};
use coldcase_model::{Category, ChangeClass, Excerpt, Finding};
use serde_json::{Value, json};

use super::{Change, Found};

/// A finding about servers and names, which no change tells.
pub(super) struct Conclusion {
    rule: String,
    title: String,
    what: Excerpt,
    event: coldcase_model::EventId,
}

impl Conclusion {
    /// Rules that changes already tell.
    const OF_CHANGES: [&str; 4] = [
        "drift.instruction-introduced",
        "drift.destination-introduced",
        "drift.new-parameter",
        "drift.capability-widened",
    ];

    pub(super) fn of(finding: &Finding) -> Option<Self> {
        let is_own =
            finding.rule.category == Category::ToolDrift && !Self::OF_CHANGES.contains(&&*finding.rule.id);
        is_own.then(|| Self {
            rule: finding.rule.id.to_string(),
            title: finding.rule.title.to_string(),
            what: finding.excerpt.clone(),
            event: finding.event,
        })
    }

    /// Whether it keeps recordings from passing for what was accepted.
    pub(super) fn gates(&self) -> bool {
        matches!(self.rule.as_str(), "drift.shadow-server" | "drift.not-followed")
    }
}

/// How many tools of a server are named in the text; JSON has all.
const MOST_NAMED: usize = 50;

pub(super) fn as_text(found: &Found, listed: &Baseline, against: bool) -> String {
    let mut text = String::new();
    let servers = listed.servers.iter().map(|server| ("server", server));
    let agents = listed.agents.iter().map(|agent| ("agent", agent));
    for (kind, (name, accepted)) in servers.chain(agents) {
        let tools = &accepted.tools;
        text.push_str(&format!("{kind} {name}: {} tools\n", tools.len()));
        for (tool, definition) in tools.iter().take(MOST_NAMED) {
            text.push_str(&format!("  {:.12}  {tool}\n", definition.definition));
        }
        if tools.len() > MOST_NAMED {
            text.push_str(&format!("  and {} more\n", tools.len() - MOST_NAMED));
        }
    }
    if text.is_empty() {
        text.push_str("no server lists tools\n");
    }
    for conclusion in &found.conclusions {
        let Conclusion { title, what, event, rule } = conclusion;
        text.push_str(&format!("\n{title}: {what}\n  {rule}, event {event}\n"));
    }
    let against = if against { "against the baseline" } else { "between listings" };
    let worse = found.changes.iter().filter(|change| change.told.class > ChangeClass::Editorial).count();
    let all = found.changes.len();
    text.push_str(&format!("\n{all} changes {against}, {worse} of them above editorial\n"));
    for Change { told, event, session } in &found.changes {
        let name = if told.tool.is_empty() { "(itself)" } else { told.tool.as_str() };
        text.push_str(&format!("\n{} {} {name}: {}", told.server, told.kind, told.class));
        text.push_str(&format!("\n  {} event {event}, session {session}\n", told.field));
        if !told.diff.is_empty() {
            text.push_str(&format!("  {}\n", told.diff));
        }
    }
    text
}

pub(super) fn as_json(found: &Found, listed: &Baseline) -> Value {
    let change = |change: &Change| {
        let Change { told, event, session } = change;
        json!({
            "server": told.server, "tool": told.tool, "kind": told.kind, "class": told.class,
            "field": told.field, "diff": told.diff, "session": session, "event": event.to_string(),
            "before": told.before.map(|event| event.to_string()),
        })
    };
    let finding = |conclusion: &Conclusion| {
        let Conclusion { rule, what, event, .. } = conclusion;
        json!({ "rule": rule, "what": what, "event": event.to_string() })
    };
    json!({
        "servers": inventories(&listed.servers),
        "agents": inventories(&listed.agents),
        "listed": found.listed,
        "changes": found.changes.iter().map(change).collect::<Vec<_>>(),
        "findings": found.conclusions.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn inventories(servers: &std::collections::BTreeMap<String, Accepted>) -> Value {
    let one = |(name, accepted): (&String, &Accepted)| {
        let tools =
            accepted.tools.iter().map(|(tool, definition)| (tool.clone(), json!(definition.definition)));
        let about = accepted.about.as_ref().map(|about| &about.definition);
        (name.clone(), json!({ "about": about, "tools": tools.collect::<serde_json::Map<_, _>>() }))
    };
    servers.iter().map(one).collect::<serde_json::Map<_, _>>().into()
}
