//! `rules new`: from a finding of a report to a text for its rule's test, or to an entry of a baseline.
//!
//! A report holds no secret, so the text cannot either: where one was blanked, a value from the rule's own texts stands.

mod draft;

use anyhow::{Context, bail};
use coldcase_engine::{PackText, RuleTrial, Wanted, builtin_texts};
use coldcase_evidence::KeyRing;

use self::draft::{Draft, shortest};
use super::baseline::{Chosen, accept_into, the_finding};
use crate::args::NewArgs;
use crate::baseline::Candidate;
use crate::config::pack_texts;
use crate::term::{self, Exit};

pub(super) fn new(args: &NewArgs) -> anyhow::Result<Exit> {
    if let Some((file, why)) = args.suppression() {
        let chosen = Chosen::Named(std::slice::from_ref(&args.finding));
        let accepted = accept_into(file, &args.from, &chosen, &why)?;
        for entry in accepted.entries {
            term::out(&term::sanitize(&format!("{}\t{}\n", entry.fingerprint, entry.rule)))?;
        }
        return Ok(Exit::Done);
    }
    let finding = the_finding(&args.from, &args.finding)?;
    let mut packs = pack_texts(&args.pack, &KeyRing::default())?;
    packs.extend(builtin_texts());
    let (pack, trial) = rule(&packs, &finding.rule)?;
    let (text, outcome) = tried(&trial, &finding)?;
    let list = if args.no_match { Wanted::NoMatch } else { outcome };
    let quoted = text.replace('\'', "''");
    term::out(&term::sanitize(&format!(
        "# {} in {}, from finding {}\n{}: ['{quoted}']\n",
        finding.rule,
        pack.name,
        finding.finding,
        list.as_str()
    )))?;
    if args.no_match {
        term::note("the rule matches this text now: change it until `coldcase rules test` holds");
    }
    Ok(Exit::Done)
}

/// The rule, and the pack that holds it.
fn rule<'p>(packs: &'p [PackText], id: &str) -> anyhow::Result<(&'p PackText, RuleTrial)> {
    for pack in packs {
        if let Some(trial) = RuleTrial::of(pack, id)? {
            return Ok((pack, trial));
        }
    }
    bail!("no pack has the rule {id}: it concludes about a session, or its pack has to be named with --pack");
}

/// A text that the rule makes of what it made of the finding, as short as may be.
fn tried(trial: &RuleTrial, finding: &Candidate) -> anyhow::Result<(String, Wanted)> {
    let excerpt = finding.excerpt.as_deref().filter(|excerpt| !excerpt.is_empty());
    let draft = Draft::of(excerpt.context("the finding has no excerpt to make a text of")?);
    for text in draft.texts(&trial.values()) {
        let outcome = trial.of_text(&text.whole());
        if outcome != Wanted::NoMatch {
            let short = shortest(&text, |words| trial.of_text(words) == outcome);
            return Ok((short, outcome));
        }
    }
    bail!(
        "the rule {} matches no text that could be made of the excerpt; what it needs lies outside of it",
        finding.rule
    )
}
