//! Any bytes as a TLS connection whose secrets are known: the account adds up, pushes of any size say the same, nothing
//! is plaintext that was not sealed, and what was sealed is.
#![no_main]

#[path = "shared/sealed.rs"]
mod sealed;
#[path = "shared/steps.rs"]
mod steps;

use std::sync::LazyLock;

use coldcase_wire::tls::{Connection, Count, KeyLog, Limits, Output, suite_name};
use coldcase_wire::{Note, Side};
use libfuzzer_sys::fuzz_target;
use sealed::{RANDOMS, SUITES, Writer, hellos, message, record};
use steps::{Piece, Step, play, sent};

static KEYS: LazyLock<KeyLog> = LazyLock::new(|| {
    let mut keys = KeyLog::default();
    keys.add(sealed::log().as_bytes());
    assert_eq!((keys.connections(), keys.bad_lines()), (RANDOMS.len(), 0));
    keys
});

const SIDES: [Side; 2] = [Side::Client, Side::Server];

fuzz_target!(|input: (u8, u8, u16, &[u8])| {
    let (mode, most, suite, bytes) = input;
    let most = 1 + usize::from(most);
    let mut limits = Limits::default();
    if mode & 4 != 0 {
        limits =
            Limits { handshake_message: 64, held: 100, tries: 3, failed_tries: 5, certificates: 1, names: 1 };
    }
    let steps = steps::steps(bytes);
    let (owned, plain) = match mode & 3 {
        0 => (steps.iter().map(|step| Owned::of(*step)).collect(), [Vec::new(), Vec::new()]),
        1 => (opaque(&steps, mode, suite), [Vec::new(), Vec::new()]),
        is_13 => sealed_steps(&steps, is_13 == 3),
    };
    let steps: Vec<_> = owned.iter().map(Owned::step).collect();
    let whole = read(&steps, limits, usize::MAX);
    assert_eq!(read(&steps, limits, most), whole, "the pushes");
    for (came, sealed) in whole.plain.iter().zip(&plain) {
        let mut sealed = sealed.iter();
        assert!(came.iter().all(|one| sealed.any(|other| one == other)), "plaintext that was not sealed");
    }
    let is_sound = owned.iter().all(|step| matches!(step, Owned::Push(_, _, true)));
    if mode & 2 != 0 && is_sound {
        assert_eq!(whole.plain, plain, "what was sealed is not read");
    }
});

/// A step with bytes of its own, and whether they are as a peer would send them.
enum Owned {
    Push(Side, Vec<u8>, bool),
    Gap(Side, u64),
}

impl Owned {
    fn of(step: Step<'_>) -> Self {
        match step {
            Step::Push(side, bytes) => Self::Push(side, bytes.to_vec(), false),
            Step::Gap(side, len) => Self::Gap(side, len),
        }
    }

    fn step(&self) -> Step<'_> {
        match self {
            Self::Push(side, bytes, _) => Step::Push(*side, bytes),
            Self::Gap(side, len) => Step::Gap(*side, *len),
        }
    }
}

