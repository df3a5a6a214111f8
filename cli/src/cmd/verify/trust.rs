//! What the user trusts: keys, and heads that were recorded elsewhere.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use coldcase_evidence::{ExpectedHead, KeyError, KeyRing, PublicKey, VerifyOptions};

use crate::args::VerifyArgs;
use crate::config;

/// Key files are short; what is longer is none.
const MOST_KEY_BYTES: u64 = 1 << 16;

/// Everything that the arguments name, read and checked.
pub(crate) fn options(args: &VerifyArgs) -> anyhow::Result<VerifyOptions> {
    let keys = args.key.iter().map(|key| public_key(key)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut options = VerifyOptions::default();
    options.keys = KeyRing::new(keys);
    options.threads = config::threads(args.threads);
    for hash in &args.expect_head {
        options.heads.push(expected(hash)?);
    }
    Ok(options)
}

/// A key that is spelled out, or the key in a file.
pub(crate) fn public_key(text: &str) -> anyhow::Result<PublicKey> {
    match PublicKey::parse(text.as_bytes()) {
        Ok(key) => Ok(key),
        Err(KeyError::Unknown) => {
            let bytes = read_key(Path::new(text))?;
            PublicKey::parse(&bytes).with_context(|| format!("cannot use the key in {text}"))
        }
        Err(error) => Err(error).with_context(|| format!("cannot use the key {text}")),
    }
}

/// The bytes of a key file.
pub(crate) fn read_key(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let file = File::open(path)
        .with_context(|| format!("{shown} is no key, and no key file can be opened there"))?;
    let mut bytes = Vec::new();
    file.take(MOST_KEY_BYTES).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
    Ok(bytes)
}

fn expected(hash: &str) -> anyhow::Result<ExpectedHead> {
    match ExpectedHead::from_hex(hash, "the command line") {
        Some(head) => Ok(head),
        None => bail!("{hash} is no head hash: expected 64 lower-case hex digits"),
    }
}
