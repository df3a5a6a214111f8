//! How well changes are told apart: real, harmless changes of descriptions, and malicious definitions put in the place of
//! harmless ones.

use std::path::Path;

use coldcase_model::{ChangeClass, Judged};
use serde_json::{Value, json};

use super::{Server, tool};

/// The lines of a file of the data; `None`, with a note, when it is not there.
fn lines(name: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/mcp").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("absent: {}, so nothing of it is tested", path.display());
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect())
}

/// The worst class of an event's changes.
fn worst(judged: &Judged) -> Option<ChangeClass> {
    judged.story.changes.iter().map(|change| change.class).max()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn at_most_one_in_twenty_harmless_changes_is_taken_for_worse() {
    let Some(rows) = lines("benign_drift.jsonl") else { return };
    let mut worse = Vec::new();
    let mut unseen = 0;
    for row in &rows {
        let mut server = Server::new("server");
        let (name, before, after) = (text(row, "tool"), row["before"].as_str(), text(row, "after"));
        let other = tool("other", "Does something else.");
        server.lists(json!(
            before.map_or(vec![other.clone()], |before| vec![other.clone(), tool(name, before)])
        ));
        let judged = server.lists(json!([other, tool(name, after)]));
        match worst(&judged) {
            None => unseen += 1,
            Some(class) if class > ChangeClass::CapabilityWidened => worse.push((class, after.to_owned())),
            Some(_) => {}
        }
    }
    println!("harmless changes: {}, taken for worse: {}, not seen: {unseen}", rows.len(), worse.len());
    for (class, after) in &worse {
        println!("  {class}: {after:.160}");
    }
    // A change of white space or of one mark is seen as well.
    assert_eq!(unseen, rows.iter().filter(|row| row["before"] == row["after"]).count());
    assert!(worse.len() * 20 <= rows.len(), "{} of {}", worse.len(), rows.len());
}

/// Definitions that are labelled malicious, but of which the set kept a name such as `file-reader` and nothing else: what made
/// them so stood in calls that are not there, and harmless rows have the same. Nothing can be told of them.
fn is_name_alone(description: &str) -> bool {
    !description.is_empty() && description.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

#[test]
fn nine_in_ten_malicious_definitions_are_told_when_they_replace_a_harmless_one() {
    let Some(rows) = lines("tools.jsonl") else { return };
    let harmless: Vec<&Value> = rows.iter().filter(|row| text(row, "kind") == "real_mcp_server").collect();
    let malicious: Vec<&Value> = rows.iter().filter(|row| text(row, "label") == "malicious").collect();
    let (mut all, mut told, mut names) = (0, 0, 0);
    for (index, row) in malicious.iter().enumerate() {
        let description = text(&row["tool"], "description");
        if is_name_alone(description) {
            names += 1;
            continue;
        }
        // Each replaces the description of several harmless tools, that of all others in turn.
        for base in (0..5).filter_map(|step| harmless.get((index * 37 + step * 101) % harmless.len())) {
            let mut server = Server::new("server");
            let mut changed = base["tool"].clone();
            server.lists(json!([changed]));
            changed["description"] = json!(description);
            let judged = server.lists(json!([changed]));
            all += 1;
            if worst(&judged) >= Some(ChangeClass::InstructionIntroduced) {
                told += 1;
            } else {
                println!("  missed: {description:.160}");
            }
        }
    }
    println!(
        "malicious definitions with words: {} of {}, each for 5 tools; told: {told} of {all}",
        malicious.len() - names,
        malicious.len()
    );
    println!("counted with the {names} that are a name alone: {told} of {}", malicious.len() * 5);
    assert!(told * 10 >= all * 9, "{told} of {all}");
}

#[test]
fn few_harmless_definitions_are_taken_for_worse_when_they_replace_another() {
    let Some(rows) = lines("tools.jsonl") else { return };
    let harmless: Vec<&Value> = rows.iter().filter(|row| text(row, "kind") == "real_mcp_server").collect();
    let mut worse = 0;
    for (index, row) in harmless.iter().enumerate() {
        let mut server = Server::new("server");
        let mut changed = harmless[(index * 37 + 11) % harmless.len()]["tool"].clone();
        server.lists(json!([changed]));
        changed["description"] = row["tool"]["description"].clone();
        let judged = server.lists(json!([changed]));
        if worst(&judged) >= Some(ChangeClass::InstructionIntroduced) {
            worse += 1;
            println!("  {:.200}", text(&row["tool"], "description").replace('\n', " "));
        }
    }
    println!("harmless definitions: {}, taken for worse: {worse}", harmless.len());
    // Some of them do give the model orders; this holds the share where it is.
    assert!(worse * 100 <= harmless.len() * 8, "{worse} of {}", harmless.len());
}
