//! What the user trusts: keys, rosters, endorsements, and heads that were recorded elsewhere.

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_evidence::{
    Endorsement, ExpectedHead, Fingerprint, KeyRing, KeyRoster, TrailKeys, VerifyOptions,
};

use super::anchors;
use crate::args::VerifyArgs;
use crate::config::{self, TrustedKey};
use crate::regular_file::read_small;

/// Rosters and endorsements are cut off by their readers; this bounds what is read for them.
const MOST_ROSTER_BYTES: u64 = 2 << 20;

/// Everything that the arguments name, read and checked.
pub(crate) struct Trust {
    pub(crate) options: VerifyOptions,
    /// The keys for agent audit trails: the same, and those on P-256.
    pub(crate) trail_keys: TrailKeys,
}

impl Trust {
    /// How many keys of any kind were given.
    pub(super) fn keys_given(&self) -> u64 {
        self.options.keys.keys().len() as u64 + self.options.other_keys
    }

    pub(crate) fn of(args: &VerifyArgs) -> anyhow::Result<Self> {
        let (mut keys, mut p256) = (Vec::new(), Vec::new());
        for text in &args.key {
            match config::trusted_key(text)? {
                TrustedKey::Ed25519(key) => keys.push(key),
                TrustedKey::P256(key) => p256.push(*key),
            }
        }
        let mut options = VerifyOptions::default();
        options.keys = KeyRing::new(keys);
        options.threads = config::threads(args.threads);
        for hash in &args.expect_head {
            let Some(head) = ExpectedHead::from_hex(hash, "the command line") else {
                bail!("{hash} is no head hash: expected 64 lower-case hex digits");
            };
            options.heads.push(head);
        }
        for path in &args.head_file {
            options.heads.extend(anchors::heads(path, &options.keys)?);
        }
        for path in &args.endorsement {
            let shown = path.display();
            let bytes =
                read_small(path, MOST_ROSTER_BYTES).with_context(|| format!("cannot read {shown}"))?;
            let endorsement =
                Endorsement::read(&bytes).with_context(|| format!("cannot use the endorsement {shown}"))?;
            options.endorsements.push(endorsement);
        }
        if let (Some(path), Some(root)) = (&args.roster, &args.roster_root) {
            options.roster = Some(roster(path, root)?);
        }
        options.other_keys = p256.len() as u64;
        let trail_keys = TrailKeys::new(options.keys.clone(), p256);
        Ok(Self { options, trail_keys })
    }
}

fn roster(path: &Path, root: &str) -> anyhow::Result<KeyRoster> {
    let shown = path.display();
    let Some(root) = Fingerprint::parse(root) else {
        bail!("{root} is no fingerprint: expected sha256: and 64 lower-case hex digits");
    };
    let bytes = read_small(path, MOST_ROSTER_BYTES).with_context(|| format!("cannot read {shown}"))?;
    KeyRoster::verify(&bytes, &root).with_context(|| format!("cannot use the roster {shown}"))
}
