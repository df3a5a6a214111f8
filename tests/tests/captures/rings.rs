//! Captures that were split into files of a ring are read as the capture that they are, and each file keeps its own books.

use std::path::{Path, PathBuf};

use coldcase_model::{Account, BatchSource, Item};
use coldcase_readers::{InputSet, Limits, expand};

use super::packets::{Capture, Flow, From, START, answer, pcapng, post, split};
use crate::command::coldcase;
use crate::reading::{Reading, check, read_paths};
use crate::{output, samples};

/// A connection on which much is said, in many packets; the token stands in the middle of the last request.
fn talk() -> Vec<u8> {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    let filler = "the owner reads the plan. ".repeat(100);
    flow.send(&mut capture, From::Client, &post("/first", "text/plain", filler.as_bytes()));
    flow.send(&mut capture, From::Server, &answer("Content-Type: text/plain\r\n", filler.as_bytes()));
    let last = format!("{filler} key {} {filler}", samples::token());
    flow.send(&mut capture, From::Client, &post("/last", "text/plain", last.as_bytes()));
    flow.send(&mut capture, From::Server, &answer("", b"done"));
    flow.close(&mut capture);
    capture.bytes
}

/// Puts files into a folder.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(temp.path().join(name), bytes).unwrap();
    }
    temp
}

/// An event: the name of its file, its offset there, its session and its text.
type Told = (String, u64, String, Vec<u8>);

fn events(path: &Path) -> Vec<Told> {
    let limits = Limits::default();
    let found = expand(&[path.to_owned()], &limits).unwrap();
    let name = |index: usize| {
        let path: &Path = found[index].path();
        path.file_name().unwrap().to_str().unwrap().to_owned()
    };
    let mut inputs = InputSet::new(found.clone(), limits);
    let mut told = Vec::new();
    while let Some(batch) = inputs.next_batch() {
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                let pos = event.head.source.pos;
                let session = event.head.session.as_str().to_owned();
                told.push((name(pos.artifact.0 as usize), pos.offset, session, event.text.to_vec()));
            }
        });
    }
    told
}

fn texts(told: &[Told]) -> Vec<&[u8]> {
    told.iter().map(|(_, _, _, text)| text.as_slice()).collect()
}

fn sum(readings: &[Reading], account: Account) -> u64 {
    readings.iter().map(|reading| reading.stored.bytes(account)).sum()
}

fn readings(path: &Path) -> Vec<Reading> {
    let readings = read_paths(&[path.to_owned()], Limits::default(), Vec::new());
    for reading in &readings {
        check(Path::new(&reading.facts.path), reading);
    }
    readings
}

#[test]
fn a_message_across_files_is_whole_and_stands_where_it_begins() {
    let parts = split(&talk(), &[8, 14]);
    // The ring went round: what is named 0 came last.
    let temp = folder(&[("cap.pcap0", &parts[2]), ("cap.pcap1", &parts[0]), ("cap.pcap2", &parts[1])]);
    let whole = folder(&[("cap.pcap", &talk())]);
    let (told, alone) = (events(temp.path()), events(whole.path()));
    assert_eq!(texts(&told), texts(&alone));
    let contents = |name: &str| std::fs::read(temp.path().join(name)).unwrap();
    for ((name, offset, _, text), begins) in
        told.iter().zip(["POST /first", "HTTP/1.1 200", "POST /last", "HTTP/1.1 200"])
    {
        let at = usize::try_from(*offset).unwrap();
        assert!(contents(name)[at..].starts_with(begins.as_bytes()), "{begins} at {name} {offset}");
        assert!(!text.is_empty());
    }
    let names: Vec<&str> = told.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names.first(), Some(&"cap.pcap1"));
    assert_eq!(names.last(), Some(&"cap.pcap0"));
    let session = |told: &Told| told.2.clone();
    assert!(told.iter().all(|one| session(one) == session(&told[0])), "one client, one session");
}

