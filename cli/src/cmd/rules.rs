//! `rules`: what is built in, and what packs of one's own are worth.

use std::path::PathBuf;

use anyhow::bail;
use coldcase_engine::{Level, PackText, builtin_chains, builtin_texts, lint, rule_text};
use coldcase_evidence::KeyRing;

use super::{rules_bench, rules_diff, rules_import, rules_mutate, rules_new, rules_sign, rules_test};
use crate::args::{RulesArgs, RulesCommand};
use crate::config::pack_texts;
use crate::term::{self, Exit};

pub(crate) fn rules(args: &RulesArgs) -> anyhow::Result<Exit> {
    match &args.command {
        RulesCommand::List => list(),
        RulesCommand::Show { name, pack } => show(name.as_deref(), pack),
        RulesCommand::Lint { packs, only_packs, strict } => advise(packs, *only_packs, *strict),
        RulesCommand::Test(args) => rules_test::test(args),
        RulesCommand::Mutate(args) => rules_mutate::mutate(args),
        RulesCommand::Diff { before, after, with_builtin, on, json } => {
            rules_diff::diff([before, after], *with_builtin, on, *json)
        }
        RulesCommand::Import(args) => rules_import::import(args),
        RulesCommand::New(args) => rules_new::new(args),
        RulesCommand::Sign { packs, key, force } => rules_sign::sign(packs, key, *force),
        RulesCommand::Bench { paths, top, ruleset } => rules_bench::bench(paths, *top, ruleset),
    }
}

fn list() -> anyhow::Result<Exit> {
    let pack = coldcase_builtin::pack()?;
    let mut text = String::new();
    for rule in pack.rules().chain(pack.chains()) {
        let line =
            [rule.pack, rule.id, rule.severity.as_str(), rule.category.as_str(), rule.title].join("\t");
        text.push_str(&line);
        text.push('\n');
    }
    term::out(&text)?;
    Ok(Exit::Done)
}

fn show(name: Option<&str>, own: &[PathBuf]) -> anyhow::Result<Exit> {
    let mut packs = pack_texts(own, &KeyRing::default())?;
    packs.extend(builtin_texts());
    packs.push(builtin_chains());
    let Some(name) = name else {
        packs.iter().try_for_each(|pack| term::out(&pack.text))?;
        return Ok(Exit::Done);
    };
    if let Some(pack) = packs.iter().find(|pack| pack.name == name) {
        term::out(&pack.text)?;
        return Ok(Exit::Done);
    }
    for pack in &packs {
        if let Some((line, text)) = rule_text(pack, name)? {
            term::note(&format!("{}, line {line}", pack.name));
            term::out(text)?;
            return Ok(Exit::Done);
        }
    }
    let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
    bail!("no rule and no pack is called {name}; the packs are {}", names.join(", "));
}

/// The packs at these paths; the built-in ones if there are none.
pub(super) fn chosen(paths: &[PathBuf]) -> anyhow::Result<Vec<PackText>> {
    if paths.is_empty() { Ok(builtin_texts()) } else { pack_texts(paths, &KeyRing::default()) }
}

fn advise(paths: &[PathBuf], only_packs: bool, strict: bool) -> anyhow::Result<Exit> {
    let packs = chosen(paths)?;
    let beside = if only_packs || paths.is_empty() { None } else { Some(coldcase_builtin::pack()?) };
    let advice = lint(&packs, beside.as_ref());
    let mut text = String::new();
    for one in &advice {
        let place = one.place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
        let level = if one.level == Level::Error { "error" } else { "warning" };
        let rule = one.rule.as_ref().map_or_else(String::new, |rule| format!(" {rule}:"));
        let member = one.member.as_ref().map_or_else(String::new, |member| format!(" {member}:"));
        text.push_str(&format!("{}{place}: {level}:{rule}{member} {}\n", one.pack, one.message));
    }
    term::out(&term::sanitize(&text))?;
    let errors = advice.iter().filter(|one| one.level == Level::Error).count();
    term::note(&format!("{} packs, {errors} errors, {} warnings", packs.len(), advice.len() - errors));
    Ok(if errors > 0 || (strict && !advice.is_empty()) { Exit::Input } else { Exit::Done })
}
