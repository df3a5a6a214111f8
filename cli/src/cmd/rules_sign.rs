//! `rules sign`: a detached signature beside each pack.

use std::path::{Path, PathBuf};

use anyhow::Context;
use coldcase_evidence::{KeyRing, fingerprint, sign_file};

use crate::config::{pack_texts, secret_key, signature_of};
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};

pub(super) fn sign(packs: &[PathBuf], key: &Path, force: bool) -> anyhow::Result<Exit> {
    let key = secret_key(key)?;
    // All are read before the first is signed: a name that is wrong leaves nothing half done.
    let texts = pack_texts(packs, &KeyRing::default())?;
    let if_there = if force { IfThere::Replace } else { IfThere::Fail };
    for (path, text) in packs.iter().zip(&texts) {
        let place = signature_of(path);
        whole_file::put(&place, sign_file(&key, text.text.as_bytes()).as_bytes(), PUBLIC, if_there)
            .with_context(|| {
                format!("cannot write {}; replace a signature that is there with --force", place.display())
            })?;
        term::out(&term::sanitize(&format!("{}\n", place.display())))?;
    }
    term::note(&format!("signed by {}", fingerprint(&key.public())));
    Ok(Exit::Done)
}
