//! Reads files through the readers' public door and holds them to their promises: a ledger that adds up, events
//! whose parts tile their text.

use std::path::Path;

use coldcase_model::{AnomalyKind, BatchSource, EventKind, InputFacts, Item, Ledger};
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
    let mut inputs = InputSet::new(expand(&[path.to_owned()], &limits).unwrap(), limits).key_log(keys);
    let (mut readings, mut records, mut ledger) = (Vec::new(), 0, Ledger::default());
    let (mut kinds, mut anomalies) = (Vec::new(), Vec::new());
    while let Some(batch) = inputs.next_batch() {
        let outcome = batch.read(&mut |item| match item {
            Item::Event(event) => {
                assert!(
                    event.is_tiled(),
                    "{}: an event at {} is not tiled",
                    path.display(),
                    event.head.source.pos
                );
                kinds.push(event.head.kind);
            }
            Item::Anomaly(anomaly) => anomalies.push(anomaly.kind),
        });
        ledger.merge(&outcome.ledger);
        records += outcome.records;
        let Some(facts) = outcome.finished else { continue };
        let booked = std::mem::take(&mut ledger);
        let (mut stored, mut decoded) = (facts.stored, facts.decoded);
        decoded.as_mut().unwrap_or(&mut stored).merge(&booked);
        readings.push(Reading {
            facts: *facts,
            records: std::mem::take(&mut records),
            kinds: std::mem::take(&mut kinds),
            anomalies: std::mem::take(&mut anomalies),
            stored,
            decoded,
        });
    }
    assert_eq!(ledger.total(), 0, "bytes are booked after the last input has ended");
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
