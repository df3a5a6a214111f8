//! `rules`: what is built in, as a list and as the packs' own text.

use anyhow::bail;
use coldcase_engine::{Pack, builtin_texts};

use super::rules_bench;
use crate::args::{RulesArgs, RulesCommand};
use crate::term::{self, Exit};

pub(crate) fn rules(args: &RulesArgs) -> anyhow::Result<Exit> {
    match &args.command {
        RulesCommand::List => list(),
        RulesCommand::Show { pack } => show(pack.as_deref()),
        RulesCommand::Bench { paths, top, ruleset } => rules_bench::bench(paths, *top, ruleset),
    }
}

fn list() -> anyhow::Result<Exit> {
    let pack = Pack::builtin()?;
    let mut text = String::new();
    for rule in pack.rules() {
        let line =
            [rule.pack, rule.id, rule.severity.as_str(), rule.category.as_str(), rule.title].join("\t");
        text.push_str(&line);
        text.push('\n');
    }
    term::out(&text)?;
    Ok(Exit::Done)
}

fn show(name: Option<&str>) -> anyhow::Result<Exit> {
    let packs = builtin_texts();
    let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
    if let Some(unknown) = name.filter(|name| !names.contains(name)) {
        bail!("no built-in pack {unknown}; there are {}", names.join(", "));
    }
    for pack in packs.iter().filter(|pack| name.is_none_or(|name| name == pack.name)) {
        term::out(&pack.text)?;
    }
    Ok(Exit::Done)
}
