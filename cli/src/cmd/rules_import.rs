//! `rules import`: a rule set of another tool as a pack, and the account of every rule of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::{Pack, PackText, Policy};
use coldcase_evidence::{fingerprint, signature_bytes};
use coldcase_import::{
    Dialect, Imported, MOST_BYTES, Outcome, RuleAccount, Source, check_bundle, import as take,
};
use serde_json::{Value, json};

use crate::args::{ImportArgs, ImportFrom};
use crate::config::{self, NotSigned};
use crate::regular_file::read_small;
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PUBLIC};

/// A folder with more files is no folder of rules.
const MOST_FILES: usize = 10_000;

pub(super) fn import(args: &ImportArgs) -> anyhow::Result<Exit> {
    for output in args.output.iter().chain(&args.policy_out) {
        if output.exists() && !args.force {
            bail!("{} is there; replace it with --force", output.display());
        }
    }
    let files = files(&args.sources)?;
    let sources = files.iter().map(|file| source(file)).collect::<anyhow::Result<Vec<Source>>>()?;
    let dialect = match args.from {
        Some(ImportFrom::Gitleaks) => Dialect::Gitleaks,
        Some(ImportFrom::Kingfisher) => Dialect::Kingfisher,
        Some(ImportFrom::Pipelock) => Dialect::PipelockConfig,
        Some(ImportFrom::PipelockBundle) => Dialect::PipelockBundle,
        Some(ImportFrom::Yara) => Dialect::Yara,
        None => sources.first().context("there is no file of rules")?.dialect()?,
    };
    if dialect == Dialect::PipelockBundle {
        for (source, file) in sources.iter().zip(&files) {
            signed(source, file, args)?;
        }
    } else if !args.key.is_empty() {
        bail!("--key is for bundles of Pipelock; {} has no signature", dialect.as_str());
    }
    let imported = take(&sources, Some(dialect))?;
    write(args, &imported)?;
    let account =
        if args.json { format!("{}\n", as_json(&imported)) } else { term::sanitize(&as_text(&imported)) };
    term::out(&account)?;
    if imported.pack.is_none() {
        term::note("no rule was taken, so there is no pack");
        return Ok(Exit::Input);
    }
    Ok(Exit::Done)
}

/// The files that are named, and those of folders that are named.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
            let file = entry?.path();
            if matches!(
                file.extension().and_then(|ending| ending.to_str()),
                Some("yml" | "yaml" | "yar" | "yara")
            ) {
                inside.push(file);
            }
            if inside.len() > MOST_FILES {
                bail!("{} has more than {MOST_FILES} files", path.display());
            }
        }
        // The order of a folder is no order.
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn source(file: &Path) -> anyhow::Result<Source> {
    let name = file.display().to_string();
    let bytes = read_small(file, MOST_BYTES as u64).with_context(|| format!("cannot read {name}"))?;
    Ok(Source { name, bytes })
}

/// Holds a bundle to the trusted keys. Nobody vouches for one that is loaded without a key, but what stands beside it as its
/// signature has to be one.
fn signed(source: &Source, path: &Path, args: &ImportArgs) -> anyhow::Result<()> {
    if args.key.is_empty() && !args.unsigned {
        bail!(
            "{} is a signed bundle: name the publisher's public key with --key, or load it as it is with --unsigned",
            path.display()
        );
    }
    let place = config::signature_of(path);
    if args.unsigned && fs::symlink_metadata(&place).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        term::note(&format!("{} is loaded unsigned", path.display()));
        return Ok(());
    }
    let signature = config::signature(path)?;
    if args.key.is_empty() {
        signature_bytes(&signature).map_err(|problem| NotSigned::new(path, &problem))?;
        let place = place.display();
        term::note(&format!(
            "{} is loaded without a key: its signature {place} was not checked",
            path.display()
        ));
        return Ok(());
    }
    let keys = config::pack_keys(&args.key)?;
    let key = check_bundle(source, &signature, &keys).map_err(|error| NotSigned::new(path, &error))?;
    term::note(&format!("{} is signed by {}", path.display(), fingerprint(&key)));
    Ok(())
}

