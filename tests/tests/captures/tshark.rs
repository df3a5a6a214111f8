//! Heads of HTTP, messages of WebSocket and of DNS in captures, held against those that tshark finds.
//!
//! `docs/TSHARK.md` has all differences in a table, with their reasons: one that is not there fails, as does a row without
//! its difference. Runs where tshark is installed and the data are there. Bodies are held against stated truth elsewhere.

mod item;
mod ours;
mod table;
mod theirs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use item::{Item, Protocol};
use table::Only;

use super::books::captures;
use super::data;
use super::wired::{content, counted};

/// What was compared.
#[derive(Default)]
struct Compared {
    captures: usize,
    /// Items that both found, by protocol.
    agreed: BTreeMap<Protocol, usize>,
    /// Items that one found, by capture and protocol.
    differences: BTreeMap<(String, Protocol), (Vec<String>, Vec<String>)>,
}

/// Whether a capture may hold what tshark reads. Starting it takes a third of a second, and most captures of these folders
/// hold other protocols: those without text that HTTP has and without a port of DNS, mDNS or LLMNR.
fn may_hold(content: &[u8]) -> bool {
    let has = |wanted: &[u8]| content.windows(wanted.len()).any(|window| window == wanted);
    has(b"HTTP") || [53u16, 5353, 5355].iter().any(|port| has(&port.to_be_bytes()))
}

impl Compared {
    fn compare(&mut self, name: &str, ours: Vec<Item>, theirs: Vec<Item>) {
        self.captures += usize::from(!ours.is_empty() || !theirs.is_empty());
        let (ours, theirs) = (counted(ours), counted(theirs));
        let left = |these: &BTreeMap<Item, usize>, others: &BTreeMap<Item, usize>| -> Vec<Item> {
            let more = |(item, count): (&Item, &usize)| {
                vec![item.clone(); count.saturating_sub(others.get(item).copied().unwrap_or(0))]
            };
            these.iter().flat_map(more).collect()
        };
        for (item, count) in &ours {
            *self.agreed.entry(item.protocol).or_default() +=
                theirs.get(item).copied().unwrap_or(0).min(*count);
        }
        let (only_ours, only_theirs) = (left(&ours, &theirs), left(&theirs, &ours));
        for (is_ours, item) in
            only_ours.iter().map(|one| (true, one)).chain(only_theirs.iter().map(|one| (false, one)))
        {
            let both = self.differences.entry((name.to_owned(), item.protocol)).or_default();
            let side = if is_ours { &mut both.0 } else { &mut both.1 };
            side.push(item.text.clone());
        }
    }
}

/// Compares the captures on two threads: most of the time another program works.
fn compare_all(folder: &str, files: &[PathBuf], with_rows: &[String]) -> Compared {
    let (next, compared) = (AtomicUsize::new(0), Mutex::new(Compared::default()));
    let root = data(folder).unwrap();
    let root = root.parent().unwrap();
    let one = |path: &Path| {
        let content = content(path);
        let keys = std::fs::read(path.with_extension("keylog")).unwrap_or_default();
        let ours = ours::items(path, &content, &keys);
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let is_run = !ours.is_empty() || !keys.is_empty() || may_hold(&content) || with_rows.contains(&name);
        let theirs = if is_run { theirs::items(path) } else { Vec::new() };
        compared.lock().unwrap().compare(&name, ours, theirs);
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one(path);
                }
            });
        }
    });
    compared.into_inner().unwrap()
}

/// Holds a folder's captures against tshark; `least` items are in both.
fn hold(folder: &str, least: usize) {
    let Some(path) = data(folder) else { return };
    // Another version finds other things, and the table is of this one.
    let Some(version) = theirs::version().filter(|version| version.contains(" 4.0.")) else {
        println!("absent: tshark 4.0, so nothing is held against it");
        return;
    };
    let explained = table::explained(folder);
    let with_rows: Vec<String> = explained.keys().map(|(capture, _)| capture.clone()).collect();
    let Compared { captures, agreed, differences } = compare_all(folder, &captures(&path), &with_rows);
    println!("{version}; {captures} captures of {folder}; in both: {agreed:?}");
    let mut found = BTreeMap::new();
    for ((capture, protocol), (ours, theirs)) in &differences {
        println!("{capture}: {protocol}: only Coldcase {ours:?}, only tshark {theirs:?}");
        found.insert((capture.clone(), protocol.to_string()), (ours.len(), theirs.len()));
    }
    let not_in = |these: &BTreeMap<_, Only>, others: &BTreeMap<_, Only>| -> Vec<String> {
        these
            .iter()
            .filter(|(key, only)| others.get(*key) != Some(*only))
            .map(|row| format!("{row:?}"))
            .collect()
    };
    let (new, gone) = (not_in(&found, &explained), not_in(&explained, &found));
    assert!(new.is_empty(), "differences that docs/TSHARK.md does not have so:\n{}", new.join("\n"));
    assert!(gone.is_empty(), "rows of docs/TSHARK.md that do not differ so:\n{}", gone.join("\n"));
    let both: usize = agreed.values().sum();
    assert!(both >= least, "{both} items in both");
}

#[test]
fn captures_of_stated_content_hold_what_tshark_finds() {
    hold("hard", 400);
    hold("real", 3);
}

#[test]
fn captures_of_zeeks_tests_hold_what_tshark_finds() {
    hold("zeek-btest", 1000);
}

#[test]
fn captures_of_tcpdumps_tests_hold_what_tshark_finds() {
    hold("tcpdump-tests", 10);
}

/// They hold blocks of all kinds, and nothing that is compared: neither may find anything.
#[test]
fn captures_of_many_kinds_of_blocks_hold_what_tshark_finds() {
    hold("hadrielk-pcapng", 0);
}
