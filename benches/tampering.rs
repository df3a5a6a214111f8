//! Everything that can be done to a log in one step, on logs of nightly size, with counts: `cargo bench --bench tampering`.
//!
//! The small ones run with the tests. This is a second writing of them over the public interface alone: lines are taken
//! apart, hashed and signed anew here without the verifier's code. It fails at the first case that is missed, placed
//! wrongly or vouched for. Left out: speed.

#![expect(clippy::print_stdout, reason = "the counts are what it is for")]

#[path = "tampering/lines.rs"]
mod lines;

use std::io;
use std::sync::Arc;

use coldcase_corpus::Prng;
use coldcase_evidence::{
    Detail, KeyRing, LogConfig, LogFiles, LogWriter, MemoryStore, OpenShard, PublicKey, Record, SecretKey,
    Session, SessionReport, Status, VerifyOptions, verify_session,
};
use lines::{How, Line, rebuild};

const START: i64 = 1_772_359_200_000_000_000;
const INTERVAL: u64 = 9;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let log = Lines::written(60, "one")?;
    println!("{} lines, {} bytes", log.0.len(), log.0.concat().len());
    println!("every bit: {} flips", bits(&log)?);
    println!("every prefix: {} cuts", prefixes(&log)?);
    let other = Lines::written(12, "two")?;
    println!("every operation on lines: {} changes", operations(&log, &other)?);
    let (large, more) = (Lines::written(2_000, "one")?, 20_000);
    println!("on {} lines at random: {} changes", large.0.len(), random_operations(&large, &other, more)?);
    for log in [&log, &Lines::written(400, "three")?] {
        let (attacks, invisible) = rehash(log)?;
        println!(
            "hashed anew: {attacks} attacks on {} lines, {invisible} invisible and not vouched for",
            log.0.len()
        );
    }
    println!("0 missed, 0 placed wrongly, 0 over-claimed");
    Ok(())
}

/// The lines of a log of one file, each with its newline.
#[derive(Clone)]
struct Lines(Vec<Vec<u8>>);

/// The file that they make.
struct File(Vec<u8>);

impl LogFiles for File {
    fn session(&self) -> Option<&str> {
        Some("proxy")
    }

    fn len(&self) -> usize {
        1
    }

    fn name(&self, _: usize) -> String {
        "evidence-proxy-0.jsonl".to_owned()
    }

    fn start(&self, _: usize) -> Option<u64> {
        Some(0)
    }

    fn open(&mut self, _: usize) -> io::Result<OpenShard> {
        let bytes = std::mem::take(&mut self.0);
        let size = Some(bytes.len() as u64);
        Ok(OpenShard { reader: Box::new(io::Cursor::new(bytes)), size })
    }
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn verify(bytes: Vec<u8>, key: Option<PublicKey>) -> SessionReport {
    let mut options = VerifyOptions::default();
    options.keys = KeyRing::new(key);
    verify_session(&mut File(bytes), &options, &mut |_| {})
}

fn signed(bytes: Vec<u8>) -> SessionReport {
    verify(bytes, Some(key().public()))
}

fn check(holds: bool, case: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(case().into()) }
}

impl Lines {
    /// A log by our own writer.
    fn written(entries: i64, mark: &str) -> Result<Self, Failure> {
        let config = LogConfig::new(Session::named("proxy")?, Arc::new(key())).checkpoint_interval(INTERVAL);
        let mut store = MemoryStore::default();
        let mut log = LogWriter::open(config, &mut store)?;
        for at in 0..entries {
            let summary = format!("{mark} {at}: <a> & \u{2028} \u{e9}");
            let detail = Detail::raw(
                br#"{"n":[9007199254740993,1.50,1e3],"url":"https://example.com/a?b=c","v":"allow"}"#,
            )?;
            log.record(START + at * 250_000_000, &Record { summary: &summary, detail, ..Record::default() })?;
        }
        drop(log);
        let bytes = store.shards.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>();
        Ok(Self(bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()))
    }

    /// The last entry that a checkpoint among the first so many lines vouches for.
    fn vouched(&self, len: usize) -> Option<u64> {
        let last = self.0.iter().take(len).rposition(|line| lines::is_checkpoint(line))?;
        last.checked_sub(1).map(|last| last as u64)
    }
}

/// Every bit of every byte flipped.
fn bits(log: &Lines) -> Result<u64, Failure> {
    let mut bytes = log.0.concat();
    let (mut flips, mut at) = (0, 0);
    for (number, line) in (1..).zip(&log.0) {
        for _ in line {
            for bit in 0..8 {
                flip(&mut bytes, at, bit);
                let report = signed(bytes.clone());
                flip(&mut bytes, at, bit);
                let placed = report.first_bad.as_ref().is_some_and(|bad| bad.line == number);
                // The last newline is all that makes the last line whole.
                let is_end = at + 1 == bytes.len() && report.status == Status::TornTail;
                let claims = report.authenticated_through_seq.is_some_and(|through| through + 1 >= number);
                let right = (report.status == Status::Broken && placed) || is_end;
                check(right && !claims, || {
                    format!("bit {bit} of byte {at}, line {number}: {:?}", report.first_bad)
                })?;
                flips += 1;
            }
            at += 1;
        }
    }
    Ok(flips)
}

fn flip(bytes: &mut [u8], at: usize, bit: u32) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

