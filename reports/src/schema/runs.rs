//! The table `runs`: one row with what the run was made of and what it came to. No clock and no host.

use coldcase_model::{Account, RunFacts};

use crate::Summary;
use crate::tables::{Text, Texts, U64, table};

/// The run and its totals.
#[derive(Clone, Copy)]
pub(crate) struct RunRow<'r> {
    /// What the run was made of.
    pub(crate) run: &'r RunFacts,
    /// What it came to.
    pub(crate) summary: &'r Summary,
}

table! {
    /// The run: one row. It holds nothing that changes from one machine or hour to the next.
    Runs<'r>("runs") from row: RunRow<'r> {
        /// Coldcase's version.
        version: Text = row.run.version;
        /// The name of the policy in force.
        policy: Text = &row.run.policy;
        /// The SHA-256 of the policy's text, 64 hex digits.
        policy_sha256: Text = row.run.policy_sha256.to_string();
        /// Name, version and SHA-256 of each pack, separated by spaces, in load order.
        packs: Texts = row.run.packs.iter().map(|(name, version, digest)| format!("{name} {version} {digest}"));
        /// How many rules the packs hold.
        rules: U64["rules"] = row.run.rules;
        /// Inputs of the run.
        inputs: U64["inputs"] = row.summary.inputs;
        /// Events in all inputs.
        events: U64["events"] = row.summary.events;
        /// Findings in all events, without those that the baseline suppresses.
        findings: U64["findings"] = row.summary.findings;
        /// Findings that the baseline suppresses.
        suppressed: U64["findings"] = row.summary.suppressed.findings();
        /// Anomalies in all inputs.
        anomalies: U64["anomalies"] = row.summary.anomalies;
        /// The size of all inputs on disk.
        stored_bytes: U64["bytes"] = row.summary.stored_bytes;
        /// Stored bytes whose content was scanned.
        scanned_bytes: U64["bytes"] = row.summary.stored.bytes(Account::Scanned);
        /// Stored bytes whose content was not scanned: opaque, lost, over a limit, or in no account.
        not_scanned_bytes: U64["bytes"] = row.summary.not_scanned_bytes();
        /// Sessions whose state was forgotten, since there were too many.
        unfollowed_sessions: U64["sessions"] = row.summary.unfollowed.sessions;
        /// Bytes of content that were not followed, and passages, values, secrets and edges beyond what a session remembers.
        unfollowed_content: U64 = row.summary.unfollowed.content;
        /// Short values that left, and secrets whose pieces were looked for, beyond what a session remembers.
        unfollowed_pieces: U64 = row.summary.unfollowed.pieces;
        /// Hosts that something was sent to, beyond what a session remembers.
        unfollowed_hosts: U64 = row.summary.unfollowed.hosts;
        /// Ids, contents and pairs by which recordings of one run are told, beyond what is remembered.
        unfollowed_ties: U64 = row.summary.unfollowed.ties;
        /// Requests, calls and answers that waited for the other half of their pair, beyond what a session remembers.
        unfollowed_pairs: U64 = row.summary.unfollowed.pairs;
    }
}
