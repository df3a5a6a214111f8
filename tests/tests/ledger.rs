//! The coverage ledger adds up exactly, whatever the input: cut, garbled, concatenated, compressed, over the limits.

use std::io::Write;

use coldcase_corpus::{gen_har, gen_mcp, gen_recorder, gen_records};
use coldcase_model::{Account, AnomalyKind, EventKind, InputState};
use coldcase_readers::Limits;
use proptest::prelude::*;

use crate::reading::{Reading, read_one};
use crate::samples;

/// Reads bytes as a file.
fn read(bytes: &[u8], limits: Limits) -> Reading {
    let mut file = tempfile::Builder::new().suffix(".rec").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    read_one(file.path(), limits)
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Har,
    Mcp,
    Recorder,
    Records,
    Otel,
    Cassette,
    Flows,
}

impl Source {
    const ALL: [Self; 7] =
        [Self::Har, Self::Mcp, Self::Recorder, Self::Records, Self::Otel, Self::Cassette, Self::Flows];

    fn make(self, bytes: u64, seed: u64) -> (Vec<u8>, u64) {
        let mut out = Vec::new();
        let count = match self {
            Self::Har => gen_har::write(&mut out, bytes, seed),
            Self::Mcp => gen_mcp::write(&mut out, bytes, seed),
            Self::Recorder => gen_recorder::write(&mut out, bytes, seed),
            Self::Records => gen_records::write(&mut out, bytes, seed),
            Self::Otel => return samples::many(bytes, seed, samples::otel_line, ["", ""]),
            Self::Cassette => {
                return samples::many(bytes, seed, samples::interaction, ["interactions:\n", "version: 1\n"]);
            }
            Self::Flows => return samples::many(bytes, seed, samples::flow, ["", ""]),
        };
        (out, count.unwrap())
    }

    /// How many events each record gives; the text round the records of a document is an event of its own.
    const fn events_of_a_record(self) -> u64 {
        match self {
            Self::Har | Self::Cassette | Self::Flows => 2,
            // Resource, span, and what is said in it.
            Self::Otel => 3,
            Self::Mcp | Self::Recorder | Self::Records => 1,
        }
    }
}

/// One way to spoil bytes; the numbers say where and with what, and are taken modulo what is there.
#[derive(Debug, Clone)]
enum Spoil {
    Cut(usize),
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Append(u8, u64),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..6),
        prop::sample::select(vec![
            b"\"".to_vec(),
            b"{".to_vec(),
            b"}".to_vec(),
            b"[".to_vec(),
            b"]".to_vec(),
            b"\\".to_vec(),
            b"\n".to_vec(),
            b"\r\n".to_vec(),
            b"\0".to_vec(),
            b",".to_vec(),
            b"\xef\xbb\xbf".to_vec(),
            b"\x1e".to_vec(),
            b"]}}".to_vec(),
            b"\"log\":{\"entries\":[".to_vec(),
        ]),
    ];
    prop_oneof![
        any::<usize>().prop_map(Spoil::Cut),
        (any::<usize>(), 1u8..).prop_map(|(at, bits)| Spoil::Flip(at, bits)),
        (any::<usize>(), bytes).prop_map(|(at, bytes)| Spoil::Insert(at, bytes)),
        (any::<usize>(), 1usize..200).prop_map(|(at, len)| Spoil::Remove(at, len)),
        (0u8..7, any::<u64>()).prop_map(|(source, seed)| Spoil::Append(source, seed)),
    ]
}

impl Spoil {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: usize, bytes: &[u8]| at % (bytes.len() + 1);
        match self {
            Self::Cut(at) => bytes.truncate(place(*at, bytes)),
            Self::Flip(at, bits) => {
                let at = place(*at, bytes);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Self::Insert(at, more) => {
                let at = place(*at, bytes);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Remove(at, len) => {
                let at = place(*at, bytes);
                bytes.drain(at..bytes.len().min(at + len));
            }
            Self::Append(source, seed) => {
                bytes.extend(Source::ALL[usize::from(*source)].make(2000, *seed).0);
            }
        }
    }
}

/// How a file is packed; in several members or frames where the number says so.
#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Gzip(usize),
    Zstd(usize),
}