/// Every byte-length prefix.
fn prefixes(log: &Lines) -> Result<u64, Failure> {
    let bytes = log.0.concat();
    let (mut cuts, mut len) = (0, 0);
    for (before, line) in log.0.iter().enumerate() {
        let offset = len as u64;
        for inside in 0..line.len() {
            let report = signed(bytes.get(..len).unwrap_or_default().to_vec());
            let torn_at = report.torn.as_ref().map(|torn| torn.last_good_offset);
            let right = match (inside, before) {
                (0, 0) => report.status == Status::Empty,
                (0, _) => report.status == Status::Intact,
                _ => report.status == Status::TornTail && torn_at == Some(offset),
            };
            let vouched = report.authenticated_through_seq == log.vouched(before);
            check(right && vouched, || format!("{len} bytes: {:?}", report.status))?;
            (cuts, len) = (cuts + 1, len + 1);
        }
    }
    Ok(cuts)
}

/// Whether a changed log is told as one, in its place, and vouched for no further than it is the same.
fn judge(log: &Lines, changed: &Lines, case: impl FnOnce() -> String) -> Result<bool, Failure> {
    let same = log.0.iter().zip(&changed.0).take_while(|(one, other)| one == other).count();
    if same == log.0.len() && same == changed.0.len() {
        return Ok(false);
    }
    let report = signed(changed.0.concat());
    // What a file's name states is told after its lines, and placed at the first.
    let place = report.breaks.iter().filter_map(|found| found.line).min();
    let (this, next) = (same as u64 + 1, same as u64 + 2);
    let right = if same == changed.0.len() {
        // The end was taken off at a newline: nothing in the log can show that.
        matches!(report.status, Status::Intact | Status::Empty)
    } else {
        report.status == Status::Broken && (place == Some(this) || place == Some(next))
    };
    // Where the start is gone, what is left may be whole from there on.
    let vouched = same == 0 || report.authenticated_through_seq == log.vouched(same);
    check(right && vouched, || format!("{}: {:?} at {place:?}, changed at {this}", case(), report.status))?;
    Ok(true)
}

/// Every operation on lines: delete, copy, swap, reverse, move, insert and replace from another log.
fn operations(log: &Lines, other: &Lines) -> Result<u64, Failure> {
    let len = log.0.len();
    let mut changes = 0;
    for kind in 0..7 {
        let sources = if kind >= 5 { other.0.len() } else { len };
        for one in 0..sources {
            for two in 0..=len {
                if let Some(changed) = operate(&log.0, &other.0, kind, one, two) {
                    changes += u64::from(judge(log, &Lines(changed), || format!("{kind}: {one}, {two}"))?);
                }
            }
        }
    }
    Ok(changes)
}

fn random_operations(log: &Lines, other: &Lines, count: u64) -> Result<u64, Failure> {
    let (mut prng, mut changes) = (Prng::new(7), 0);
    let mut pick = |below: usize| usize::try_from(prng.next() % below.max(1) as u64).unwrap_or(0);
    for _ in 0..count {
        let mut next = log.clone();
        let mut made = Vec::new();
        for _ in 0..=pick(3) {
            let (kind, one, two) = (pick(7), pick(next.0.len()), pick(next.0.len()));
            let one = if kind >= 5 { one % other.0.len() } else { one };
            made.push((kind, one, two));
            next.0 = operate(&next.0, &other.0, kind, one, two).unwrap_or(next.0);
        }
        changes += u64::from(judge(log, &next, || format!("{made:?}"))?);
    }
    Ok(changes)
}

/// The lines after one operation; nothing where there is none of this kind.
fn operate(
    lines: &[Vec<u8>],
    other: &[Vec<u8>],
    kind: usize,
    one: usize,
    two: usize,
) -> Option<Vec<Vec<u8>>> {
    let mut out = lines.to_vec();
    match kind {
        0 if two == 0 => drop(out.remove(one)),
        1 => out.insert(two, lines.get(one)?.clone()),
        2 if one < two && two < lines.len() => out.swap(one, two),
        3 => out.get_mut(one..=two)?.reverse(),
        4 if two < lines.len() => {
            let line = out.remove(one);
            out.insert(two, line);
        }
        5 => out.insert(two, other.get(one)?.clone()),
        6 => out.get_mut(two)?.clone_from(other.get(one)?),
        _ => return None,
    }
    Some(out)
}

/// The attacker who cannot sign: changes an entry and makes every number, link and hash anew.
fn rehash(log: &Lines) -> Result<(u64, u64), Failure> {
    let lines: Vec<Line> = log.0.iter().map(|line| Line::parse(line)).collect::<Result<_, _>>()?;
    let (mut attacks, mut invisible) = (0, 0);
    for at in 0..lines.len() {
        let most = log.vouched(at + 1);
        for changed in lines::changes(&lines, at) {
            for how in
                [How::Keep, How::Strip, How::Blank, How::SignWith(Box::new(SecretKey::from_seed(&[9; 32])))]
            {
                for from in [0, at] {
                    let bytes: Vec<u8> = rebuild(&changed, from, &how).iter().flat_map(Line::spell).collect();
                    let report = signed(bytes.clone());
                    let claimed = report.authenticated_through_seq;
                    let over = claimed > most || claimed.is_some_and(|through| through >= at as u64);
                    let blind = verify(bytes, None).authenticated_through_seq;
                    check(!over && blind.is_none(), || {
                        format!("entry {at}, {how:?} from {from}: {claimed:?}")
                    })?;
                    attacks += 1;
                    invisible += u64::from(report.status == Status::Intact);
                }
            }
        }
    }
    check(invisible > 0, || "an attacker who takes all checkpoints out must be invisible".to_owned())?;
    Ok((attacks, invisible))
}
