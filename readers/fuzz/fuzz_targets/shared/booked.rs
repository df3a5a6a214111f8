//! Reads bytes as an input and holds the reader to its promises: every event is tiled, the ledger adds up to the last byte.

use std::io::Write;

use coldcase_model::{BatchSource, Item, Ledger};
use coldcase_readers::{Found, InputSet, Limits};

/// Reads; zero as the cap of records leaves the limits as they are.
pub fn read(bytes: &[u8], record_bytes: u16, batch_bytes: u16) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file that can be written");
    let mut limits = Limits::default();
    limits.free_expansion_bytes = 1 << 20;
    if record_bytes > 0 {
        limits.record_bytes = usize::from(record_bytes).max(16);
        limits.batch_bytes = usize::from(batch_bytes).max(16);
    }
    let mut inputs = InputSet::new(vec![Found::File(file.path().to_owned())], limits);
    let mut booked = Ledger::default();
    while let Some(batch) = inputs.next_batch() {
        let outcome = batch.read(&mut |item| {
            if let Item::Event(event) = item {
                assert!(event.is_tiled());
            }
        });
        booked.merge(&outcome.ledger);
        let Some(facts) = outcome.finished else { continue };
        let (mut stored, mut decoded) = (facts.stored, facts.decoded);
        decoded.as_mut().unwrap_or(&mut stored).merge(&booked);
        assert_eq!(stored.total(), bytes.len() as u64);
        assert_eq!(decoded.map_or(facts.decoded_bytes, |ledger| ledger.total()), facts.decoded_bytes);
    }
}
