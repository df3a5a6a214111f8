//! The test bench for packs: wishes, disguises, labelled corpora and baselines, changes of rules that no text holds.

mod corpus;
mod disguises;
mod mutants;
mod wishes;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{Outcome, coldcase};

/// A folder with a pack and whatever else a test needs.
struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new(pack: &str) -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        bench.put("acme.yaml", pack);
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs `rules COMMAND acme.yaml ARGS`; what starts with `@` is a file of the folder.
    fn run(&self, command: &str, args: &[&str]) -> Outcome {
        let pack = self.at("acme.yaml");
        let mut all: Vec<String> = vec!["rules".into(), command.into(), shown(&pack)];
        all.extend(args.iter().map(|arg| match arg.strip_prefix('@') {
            Some(name) => shown(&self.at(name)),
            None => (*arg).to_owned(),
        }));
        coldcase(all)
    }

    fn json(&self, command: &str, args: &[&str]) -> Value {
        let run = self.run(command, &[args, &["--json"]].concat());
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
    }
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A pack of one rule with this regex and these further lines.
fn pack(regex: &str, more: &str) -> String {
    format!(
        "pack: acme\nversion: 0.1.0\ntitle: Acme's own tokens\nrules:\n  - id: dlp.acme.token\n    title: Acme token\n    \
         gain: Reads Acme's mail.\n    category: dlp\n    severity: high\n    confidence: 0.5\n    added: 0.1.0\n    \
         source: https://acme.example/docs/tokens\n    references: {{cwe: [CWE-798]}}\n    regex: '{regex}'\n{more}"
    )
}
