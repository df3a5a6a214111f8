//! `scan --cache`: an unchanged scan reads its inputs for their hashes only, and gives the report that it gave before; another one
//! scans those inputs that are new, or that a changed rule may say something of.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::{Book, Pack};
use coldcase_model::{Digest, Show};
use coldcase_readers::{Found as Input, Limits, expand, read_together};
use sha2::{Digest as _, Sha256};

use super::{Job, Judges, Outcome, perform_on};
use crate::args::ScanArgs;
use crate::cache::{Cache, Found, Hashed, Keeping, Shares, TicketParts, Touched, hash};
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
        return perform_on(job, &found, None);
    }
    let cache = Cache::open(dir, args.cache_key.as_deref())?;
    let Some(program) = cache.program() else {
        term::note("--cache is not used: the running program cannot be read to tell its build");
        return perform_on(job, &found, None);
    };
    let Some(hashed) = hash(&found, job.threads) else {
        term::note("--cache is not used: not every input is a file that can be read");
        return perform_on(job, &found, None);
    };
    let (parts, judges) = parts(job, args)?;
    let ticket = parts.ticket(program, &found, &hashed);
    let staging = Staging::begin(job.output, job.paths, job.force)?;
    match cache.find::<Outcome>(ticket, staging.dir()) {
        Found::Hit(mut outcome) => {
            outcome.report = staging.publish()?;
            let folder = cache.folder(ticket);
            Cache::used(std::slice::from_ref(&folder));
            make_room(&cache, args, &[folder]);
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
    let mut tracked =
        Tracked { cache: &cache, program, hashed: &hashed, afresh: false, made: RefCell::default() };
    let outcome = match perform_on(job, &found, Some(&tracked)) {
        Err(error) if error.is::<Void>() => {
            term::note(&format!("{error:#}; everything is scanned anew"));
            tracked.afresh = true;
            perform_on(job, &found, Some(&tracked))?
        }
        outcome => outcome?,
    };
    let mut stays = tracked.made.into_inner();
    if outcome.is_of(&hashed) && outcome.is_by(&judges) && is_unchanged(&found, &hashed, &outcome, job) {
        match cache.keep(ticket, &outcome.report, &outcome) {
            Ok(folder) => stays.push(folder),
            Err(error) => term::note(&format!("{error:#}")),
        }
    } else {
        term::note(
            "not kept in the cache: an input or the rules changed meanwhile, or an input could not be read to its end",
        );
    }
    make_room(&cache, args, &stays);
    Ok(outcome)
}

/// Keeps the cache within its size; what this run made stays.
fn make_room(cache: &Cache, args: &ScanArgs, stays: &[PathBuf]) {
    if let Err(error) = cache.make_room(args.cache_size, stays) {
        term::note(&format!("the cache may be larger than --cache-size: {error}"));
    }
}

/// What was kept of an input turned out not to be what it was, when it was already counted on.
#[derive(Debug, thiserror::Error)]
#[error("the cache changed while it was read: {0}")]
struct Void(String);

/// A scan whose inputs are kept, and recalled where they are known.
pub(super) struct Tracked<'c> {
    cache: &'c Cache,
    program: Digest,
    hashed: &'c [Hashed],
    /// Whether nothing is recalled.
    afresh: bool,
    /// What the run made in the cache.
    made: RefCell<Vec<PathBuf>>,
}

impl<'c> Tracked<'c> {
    /// Looks up what is known under these rules; `None` where nothing can be kept.
    pub(super) fn begin(
        &self,
        job: &Job<'_>,
        (found, key_log): (&[Input], &[u8]),
        (pack, book): (&Pack, &'c Book),
    ) -> Option<Keeping<'c>> {
        let parts = parts_of_inputs(job, key_log);
        let together = read_together(found);
        let name = |(at, (input, hashed)): (usize, (&Input, &Hashed))| {
            (!together.contains(&at)).then(|| parts.of_input(self.program, input, hashed))
        };
        let names = found.iter().zip(self.hashed).enumerate().map(name).collect();
        let inputs = (names, self.hashed);
        let keeping = Keeping::begin(self.cache, (pack, book), inputs, job.threads, self.afresh);
        let told =
            |error: &anyhow::Error| term::note(&format!("inputs are not kept in the cache: {error:#}"));
        keeping.inspect_err(told).ok()
    }