#[test]
fn however_a_capture_is_split_it_says_the_same_and_every_file_is_booked() {
    let bytes = talk();
    let whole = folder(&[("cap.pcap", &bytes)]);
    let (alone, once) = (events(whole.path()), readings(whole.path()));
    for cut in 1..24 {
        let parts = split(&bytes, &[cut, cut + 3]);
        let temp = folder(&[("cap.pcap", &parts[0]), ("cap.pcap1", &parts[1]), ("cap.pcap2", &parts[2])]);
        assert_eq!(texts(&events(temp.path())), texts(&alone), "cut at {cut}");
        let readings = readings(temp.path());
        assert_eq!(readings.len(), 3);
        for account in [Account::Scanned, Account::Opaque, Account::Lost, Account::OverLimit] {
            assert_eq!(sum(&readings, account), once[0].stored.bytes(account), "{account} cut at {cut}");
        }
        // Two more file headers.
        assert_eq!(sum(&readings, Account::Framing), once[0].stored.bytes(Account::Framing) + 48);
        let events: usize = readings.iter().map(|reading| reading.kinds.len()).sum();
        let records: u64 = readings.iter().map(|reading| reading.records).sum();
        assert_eq!((events, records), (alone.len(), once[0].records));
        assert!(readings.iter().all(|reading| reading.anomalies.is_empty()));
    }
}

#[test]
fn content_is_booked_to_the_file_that_holds_it() {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    let request = post("/in", "text/plain", &[b'a'; 3000]);
    flow.send(&mut capture, From::Client, &request);
    flow.close(&mut capture);
    // Three packets of the handshake; each segment is acknowledged.
    let parts = split(&capture.bytes, &[5]);
    let temp = folder(&[("cap.pcap0", &parts[0]), ("cap.pcap1", &parts[1])]);
    let readings = readings(temp.path());
    let scanned: Vec<u64> = readings.iter().map(|reading| reading.stored.bytes(Account::Scanned)).collect();
    assert_eq!(scanned, [1000, request.len() as u64 - 1000]);
}

#[test]
fn encrypted_and_cut_bytes_across_files_are_booked_too() {
    let mut capture = Capture::new();
    let mut flow = Flow::open_to(443, &mut capture, 1);
    // Records of TLS that nothing opens, and one that is cut.
    let mut records = Vec::new();
    for _ in 0..5 {
        records.extend([23, 3, 3, 4, 0]);
        records.extend([0xa7; 1024]);
    }
    records.extend([23, 3, 3, 4, 0, 0xa7, 0xa7]);
    flow.send_in(&mut capture, From::Client, &records, 700);
    flow.send_in(&mut capture, From::Server, &records, 500);
    let whole = folder(&[("cap.pcap", &capture.bytes)]);
    let once = readings(whole.path());
    for cut in 3..20 {
        let parts = split(&capture.bytes, &[cut]);
        let temp = folder(&[("cap.pcap0", &parts[0]), ("cap.pcap1", &parts[1])]);
        let readings = readings(temp.path());
        for account in [Account::Scanned, Account::Opaque, Account::Lost, Account::OverLimit] {
            assert_eq!(sum(&readings, account), once[0].stored.bytes(account), "{account} cut at {cut}");
        }
    }
}

#[test]
fn rings_of_dumpcap_and_compressed_files_are_joined() {
    let parts = split(&talk(), &[9, 15]);
    let alone = folder(&[("cap.pcap", &talk())]);
    let alone = events(alone.path());
    let ng: Vec<Vec<u8>> = parts.iter().map(|part| pcapng(part)).collect();
    let dumpcap = folder(&[
        ("a_00001_20260301100000.pcapng", &ng[0]),
        ("a_00002_20260301100001.pcapng", &ng[1]),
        ("a_00003_20260301100002.pcapng", &ng[2]),
    ]);
    assert_eq!(texts(&events(dumpcap.path())), texts(&alone));
    let packed: Vec<Vec<u8>> = parts.iter().map(|part| samples::gzip(part)).collect();
    let tcpdump =
        folder(&[("cap.pcap.gz", &packed[0]), ("cap.pcap1.gz", &packed[1]), ("cap.pcap2", &parts[2])]);
    assert_eq!(texts(&events(tcpdump.path())), texts(&alone));
    readings(tcpdump.path());
}

