//! Sealing a report that is as its manifest says, and what goes with a seal later.

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_evidence::{ReportSealFacts, fingerprint, listed, read_time_stamp};
use sha2::{Digest, Sha256};

use super::{MANIFEST, MOST_BYTES, MOST_MANIFEST_BYTES, SEAL, TIME_STAMP, compare, read};
use crate::args::SealArgs;
use crate::regular_file::hex;
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};
use crate::{clock, config};

pub(crate) fn seal(args: &SealArgs) -> anyhow::Result<Exit> {
    if let Some(token) = &args.attach_time_stamp {
        return attach(&args.out, token, args.force);
    }
    match &args.key {
        Some(key) => make(args, key),
        None => {
            term::out(&format!("{}\n", hex(&digest_of_seal(&args.out)?)))?;
            Ok(Exit::Done)
        }
    }
}

fn make(args: &SealArgs, key: &Path) -> anyhow::Result<Exit> {
    let folder = &args.out;
    let shown = folder.display();
    let key = config::secret_key(key)?;
    let manifest = read(&folder.join(MANIFEST), MOST_MANIFEST_BYTES)
        .with_context(|| format!("{shown} is no report of `coldcase scan`"))?;
    let files = listed(&manifest).with_context(|| format!("{shown}/{MANIFEST}"))?;
    let place = folder.join(SEAL);
    if place.exists() && !args.force {
        bail!("{shown} is sealed already; replace the seal with --force");
    }
    let outputs = compare::outputs(folder, &files);
    if !outputs.all_same() {
        for named in &outputs.named {
            term::note(&term::one_line(&format!("{shown}/{named}")));
        }
        term::note(&format!("{shown} is not as its manifest says, so it is not sealed"));
        return Ok(Exit::Integrity);
    }
    let facts = ReportSealFacts {
        signed_at: &clock::now_text(),
        signed_by: &args.signed_by,
        version: env!("CARGO_PKG_VERSION"),
    };
    let bytes = coldcase_evidence::seal(&manifest, &facts, &key);
    let if_there = if args.force { IfThere::Replace } else { IfThere::Fail };
    put(&place, &bytes, if_there)?;
    let old = folder.join(TIME_STAMP);
    if old.exists() {
        std::fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        term::note(&format!("removed {}, which was over the old seal", old.display()));
    }
    for stranger in compare::not_listed(folder, &files)? {
        let told = format!("not sealed: {shown}/{stranger} (the manifest does not name it)");
        term::note(&term::one_line(&told));
    }
    let public = key.public();
    term::out(&format!(
        "sealed       {}, {} files besides the manifest\npublic key   {}\nfingerprint  {}\nsha256       {}, of the seal\n",
        term::one_line(&place.display().to_string()),
        outputs.same,
        public.hex(),
        fingerprint(&public),
        hex(&Sha256::digest(&bytes)),
    ))?;
    Ok(Exit::Done)
}

/// Puts a time stamp over the seal beside it.
fn attach(folder: &Path, token: &Path, force: bool) -> anyhow::Result<Exit> {
    let digest = digest_of_seal(folder)?;
    let der = read(token, MOST_BYTES)?;
    let stamp = read_time_stamp(&der).with_context(|| format!("cannot use {}", token.display()))?;
    if !stamp.matches(&digest) {
        term::note(&format!("{} is not over this seal, whose SHA-256 is {}", token.display(), hex(&digest)));
        return Ok(Exit::Integrity);
    }
    put(&folder.join(TIME_STAMP), &der, if force { IfThere::Replace } else { IfThere::Fail })?;
    term::out(&format!("time stamp   {}, serial {}, policy {}\n", stamp.time, stamp.serial, stamp.policy))?;
    term::note("the stamper's signature is not checked; `openssl ts -verify` does that");
    Ok(Exit::Done)
}

fn digest_of_seal(folder: &Path) -> anyhow::Result<[u8; 32]> {
    let seal = read(&folder.join(SEAL), MOST_BYTES)
        .with_context(|| format!("{} is not sealed", folder.display()))?;
    Ok(Sha256::digest(seal).into())
}

fn put(path: &Path, bytes: &[u8], if_there: IfThere) -> anyhow::Result<()> {
    let shown = path.display();
    whole_file::put(path, bytes, PUBLIC, if_there)
        .with_context(|| format!("cannot write {shown}; if it is there, --force replaces it"))
}