    /// The run has ended: its results are void, or what it kept is put in its place.
    pub(super) fn end(&self, job: &Job<'_>, keeping: Keeping<'_>) -> anyhow::Result<()> {
        if let Some(why) = keeping.void() {
            bail!(Void(why));
        }
        let Shares { inputs, known, bytes, scanned_bytes } = keeping.shares();
        if !job.quiet {
            let [scanned_bytes, bytes] = [scanned_bytes, bytes].map(megabytes);
            term::note(&format!(
                "{known} of {inputs} inputs from the cache, {} scanned ({scanned_bytes} of {bytes} MB)",
                inputs - known
            ));
        }
        match keeping.finish() {
            Ok(Touched { used, made }) => {
                Cache::used(&[used, made.clone()].concat());
                *self.made.borrow_mut() = made;
            }
            Err(error) => term::note(&format!("inputs are not kept in the cache: {error:#}")),
        }
        Ok(())
    }
}

/// Millions of bytes, with a digit behind the point.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Audit logs are read once more to be verified; where there are any, what was read then must be what was hashed.
fn is_unchanged(found: &[Input], hashed: &[Hashed], outcome: &Outcome, job: &Job<'_>) -> bool {
    outcome.chains == 0 || hash(found, job.threads).is_some_and(|now| now == hashed)
}

/// What is concluded of an input by itself depends on, besides the input and the rules. What was accepted is looked up again,
/// where the fingerprint of a finding tells.
fn parts_of_inputs(job: &Job<'_>, key_log: &[u8]) -> TicketParts {
    let mut parts = TicketParts::default();
    parts.add("version", env!("CARGO_PKG_VERSION").as_bytes());
    parts.add("sessions", job.sessions.to_string().as_bytes());
    parts.add("key log's text", key_log);
    match job.baseline {
        None => {}
        Some(baseline) if baseline.suppressions.go_by_fingerprints() => {
            parts.add("baseline's key", baseline.key.as_bytes());
        }
        Some(baseline) => parts.add(&baseline.name, &baseline.bytes),
    }
    parts
}

/// What the result depends on besides its inputs, and what of it is read once more to judge them.
fn parts(job: &Job<'_>, args: &ScanArgs) -> anyhow::Result<(TicketParts, Judges)> {
    let (mut parts, mut judges) = (TicketParts::default(), Judges::default());
    parts.add("version", env!("CARGO_PKG_VERSION").as_bytes());
    parts.add("severity", job.min_severity.as_str().as_bytes());
    parts.add("sessions", job.sessions.to_string().as_bytes());
    parts.add("key log named", &[u8::from(job.keylog.is_some())]);
    parts.add("key log", job.keylog.map_or(b"".as_slice(), |path| path.as_os_str().as_encoded_bytes()));
    judges.key_log = config::key_log(job.keylog)?;
    parts.add("key log's text", &judges.key_log);
    for key in &args.key {
        parts.add("audit key", config::public_key(key)?.hex().as_bytes());
    }
    if let Some(baseline) = job.baseline {
        parts.add(&baseline.name, &baseline.bytes);
    }
    // Packs are read whole and their signatures checked, as for a scan; only compiling them is left out.
    for text in config::pack_texts(&job.ruleset.pack, &config::pack_keys(&job.ruleset.pack_key)?)? {
        parts.add(&format!("pack {}", text.name), text.text.as_bytes());
        judges.packs.push(Digest(Sha256::digest(text.text.as_bytes()).into()));
    }
    parts.add("only packs", &[u8::from(job.ruleset.only_packs)]);
    let (policy, bytes) = config::policy(job.ruleset).context("the policy cannot be used")?;
    judges.policy = policy.digest();
    parts.add(&format!("policy {} of {bytes}", policy.name()), &judges.policy.0);
    Ok((parts, judges))
}
