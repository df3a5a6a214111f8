//! `baseline import`: the `suppress` entries of a Pipelock configuration as entries of a baseline, for hosts that are named.
//!
//! Each entry is accounted for. Left out: marks in scanned files (`pipelock:ignore`), which `baseline mark` is for.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use coldcase_engine::{AcceptedPlace, AcceptedWhere, Pack, PackText};
use coldcase_import::{MOST_BYTES, Source, Suppression, suppressions};
use coldcase_model::Severity;

use crate::args::BaselineImportArgs;
use crate::baseline::{BaselineFile, Day, Entry, expiry, today};
use crate::config::{pack_keys, pack_texts};
use crate::regular_file::read_small;
use crate::term::{self, Exit};

pub(super) fn import(args: &BaselineImportArgs) -> anyhow::Result<Exit> {
    let mut baseline = BaselineFile::read(&args.file)?;
    let bytes = read_small(&args.config, MOST_BYTES as u64)
        .with_context(|| format!("cannot read {}", args.config.display()))?;
    let source = Source { name: args.config.display().to_string(), bytes };
    let (suppressed, imported) = suppressions(&source)?;
    let names = names(&args.rule)?;
    if let Some(unused) = names.keys().find(|name| !suppressed.iter().any(|one| is_named(one, name))) {
        bail!("--rule names {unused:?}, and no entry of {} suppresses it", source.name);
    }
    let taker =
        Taker { args, names, severities: severities(args, imported.pack.as_deref())?, days: days(args)? };
    let (mut carried, mut renewed, mut entries) = (0, 0, 0);
    for one in &suppressed {
        let label = format!("{}:{}: {} at {}", one.place.file, one.place.line, one.rule, one.path);
        match taker.entries(one) {
            Ok(made) => {
                carried += 1;
                for entry in made {
                    let line = format!("{label}: {} {}\n", entry.rule, entry.whereabouts());
                    term::out(&term::sanitize(&line))?;
                    entries += 1;
                    renewed += usize::from(!baseline.accept(entry));
                }
            }
            Err(why) => term::out(&term::sanitize(&format!("{label}: left out: {why:#}\n")))?,
        }
    }
    let all = suppressed.len();
    term::note(&format!("carried over {carried} of {all}, as {entries} entries ({renewed} of them renewed)"));
    if carried == 0 {
        return Ok(Exit::Input);
    }
    baseline.write(&args.file)?;
    Ok(Exit::Done)
}

fn is_named(one: &Suppression, name: &str) -> bool {
    one.rule.to_lowercase() == name
}

/// The rules that names stand for, by the names in lower case.
fn names(given: &[String]) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in given {
        let Some((name, id)) = one.split_once('=').filter(|(name, id)| !name.is_empty() && !id.is_empty())
        else {
            bail!("--rule {one}: it is NAME=ID");
        };
        all.entry(name.trim().to_lowercase()).or_default().push(id.trim().to_owned());
    }
    Ok(all)
}

fn days(args: &BaselineImportArgs) -> anyhow::Result<(Day, Day)> {
    let today = today()?;
    Ok((today, expiry(&args.expires, today)?))
}

/// How bad each rule is that an entry may be for.
fn severities(
    args: &BaselineImportArgs,
    imported: Option<&str>,
) -> anyhow::Result<BTreeMap<String, Severity>> {
    let mut all = BTreeMap::new();
    let mut add = |pack: &Pack| {
        all.extend(pack.rules().map(|rule| (rule.id.to_owned(), rule.severity)));
    };
    if let Some(text) = imported {
        add(&Pack::only(&[PackText {
            name: "the pack of the configuration".to_owned(),
            text: text.to_owned(),
        }])?);
    }
    if !args.rule.is_empty() {
        let own = pack_texts(&args.pack, &pack_keys(&[])?)?;
        add(&coldcase_builtin::pack_with(&own)?);
    }
    Ok(all)
}

/// Makes entries.
struct Taker<'a> {
    args: &'a BaselineImportArgs,
    names: BTreeMap<String, Vec<String>>,
    severities: BTreeMap<String, Severity>,
    days: (Day, Day),
}

impl Taker<'_> {
    /// The entries that one of the configuration becomes; why there is none, otherwise.
    fn entries(&self, one: &Suppression) -> anyhow::Result<Vec<Entry>> {
        let rules = match (self.names.get(&one.rule.to_lowercase()), &one.rules) {
            (Some(named), _) | (None, Ok(named)) => named,
            (None, Err(why)) => bail!("{why}"),
        };
        let reason = match (one.reason.as_str(), &self.args.reason) {
            ("", None) => bail!("it gives no reason; give one with --reason"),
            ("", Some(reason)) => reason.trim(),
            (reason, _) => reason,
        };
        let places = self.places(&one.path)?;
        let mut all = Vec::new();
        for rule in rules {
            let severity = *self.severities.get(rule).with_context(|| format!("there is no rule {rule}"))?;
            for place in &places {
                let somewhere = AcceptedWhere::Place(place.clone());
                let entry =
                    Entry::of_rule(rule, severity, somewhere, (reason, &self.args.author), self.days)?;
                all.push(entry);
            }
        }
        Ok(all)
    }

    /// Where a path holds: on the host that it names, or on those of the command line.
    fn places(&self, path: &str) -> anyhow::Result<Vec<AcceptedPlace>> {
        let place = |host: &str, path: &str| AcceptedPlace::new(host, path).map_err(anyhow::Error::msg);
        if let Some((_, rest)) = path.split_once("://") {
            let (host, path) = rest.split_once('/').context("its URL has no path")?;
            return Ok(vec![place(host, path)?]);
        }
        if self.args.host.is_empty() {
            bail!("its path names no host, and anybody can serve such a path; name hosts with --host");
        }
        self.args.host.iter().map(|host| place(host, path)).collect()
    }
}
