//! What the run was made of.

use coldcase_model::{Digest, RunFacts};

use crate::quantity::grouped;

/// Facts of the run.
pub(crate) struct RunView {
    pub(crate) version: &'static str,
    pub(crate) policy: String,
    pub(crate) policy_sha256: String,
    pub(crate) policy_short: String,
    pub(crate) rules: String,
    pub(crate) packs: Vec<PackView>,
    /// What was not followed from event to event.
    pub(crate) unfollowed: Option<String>,
}

/// A pack.
pub(crate) struct PackView {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    pub(crate) short: String,
}

impl RunView {
    pub(crate) fn of(run: &RunFacts, unfollowed: Option<String>) -> Self {
        let pack = |(name, version, digest): &(String, String, Digest)| PackView {
            name: name.clone(),
            version: version.clone(),
            sha256: digest.to_string(),
            short: short(*digest),
        };
        Self {
            version: run.version,
            policy: run.policy.clone(),
            policy_sha256: run.policy_sha256.to_string(),
            policy_short: short(run.policy_sha256),
            rules: grouped(run.rules),
            packs: run.packs.iter().map(pack).collect(),
            unfollowed,
        }
    }
}

/// Enough of a digest to tell two apart by eye; the page has the rest as the title.
fn short(digest: Digest) -> String {
    digest.to_string().chars().take(12).collect()
}
