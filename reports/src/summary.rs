//! What a run came to: the counts that the terminal, the page, the manifest and the table `runs` all show.
//!
//! Bounded however long the run: everything is counted, and of lists only the first entries are kept.

use std::collections::BTreeMap;

use coldcase_model::{
    Account, Action, Anomaly, AnomalyKind, ArtifactIndex, Category, Chain, ChainStatus, Finding, InputFacts,
    InputState, Judged, Ledger, NotScanned, Severity, Timestamp, Unfollowed,
};

use crate::stories::Stories;
use crate::suppressed::Suppressed;
use crate::worst::WorstFindings;

/// Inputs that are kept for the page's table.
const MOST_INPUTS: usize = 1000;
/// Inputs that were not read to their end, kept to be named.
const MOST_TROUBLED: usize = 500;
/// Anomalies that are kept.
const MOST_ANOMALIES: usize = 200;
/// Audit logs that are whole and as they should be, kept to be shown.
const MOST_SOUND_CHAINS: usize = 30;
/// Audit logs that are not, kept to be shown.
const MOST_OTHER_CHAINS: usize = 100;
/// Distinct words of recording firewalls that are kept apart.
const MOST_RECORDED: usize = 12;
/// Where words beyond those are counted.
const OTHER_RECORDED: &str = "(other words)";

/// What a run came to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Inputs.
    pub inputs: u64,
    /// Inputs by what became of them.
    pub states: BTreeMap<InputState, u64>,
    /// The size of all inputs on disk, in bytes.
    pub stored_bytes: u64,
    /// Every stored byte by account.
    pub stored: Ledger,
    /// The content by account: decoded bytes of compressed inputs and what of them could not be decoded, stored
    /// bytes of the others.
    pub content: Ledger,
    /// Inputs that are compressed.
    pub compressed: u64,
    /// Events.
    pub events: u64,
    /// The earliest time of an event; `None` when no event has a time.
    pub first: Option<Timestamp>,
    /// The latest time of an event; `None` when no event has a time.
    pub last: Option<Timestamp>,
    /// Events by what policy decides.
    pub actions: BTreeMap<Action, u64>,
    /// Bytes of events that were not scanned, by reason.
    pub not_scanned: BTreeMap<NotScanned, u64>,
    /// Findings, without those that a baseline suppresses.
    pub findings: u64,
    /// What a baseline suppresses, and what it did until its entries expired.
    pub suppressed: Suppressed,
    /// Findings by severity.
    pub severities: BTreeMap<Severity, u64>,
    /// Findings by category.
    pub categories: BTreeMap<Category, u64>,
    /// Findings by rule, the worst rules first, with the first findings of each.
    pub worst: WorstFindings,
    /// What was not followed from event to event.
    pub unfollowed: Unfollowed,
    /// What is told of the worst sessions.
    pub(crate) stories: Stories,
    /// Events on which a firewall's own verdict is recorded, by its word and by what policy decides now.
    pub recorded: BTreeMap<String, BTreeMap<Action, u64>>,
    /// Anomalies.
    pub anomalies: u64,
    /// Anomalies by kind.
    pub anomaly_kinds: BTreeMap<AnomalyKind, u64>,
    /// The first anomalies.
    pub first_anomalies: Vec<Anomaly>,
    /// The first inputs.
    pub first_inputs: Vec<InputFacts>,
    /// The first inputs that were not read to their end, or not at all.
    pub troubled: Vec<InputFacts>,
    /// Audit logs whose chains were verified.
    pub chains: u64,
    /// Audit logs by what their chains came to.
    pub chain_statuses: BTreeMap<ChainStatus, u64>,
    /// Audit logs that are broken, or that no trusted key vouches for although one was given.
    pub failed_chains: u64,
    /// Audit logs that are intact, and that a trusted key vouches for if one was given.
    pub sound_chains: u64,
    /// The first of those.
    pub first_sound_chains: Vec<Chain>,
    /// The first of the others.
    pub first_other_chains: Vec<Chain>,
    /// Paths of the inputs that kept findings and anomalies lie in.
    pub paths: BTreeMap<ArtifactIndex, String>,
}

impl Summary {
    /// Whether there is nothing that a verdict could rest on. Such a run is never called clean.
    pub fn nothing_read(&self) -> bool {
        let scanned = self.stored.bytes(Account::Scanned).max(self.content.bytes(Account::Scanned));
        // A finding is proof that something was read, whatever the ledgers say.
        self.events == 0 || (scanned == 0 && self.findings == 0 && self.suppressed.findings() == 0)
    }

    /// Content that was not scanned: opaque, lost, over a limit, or in no account at all.
    pub fn not_scanned_bytes(&self) -> u64 {
        [Account::Opaque, Account::Lost, Account::OverLimit]
            .into_iter()
            .map(|account| self.content.bytes(account))
            .fold(self.unaccounted_bytes(), u64::saturating_add)
    }

