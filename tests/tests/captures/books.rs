//! Every capture of the data is booked to the last byte, whatever is in it: those that crashed other programs too.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use coldcase_readers::Limits;

use super::data;
use crate::reading::{check, read_with};

/// No file takes longer than this, by far: the slowest takes seconds without optimisation.
const LONGEST: Duration = Duration::from_mins(2);

/// What names of captures end in; beside some lies the script that made them.
const ENDINGS: [&str; 6] = [".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".pcap.zst"];

/// The captures under a folder.
pub(super) fn captures(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a capture came to.
struct Told {
    format: String,
    bytes: u64,
    events: usize,
    anomalies: usize,
}

/// Reads a capture with the key log that lies beside it, and checks its ledger.
fn read(path: &Path) -> Told {
    let keys = std::fs::read(path.with_extension("keylog")).unwrap_or_default();
    let mut readings = read_with(path, Limits::default(), keys);
    assert_eq!(readings.len(), 1, "{} is one input", path.display());
    let reading = readings.remove(0);
    check(path, &reading);
    Told {
        format: reading.facts.format.into_owned(),
        bytes: reading.facts.decoded_bytes,
        events: reading.kinds.len(),
        anomalies: reading.anomalies.len(),
    }
}

/// Reads all files on all cores; none may panic, and each is through within [`LONGEST`].
fn read_all(files: Vec<PathBuf>) -> Vec<Told> {
    let (files, next) = (Arc::new(files), Arc::new(AtomicUsize::new(0)));
    let (send, told) = mpsc::channel();
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    for _ in 0..workers {
        let (files, next, send) = (files.clone(), next.clone(), send.clone());
        std::thread::spawn(move || {
            while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let read = std::panic::catch_unwind(|| read(path));
                let _gone = send.send((path.clone(), read.ok()));
            }
        });
    }
    drop(send);
    let (mut all, mut panicked, mut left) = (Vec::new(), Vec::new(), files.to_vec());
    while !left.is_empty() {
        let Ok((path, read)) = told.recv_timeout(LONGEST) else {
            panic!("still not read: {:?}", left.iter().take(workers).collect::<Vec<_>>());
        };
        left.retain(|other| *other != path);
        match read {
            Some(read) => all.push(read),
            None => panicked.push(path),
        }
    }
    assert!(panicked.is_empty(), "{panicked:?}");
    all
}

#[test]
fn every_capture_is_booked_to_the_last_byte() {
    for (folder, least) in
        [("hard", 155), ("real", 4), ("hadrielk-pcapng", 48), ("tcpdump-tests", 800), ("zeek-btest", 780)]
    {
        let Some(folder_path) = data(folder) else { continue };
        let files = captures(&folder_path);
        assert!(files.len() >= least, "{} captures in {folder}", files.len());
        let told = read_all(files);
        let of = |format: &str| told.iter().filter(|told| told.format == format).count();
        let (events, anomalies): (Vec<_>, Vec<_>) =
            told.iter().map(|told| (told.events, told.anomalies)).unzip();
        println!(
            "{folder}: {} pcap, {} pcapng, {} others; {} bytes, {} events, {} anomalies",
            of("pcap"),
            of("pcapng"),
            told.len() - of("pcap") - of("pcapng"),
            told.iter().map(|told| told.bytes).sum::<u64>(),
            events.iter().sum::<usize>(),
            anomalies.iter().sum::<usize>()
        );
    }
}
