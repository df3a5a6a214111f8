//! The shape of the repository: who may import whom, how files start, how long they are, what they must not name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const OURS: [&str; 7] = ["model", "engine", "readers", "reports", "cli", "corpus", "tests"];
/// Longer files hold a second idea; tables of data are exempt.
const MOST_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the repository by its path in it; what builds and tools leave behind is left out.
fn files() -> BTreeMap<String, Vec<u8>> {
    let (root, mut all) = (root(), BTreeMap::new());
    let mut open = vec![root.clone()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let left_out =
                ["target", ".git", "artifacts", "__pycache__", "coldcase-out", "demo-out", "coldcase-demo"];
            if left_out.contains(&name.as_str()) || name.starts_with(".venv") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let inside = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                all.insert(inside, std::fs::read(&path).unwrap());
            }
        }
    }
    all
}

fn rust_files() -> BTreeMap<String, String> {
    let rust = |path: &String| Path::new(path).extension().is_some_and(|ending| ending == "rs");
    let files = files().into_iter().filter(|(path, _)| rust(path));
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

/// The packages that a manifest depends on, by the table that lists them.
fn dependencies(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut table);
            if let Some((list, package)) = name.rsplit_once("ependencies.") {
                tables.entry(format!("{list}ependencies")).or_default().insert(package.to_owned());
            }
        } else if table.ends_with("dependencies") {
            let package = line.split(['.', '=', ' ']).next().unwrap_or_default().trim_matches('"');
            tables.entry(table.clone()).or_default().insert(package.to_owned());
        }
    }
    tables
}

/// The crates of ours that a product crate uses in what it ships.
fn own_dependencies(folder: &str) -> BTreeSet<String> {
    let tables = dependencies(folder);
    let shipped = tables.iter().filter(|(table, _)| !table.contains("dev-dependencies"));
    shipped
        .flat_map(|(_, packages)| packages)
        .filter(|package| package.starts_with("coldcase"))
        .cloned()
        .collect()
}

#[test]
fn imports_go_one_way_only() {
    let allowed: [(&str, &[&str]); 9] = [
        ("engine/model", &[]),
        ("engine", &["coldcase-model"]),
        ("readers", &["coldcase-model", "coldcase-wire"]),
        ("readers/wire", &["coldcase-model"]),
        ("reports", &["coldcase-model"]),
        ("engine/evidence", &["coldcase-model"]),
        ("engine/builtin", &["coldcase-engine"]),
        ("engine/import", &["coldcase-model", "coldcase-engine", "coldcase-evidence"]),
        (
            "cli",
            &[
                "coldcase-model",
                "coldcase-builtin",
                "coldcase-engine",
                "coldcase-evidence",
                "coldcase-import",
                "coldcase-readers",
                "coldcase-reports",
                "coldcase-wire",
            ],
        ),
    ];
    for (folder, allowed) in allowed {
        let used = own_dependencies(folder);
        let foreign: Vec<_> = used.iter().filter(|package| !allowed.contains(&package.as_str())).collect();
        assert!(foreign.is_empty(), "{folder} must not use {foreign:?}");
        let expected = usize::from(folder != "engine/model");
        assert!(used.len() >= expected, "{folder}: its manifest was not understood");
    }
}

#[test]
fn the_model_needs_only_bytes_memchr_and_serde() {
    let tables = dependencies("engine/model");
    let used = tables.get("dependencies").unwrap();
    let foreign: Vec<_> =
        used.iter().filter(|name| !["bytes", "memchr", "serde"].contains(&name.as_str())).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn only_tests_and_benches_use_the_corpus() {
    for folder in ["engine/model", "engine", "engine/builtin", "engine/import", "readers", "reports", "cli"] {
        for (table, packages) in dependencies(folder) {
            assert!(!packages.contains("coldcase-corpus"), "{folder} uses the corpus in [{table}]");
        }
    }
}

#[test]
fn no_library_has_an_async_runtime_and_only_the_command_line_has_anyhow() {
    for folder in ["engine/model", "engine", "engine/builtin", "engine/import", "readers", "reports"] {
        for packages in dependencies(folder).values() {
            for banned in
                ["tokio", "async-std", "smol", "futures", "anyhow", "clap", "indicatif", "log", "tracing"]
            {
                assert!(!packages.contains(banned), "{folder} uses {banned}");
            }
        }
    }
}

#[test]
fn every_dependency_is_pinned_once_at_the_root() {
    for folder in OURS.map(|name| if name == "model" { "engine/model" } else { name }) {
        let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let depends = text.split("\n[").filter(|table| table.contains("dependencies]"));
        for line in depends.flat_map(|table| table.lines().skip(1)).filter(|line| !line.trim().is_empty()) {
            let of_the_root = line.contains(".workspace = true") || line.contains("workspace = true");
            assert!(of_the_root || line.starts_with('#'), "{folder}: {line}");
        }
    }
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let pinned = text.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    for line in pinned.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
        assert!(line.contains("\"=") || line.contains("path ="), "not pinned: {line}");
    }
}

#[test]
fn every_rust_file_says_first_what_it_is() {
    let files = rust_files();
    assert!(files.len() > 100, "{} files", files.len());
    for (path, text) in files {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 20, "{path} starts with {first:?}");
    }
}

#[test]
fn no_rust_file_holds_two_ideas_or_is_named_after_none() {
    for (path, text) in rust_files() {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{path} has {lines} lines");
        let name = path.rsplit('/').next().unwrap();
        for vague in ["utils.rs", "util.rs", "common.rs", "helpers.rs", "misc.rs"] {
            assert_ne!(name, vague, "{path}: name it after what it does");
        }
    }
}

#[test]
fn no_test_is_ignored_or_made_to_panic() {
    for (path, text) in rust_files() {
        for banned in ["ignore", "should_panic"] {
            let attribute = ["#[", banned].concat();
            assert!(!text.contains(&attribute), "{path} has {attribute}");
        }
    }
}

#[test]
fn no_file_names_a_machine() {
    // Put together, so that this file does not name them either. Fixtures may name made-up homes of made-up users.
    let folders = ["work", "root", "tmp"].map(|name| format!("/{name}/"));
    let fixtures = ["engine/packs/", "cli/src/cmd/demo/", "corpus/cases/", "corpus/hostile/"];
    for (path, bytes) in files() {
        if fixtures.iter().any(|fixture| path.starts_with(fixture)) {
            continue;
        }
        for folder in &folders {
            let stands = bytes.windows(folder.len()).enumerate().any(|(at, window)| {
                let starts =
                    at == 0 || matches!(bytes[at - 1], b' ' | b'"' | b'\'' | b'`' | b'=' | b'(' | b'\n');
                window == folder.as_bytes() && starts
            });
            assert!(!stands, "{path} names {folder}");
        }
    }
}

#[test]
fn no_file_holds_a_conflict_of_a_merge() {
    for (path, bytes) in files() {
        for line in bytes.split(|byte| *byte == b'\n') {
            let is_marker = [b'<', b'>'].iter().any(|sign| line.starts_with(&[*sign; 7]));
            assert!(!is_marker, "{path} holds a conflict of a merge");
        }
    }
}

#[test]
fn the_root_keeps_its_shape() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "cli",
        "engine",
        "readers",
        "reports",
        "corpus",
        "tests",
        "benches",
        "docs",
    ];
    let top: BTreeSet<String> =
        files().into_keys().map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
    for name in top.iter().filter(|name| !name.starts_with('.')) {
        assert!(allowed.contains(&name.as_str()), "{name} is not part of the root");
    }
}