/// Hellos that agree on a suite and a version, then records of any content.
fn opaque(steps: &[Step<'_>], mode: u8, suite: u16) -> Vec<Owned> {
    let version = [0x0301, 0x0302, 0x0303, 0x0304][usize::from(mode >> 3 & 3)];
    let is_long = suite_name(suite).is_some_and(|name| name.ends_with("SHA384"));
    let [client, server] = hellos(&RANDOMS[usize::from(is_long)], version, suite, mode & 0x20 != 0);
    let mut owned = vec![Owned::Push(Side::Client, client, true), Owned::Push(Side::Server, server, true)];
    if mode & 0x40 == 0 {
        let change = record(20, 0x0303, &[1]);
        owned.extend(SIDES.map(|side| Owned::Push(side, change.clone(), true)));
    }
    owned.extend(steps.iter().map(|step| match *step {
        Step::Push(side, [kind, payload @ ..]) => {
            Owned::Push(side, record(20 + kind % 5, version.min(0x0303), payload), false)
        }
        step => Owned::of(step),
    }));
    owned
}

/// A connection whose application data the steps are, and the data of each side, record by record. A gap is a record
/// that is lost; some records are changed on their way, and some update keys.
fn sealed_steps(steps: &[Step<'_>], is_13: bool) -> (Vec<Owned>, [Vec<Vec<u8>>; 2]) {
    let version = if is_13 { 0x0304 } else { 0x0303 };
    let [client, server] = hellos(&RANDOMS[0], version, SUITES[usize::from(is_13)], false);
    let mut owned = vec![Owned::Push(Side::Client, client, true), Owned::Push(Side::Server, server, true)];
    let finished = message(20, &[9; 32]);
    let mut writers = SIDES.map(|side| {
        let mut writer = if is_13 { Writer::tls13(side, true) } else { Writer::tls12(side) };
        owned.push(Owned::Push(side, record(20, 0x0303, &[1]), true));
        owned.push(Owned::Push(side, writer.seal(22, &finished), true));
        if is_13 { Writer::tls13(side, false) } else { writer }
    });
    let mut plain = [Vec::new(), Vec::new()];
    for step in steps {
        let (Step::Push(side, _) | Step::Gap(side, _)) = *step;
        let nth = usize::from(side == Side::Server);
        let writer = &mut writers[nth];
        match *step {
            Step::Push(_, [0xff, content @ ..]) => {
                let mut sealed = writer.seal(23, content);
                let last = sealed.len() - 1;
                sealed[last] ^= 1;
                owned.push(Owned::Push(side, sealed, false));
            }
            Step::Push(_, [0xfe, ..]) if is_13 => {
                owned.push(Owned::Push(side, writer.seal(22, &message(24, &[0])), true));
                writer.update();
            }
            Step::Push(_, content) => {
                owned.push(Owned::Push(side, writer.seal(23, content), true));
                plain[nth].push(content.to_vec());
            }
            Step::Gap(_, len) => {
                let lost = writer.seal(23, &vec![0; usize::try_from(len).expect("short")]);
                owned.push(Owned::Gap(side, lost.len() as u64));
            }
        }
    }
    (owned, plain)
}

/// What a connection said.
#[derive(Debug, Default, PartialEq)]
struct Said {
    log: Vec<String>,
    /// Application data of each side, record by record.
    plain: [Vec<Vec<u8>>; 2],
    opaque: u64,
    notes: Vec<Note>,
    counts: [Count; 2],
}

impl Said {
    fn take(&mut self, output: &Output<'_>) {
        match output {
            Output::Plain { side, offset, bytes, .. } => {
                let plain = &mut self.plain[usize::from(*side == Side::Server)];
                assert_eq!(plain.iter().map(Vec::len).sum::<usize>() as u64, *offset);
                plain.push(bytes.to_vec());
            }
            Output::Opaque { len, .. } => self.opaque += len,
            _ => {}
        }
        self.log.push(format!("{output:?}"));
    }
}

fn read(steps: &[Step<'_>], limits: Limits, most: usize) -> Said {
    let mut connection = Connection::new(limits);
    let (mut said, mut pushed) = (Said::default(), [0; 2]);
    play(steps, most, &mut |side, piece| match piece {
        Piece::Bytes(bytes, at) => {
            connection.push(side, bytes, at, Some(1), &KEYS, &mut |output| said.take(&output));
            let pushed = &mut pushed[usize::from(side == Side::Server)];
            *pushed += bytes.len() as u64;
            assert_eq!(connection.count(side).pushed() + connection.pending(side), *pushed);
        }
        Piece::Gap(len, _) => connection.gap(side, len, &KEYS, &mut |output| said.take(&output)),
    });
    for side in SIDES {
        connection.finish(side, &KEYS, &mut |output| said.take(&output));
    }
    said.counts = SIDES.map(|side| connection.count(side));
    for ((side, count), plain) in SIDES.into_iter().zip(&said.counts).zip(&said.plain) {
        assert_eq!(connection.pending(side), 0);
        assert_eq!((count.pushed(), count.lost), sent(steps, side), "{count:?}");
        assert_eq!(count.plain, plain.iter().map(Vec::len).sum::<usize>() as u64);
    }
    assert_eq!(said.counts.iter().map(|count| count.opaque).sum::<u64>(), said.opaque);
    said.notes = connection.take_notes();
    said
}
