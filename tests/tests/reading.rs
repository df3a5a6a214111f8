//! Reads files through the readers' public door and holds them to their promises: a ledger that adds up, events
//! whose parts tile their text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coldcase_model::{AnomalyKind, ArtifactIndex, BatchSource, EventKind, InputFacts, Item, Ledger};
use coldcase_readers::{InputSet, Limits, expand};

/// What one input came to.
pub(crate) struct Reading {
    pub(crate) facts: InputFacts,
    pub(crate) records: u64,
    pub(crate) kinds: Vec<EventKind>,
    pub(crate) anomalies: Vec<AnomalyKind>,
    /// With what the batches booked.
    pub(crate) stored: Ledger,
    /// With what the batches booked; `None` for an input that is not compressed.
    pub(crate) decoded: Option<Ledger>,
}

/// Reads a file or the files of a folder, one [`Reading`] each.
pub(crate) fn read(path: &Path, limits: Limits) -> Vec<Reading> {
    read_with(path, limits, Vec::new())
}

/// Reads a file or the files of a folder with the secrets of a key log.
pub(crate) fn read_with(path: &Path, limits: Limits, keys: Vec<u8>) -> Vec<Reading> {
    read_paths(&[path.to_owned()], limits, keys)
}

/// What has come of an input that has not ended.
#[derive(Default)]
struct Under {
    records: u64,
    ledger: Ledger,
    kinds: Vec<EventKind>,
    anomalies: Vec<AnomalyKind>,
}

/// Reads files and folders with the secrets of a key log.
pub(crate) fn read_paths(paths: &[PathBuf], limits: Limits, keys: Vec<u8>) -> Vec<Reading> {
    let mut inputs = InputSet::new(expand(paths, &limits).unwrap(), limits).key_log(keys);
    let (mut readings, mut under) = (Vec::new(), BTreeMap::<ArtifactIndex, Under>::new());
    while let Some(batch) = inputs.next_batch() {
        let outcome = batch.read(&mut |item| match item {
            Item::Event(event) => {
                let pos = event.head.source.pos;
                assert!(event.is_tiled(), "{}: an event at {pos} is not tiled", paths[0].display());
                under.entry(pos.artifact).or_default().kinds.push(event.head.kind);
            }
            Item::Anomaly(anomaly) => {
                under.entry(anomaly.pos.artifact).or_default().anomalies.push(anomaly.kind);
            }
        });
        let input = under.entry(outcome.artifact).or_default();
        input.ledger.merge(&outcome.ledger);
        input.records += outcome.records;
        let Some(facts) = outcome.finished else { continue };
        let Under { records, ledger, kinds, anomalies } = under.remove(&facts.artifact).unwrap();
        let (mut stored, mut decoded) = (facts.stored, facts.decoded);
        decoded.as_mut().unwrap_or(&mut stored).merge(&ledger);
        readings.push(Reading { facts: *facts, records, kinds, anomalies, stored, decoded });
    }
    assert!(under.is_empty(), "something comes after its input has ended");
    readings
}

/// Reads a file and checks that its ledger adds up to its size on disk.
pub(crate) fn read_one(path: &Path, limits: Limits) -> Reading {
    let mut readings = read(path, limits);
    assert_eq!(readings.len(), 1, "{} is one input", path.display());
    let reading = readings.remove(0);
    check(path, &reading);
    reading
}

/// The ledger of an input adds up exactly.
pub(crate) fn check(path: &Path, reading: &Reading) {
    let size = std::fs::metadata(path).unwrap().len();
    let shown = path.display();
    assert_eq!(reading.facts.stored_bytes, size, "{shown}: size on disk");
    assert_eq!(reading.stored.total(), size, "{shown}: stored ledger {:?}", reading.stored);
    if let Some(decoded) = &reading.decoded {
        assert_eq!(decoded.total(), reading.facts.decoded_bytes, "{shown}: decoded ledger {decoded:?}");
    } else {
        assert_eq!(reading.facts.decoded_bytes, size, "{shown}: decoded size of what is not compressed");
    }
}
