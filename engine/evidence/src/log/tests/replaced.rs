//! Broken UTF-8 that an older recorder hashed and then replaced: proved where it can be, and never taken for right.

use super::entries::Line;
use super::logs::{Log, plain, ring};
use crate::entry::{Fields, hash};
use crate::hex;
use crate::log::{BreakReason, Replaced, ReplacedBudget, VerifyOptions};

/// An entry whose summary was these bytes when it was hashed, and holds U+FFFD for each that is broken.
fn entry(summary: &[u8], change: impl FnOnce(&mut Line)) -> Line {
    let mut line = plain("proxy", 1, 9, 9, "one").entries().remove(0);
    change(&mut line);
    // What stands for a broken byte in `raw_ref` was 0xFF.
    let broken = |sign: char| if sign == '\u{fffd}' { 0xff } else { sign as u8 };
    let raw_ref: Vec<u8> = line.raw_ref.chars().map(broken).collect();
    let fields = Fields {
        version: line.version,
        seq: line.seq,
        ts: line.ts.as_bytes(),
        session: line.session.as_bytes(),
        trace: line.trace.as_bytes(),
        kind: line.kind.as_bytes(),
        event_kind: line.event_kind.as_bytes(),
        transport: line.transport.as_bytes(),
        summary,
        detail: line.detail.as_bytes(),
        raw_ref: &raw_ref,
        prev_hash: line.prev.as_bytes(),
        ..Fields::default()
    };
    line.hash = hex::encode(&hash(&fields, &mut Vec::new()));
    line.summary =
        summary.iter().map(|byte| if *byte < 0x80 { char::from(*byte) } else { '\u{fffd}' }).collect();
    line
}

fn reasons(bytes: Vec<u8>) -> Vec<Replaced> {
    let report = Log::file(bytes).verify(&ring());
    let replaced = |reason: &BreakReason| match reason {
        BreakReason::HashDiffers { replaced } => Some(*replaced),
        _ => None,
    };
    report.breaks.iter().filter_map(|found| replaced(&found.reason)).collect()
}

fn reason(line: &Line) -> Replaced {
    let reasons = reasons(line.spell());
    assert_eq!(reasons.len(), 1);
    reasons[0]
}

#[test]
fn one_or_two_broken_bytes_are_proved_wherever_they_stand() {
    for summary in [&b"\x80"[..], b"\xff", b"a\xc3b", b"\x80\xff", b"\xfe\x81", b"a\xe9b\xe8c"] {
        assert_eq!(reason(&entry(summary, |_| {})), Replaced::Proved, "{summary:x?}");
    }
    assert_eq!(reason(&entry(b"a\xff\xff\xffb", |_| {})), Replaced::Possible);
}

#[test]
fn the_escape_stands_for_a_broken_byte_too() {
    let line = entry(b"a\xffb", |_| {});
    let text = String::from_utf8(line.spell()).unwrap();
    let (raw, escaped) = (text.replace(r"\ufffd", "\u{fffd}"), text.replace('\u{fffd}', r"\ufffd"));
    assert_ne!(raw, escaped);
    for text in [raw, escaped] {
        assert!(reasons(text.into_bytes()).iter().all(|replaced| *replaced == Replaced::Proved));
    }
}

#[test]
fn a_detail_was_hashed_as_it_stands() {
    let with = |line: &mut Line| line.detail = "{\"a\":\"\u{fffd}\u{fffd}\"}".to_owned();
    assert_eq!(reason(&entry(b"a\xffb", with)), Replaced::Proved);
    let mut altered = entry(b"ab", with);
    altered.summary.push('!');
    assert_eq!(reason(&altered), Replaced::None);
}

/// What stands behind the detail is hashed too.
#[test]
fn a_broken_byte_behind_the_detail_is_found() {
    let with = |line: &mut Line| line.raw_ref = "\u{fffd}".to_owned();
    assert_eq!(reason(&entry(b"a\xffb", with)), Replaced::Proved);
}

#[test]
fn an_altered_entry_is_not_explained_away() {
    let mut altered = entry(b"a\xffb", |_| {});
    altered.summary.push('!');
    assert_eq!(reason(&altered), Replaced::Possible);
    altered.summary = "ab".to_owned();
    assert_eq!(reason(&altered), Replaced::None);
}

/// Each string that is hashed may hold what stands for a broken byte.
#[test]
fn each_hashed_string_is_looked_at() {
    type Change = fn(&mut Line);
    let held: [Change; 6] = [
        |line| line.summary = "\u{fffd}".to_owned(),
        |line| line.kind = "\u{fffd}".to_owned(),
        |line| line.event_kind = "\u{fffd}".to_owned(),
        |line| line.transport = "\u{fffd}".to_owned(),
        |line| line.trace = "\u{fffd}".to_owned(),
        |line| line.session = "\u{fffd}".to_owned(),
    ];
    for change in held {
        let mut line = entry(b"ab", |_| {});
        change(&mut line);
        assert_eq!(reason(&line), Replaced::Possible, "{line:?}");
    }
}

#[test]
fn lines_of_4096_bytes_are_tried_and_longer_ones_not() {
    let room = 4096 - (entry(b"\xff", |_| {}).spell().len() - 1);
    let of = |room: usize| {
        let line = entry(&[vec![b'a'; room], b"\xff".to_vec()].concat(), |_| {});
        (line.spell().len() - 1, reason(&line))
    };
    assert_eq!(of(room), (4096, Replaced::Proved));
    assert_eq!(of(room + 1), (4097, Replaced::Possible));
}

#[test]
fn four_lines_are_tried() {
    let bytes = entry(b"\xff", |_| {}).spell().repeat(6);
    let right = [[Replaced::Proved; 4].as_slice(), &[Replaced::Possible; 2]].concat();
    assert_eq!(reasons(bytes), right);
}

/// One run, several sessions: what the first spent the later ones lack, and then the cause stays open.
#[test]
fn sessions_share_what_a_run_may_spend() {
    let log = Log::file(entry(b"a\xff\xffb", |_| {}).spell());
    let replaced = |options: &VerifyOptions| match log.verify_with(options).breaks[0].reason {
        BreakReason::HashDiffers { replaced } => replaced,
        ref other => panic!("{other:?}"),
    };
    let within = |bytes| VerifyOptions { replaced: ReplacedBudget::of(bytes), ..VerifyOptions::default() };
    assert_eq!(replaced(&within(128 * 128 * 4096)), Replaced::Proved);
    assert_eq!(replaced(&within(128 * 128)), Replaced::Possible);
    // An entry takes some three mebibytes, and each session is a clone's.
    let shared = within(8 << 20);
    let spent: Vec<_> = (0..8).map(|_| replaced(&shared.clone())).collect();
    assert_eq!((spent[0], spent[7]), (Replaced::Proved, Replaced::Possible), "{spent:?}");
}