    /// Stored bytes that no ledger accounts for: those of inputs that could not be opened.
    pub fn unaccounted_bytes(&self) -> u64 {
        self.stored_bytes.saturating_sub(self.stored.total())
    }

    /// Inputs that were not read to their end, or not at all.
    pub fn troubled_inputs(&self) -> u64 {
        self.inputs.saturating_sub(self.states.get(&InputState::Read).copied().unwrap_or(0))
    }

    /// Events that the recording firewall let pass and that the policy in force blocks.
    ///
    /// Only the word `allow` counts as letting pass: what other words mean is the firewall's own affair.
    pub fn missed(&self) -> u64 {
        let allowed = self.recorded.iter().filter(|(word, _)| word.eq_ignore_ascii_case("allow"));
        allowed.filter_map(|(_, actions)| actions.get(&Action::Block)).sum()
    }

    pub(crate) fn add_event(&mut self, judged: &Judged) {
        self.events += 1;
        *self.actions.entry(judged.verdict.action).or_default() += 1;
        for &(reason, bytes) in &judged.verdict.coverage.not_scanned {
            let sum = self.not_scanned.entry(reason).or_default();
            *sum = sum.saturating_add(bytes);
        }
        if let Some(time) = judged.head.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        self.add_recorded(judged);
        self.stories.add(judged);
        for finding in &judged.findings {
            self.add_finding(judged, finding);
        }
    }

    fn add_finding(&mut self, judged: &Judged, finding: &Finding) {
        self.suppressed.add(finding);
        if finding.is_suppressed() {
            return;
        }
        self.findings += 1;
        *self.severities.entry(finding.rule.severity).or_default() += 1;
        *self.categories.entry(finding.rule.category).or_default() += 1;
        self.worst.add(judged, finding);
    }

    /// The recorded word comes from the input, so the number of distinct ones is bounded here.
    fn add_recorded(&mut self, judged: &Judged) {
        let word = judged.labels.recorded_verdict.as_str();
        if word.is_empty() {
            return;
        }
        let known = self.recorded.contains_key(word);
        let word = if known || self.recorded.len() < MOST_RECORDED { word } else { OTHER_RECORDED };
        if let Some(actions) = self.recorded.get_mut(word) {
            *actions.entry(judged.verdict.action).or_default() += 1;
        } else {
            self.recorded.insert(word.to_owned(), BTreeMap::from([(judged.verdict.action, 1)]));
        }
    }

    pub(crate) fn add_anomaly(&mut self, anomaly: &Anomaly) {
        self.anomalies += 1;
        *self.anomaly_kinds.entry(anomaly.kind).or_default() += 1;
        if self.first_anomalies.len() < MOST_ANOMALIES {
            self.first_anomalies.push(anomaly.clone());
        }
    }

    pub(crate) fn add_chain(&mut self, chain: &Chain) {
        self.chains += 1;
        *self.chain_statuses.entry(chain.status).or_default() += 1;
        self.failed_chains += u64::from(chain.has_failed());
        let sound = chain.status == ChainStatus::Intact && !chain.is_unpinned();
        self.sound_chains += u64::from(sound);
        let (shown, most) = if sound {
            (&mut self.first_sound_chains, MOST_SOUND_CHAINS)
        } else {
            (&mut self.first_other_chains, MOST_OTHER_CHAINS)
        };
        if shown.len() < most {
            shown.push(chain.clone());
        }
    }

    pub(crate) fn add_input(&mut self, facts: &InputFacts) {
        self.inputs += 1;
        *self.states.entry(facts.state).or_default() += 1;
        self.stored_bytes = self.stored_bytes.saturating_add(facts.stored_bytes);
        self.stored.merge(&facts.stored);
        self.content.merge(facts.decoded.as_ref().unwrap_or(&facts.stored));
        if facts.decoded.is_some() {
            // What could not be decoded has no decoded size: its stored bytes stand for it.
            for account in [Account::Lost, Account::OverLimit, Account::Opaque] {
                self.content.add(account, facts.stored.bytes(account));
            }
        }
        self.compressed += u64::from(facts.decoded.is_some());
        if self.first_inputs.len() < MOST_INPUTS {
            self.first_inputs.push(facts.clone());
        }
        if facts.state != InputState::Read && self.troubled.len() < MOST_TROUBLED {
            self.troubled.push(facts.clone());
        }
        if self.mentions(facts.artifact) {
            self.paths.insert(facts.artifact, facts.path.clone());
        }
    }

    fn mentions(&self, artifact: ArtifactIndex) -> bool {
        self.worst.mention(artifact)
            || self.first_anomalies.iter().any(|anomaly| anomaly.pos.artifact == artifact)
    }
}
