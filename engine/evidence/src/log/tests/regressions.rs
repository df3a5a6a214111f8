//! What was once wrong in the verifier, each with the smallest log that showed it.

use super::entries::{How, Line, rebuild};
use super::logs::{Log, plain, ring};
use crate::log::Status;

/// One file of a session.
fn file(start: u64, lines: &[Line]) -> Log {
    let bytes = lines.iter().flat_map(Line::spell).collect();
    let name = format!("evidence-proxy-{start}.jsonl");
    Log { session: Some("proxy".to_owned()), shards: vec![(name, bytes)], step: usize::MAX }
}

/// Entries 0 to 3, checkpoint 4, entries 5 to 7.
fn lines() -> Vec<Line> {
    plain("proxy", 7, 4, 100, "one").entries()
}

/// A checkpoint vouches for what is before it. Where nothing of that is here, no entry here is vouched for, and a
/// range that ends before it starts ("entries 4 to 3") says nothing.
#[test]
fn a_checkpoint_as_the_first_line_vouches_for_nothing_here() {
    let report = file(4, &lines()[4..5]).verify(&ring());
    assert_eq!(report.status, Status::MissingStart);
    for range in &report.authority {
        assert!(range.first_seq <= range.last_seq, "{}", report.sentences[1]);
    }
}

/// The same, with a tail that anyone can write: one genuine checkpoint in front keeps the log from failing, though
/// the key vouches for nothing in it.
#[test]
fn a_forged_log_behind_one_genuine_checkpoint_fails() {
    let mut forged = lines()[4..].to_vec();
    for at in 1..forged.len() {
        forged[at].prev = forged[at - 1].hash.clone();
        forged[at].summary = "forged".to_owned();
        forged[at].rehash();
    }
    let report = file(4, &forged).verify(&ring());
    assert_eq!(report.status, Status::MissingStart);
    assert!(report.has_failed(), "{}", report.sentences[1]);
}

/// Forged entries 0 to 3 behind the genuine checkpoint 4: broken, and yet entry 3 counts as authenticated.
#[test]
fn entries_forged_behind_the_checkpoint_that_covers_their_numbers_are_not_authenticated() {
    let genuine = lines();
    let mut forged = genuine[..4].to_vec();
    forged[1].summary = "forged".to_owned();
    forged = rebuild(&forged, 0, How::Keep);
    forged.insert(0, genuine[4].clone());
    let report = file(0, &forged).verify(&ring());
    assert_eq!(report.status, Status::Broken);
    assert_eq!(report.authenticated_through_seq, None, "{}", report.sentences[1]);
}

/// Ten digits of a second are more than the sum of their values has room for, where overflow is checked.
#[test]
fn ten_digits_of_a_second_do_not_overflow() {
    let text = String::from_utf8(plain("proxy", 1, 9, 9, "one").shards[0].1.clone()).unwrap();
    let changed = text.replacen(".25Z", ".9999999999Z", 1);
    assert_ne!(changed, text);
    assert_eq!(Log::file(changed.into_bytes()).verify(&ring()).status, Status::Broken);
}

/// A crash cuts anywhere, also inside `null`: that is the start of an entry as much as a cut inside a number is.
#[test]
fn a_cut_inside_a_literal_is_the_start_of_an_entry() {
    for word in ["null", "true", "false"] {
        let log = super::logs::written("proxy", (9, 9), &[super::logs::record("one", word)], false);
        let bytes = &log.shards[0].1;
        let at = bytes.windows(9).position(|window| window == br#""detail":"#).unwrap() + 9;
        for len in at..=at + word.len() {
            let report = Log::file(bytes[..len].to_vec()).verify(&ring());
            let torn = report.torn.expect("torn");
            assert!(torn.is_start_of_entry, "{word} after {} bytes", len - at);
        }
    }
}

/// By itself a late first line could be the start that an archive leaves; the line that cannot follow it is where the
/// log is surely wrong. What the name says is told after the lines, and takes nothing from what the keys vouch for.
#[test]
fn what_a_name_states_is_told_after_what_lines_show() {
    let mut moved = lines();
    let first = moved.remove(0);
    moved.insert(2, first);
    let report = file(0, &moved).verify(&ring());
    let places: Vec<Option<u64>> = report.breaks.iter().map(|found| found.line).collect();
    assert_eq!(places, [Some(3), Some(4), Some(1)]);
    assert_eq!(report.first_bad.map(|bad| bad.line), Some(3));
    let late = file(0, &lines()[1..]).verify(&ring());
    assert_eq!((late.status, late.first_bad.map(|bad| bad.line)), (Status::Broken, Some(1)));
    assert_eq!(late.authenticated_through_seq, Some(3));
}
