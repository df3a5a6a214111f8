//! Verifying signed logs by our own writer: entries, receipts, and beside them what a signature alone costs.
//!
//! Read from memory, so that the disk is left out. Full-size logs are made with the corpus's example `generate` and
//! timed as whole processes; the dated records have both.

use std::io;

use coldcase_evidence::{KeyRing, LogFiles, MemoryStore, OpenShard, Status, VerifyOptions, verify_session};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

fn main() {
    divan::main();
}

/// The shards of a log in memory.
struct Shards(&'static [(String, Vec<u8>)]);

impl LogFiles for Shards {
    fn session(&self) -> Option<&str> {
        Some("bench")
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn name(&self, index: usize) -> String {
        self.0.get(index).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn start(&self, index: usize) -> Option<u64> {
        self.name(index).strip_suffix(".jsonl")?.rsplit_once('-')?.1.parse().ok()
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        let bytes = self.0.get(index).map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        Ok(OpenShard { reader: Box::new(bytes), size: Some(bytes.len() as u64) })
    }
}

fn bench(bencher: Bencher<'_, '_>, records: u64, receipts: bool, threads: usize) {
    let Ok(store) = coldcase_corpus::gen_evidence::log(records, receipts) else {
        unreachable!("the generator's records are within the limits of the writer")
    };
    let store: &'static MemoryStore = Box::leak(Box::new(store));
    let mut options = VerifyOptions::default();
    options.keys = KeyRing::new([coldcase_corpus::gen_evidence::key().public()]);
    options.threads = threads;
    let bytes: usize = store.shards.iter().map(|(_, bytes)| bytes.len()).sum();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(records)).bench(|| {
        let report = verify_session(&mut Shards(&store.shards), &options, &mut |_| {});
        assert!(report.status == Status::Intact && report.authenticated_through_seq.is_some());
    });
}

/// Entries of about 860 bytes, a signed checkpoint each thousand.
#[divan::bench(args = [1, 2], sample_count = 10)]
fn entries(bencher: Bencher<'_, '_>, threads: usize) {
    bench(bencher, 200_000, false, threads);
}

/// Receipts, each signed.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn receipts(bencher: Bencher<'_, '_>, threads: usize) {
    bench(bencher, 20_000, true, threads);
}

/// Signatures alone: what receipts cannot be faster than.
#[divan::bench(sample_count = 5)]
fn signatures(bencher: Bencher<'_, '_>) {
    const COUNT: usize = 20_000;
    let key = coldcase_corpus::gen_evidence::key();
    let (message, public) = ([7; 32], key.public());
    let signature = key.sign(&message);
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        for _ in 0..COUNT {
            divan::black_box(public.check(divan::black_box(&message), &signature));
        }
    });
}
