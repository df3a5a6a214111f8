//! Raw arguments to checked values: packs, policy, threads. Errors name the file and the way out.

mod keys;
mod packs;
mod sides;

pub(crate) use keys::{TrustedKey, public_key, secret_key, trusted_key};
pub(crate) use packs::{NotSigned, pack_keys, pack_texts, signature, signature_of};
pub(crate) use sides::Sides;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use coldcase_engine::{Book, Pack, Policy, RuleSource};
use sha2::{Digest as _, Sha256};

use crate::args::RulesetArgs;
use crate::regular_file;

/// What judges.
pub(crate) struct Ruleset {
    pub(crate) pack: Pack,
    pub(crate) policy: Policy,
    /// Names, digests and sizes of what was configured, for the manifest.
    pub(crate) configuration: Vec<(String, coldcase_model::Digest, u64)>,
    /// What the pack was compiled from.
    source: RuleSource,
}

/// No pack or policy that a person writes is longer.
const MOST_BYTES: u64 = 16 << 20;
/// A line of a key log has some 200 bytes: so many are of a million connections.
const MOST_KEY_LOG: u64 = 1 << 30;

impl Ruleset {
    /// Loads packs and policy.
    pub(crate) fn load(args: &RulesetArgs) -> anyhow::Result<Self> {
        let texts = pack_texts(&args.pack, &pack_keys(&args.pack_key)?)?;
        let pack = match (texts.is_empty(), args.only_packs) {
            (true, _) => coldcase_builtin::pack(),
            (false, false) => coldcase_builtin::pack_with(&texts),
            (false, true) => Pack::only(&texts),
        }?;
        let (policy, bytes) = policy(args)?;
        let configuration = vec![(format!("policy {}", policy.name()), policy.digest(), bytes)];
        let frozen = (!args.only_packs || texts.is_empty()).then_some(coldcase_builtin::PACKS);
        let source = RuleSource { own: texts, frozen, ..RuleSource::default() };
        Ok(Self { pack, policy, configuration, source })
    }

    /// What of the pack decides about kept results; `None` where that cannot be told.
    pub(crate) fn book(&self) -> anyhow::Result<Option<Book>> {
        Ok(self.pack.book(&self.source)?)
    }

    /// Loads the policy by itself.
    #[cfg(unix)]
    pub(crate) fn policy(args: &RulesetArgs) -> anyhow::Result<Policy> {
        Ok(policy(args)?.0)
    }

    /// Adds a file or a choice that was named to what the manifest lists.
    pub(crate) fn configure(&mut self, name: &str, bytes: &[u8]) {
        self.configuration.push(configured(name, bytes));
    }
}

/// The policy that was named, and the size of its file.
pub(crate) fn policy(args: &RulesetArgs) -> anyhow::Result<(Policy, u64)> {
    if let Some(policy) = Policy::builtin(&args.policy) {
        return Ok((policy, 0));
    }
    let path = Path::new(&args.policy);
    if !path.exists() {
        bail!("no policy {}; use observe, balanced, strict, or the path of a policy file", args.policy);
    }
    let text = read(path)?;
    Ok((Policy::parse(&args.policy, &text)?, text.len() as u64))
}

/// A file or a choice as the manifest lists it.
pub(crate) fn configured(name: &str, bytes: &[u8]) -> (String, coldcase_model::Digest, u64) {
    let digest = coldcase_model::Digest(Sha256::digest(bytes).into());
    (name.to_owned(), digest, bytes.len() as u64)
}

/// The text of a log of TLS secrets; nothing if none was named.
pub(crate) fn key_log(path: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    regular_file::read_small(path, MOST_KEY_LOG).with_context(|| format!("cannot read {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut text = String::new();
    let read = file.take(MOST_BYTES + 1).read_to_string(&mut text);
    let read = read.with_context(|| format!("cannot read {} as UTF-8 text", path.display()))?;
    if read as u64 > MOST_BYTES {
        bail!("{} is over {MOST_BYTES} bytes: not a pack or policy", path.display());
    }
    Ok(text)
}

/// How many threads work: as many as there are processors, unless the user says otherwise.
pub(crate) fn threads(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        asked => asked.min(256),
    }
}
