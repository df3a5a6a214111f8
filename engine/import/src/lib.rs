//! Rule sets of other tools as Coldcase packs: gitleaks, Kingfisher, YARA, and the configurations and bundles of
//! Pipelock.
//!
//! Every rule of a source ends in one of three accounts: taken, taken with a change that is told, left out with the reason.
//! A pattern is translated where it can be made to mean the same, and refused where it cannot. Texts hold each rule of the
//! pack, the source's own or such as were made from the pattern, and the engine was asked about each of them.
//!
//! # Invariants
//!
//! - No I/O: bytes in, texts out. The same bytes give the same pack.
//! - No rule is dropped without its account, and none changes its meaning without a word.
//! - Left out: validation by calls to services, conditions on a file rather than on what it says, whatever a tool has compiled in and no file states.
#![forbid(unsafe_code)]

mod account;
mod contains;
mod dialect;
mod draft;
mod error;
mod gitleaks;
mod groups;
mod keys;
mod kingfisher;
mod limits;
mod members;
mod pipelock;
mod place;
mod promised;
mod replaced;
mod requirements;
mod sample;
mod settle;
mod signature;
mod source;
mod suppress;
mod write;
mod yara;

pub use account::{Change, ChangeKind, Outcome, Place, Reason, RuleAccount, SettingAccount, TextOrigin};
pub use error::ImportError;
pub use limits::{MOST_BYTES, MOST_RULES};
pub use signature::check_bundle;
pub use source::{Dialect, Source};
pub use suppress::{Suppression, suppressions};

/// What an import gives.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The form of the source.
    pub dialect: Dialect,
    /// The pack's YAML; `None` where no rule was taken.
    pub pack: Option<String>,
    /// The YAML of a policy, where the source says what is to be done.
    pub policy: Option<String>,
    /// One account for each rule of the source, in its order.
    pub rules: Vec<RuleAccount>,
    /// Accounts of what stands beside the rules.
    pub settings: Vec<SettingAccount>,
    /// What holds for all rules.
    pub notes: &'static [&'static str],
}

/// Takes a rule set over. Several files are one rule set of Kingfisher or YARA; every other form is one file.
///
/// A bundle's signature is not looked at here: see [`check_bundle`].
pub fn import(sources: &[Source], dialect: Option<Dialect>) -> Result<Imported, ImportError> {
    let Some(first) = sources.first() else { return Err(ImportError::empty("no file", "name one")) };
    let dialect = match dialect {
        Some(dialect) => dialect,
        None => same_dialect(sources)?,
    };
    if let Some(second) = sources.get(1)
        && !matches!(dialect, Dialect::Kingfisher | Dialect::Yara)
    {
        return Err(ImportError::Mixed { first: first.name.clone(), second: second.name.clone() });
    }
    let mut read = match dialect {
        Dialect::Gitleaks => gitleaks::read(first),
        Dialect::Kingfisher => kingfisher::read(sources),
        Dialect::PipelockConfig => pipelock::read_config(first),
        Dialect::PipelockBundle => pipelock::read_bundle(first),
        Dialect::Yara => yara::read(sources),
    }?;
    let pack = settle::settle(&read.head, &mut read.drafts);
    Ok(Imported {
        dialect,
        pack,
        policy: read.policy,
        rules: read.drafts.accounts,
        settings: read.settings,
        notes: read.notes,
    })
}

/// The form of all files; an error where they differ.
fn same_dialect(sources: &[Source]) -> Result<Dialect, ImportError> {
    let mut all = None;
    for source in sources {
        let dialect = source.dialect()?;
        match &all {
            None => all = Some((dialect, source)),
            Some((known, _)) if *known == dialect => {}
            Some((_, first)) => {
                return Err(ImportError::Mixed { first: first.name.clone(), second: source.name.clone() });
            }
        }
    }
    all.map(|(dialect, _)| dialect).ok_or_else(|| ImportError::empty("no file", "name one"))
}
