//! `keygen`: an Ed25519 key in two files, neither of which was there before.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_evidence::{SecretKey, fingerprint};

use crate::args::KeygenArgs;
use crate::random;
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PRIVATE, PUBLIC};

pub(crate) fn keygen(args: &KeygenArgs) -> anyhow::Result<Exit> {
    let (private, public) = (with_ending(&args.out, ".key"), with_ending(&args.out, ".pub"));
    for path in [&private, &public] {
        if fs::symlink_metadata(path).is_ok() {
            bail!(
                "{} is already there, and no key is ever overwritten; choose another name with --out",
                path.display()
            );
        }
    }
    let key = SecretKey::from_seed(&random::bytes()?);
    put(&private, &key.private_file(), PRIVATE)?;
    if let Err(error) = put(&public, &key.public_file(), PUBLIC) {
        // A private key that no one knows the public half of is only a danger.
        let _gone = fs::remove_file(&private);
        return Err(error);
    }
    let public_key = key.public();
    term::out(&format!("public key   {}\nfingerprint  {}\n", public_key.hex(), fingerprint(&public_key)))?;
    term::note(&format!(
        "wrote {} (keep it to yourself) and {} (give it to those who verify)",
        private.display(),
        public.display()
    ));
    Ok(Exit::Done)
}

fn put(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    whole_file::put(path, text.as_bytes(), mode, IfThere::Fail)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn with_ending(name: &Path, ending: &str) -> PathBuf {
    let mut whole = name.as_os_str().to_owned();
    whole.push(ending);
    PathBuf::from(whole)
}
