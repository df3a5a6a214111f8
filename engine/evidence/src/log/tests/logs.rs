//! Logs in memory, the shapes that genuine ones have, and what is right to say of them.

use std::sync::Arc;

use super::entries::{Line, key};
use super::hand::Hand;
use crate::keys::KeyRing;
use crate::log::{SessionReport, Status, VerifyOptions, verify_session};
use crate::writer::{Detail, LogConfig, LogWriter, MemoryStore, Record, Session};

pub(super) use crate::log::MemoryFiles as Log;

impl Log {
    /// The lines of all shards, each with its newline, and the shard that each stands in.
    pub(super) fn lines(&self) -> Vec<(Vec<u8>, usize)> {
        let of = |(shard, (_, bytes)): (usize, &(String, Vec<u8>))| {
            bytes
                .split_inclusive(|byte| *byte == b'\n')
                .map(|line| (line.to_vec(), shard))
                .collect::<Vec<_>>()
        };
        self.shards.iter().enumerate().flat_map(of).collect()
    }

    /// The entries of all shards.
    pub(super) fn entries(&self) -> Vec<Line> {
        self.lines().iter().map(|(line, _)| Line::parse(line.strip_suffix(b"\n").unwrap())).collect()
    }

    /// The same files with other lines in them.
    pub(super) fn with_lines(&self, lines: &[(Vec<u8>, usize)]) -> Self {
        let mut changed = self.clone();
        for (shard, (_, bytes)) in changed.shards.iter_mut().enumerate() {
            *bytes = lines.iter().filter(|(_, at)| *at == shard).flat_map(|(line, _)| line.clone()).collect();
        }
        changed
    }

    /// The report with these keys.
    pub(super) fn verify(&self, keys: &KeyRing) -> SessionReport {
        self.verify_with(&options(keys))
    }

    pub(super) fn verify_with(&self, options: &VerifyOptions) -> SessionReport {
        let mut told = 0;
        let report = verify_session(&mut self.clone(), options, &mut |_| told += 1);
        assert_eq!(told, report.breaks.len(), "each break that is kept is told once");
        assert_eq!(report.status == Status::Broken, report.breaks_total > 0, "{report:?}");
        assert_eq!(report.sentences.len(), 4);
        report
    }
}

pub(super) fn options(keys: &KeyRing) -> VerifyOptions {
    VerifyOptions { keys: keys.clone(), ..VerifyOptions::default() }
}

/// The keys that sign genuine logs here.
pub(super) fn ring() -> KeyRing {
    KeyRing::new([key(1).public(), key(2).public()])
}

/// The last entry that the checkpoints among these genuine lines vouch for, found without the verifier's code.
pub(super) fn vouched(lines: &[Line]) -> Option<u64> {
    lines.iter().rev().find(|line| line.is_signed()).map(|line| line.seq - 1)
}

/// The last entry of this log that a report says is vouched for.
pub(super) fn claimed(report: &SessionReport) -> Option<u64> {
    let first = report.first_seq?;
    report.authenticated_through_seq.filter(|through| *through >= first)
}

/// A log by our own writer.
pub(super) fn written(
    name: &str,
    (interval, max_entries): (u64, u64),
    records: &[Record<'_>],
    closed: bool,
) -> Log {
    const NOW: i64 = 1_772_359_200_000_000_000;
    let session = Session::named(name).unwrap();
    let config = LogConfig::new(session, Arc::new(key(1)));
    let config = config.checkpoint_interval(interval).max_entries(max_entries);
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config, &mut store).unwrap();
    for (record, at) in records.iter().zip(1..) {
        log.record(NOW + at * 250_000_000, record).unwrap();
    }
    if closed {
        log.close(NOW + 3_600_000_000_000).unwrap();
    }
    Log { session: Some(name.to_owned()), shards: store.shards, step: usize::MAX }
}

/// An entry of nothing but a summary and a detail.
pub(super) fn record<'s>(summary: &'s str, detail: &str) -> Record<'s> {
    Record { summary, detail: Detail::raw(detail.as_bytes()).unwrap(), ..Record::default() }
}

