//! The demo: it runs, it finds its own incident, and its report gives nothing away.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::command::coldcase;
use crate::output;

/// Every row of every table, as text.
fn rows(report: &Path) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(report.join("tables")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        rows.extend(reader.get_row_iter(None).unwrap().map(|row| (name.clone(), row.unwrap().to_string())));
    }
    rows
}

/// The token that the demo plants, from its own recordings.
fn planted_token(recordings: &Path) -> String {
    let marker = "GITHUB_TOKEN=";
    for (path, bytes) in output::files(recordings) {
        let text = String::from_utf8(bytes).unwrap();
        let Some(at) = text.find(marker).filter(|_| path.extension().is_some_and(|ending| ending == "jsonl"))
        else {
            continue;
        };
        return text[at + marker.len()..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
    }
    panic!("no token is planted in {}", recordings.display());
}

#[test]
fn the_demo_finds_its_incident_and_gives_no_part_of_the_token_away() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("demo");
    let outcome = coldcase(["demo", dir.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let report = dir.join("report");
    assert!(report.join("report.html").is_file());
    assert!(outcome.stdout.contains("report.html"), "{}", outcome.stdout);

    let token = planted_token(&dir.join("recordings"));
    assert!(token.len() >= 36, "{token}");
    let mut texts: Vec<(String, Vec<u8>)> =
        output::files(&report).into_iter().map(|(path, bytes)| (path.display().to_string(), bytes)).collect();
    texts.extend(rows(&report).into_iter().map(|(name, row)| (name, row.into_bytes())));
    texts.push(("standard output".to_owned(), outcome.stdout.into_bytes()));
    texts.push(("standard error".to_owned(), outcome.stderr.into_bytes()));
    // The first four bytes name the kind of token; any twelve bytes beyond are part of the secret.
    for piece in token.as_bytes()[4..].windows(12) {
        for (name, text) in &texts {
            let shown = text.windows(piece.len()).any(|window| window == piece);
            assert!(!shown, "{name} holds {} of the token", String::from_utf8_lossy(piece));
        }
    }

    let findings = output::findings(&report);
    let has = |category: &str, surface: &str| {
        findings.iter().any(|finding| finding["category"] == category && finding["surface"] == surface)
    };
    assert!(
        has("dlp", "tool_argument") && has("dlp", "url") && has("injection", "tool_result"),
        "{findings:#?}"
    );
}

#[test]
fn the_token_stands_in_the_recordings_and_is_shown_when_asked_for() {
    let temp = tempfile::tempdir().unwrap();
    let (dir, open) = (temp.path().join("demo"), temp.path().join("open"));
    assert_eq!(coldcase(["demo", dir.to_str().unwrap()]).code, 0);
    let recordings = dir.join("recordings");
    let outcome = coldcase([
        "scan",
        recordings.to_str().unwrap(),
        "-q",
        "--show-secrets",
        "-o",
        open.to_str().unwrap(),
    ]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let token = planted_token(&recordings);
    assert!(std::fs::read_to_string(open.join("findings.jsonl")).unwrap().contains(&token));
}

#[test]
fn a_demo_folder_is_replaced_only_by_force() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("demo");
    let dir = dir.to_str().unwrap();
    assert_eq!(coldcase(["demo", dir]).code, 0);
    let again = coldcase(["demo", dir]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(coldcase(["demo", dir, "--force"]).code, 0);
}
