//! What is known to be wrong in the verifier: each test fails until that is mended, and stays as its regression test.

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
fn defect_a_checkpoint_as_the_first_line_is_said_to_vouch_for_entries_4_to_3() {
    let report = file(4, &lines()[4..5]).verify(&ring());
    assert_eq!(report.status, Status::MissingStart);
    for range in &report.authority {
        assert!(range.first_seq <= range.last_seq, "{}", report.sentences[1]);
    }
}

/// The same, with a tail that anyone can write: one genuine checkpoint in front keeps the log from failing, though
/// the key vouches for nothing in it.
#[test]
fn defect_a_forged_log_behind_one_genuine_checkpoint_does_not_count_as_failed() {
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
fn defect_entries_forged_behind_the_checkpoint_that_covers_their_numbers_count_as_authenticated() {
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
fn defect_ten_digits_of_a_second_overflow() {
    let text = String::from_utf8(plain("proxy", 1, 9, 9, "one").shards[0].1.clone()).unwrap();
    let changed = text.replacen(".25Z", ".9999999999Z", 1);
    assert_ne!(changed, text);
    assert_eq!(Log::file(changed.into_bytes()).verify(&ring()).status, Status::Broken);
}

/// A crash cuts anywhere, also inside `null`: that is the start of an entry as much as a cut inside a number is.
#[test]
fn defect_a_cut_inside_a_literal_is_no_start_of_an_entry() {
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

/// That the first file does not start where its name says is seen in its first line, and told only after its last:
/// the report then points at a later line as the first bad one.
#[test]
fn defect_a_first_file_without_its_first_entry_is_told_after_the_breaks_that_follow() {
    let mut moved = lines();
    let first = moved.remove(0);
    moved.insert(2, first);
    let report = file(0, &moved).verify(&ring());
    let places: Vec<Option<u64>> = report.breaks.iter().map(|found| found.line).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(report.first_bad.map(|bad| bad.line), Some(1));
}
