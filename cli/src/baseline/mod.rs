//! Baselines: the file of accepted findings, its key, and the findings of a report that can be accepted.
//!
//! A baseline is only ever the file that the command line names. What stands in scanned traffic, an inline mark or a list of
//! suppressions in some tool's form, is content like any other, since whoever wrote it may be the attacker; a mark counts where
//! an entry of the baseline says so.

mod day;
mod entry;
mod file;
mod report;

pub(crate) use day::{Day, expiry, today};
pub(crate) use entry::Entry;
pub(crate) use file::{BaselineFile, create};
pub(crate) use report::{Candidate, candidates, made_with};

use std::path::Path;

use anyhow::Context;
use coldcase_engine::Suppressions;

use crate::args::BaselineOptions;
use crate::key_file::KeyFile;
use crate::regular_file::read_small;
use crate::term;

/// A baseline as a scan uses it.
pub(crate) struct Baseline {
    pub(crate) suppressions: Suppressions,
    /// What the manifest calls it: file, key and day.
    pub(crate) name: String,
    /// The bytes of its file, for the manifest.
    pub(crate) bytes: Vec<u8>,
    /// The name of its key.
    pub(crate) key: String,
}

impl Baseline {
    /// Loads a baseline as it stands on a day.
    pub(crate) fn load(path: &Path, key: Option<&Path>, day: Day) -> anyhow::Result<Self> {
        let bytes = read_small(path, file::MOST_BYTES)
            .with_context(|| format!("cannot read the baseline {}", path.display()))?;
        let file = BaselineFile::parse(&path.display().to_string(), &bytes)?;
        let key = KeyFile::of(path, key)?;
        file.held_to(&key, path)?;
        let (mut entries, mut of_rules) = (Vec::new(), Vec::new());
        for entry in file.entries() {
            match &entry.of_rule {
                None => entries.push(entry.on(day)),
                Some(somewhere) => of_rules.push((somewhere.clone(), entry.on(day))),
            }
        }
        let all = entries.iter().chain(of_rules.iter().map(|(_, entry)| entry));
        let expired = all.filter(|entry| !entry.in_force).count();
        if expired > 0 {
            term::note(&format!(
                "{expired} of {} entries of {} have expired and suppress nothing; `coldcase baseline list` names them",
                entries.len() + of_rules.len(),
                path.display()
            ));
        }
        let id = key.id();
        let name = format!("baseline {}, key {id}, as of {day}", path.display());
        let suppressions = Suppressions::new(key.into_mac(), entries).with_rules(of_rules);
        Ok(Self { suppressions, name, bytes, key: id })
    }

    /// The baseline that the command line names, as it stands on its day.
    pub(crate) fn named(options: &BaselineOptions) -> anyhow::Result<Option<Self>> {
        let Some(path) = &options.baseline else { return Ok(None) };
        let day = options.as_of.map_or_else(today, Ok)?;
        Self::load(path, options.baseline_key.as_deref(), day).map(Some)
    }
}
