//! A genuine log that bytes edit: nothing but what its writer, or anyone without its key, can leave is whole, and
//! no entry from the first changed one on counts as authenticated.
#![no_main]

#[path = "shared/edits.rs"]
mod edits;

use std::sync::{Arc, LazyLock};

use coldcase_evidence::MemoryFiles as Files;
use coldcase_evidence::{
    Detail, EvidenceSet, ExpectedHead, KeyRing, LogConfig, LogWriter, MemoryStore, Record, SecretKey,
    Session, SessionReport, Status, VerifyOptions, read_heads, verify_session,
};
use libfuzzer_sys::fuzz_target;

type Lines = Vec<Vec<u8>>;
type Shards = Vec<(String, Vec<u8>)>;

const NOW: i64 = 1_772_359_200_000_000_000;
const ENTRIES: usize = 10;

struct Genuine {
    /// The logs of two sessions, both signed by the trusted key.
    logs: [Shards; 2],
    /// What can be read as a whole log: the genuine logs, and for each entry what someone without the key can make
    /// of the log from there on to the next checkpoint.
    whole: Vec<Lines>,
    /// What can be read as the end of a log whose start is missing: the runs between the checkpoints of a log under a
    /// key of the attacker's own.
    unsigned: Vec<Lines>,
    /// Lines that an attacker has or can make.
    others: Lines,
    head: ExpectedHead,
    keys: KeyRing,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let (mut first, second) = (write("proxy", 1, ENTRIES), write("other", 1, ENTRIES));
    let own = write("proxy", 9, 0);
    let log = edits::lines(&first.log());
    let mut whole = vec![log.clone(), edits::lines(&second.log())];
    for from in 0..ENTRIES {
        let forged = edits::lines(&write("proxy", 1, from).log());
        let same = log.iter().zip(&forged).take_while(|(one, other)| one == other).count();
        // The checkpoint after it would take the key.
        let signed = forged.iter().skip(same).position(|line| is_checkpoint(line));
        whole.push(forged[..signed.map_or(forged.len(), |at| same + at)].to_vec());
    }
    let own = edits::lines(&own.log());
    let unsigned = own.split(|line| is_checkpoint(line)).map(<[Vec<u8>]>::to_vec).collect();
    let head = read_heads(&first.heads).pop().expect("a head").expect("our own spelling");
    let head = ExpectedHead {
        hash: head.hash,
        seq: Some(head.seq),
        session: Some(head.session.to_string()),
        source: "heads".to_owned(),
    };
    Genuine {
        others: [whole.concat(), own].concat(),
        whole,
        unsigned,
        logs: [std::mem::take(&mut first.shards), second.shards],
        head,
        keys: KeyRing::new([SecretKey::from_seed(&[1; 32]).public()]),
    }
});

/// A log of which the entries from `forged` on say something else.
fn write(session: &str, seed: u8, forged: usize) -> MemoryStore {
    let session = Session::named(session).expect("a name");
    let config = LogConfig::new(session, Arc::new(SecretKey::from_seed(&[seed; 32])));
    let config = config.checkpoint_interval(3).max_entries(5);
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config, &mut store).expect("right settings");
    for at in 0..ENTRIES {
        let summary = if at < forged { format!("entry {at}") } else { format!("forged {at}") };
        let detail = Detail::raw(br#"{"a":[1,null,"x"]}"#).expect("plain JSON");
        let record = Record { summary: &summary, detail, ..Record::default() };
        log.record(NOW + at as i64 * 250_000_000, &record).expect("a store in memory");
    }
    log.close(NOW + 3_600_000_000_000).expect("a store in memory");
    store
}

