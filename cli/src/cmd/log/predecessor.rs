//! Which session a new one follows, and where that one ended, as far as it can be vouched for.
//!
//! The newest session of the base that no link names yet. Times of files only choose among several; a folder that was
//! copied without them may choose another, never a broken one. Hold the folder's lock, so that none of them grows.

use std::cmp::Reverse;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, bail};
use coldcase_evidence::{
    ExpectedHead, KeyRing, PublicKey, Session, SessionReport, SessionShards, Status, Tail, VerifyOptions,
    claimed_predecessor, verify_session,
};

use crate::cmd::verify::files::{self, Folder, ShardFiles};
use crate::config;
use crate::term;

/// Finds it; `None` if there is none. `own` is the key of the new session, `interval` how many entries it takes until
/// it is signed.
pub(crate) fn find(
    folder: &Path,
    base: &str,
    own: &PublicKey,
    keys: &KeyRing,
    interval: u64,
) -> anyhow::Result<Option<Tail>> {
    let found = files::look(folder, files::MOST_NAME_BYTES)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    let mut free: Vec<_> = found
        .set
        .sessions()
        .filter(|shards| is_run_of(shards.session, base) && !has_successor(&found, shards.session))
        .map(|shards| (written_last(folder, &shards), shards))
        .collect();
    free.sort_by_key(|(time, shards)| Reverse((*time, shards.session)));
    let mut options = VerifyOptions::default();
    options.keys = keys.clone();
    options.threads = config::threads(0);
    for (_, shards) in free {
        let report = verify_session(&mut ShardFiles { folder, shards }, &options, &mut |_| ());
        if let Some(tail) = tail(&report, own, interval)? {
            return Ok(Some(tail));
        }
    }
    Ok(None)
}

/// Where a session ended; `None` if it has no whole entry, as one that was killed at once.
fn tail(report: &SessionReport, own: &PublicKey, interval: u64) -> anyhow::Result<Option<Tail>> {
    const WAY_OUT: &str = "or go on without a link with --no-link";
    let session = &report.session;
    if report.checkpoints.total > 0 && report.checkpoints.good == 0 {
        bail!(
            "the last session {session} holds no checkpoint that this key signed; if another key did, name it \
             with --previous-key, {WAY_OUT}"
        );
    }
    if report.status == Status::Broken {
        let seen = report.breaks.first().map(|found| found.seen.as_str()).unwrap_or_default();
        bail!("the last session {session} is not as it was written: {seen}; look into it first, {WAY_OUT}");
    }
    let (Some(seq), Some(head)) = (report.last_seq, &report.head_hash) else { return Ok(None) };
    let hash = ExpectedHead::from_hex(head, "").context("a hash has 64 digits")?.hash;
    let signer = match report.authority.last() {
        Some(range) => PublicKey::parse(range.key.as_bytes())?,
        // More than a killed run leaves: its checkpoints were taken out, or it is none of ours. To link it would
        // be to sign for it.
        None if report.checkpoints.total > 0 || report.entries > interval => bail!(
            "nothing vouches for the last session {session}: it has {} entries and no checkpoint that a known key \
             signed; give the --checkpoint-every that it was written with if that was more than {interval}, {WAY_OUT}",
            report.entries
        ),
        // A run that was killed before its first checkpoint shows no key; it is taken to be this one.
        None => {
            term::note(&term::one_line(&format!(
                "nothing vouches for the last session {session}: it ends before its first checkpoint; it is linked \
                 as it is"
            )));
            own.clone()
        }
    };
    Ok(Some(Tail { session: Session::named(session)?, seq, hash, signer }))
}

/// Source: FLIGHT_RECORDER_FORMAT, section 2, "Sessions".
fn is_run_of(session: &str, base: &str) -> bool {
    let run = session.strip_prefix(base).and_then(|rest| rest.strip_prefix(".run."));
    run.is_some_and(|run| run.len() == 32 && run.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

fn has_successor(folder: &Folder, session: &str) -> bool {
    folder.links.iter().filter_map(claimed_predecessor).any(|predecessor| predecessor == session)
}

/// When its last shard was written to; sessions whose time is unknown come last.
fn written_last(folder: &Path, shards: &SessionShards<'_>) -> Option<SystemTime> {
    let last = folder.join(shards.name(shards.len().checked_sub(1)?));
    std::fs::metadata(last).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_runs_of_the_very_base_are_followed() {
        let run = "0123456789abcdef0123456789abcdef";
        assert!(is_run_of(&format!("a.run.{run}"), "a"));
        for other in [format!("ab.run.{run}"), format!("a.run.{}", run.to_uppercase()), "a".to_owned()] {
            assert!(!is_run_of(&other, "a"), "{other}");
        }
    }
}