impl Packing {
    fn apply(self, bytes: &[u8]) -> Vec<u8> {
        let members = |count: usize| bytes.chunks(bytes.len() / count + 1).map(<[u8]>::to_vec);
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Gzip(count) => members(count).flat_map(|part| samples::gzip(&part)).collect(),
            Self::Zstd(count) => {
                members(count).flat_map(|part| zstd::encode_all(part.as_slice(), 1).unwrap()).collect()
            }
        }
    }
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![
        3 => Just(Packing::Plain),
        1 => (1usize..4).prop_map(Packing::Gzip),
        1 => (1usize..4).prop_map(Packing::Zstd),
    ]
}

/// Limits so small that records are over them, chunks end inside records, and expansion is stopped.
fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![
        Just((Limits::default().record_bytes, Limits::default().batch_bytes, 1 << 30)),
        (64usize..6000, 16usize..5000, prop_oneof![Just(1u64 << 30), 100u64..30_000]),
    ]
    .prop_map(|(record_bytes, batch_bytes, free)| {
        let mut limits = Limits::default();
        limits.record_bytes = record_bytes;
        limits.batch_bytes = batch_bytes;
        limits.free_expansion_bytes = free;
        limits.expansion_ratio = if free == 1 << 30 { limits.expansion_ratio } else { 2 };
        limits
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_recordings_are_booked_to_the_last_byte(
        source in 0usize..7,
        size in 0u64..12_000,
        seed in any::<u64>(),
        spoils in proptest::collection::vec(spoil(), 0..4),
        packing in packing(),
        spoils_of_the_packed in proptest::collection::vec(spoil(), 0..2),
        limits in limits(),
    ) {
        let (mut bytes, _) = Source::ALL[source].make(size, seed);
        for spoil in &spoils {
            spoil.apply(&mut bytes);
        }
        let mut packed = packing.apply(&bytes);
        for spoil in &spoils_of_the_packed {
            spoil.apply(&mut packed);
        }
        read(&packed, limits);
    }

    #[test]
    fn arbitrary_bytes_are_booked_to_the_last_byte(
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
        head in prop::sample::select(vec![
            "", "{\"log\":{\"entries\":[", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}\n", "\u{1f}\u{8b}\u{8}",
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{", "interactions:\n- request:\n    uri: ", "9000:4:type;4:http;7:request;",
            "{\"run_type\":\"llm\",\"inputs\":{", "{\"interactions\":[{\"request\":{\"method\":\"\",\"uri\":\"\"},\"response\":{}},",
            "{\"v\":1,\"kind\":\"text\",\"text\":{}}\n", "{\"v\":2,\"seq\":0,\"prev_hash\":\"\",\"hash\":\"\"}\n", "[", "{",
        ]),
        limits in limits(),
    ) {
        read(&[head.as_bytes(), &bytes].concat(), limits);
    }
}

#[test]
fn whole_recordings_of_every_kind_are_read_without_a_lost_byte_or_record() {
    for source in Source::ALL {
        let (bytes, count) = source.make(300_000, 7);
        let reading = read(&bytes, Limits::default());
        assert_eq!(reading.records, count, "{source:?}");
        assert_eq!(reading.facts.state, InputState::Read, "{source:?}");
        assert_eq!(reading.anomalies, [], "{source:?}");
        for account in [Account::Opaque, Account::Lost, Account::OverLimit] {
            assert_eq!(reading.stored.bytes(account), 0, "{source:?} {account}");
        }
        let events = reading.kinds.iter().filter(|kind| **kind != EventKind::Text).count();
        assert_eq!(events as u64, count * source.events_of_a_record(), "{source:?}");
    }
}

#[test]
fn records_and_events_do_not_depend_on_the_size_of_batches() {
    for source in Source::ALL {
        let (bytes, _) = source.make(60_000, 9);
        let whole = read(&bytes, Limits::default());
        for batch_bytes in [16, 700, 4096, 50_000] {
            let mut limits = Limits::default();
            limits.batch_bytes = batch_bytes;
            let cut = read(&bytes, limits);
            assert_eq!((cut.records, &cut.kinds), (whole.records, &whole.kinds), "{source:?}, {batch_bytes}");
            assert_eq!(cut.stored, whole.stored, "{source:?}, {batch_bytes}");
        }
    }
}

#[test]
fn compressed_recordings_have_the_decoded_ledger_of_their_content() {
    for source in Source::ALL {
        let (bytes, _) = source.make(50_000, 11);
        let plain = read(&bytes, Limits::default());
        for packing in [Packing::Gzip(1), Packing::Gzip(3), Packing::Zstd(1), Packing::Zstd(3)] {
            let packed = read(&packing.apply(&bytes), Limits::default());
            assert_eq!(packed.facts.decoded_bytes, bytes.len() as u64, "{source:?}, {packing:?}");
            assert_eq!(packed.decoded, Some(plain.stored), "{source:?}, {packing:?}");
            assert_eq!(
                (packed.records, &packed.kinds),
                (plain.records, &plain.kinds),
                "{source:?}, {packing:?}"
            );
        }
    }
}

#[test]
fn a_cut_at_every_byte_is_booked_and_shows() {
    for source in Source::ALL {
        let (bytes, _) = source.make(1500, 13);
        let bytes = &bytes[..bytes.len().min(6000)];
        for end in (0..bytes.len()).step_by(11) {
            read(&bytes[..end], Limits::default());
        }
    }
    let har = samples::har();
    let cut = read(&har.as_bytes()[..har.len() / 2], Limits::default());
    assert!(cut.anomalies.contains(&AnomalyKind::CutShort), "{:?}", cut.anomalies);
}

#[test]
fn a_record_over_the_cap_is_scanned_up_to_it_and_the_rest_is_booked_over_the_limit() {
    check_over_cap(200_000, 70_000);
}

#[test]
fn a_cap_below_the_size_of_a_head_or_a_batch_is_kept_as_well() {
    check_over_cap(1000, 300);
    check_over_cap(1000, 1 << 20);
}

fn check_over_cap(record_bytes: usize, batch_bytes: usize) {
    let mut limits = Limits::default();
    limits.record_bytes = record_bytes;
    limits.batch_bytes = batch_bytes;
    let long = samples::record("long", &"x".repeat(5 * record_bytes));
    let text = [samples::record("a", "one"), long.clone(), samples::record("b", "two")].concat();
    let reading = read(text.as_bytes(), limits);
    assert_eq!(reading.stored.bytes(Account::OverLimit), (long.len() - 1 - record_bytes) as u64);
    assert!(reading.anomalies.contains(&AnomalyKind::OverLimit), "{:?}", reading.anomalies);
    assert_eq!(reading.records, 3);
}

#[test]
fn an_input_that_expands_beyond_its_ratio_is_stopped_and_says_so() {
    let mut limits = Limits::default();
    limits.free_expansion_bytes = 1 << 20;
    let line = samples::record("a", &"x".repeat(1000));
    let bomb = samples::gzip(line.repeat(20_000).as_bytes());
    let reading = read(&bomb, limits);
    assert!(reading.facts.decoded_bytes < 20 << 20, "{}", reading.facts.decoded_bytes);
    assert!(reading.anomalies.contains(&AnomalyKind::OverLimit), "{:?}", reading.anomalies);
}

#[test]
fn what_is_not_read_is_opaque_to_the_last_byte() {
    let reading = read(&[b"\x7fELF\0".as_slice(), vec![7; 200_000].as_slice()].concat(), Limits::default());
    assert_eq!(reading.facts.state, InputState::NotScanned);
    assert_eq!(reading.stored.bytes(Account::Opaque), 200_005);
    assert_eq!(reading.kinds, []);
}
