//! The published entry hashes and refusals, read strictly where a line is the writer's and else as the vendor reads.
//!
//! The vectors lie beside a checkout, not in it; without them the test says that it was skipped.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use coldcase_model::json::{Kind, Tape};
use serde_json::Value;

use super::diagnose::lenient_hash;
use super::{HashCheck, Room, read};
use crate::hex;

/// The vectors, if this checkout has them beside it.
fn vectors() -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/flight");
    let Ok(mut file) = File::open(folder.join("vectors/entry-hash.json")) else {
        println!("skipped: no vectors in {}", folder.display());
        return None;
    };
    let mut text = Vec::new();
    file.read_to_end(&mut text).unwrap();
    Some(serde_json::from_slice(&text).unwrap())
}

fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap()
}

/// The hash that the vendor's reading gives; none if it refuses the line.
fn lenient(line: &[u8]) -> Option<String> {
    let mut tape = Tape::default();
    let root = tape.parse(line).ok().filter(|root| root.kind() == Kind::Object)?;
    lenient_hash(root).map(|hash| hex::encode(&hash))
}

/// Whether the strict reading takes the line with the hash that it states.
fn strict(line: &[u8]) -> bool {
    let mut room = Room::default();
    read(line, &mut room).is_ok_and(|entry| entry.check_hash(&mut room) == HashCheck::Agrees)
}

#[test]
fn every_published_hash_comes_out() {
    let Some(vectors) = vectors() else { return };
    let (mut hashes, mut strictly) = (0, 0);
    for vector in vectors["hashes"].as_array().unwrap() {
        let (name, line, hash) = (text(vector, "name"), text(vector, "line"), text(vector, "hash"));
        assert_eq!(lenient(line.as_bytes()).as_deref(), Some(hash), "{name}");
        // Most vectors link to "p", which no writer does; else the strict reading must take it just as well.
        strictly += usize::from(strict(line.as_bytes()));
        hashes += 1;
    }
    println!("{hashes} published hashes, {strictly} of them in the writer's spelling");
    assert_eq!(hashes, 19);
    assert!(strictly >= 2, "{strictly}");
}

#[test]
fn every_published_refusal_is_refused() {
    let Some(vectors) = vectors() else { return };
    let mut refusals = 0;
    for vector in vectors["rejects"].as_array().unwrap() {
        let (name, line) = (text(vector, "name"), text(vector, "line"));
        assert_eq!(lenient(line.as_bytes()), None, "{name}");
        // Their links and hashes are no digests, which alone would do: with right ones they are refused as well.
        let digest = "0".repeat(64);
        let linked = line.replace(r#""prev_hash":"p""#, r#""prev_hash":"genesis""#);
        let linked = linked.replace(r#""hash":"h""#, &format!(r#""hash":"{digest}""#));
        let mut room = Room::default();
        let taken = read(linked.as_bytes(), &mut room).map(|entry| entry.check_hash(&mut room));
        assert!(matches!(taken, Err(_) | Ok(HashCheck::Ambiguous)), "{name}: {taken:?}");
        refusals += 1;
    }
    println!("{refusals} published refusals");
    assert_eq!(refusals, 10);
}