/// A log of so many entries, a checkpoint after each `interval` of them, in shards of `max_entries` lines.
pub(super) fn plain(name: &str, entries: usize, interval: u64, max_entries: u64, mark: &str) -> Log {
    let summaries: Vec<String> = (0..entries).map(|at| format!("{mark} {at}")).collect();
    let records: Vec<Record<'_>> = summaries.iter().map(|summary| record(summary, r#"{"a":1}"#)).collect();
    written(name, (interval, max_entries), &records, false)
}

/// Small genuine logs of every shape, all vouched for by [`ring`] as far as they are signed.
pub(super) fn genuine() -> Vec<(&'static str, Log)> {
    let (one, two) = ("allow: ", "block: dlp");
    let odd = r#"{"n":[9007199254740993,1.50,1e3,-0,1E+400,0.1e-7],"b":{"z":1,"a":[]},"a":"\/\u00e9"}"#;
    let unicode = ["a<b> & \u{2028}é😀", "\u{7f}\t\r\n\"\\\u{1}\u{feff}", "\u{10ffff}\u{85}/'"];
    let texts: Vec<Record<'_>> = unicode
        .iter()
        .map(|text| Record { trace: text, detail: Detail::from(*text), ..record(text, "null") })
        .collect();
    let numbers = [record(one, odd), record(two, "-12.5e-3")];
    let pair = [record(one, r#"{"a":"b"}"#), record(two, "null")];
    let five: Vec<Record<'_>> = [one, two, one, two, one].map(|text| record(text, "[]")).into();
    let hand = |version| Hand::new("proxy", version);
    vec![
        ("version 1", hand(1).entry(one, r#"{"b":1,"a":2}"#).entry(two, "1").checkpoint(Some(1)).log()),
        ("version 2", written("proxy", (2, 100), &pair, true)),
        ("version 3", hand(3).entry(one, "{}").full_entry(two).checkpoint(Some(1)).log()),
        (
            "version 1, then 2",
            hand(1).entry(one, "1").checkpoint(Some(1)).version(2).entry(two, "2").checkpoint(Some(1)).log(),
        ),
        ("unsigned", hand(2).entry(one, "1").checkpoint(None).entry(two, "2").checkpoint(None).log()),
        ("rotation", written("proxy", (3, 2), &five, true)),
        (
            "restart",
            hand(2)
                .entry(one, "1")
                .checkpoint(Some(1))
                .entry(two, "2")
                .restart()
                .entry(one, "3")
                .checkpoint(Some(1))
                .log(),
        ),
        ("unicode and escapes", written("séance <x>", (10, 100), &texts, true)),
        ("odd numbers", written("proxy", (10, 100), &numbers, true)),
        ("one entry", written("proxy", (10, 100), &pair[..1], false)),
        ("no checkpoint", written("proxy", (10, 100), &pair, false)),
        (
            "two keys",
            hand(2).entry(one, "1").checkpoint(Some(1)).restart().entry(two, "2").checkpoint(Some(2)).log(),
        ),
        ("all parts", hand(2).full_entry(one).full_entry(two).checkpoint(Some(1)).full_entry(one).log()),
    ]
}

#[test]
fn genuine_logs_of_every_shape_are_intact_through_their_last_checkpoint() {
    let logs = genuine();
    for (name, log) in &logs {
        let (report, entries) = (log.verify(&ring()), log.entries());
        let last = entries.last().unwrap();
        assert_eq!(report.status, Status::Intact, "{name}: {:?}", report.breaks);
        assert_eq!(report.entries, entries.len() as u64, "{name}");
        assert_eq!(report.authenticated_through_seq, vouched(&entries), "{name}");
        assert_eq!(report.head_hash.as_deref(), Some(last.hash.as_str()), "{name}");
        assert_eq!(report.ends_with_checkpoint, last.is_checkpoint(), "{name}");
        assert_eq!(log.verify(&KeyRing::default()).authenticated_through_seq, None, "{name}");
        for ((line, _), entry) in log.lines().iter().zip(&entries) {
            assert_eq!(line, &entry.spell(), "{name}: our spelling is the writer's");
        }
    }
    println!("{} genuine shapes", logs.len());
    assert_eq!(logs.len(), 13);
}
