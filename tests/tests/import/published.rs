//! The rule sets that tools ship. They are not in the repository: fetch them as a user would, and name their folder.
//!
//!     COLDCASE_RULESETS=/path cargo test -p coldcase-tests published
//!
//! The folder holds any of `gitleaks.toml`, `kingfisher/` (its `data/rules`), `pipelock.yaml` (a preset, or what
//! `pipelock generate config` writes) and `bundle.yaml` (the community bundle).

use serde_json::Value;

use super::{Bench, published};
use crate::command::coldcase;

/// Imports one of the rule sets; `None` if it is not there.
fn imported(name: &str) -> Option<(Bench, Value)> {
    let source = published().map(|folder| folder.join(name)).filter(|path| path.exists());
    let Some(source) = source else {
        println!("COLDCASE_RULESETS names no folder with {name}: nothing is tested");
        return None;
    };
    let bench = Bench::new();
    let pack = bench.path("pack.yaml");
    let mut args = vec!["rules", "import", source.to_str().unwrap(), "-o", &pack, "--json"];
    if name.starts_with("bundle") {
        args.push("--unsigned");
    }
    let run = coldcase(args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    Bench::held(&pack);
    let all = serde_json::from_str(&run.stdout).unwrap();
    Some((bench, all))
}

/// How many of a hundred rules are in the pack. Each that is not has its reason, each that differs says in what.
fn share(all: &Value) -> f64 {
    let rules = all["rules"].as_array().unwrap();
    for rule in rules {
        match rule["outcome"].as_str().unwrap() {
            "taken" => assert!(rule["changes"].as_array().unwrap().is_empty(), "{rule}"),
            "changed" => assert!(!rule["changes"].as_array().unwrap().is_empty(), "{rule}"),
            _ => {
                assert!(
                    rule["reason"].is_string() && rule["became"].as_array().unwrap().is_empty(),
                    "{rule}"
                );
            }
        }
    }
    let taken = rules.iter().filter(|rule| rule["outcome"] != "left_out").count();
    #[expect(clippy::cast_precision_loss, reason = "there are a few hundred rules")]
    let share = 100.0 * taken as f64 / rules.len() as f64;
    println!("{}: {taken} of {} rules, {share:.1} %", all["format"], rules.len());
    share
}

#[test]
fn gitleaks_own_rules() {
    let Some((_, all)) = imported("gitleaks.toml") else { return };
    assert!(share(&all) >= 95.0);
}

#[test]
fn kingfishers_own_rules() {
    let Some((_, all)) = imported("kingfisher") else { return };
    assert!(share(&all) >= 90.0);
}

#[test]
fn pipelocks_preset_and_community_bundle() {
    for name in ["pipelock.yaml", "bundle.yaml"] {
        let Some((_, all)) = imported(name) else { continue };
        share(&all);
    }
}