fn is_checkpoint(line: &[u8]) -> bool {
    line.windows(19).any(|part| part == br#""type":"checkpoint""#)
}

fuzz_target!(|bytes: &[u8]| {
    let genuine = &*GENUINE;
    let Some((with, bytes)) = bytes.split_first() else { return };
    let mut shards = genuine.logs[0].clone();
    if with & 1 == 1 {
        shards.extend(genuine.logs[1].iter().cloned());
    }
    for edit in edits::edits(bytes) {
        change(&mut shards, edit, &genuine.others);
    }
    let mut set = EvidenceSet::default();
    for (name, _) in &shards {
        set.push(name);
    }
    set.sort();
    let mut seen = 0;
    for found in set.sessions() {
        seen += found.len();
        let file = |index| {
            let name = found.name(index);
            shards.iter().find(|(other, _)| *other == name).expect("the name of a file that is there").clone()
        };
        let files: Shards = (0..found.len()).map(file).collect();
        check(found.session, &files, genuine);
    }
    assert_eq!(seen, set.len());
});

const REMOVE: u8 = edits::KINDS;
const SWAP: u8 = REMOVE + 1;
const SPLIT: u8 = REMOVE + 2;
const RENAME: u8 = REMOVE + 3;

/// An edit of one file's bytes or lines, or of the files.
fn change(shards: &mut Shards, [kind, shard, a, b, c]: [u8; 5], others: &Lines) {
    if shards.is_empty() {
        return;
    }
    let shard = usize::from(shard) % shards.len();
    match kind % (RENAME + 1) {
        REMOVE => drop(shards.remove(shard)),
        SWAP => {
            let other = usize::from(a) % shards.len();
            let bytes = shards[shard].1.clone();
            shards[shard].1 = std::mem::replace(&mut shards[other].1, bytes);
        }
        SPLIT => {
            let at = (usize::from(a) << 8 | usize::from(b)) % (shards[shard].1.len() + 1);
            let name = name(c, &shards[shard].1[at..]);
            if shards.iter().all(|(other, _)| *other != name) {
                let rest = shards[shard].1.split_off(at);
                shards.push((name, rest));
            }
        }
        RENAME => {
            let name = name(a, &shards[shard].1);
            if shards.iter().all(|(other, _)| *other != name) {
                shards[shard].0 = name;
            }
        }
        kind => edits::edit(&mut shards[shard].1, kind, [a, b, c], others),
    }
}

/// A name for a file: the right one for what it starts with, or an odd one.
fn name(pick: u8, bytes: &[u8]) -> String {
    const ODD: [&str; 12] = [
        "evidence-proxy-00.jsonl",
        "evidence-proxy-x.jsonl",
        "evidence-proxy-.jsonl",
        "evidence-proxy-+5.jsonl",
        "evidence-proxy-05.jsonl",
        "evidence-proxy-18446744073709551615.jsonl",
        "evidence-proxy-18446744073709551616.jsonl",
        "evidence-other-0.jsonl",
        "evidence--0.jsonl",
        "evidence-proxy-evil-0.jsonl",
        "evidence-0.jsonl",
        "notes.txt",
    ];
    if let Some(odd) = ODD.get(usize::from(pick)) {
        return (*odd).to_owned();
    }
    let text = String::from_utf8_lossy(bytes);
    let seq = text.split_once(r#""seq":"#).and_then(|(_, rest)| rest.split_once(','));
    let seq = seq.and_then(|(seq, _)| seq.parse::<u64>().ok()).unwrap_or(u64::from(pick));
    format!("evidence-proxy-{seq}.jsonl")
}

fn check(session: &str, files: &Shards, genuine: &Genuine) {
    let verify = |heads: Vec<ExpectedHead>| -> SessionReport {
        let mut options = VerifyOptions::default();
        (options.keys, options.heads) = (genuine.keys.clone(), heads);
        let mut files =
            Files { session: Some(session.to_owned()), shards: files.clone(), ..Files::file(Vec::new()) };
        verify_session(&mut files, &options, &mut |_| {})
    };
    let report = verify(Vec::new());
    let mut found: Lines = files.iter().flat_map(|(_, bytes)| edits::lines(bytes)).collect();

    // What follows the lines of one genuine log, from wherever it starts.
    let log = &genuine.whole[usize::from(session == "other")];
    let start = found.first().and_then(|first| log.iter().position(|line| line == first));
    let was = start.map_or(&[][..], |start| &log[start..]);
    let run = was.iter().zip(&found).take_while(|(one, other)| one == other).count();
    let signed = was[..run].iter().rposition(|line| is_checkpoint(line)).filter(|at| *at > 0);
    let vouched = start.zip(signed).map(|(start, at)| (start + at) as u64 - 1);
    let claimed = report.authenticated_through_seq;
    let vouched = vouched.filter(|_| matches!(session, "proxy" | "other"));
    assert!(claimed <= vouched, "{claimed:?} is claimed, {vouched:?} is so: {:?}", report.breaks);
    if *files == genuine.logs[usize::from(session == "other")] {
        assert_eq!((report.status, claimed), (Status::Intact, vouched), "{:?}", report.breaks);
    }

    // A tail that is told as torn is no part of what is whole.
    if report.status == Status::TornTail {
        found.pop();
    }
    let starts_in = |line: &Lines| {
        found.first().is_none_or(|first| {
            let starts = line.iter().position(|other| other == first);
            starts.is_some_and(|at| line[at..].starts_with(&found))
        })
    };
    let starts_with = |line: &Lines| line.starts_with(&found);
    let text = || String::from_utf8_lossy(&found.concat()).into_owned();
    match report.status {
        Status::Intact => {
            assert!(genuine.whole.iter().any(starts_with), "intact, and no log's start: {}", text())
        }
        Status::MissingStart | Status::TornTail => {
            assert!(
                genuine.whole.iter().chain(&genuine.unsigned).any(starts_in),
                "whole, and no log's part: {}",
                text()
            );
        }
        Status::Empty => assert!(found.is_empty(), "empty, and there are lines: {}", text()),
        Status::Broken => {}
    }

    // A head that was recorded elsewhere shows what was taken off the end.
    if session == "proxy" && verify(vec![genuine.head.clone()]).status != Status::Broken {
        let head = log.iter().rposition(|line| is_checkpoint(line)).expect("the last checkpoint");
        assert!(found.contains(&log[head]), "the head is not here");
    }
}