/// Writes pack and policy, once both are known to be loaded as they stand.
fn write(args: &ImportArgs, imported: &Imported) -> anyhow::Result<()> {
    if let Some(text) = &imported.pack {
        Pack::only(&[PackText { name: "the pack that was made".to_owned(), text: text.clone() }])?;
    }
    if let Some(text) = &imported.policy {
        Policy::parse("the policy that was made", text)?;
    }
    let if_there = if args.force { IfThere::Replace } else { IfThere::Fail };
    for (path, text) in [(&args.output, &imported.pack), (&args.policy_out, &imported.policy)] {
        let Some(path) = path else { continue };
        let Some(text) = text else {
            term::note(&format!("{} is not written: the source has nothing for it", path.display()));
            continue;
        };
        whole_file::put(path, text.as_bytes(), PUBLIC, if_there)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn as_json(imported: &Imported) -> Value {
    let legend = |rows: BTreeMap<&'static str, &'static str>| json!(rows);
    let [taken, changed, left_out] = counts(imported);
    json!({
        "format": imported.dialect.as_str(),
        "counts": { "rules": imported.rules.len(), "taken": taken, "changed": changed, "left_out": left_out },
        "rules": imported.rules,
        "settings": imported.settings,
        "notes": imported.notes,
        "changes": legend(changes(imported).into_keys().collect()),
        "reasons": legend(reasons(imported).into_keys().collect()),
    })
}

fn counts(imported: &Imported) -> [usize; 3] {
    [Outcome::Taken, Outcome::Changed, Outcome::LeftOut]
        .map(|outcome| imported.rules.iter().filter(|rule| rule.outcome == outcome).count())
}

/// The changes that there are, with what they mean and how many rules have them.
fn changes(imported: &Imported) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut all = BTreeMap::new();
    for rule in imported.rules.iter().filter(|rule| rule.outcome == Outcome::Changed) {
        let kinds: std::collections::BTreeSet<_> = rule.changes.iter().map(|change| change.change).collect();
        for kind in kinds {
            *all.entry((kind.code(), kind.means())).or_default() += 1;
        }
    }
    all
}

/// The reasons that there are, likewise.
fn reasons(imported: &Imported) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut all = BTreeMap::new();
    for reason in imported.rules.iter().filter_map(|rule| rule.reason) {
        *all.entry((reason.code(), reason.means())).or_default() += 1;
    }
    all
}

fn as_text(imported: &Imported) -> String {
    let mut text: String = imported.rules.iter().map(line).collect();
    if !imported.settings.is_empty() {
        text.push_str("\nsettings\n");
    }
    for setting in &imported.settings {
        let outcome = setting.outcome.as_str();
        text.push_str(&format!(
            "  {outcome:9} {}: {}\n",
            term::one_line(&setting.setting),
            term::one_line(&setting.detail)
        ));
    }
    for (title, rows) in [("changes", changes(imported)), ("left out because", reasons(imported))] {
        if !rows.is_empty() {
            text.push_str(&format!("\n{title}\n"));
        }
        for ((code, means), count) in rows {
            text.push_str(&format!("  {count:5} {code}: {means}\n"));
        }
    }
    text.push_str("\nof all rules\n");
    for note in imported.notes {
        text.push_str(&format!("  {note}\n"));
    }
    let [taken, changed, left_out] = counts(imported);
    let all = imported.rules.len();
    text.push_str(&format!(
        "\n{all} rules of {}: {taken} taken, {changed} taken with a change, {left_out} left out\n",
        imported.dialect.as_str()
    ));
    text
}

/// What became of a rule, on one line.
fn line(rule: &RuleAccount) -> String {
    let place = term::one_line(&format!("{}:{}: {}", rule.place.file, rule.place.line, rule.rule));
    let outcome = rule.outcome.as_str();
    let more = match rule.outcome {
        Outcome::LeftOut => {
            let reason = rule.reason.map_or("", coldcase_import::Reason::code);
            format!(" ({reason}: {})", term::one_line(&rule.detail))
        }
        Outcome::Changed => {
            let codes: Vec<&str> = rule.changes.iter().map(|change| change.change.code()).collect();
            format!(" ({}) as {}", codes.join(", "), rule.became.join(", "))
        }
        Outcome::Taken => format!(" as {}", rule.became.join(", ")),
    };
    format!("{place}: {outcome}{more}\n")
}