#[test]
fn files_that_overlap_in_time_or_differ_in_link_are_read_by_themselves() {
    let parts = split(&talk(), &[9]);
    let joined = |first: &[u8], second: &[u8], names: [&str; 2]| {
        let temp = folder(&[(names[0], first), (names[1], second)]);
        let told = readings(temp.path());
        assert_eq!(told.len(), 2);
        told.iter().all(|reading| reading.facts.capture.as_ref().unwrap().ring.is_some())
    };
    assert!(joined(&parts[0], &parts[1], ["cap.pcap0", "cap.pcap1"]));
    // No names of one ring.
    assert!(!joined(&parts[0], &parts[1], ["cap0.pcap", "cap1.pcap"]));
    assert!(!joined(&parts[0], &parts[1], ["cap.pcap0", "cup.pcap1"]));
    // Another link type: raw IP instead of Ethernet.
    let mut other = parts[1].clone();
    other[20] = 101;
    assert!(!joined(&parts[0], &other, ["cap.pcap0", "cap.pcap1"]));
    // Two captures that ran at the same time.
    let mut one = Capture::new();
    Flow::open(&mut one, 1).close(&mut one);
    one.set_time(START + 60);
    Flow::open(&mut one, 2).close(&mut one);
    let mut two = Capture::new();
    two.set_time(START + 30);
    Flow::open(&mut two, 3).close(&mut two);
    assert!(!joined(&one.bytes, &two.bytes, ["cap.pcap0", "cap.pcap1"]));
    // A file without packets.
    assert!(!joined(&one.bytes, &Capture::new().bytes, ["cap.pcap0", "cap.pcap1"]));
}

#[test]
fn what_does_not_follow_begins_another_chain() {
    let parts = split(&talk(), &[9]);
    let mut between = Capture::new();
    between.set_time(START + 2);
    Flow::open(&mut between, 3).close(&mut between);
    between.set_time(START + 90);
    Flow::open(&mut between, 4).close(&mut between);
    let mut during = Capture::new();
    during.set_time(START + 60);
    Flow::open(&mut during, 5).close(&mut during);
    let temp = folder(&[
        ("cap.pcap0", &parts[0]),
        ("cap.pcap1", &parts[1]),
        ("cap.pcap2", &between.bytes),
        ("cap.pcap3", &during.bytes),
    ]);
    let ring = readings(temp.path());
    let ring: Vec<_> = ring.iter().map(|reading| reading.facts.capture.as_ref().unwrap().ring).collect();
    assert_eq!(ring, [Some((1, 3)), Some((2, 3)), Some((3, 3)), None]);
}

#[test]
fn any_number_of_threads_gives_the_same_report_of_a_ring() {
    let mut capture = Capture::new();
    let mut flows: Vec<Flow> = (1..=4).map(|number| Flow::open(&mut capture, number)).collect();
    let filler = "the owner reads the plan and writes an answer.\n".repeat(9000);
    for round in 0..4 {
        for flow in &mut flows {
            let note = format!("round {round}: {}", samples::token());
            flow.send(&mut capture, From::Client, &post("/notes", "text/plain", note.as_bytes()));
        }
        let text = answer("Content-Type: text/plain\r\n", format!("{filler}{}", samples::ORDER).as_bytes());
        for part in text.chunks(8000) {
            for flow in &mut flows {
                flow.send_in(&mut capture, From::Server, part, 8000);
            }
        }
    }
    let parts = split(&capture.bytes, &[301, 700, 1103]);
    let input = folder(&[
        ("cap.pcap0", &parts[2]),
        ("cap.pcap0.txt", b"{\"note\": 1}\n"),
        ("cap.pcap1", &parts[3]),
        ("cap.pcap2", &parts[0]),
        ("cap.pcap3", &parts[1]),
    ]);
    let out = tempfile::tempdir().unwrap();
    let scan = |threads: &str| -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
        let folder = out.path().join(threads);
        let (input, shown) = (input.path().to_str().unwrap(), folder.to_str().unwrap());
        let outcome = coldcase(["scan", input, "-q", "--threads", threads, "-o", shown]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        output::files(&folder).into_iter().collect()
    };
    let one = scan("1");
    // 16 notes with a token, and 16 answers with an order.
    assert!(output::findings(&out.path().join("1")).len() >= 32);
    for threads in ["2", "8"] {
        let many = scan(threads);
        assert!(one.keys().eq(many.keys()), "other files");
        for (path, bytes) in &one {
            assert!(bytes == &many[path], "{} differs on {threads} threads", path.display());
        }
    }
}

#[test]
fn inspect_says_which_files_were_read_as_one() {
    let parts = split(&talk(), &[9]);
    let temp = folder(&[("cap.pcap0", &parts[1]), ("cap.pcap1", &parts[0])]);
    let text = coldcase(["inspect", temp.path().to_str().unwrap()]).stdout;
    let rings: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("ring ")).collect();
    assert_eq!(rings.len(), 2, "{text}");
    assert!(rings[0].contains("file 2 of 2") && rings[1].contains("file 1 of 2"), "{text}");
}
