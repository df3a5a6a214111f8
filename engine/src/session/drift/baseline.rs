//! The baseline: definitions that somebody accepted, in a form that can be written, reviewed and read again.
//!
//! It holds digests, to tell whether a definition is the accepted one, and redacted texts, to tell what is different. What is
//! told to models is no part of it: agents compose it.

use std::collections::BTreeMap;

use coldcase_model::{Digest, Excerpt};
use serde::{Deserialize, Serialize};

use super::super::observe::listed::Broken;
use super::Drift;
use super::inventory::{Inventory, Key, Kind, Tool};
use super::version::{Field, Version};

/// Accepted definitions, by server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The version of this form: 1.
    pub version: u32,
    /// MCP servers by name.
    pub servers: BTreeMap<String, Accepted>,
    /// A2A agents by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<String, Accepted>,
}

/// What is accepted of one server or agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// What it says of itself: a server's instructions, a card without its skills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<AcceptedTool>,
    /// Its tools or skills by name.
    pub tools: BTreeMap<String, AcceptedTool>,
}

/// An accepted definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedTool {
    /// SHA-256 of its canonical form.
    pub definition: String,
    /// The same without its name.
    pub body: String,
    /// Its members by key.
    pub fields: BTreeMap<String, AcceptedField>,
    /// What rules had found in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// A member of an accepted definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedField {
    /// SHA-256 of its canonical form.
    pub sha256: String,
    /// Its text, secrets blanked.
    pub text: String,
    /// Where the text is cut: hashes of all its sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentences: Option<Vec<u64>>,
}

impl Baseline {
    /// The version of the form that is written, and the only one that is read.
    pub const VERSION: u32 = 1;

    /// Whether every digest in it is one.
    pub fn is_sound(&self) -> bool {
        let sound = |tool: &AcceptedTool| {
            digest(&tool.definition).is_some()
                && digest(&tool.body).is_some()
                && tool.fields.values().all(|field| digest(&field.sha256).is_some())
        };
        self.version == Self::VERSION
            && self
                .servers
                .values()
                .chain(self.agents.values())
                .all(|server| server.tools.values().chain(&server.about).all(sound))
    }

    /// How many definitions it holds.
    pub fn definitions(&self) -> usize {
        let servers = self.servers.values().chain(self.agents.values());
        servers.map(|server| server.tools.len() + usize::from(server.about.is_some())).sum()
    }
}

impl Drift {
    /// Holds all servers to a baseline.
    pub(in super::super) fn against(baseline: &Baseline) -> Self {
        let mut drift = Self { against_baseline: true, ..Self::default() };
        let kinds = [(Kind::Server, &baseline.servers), (Kind::Card, &baseline.agents)];
        for (kind, servers) in kinds {
            for (name, accepted) in servers {
                let key = Key { kind, server: Excerpt::of_name(name.as_bytes()) };
                let tools = accepted.tools.iter().filter_map(|(name, tool)| Some((name, version(tool)?)));
                let tools =
                    tools.map(|(name, version)| (Excerpt::of_name(name.as_bytes()), Tool::pinned(version)));
                let about = accepted.about.as_ref().and_then(version).map(Tool::pinned);
                let inventory = Inventory::accepted(about, tools.collect());
                drift.inventories.insert(key, inventory);
            }
        }
        drift
    }

    /// What all servers listed last.
    pub(in super::super) fn baseline(&self) -> Baseline {
        let mut baseline = Baseline { version: Baseline::VERSION, ..Baseline::default() };
        #[expect(clippy::iter_over_hash_type, reason = "what comes of it stands in sorted maps")]
        for (key, inventory) in &self.inventories {
            let there = |tool: &&Tool| !tool.gone;
            let accepted = Accepted {
                about: inventory.about.as_ref().filter(there).map(|tool| accepted(&tool.now)),
                tools: inventory
                    .tools
                    .iter()
                    .filter(|(_, tool)| !tool.gone)
                    .map(|(name, tool)| (name.as_str().to_owned(), accepted(&tool.now)))
                    .collect(),
            };
            let servers = match key.kind {
                Kind::Server => &mut baseline.servers,
                Kind::Card => &mut baseline.agents,
                Kind::Told => continue,
            };
            if accepted.about.is_some() || !accepted.tools.is_empty() {
                servers.insert(key.server.as_str().to_owned(), accepted);
            }
        }
        baseline
    }
}

fn accepted(version: &Version) -> AcceptedTool {
    let field = |field: &Field| AcceptedField {
        sha256: field.digest.to_string(),
        text: field.text.clone(),
        sentences: field.cut.then(|| field.sentences.clone()),
    };
    AcceptedTool {
        definition: version.digest.to_string(),
        body: version.body.to_string(),
        fields: version.fields.iter().map(|each| (each.key.clone(), field(each))).collect(),
        rules: version.rules.iter().map(|broken| broken.rule.to_string()).collect(),
    }
}

fn version(tool: &AcceptedTool) -> Option<Version> {
    let field = |(key, field): (&String, &AcceptedField)| {
        let mut sentences = field.sentences.clone().unwrap_or_default();
        sentences.sort_unstable();
        Some(Field {
            key: key.clone(),
            digest: digest(&field.sha256)?,
            text: field.text.clone(),
            sentences,
            cut: field.sentences.is_some(),
        })
    };
    let rule = |rule: &String| Broken { rule: rule.as_str().into(), sends: false, field: String::new() };
    Some(Version {
        digest: digest(&tool.definition)?,
        body: digest(&tool.body)?,
        fields: tool.fields.iter().filter_map(field).collect(),
        rules: tool.rules.iter().map(rule).collect(),
        event: None,
    })
}

fn digest(hex: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    let pairs = hex.as_bytes().chunks(2);
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, pair) in digest.0.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
