//! `baseline mark`: entries by which inline marks in what agents read suppress findings of rules that are named.
//!
//! Left out: rules of what an attacker writes for an agent to read, which no mark may wave through.

use anyhow::{Context, bail};
use coldcase_engine::{AcceptedWhere, may_be_marked};

use crate::args::BaselineMarkArgs;
use crate::baseline::{BaselineFile, Entry, expiry, today};
use crate::config::{pack_keys, pack_texts};
use crate::term::{self, Exit};

pub(super) fn mark(args: &BaselineMarkArgs) -> anyhow::Result<Exit> {
    let mut baseline = BaselineFile::read(&args.file)?;
    let today = today()?;
    let days = (today, expiry(&args.why.expires, today)?);
    let pack = coldcase_builtin::pack_with(&pack_texts(&args.pack, &pack_keys(&[])?)?)?;
    let mut entries = Vec::new();
    for id in &args.rules {
        let rule = pack.rules().find(|rule| rule.id == id.as_str());
        let rule =
            rule.with_context(|| format!("there is no rule {id}; `coldcase rules list` names them"))?;
        if !may_be_marked(rule.category) {
            bail!("{id} is of the category {}, and marks are for findings of `dlp`", rule.category.as_str());
        }
        let why = (args.why.reason.as_str(), args.why.author.as_str());
        let entry = Entry::of_rule(id, rule.severity, AcceptedWhere::Marked, why, days);
        entries.push(entry.context("this cannot be accepted")?);
    }
    let mut renewed = 0;
    for entry in &entries {
        let line = format!("{}\t{}\t{}\n", entry.fingerprint, entry.rule, entry.whereabouts());
        term::out(&term::sanitize(&line))?;
        renewed += usize::from(!baseline.accept(entry.clone()));
    }
    baseline.write(&args.file)?;
    term::note(&format!("marks count for {} rules ({renewed} of them renewed)", entries.len()));
    Ok(Exit::Done)
}
