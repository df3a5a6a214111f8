//! `scan --cache`: an unchanged scan reads its inputs for their hashes only, and gives the report that it gave before.

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_model::Show;
use coldcase_readers::{Found as Input, Limits, expand};

use super::{Job, Outcome, Track, perform_on};
use crate::args::ScanArgs;
use crate::cache::{Cache, Found, Hashed, TicketParts, hash};
use crate::cmd::staging::{Staging, input_around};
use crate::config;
use crate::key_file::KeyFile;
use crate::term;

/// Scans, or gives what an earlier scan of the same came to.
pub(super) fn cached(job: &Job<'_>, args: &ScanArgs, dir: &Path) -> anyhow::Result<Outcome> {
    let key = args.cache_key.clone().unwrap_or_else(|| KeyFile::beside(dir));
    for place in [dir, &key] {
        if let Some(input) = input_around(&std::path::absolute(place)?, job.paths)? {
            bail!("{} lies inside the input {}; name another with --cache", place.display(), input.display());
        }
    }
    let found = expand(job.paths, &Limits::default())?;
    if job.show == Show::Secrets {
        term::note("--cache is not used with --show-secrets: it would keep them");
        return perform_on(job, &found, Track::Nothing);
    }
    let cache = Cache::open(dir, args.cache_key.as_deref())?;
    let Some(program) = cache.program() else {
        term::note("--cache is not used: the running program cannot be read to tell its build");
        return perform_on(job, &found, Track::Nothing);
    };
    let Some(hashed) = hash(&found, job.threads) else {
        term::note("--cache is not used: not every input is a file that can be read");
        return perform_on(job, &found, Track::Nothing);
    };
    let ticket = parts(job, args)?.ticket(program, &found, &hashed);
    let staging = Staging::begin(job.output, job.paths, job.force)?;
    match cache.find::<Outcome>(ticket, staging.dir()) {
        Found::Hit(mut outcome) => {
            outcome.report = staging.publish()?;
            if !job.quiet {
                term::note("nothing has changed: this is the report of the earlier scan, from the cache");
            }
            return Ok(outcome);
        }
        Found::Miss => {}
        Found::Refused(why) => {
            term::note(&format!(
                "the cache has an entry for this that is not used, and will be replaced. {why}"
            ));
        }
    }
    // What was refused may have left files behind.
    drop(staging);
    let outcome = perform_on(job, &found, Track::Inputs)?;
    if outcome.is_of(&hashed) && is_unchanged(&found, &hashed, &outcome, job) {
        if let Err(error) = cache.keep(ticket, &outcome.report, &outcome) {
            term::note(&format!("{error:#}"));
        }
    } else {
        term::note("not kept in the cache: an input changed meanwhile, or could not be read to its end");
    }
    Ok(outcome)
}

/// Audit logs are read once more to be verified; where there are any, what was read then must be what was hashed.
fn is_unchanged(found: &[Input], hashed: &[Hashed], outcome: &Outcome, job: &Job<'_>) -> bool {
    outcome.chains == 0 || hash(found, job.threads).is_some_and(|now| now == hashed)
}

/// What the result depends on besides its inputs.
fn parts(job: &Job<'_>, args: &ScanArgs) -> anyhow::Result<TicketParts> {
    let mut parts = TicketParts::default();
    parts.add("version", env!("CARGO_PKG_VERSION").as_bytes());
    parts.add("severity", job.min_severity.as_str().as_bytes());
    parts.add("sessions", job.sessions.to_string().as_bytes());
    parts.add("key log named", &[u8::from(job.keylog.is_some())]);
    parts.add("key log", job.keylog.map_or(b"".as_slice(), |path| path.as_os_str().as_encoded_bytes()));
    parts.add("key log's text", &config::key_log(job.keylog)?);
    for key in &args.key {
        parts.add("audit key", config::public_key(key)?.hex().as_bytes());
    }
    if let Some(baseline) = job.baseline {
        parts.add(&baseline.name, &baseline.bytes);
    }
    // Packs are read whole and their signatures checked, as for a scan; only compiling them is left out.
    for text in config::pack_texts(&job.ruleset.pack, &config::pack_keys(&job.ruleset.pack_key)?)? {
        parts.add(&format!("pack {}", text.name), text.text.as_bytes());
    }
    parts.add("only packs", &[u8::from(job.ruleset.only_packs)]);
    let (policy, bytes) = config::policy(job.ruleset).context("the policy cannot be used")?;
    parts.add(&format!("policy {} of {bytes}", policy.name()), &policy.digest().0);
    Ok(parts)
}
