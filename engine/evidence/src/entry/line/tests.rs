//! The published example read strictly, one change at a time.

use super::*;

/// The worked example of the format's description: its third line, a checkpoint.
pub(crate) const EXAMPLE: &str = r#"{"v":2,"seq":2,"ts":"2026-03-01T10:00:02.000000001Z","session_id":"demo","type":"checkpoint","event_kind":"checkpoint","transport":"","summary":"checkpoint: 2 entries [seq 0-1]","detail":{"entry_count":2,"first_seq":0,"last_seq":1,"signature":"4c9045404353292eaae1a34fc8921fb67e18d098d073c2c3d9e081a6947b9ea5d12ed5f9c0a43e032153e84444db5b7f0082611fbee93be61791cb7096ce9a0c"},"prev_hash":"a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9","hash":"e4954fe68a5478d0fecafd17bdddc8f55d2dfbbdfa5e77341763dca3d32fb284"}"#;
const ESCAPED: &str = r#"{"v":2,"seq":0,"ts":"2026-03-01T10:00:00.12Z","session_id":"demo","type":"decision","event_kind":"proxy_decision","transport":"fetch","summary":"block: dlp (a\u003cb\u003e \u0026 \u2028é😀)","detail":{"layer":"dlp","pattern":"a\u003cb\u003e \u0026 \u2028é😀","request_id":"req-1","verdict":"block"},"prev_hash":"genesis","hash":"2dd333bc4cc11d8c1d58568382b530896c0d4d8924f9d49066b9268f48b390f8"}"#;

fn check(line: &str) -> Result<HashCheck, usize> {
    let mut room = Room::default();
    read(line.as_bytes(), &mut room).map(|entry| entry.check_hash(&mut room))
}

#[test]
fn the_published_lines_agree() {
    for line in [EXAMPLE, ESCAPED] {
        assert_eq!(check(line), Ok(HashCheck::Agrees));
    }
}

#[test]
fn every_bit_of_a_line_counts() {
    for line in [EXAMPLE, ESCAPED] {
        for bit in 0..line.len() * 8 {
            let mut bytes = line.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut room = Room::default();
            let agrees = read(&bytes, &mut room).map(|entry| entry.check_hash(&mut room));
            assert_ne!(agrees, Ok(HashCheck::Agrees), "bit {bit}");
        }
    }
}

#[test]
fn a_line_cut_anywhere_is_refused_at_its_end() {
    for line in [EXAMPLE, ESCAPED] {
        for len in 0..line.len() {
            let cut = &line.as_bytes()[..len];
            assert_eq!(read(cut, &mut Room::default()).map(|entry| entry.seq), Err(len));
        }
    }
}

#[test]
fn what_the_writer_leaves_out_may_not_be_there_empty() {
    for (from, to) in [
        (r#""session_id":"demo","#, r#""session_id":"demo","trace_id":"","#),
        (r#""event_kind":"checkpoint","#, r#""event_kind":"","#),
        (r#","prev_hash""#, r#","raw_ref":"","prev_hash""#),
        (r#"{"v":2"#, r#"{"v":1"#),
        (r#"{"v":2"#, r#"{"v":4"#),
        (r#"{"v":2"#, r#"{"v":3"#),
        (r#""seq":2"#, r#""seq":02"#),
        (r#""seq":2"#, r#""seq":18446744073709551616"#),
        (r#""seq":2"#, r#""seq":-2"#),
    ] {
        let changed = EXAMPLE.replacen(from, to, 1);
        assert_ne!(changed, EXAMPLE);
        assert!(check(&changed).is_err(), "{to}");
    }
    assert!(check(&format!("{EXAMPLE} ")).is_err());
}

#[test]
fn a_zero_byte_in_a_hashed_string_makes_the_hash_ambiguous() {
    let changed = EXAMPLE.replacen("2 entries", r"2\u0000entries", 1);
    assert_eq!(check(&changed), Ok(HashCheck::Ambiguous));
}

#[test]
fn another_hash_differs() {
    assert_eq!(check(&EXAMPLE.replacen("e4954fe6", "e4954fe7", 1)), Ok(HashCheck::Differs));
    assert_eq!(check(&EXAMPLE.replacen("2 entries", "3 entries", 1)), Ok(HashCheck::Differs));
}

#[test]
fn what_a_line_held_is_forgotten_at_the_next() {
    let (zero, mut room) = (EXAMPLE.replacen("2 entries", r"2\u0000entries", 1), Room::default());
    let right =
        [(zero.as_str(), HashCheck::Ambiguous), (EXAMPLE, HashCheck::Agrees), (ESCAPED, HashCheck::Agrees)];
    for (line, check) in right {
        assert_eq!(read(line.as_bytes(), &mut room).unwrap().check_hash(&mut room), check);
    }
}

#[test]
fn a_number_has_a_digit_and_no_zero_before_others() {
    let with = |digits: &str| {
        let line = ESCAPED.replacen(r#""seq":0"#, &format!(r#""seq":{digits}"#), 1);
        read(line.as_bytes(), &mut Room::default()).map(|entry| entry.seq).ok()
    };
    for (digits, seq) in [("0", 0), ("7", 7), ("10", 10), ("18446744073709551615", u64::MAX)] {
        assert_eq!(with(digits), Some(seq));
    }
    for digits in ["", "00", "01", "18446744073709551616", "20000000000000000000", "1e1", "-0"] {
        assert_eq!(with(digits), None, "{digits}");
    }
}

/// A time has at most thirty bytes: behind those nothing can make a right one of it.
#[test]
fn a_time_that_is_cut_may_go_on_and_one_that_is_too_long_may_not() {
    let start = r#"{"v":2,"seq":2,"ts":""#;
    let of = |text: &str| {
        let line = format!("{start}{text}");
        read(line.as_bytes(), &mut Room::default()).map(|_| ()).map_err(|at| (at, line.len()))
    };
    let right = "2026-03-01T10:00:00.123456789Z";
    assert_eq!((right.len(), of(right)), (30, Err((start.len() + 30, start.len() + 30))));
    for behind in ["x", "xx", "x\"", "xx\""] {
        let Err((at, len)) = of(&format!("{right}{behind}")) else { panic!("{behind}") };
        assert!(at == start.len() && at < len, "{behind}");
    }
}

#[test]
fn a_digest_that_is_cut_is_refused_at_the_first_byte_that_is_no_digit() {
    let (before, _) = EXAMPLE.split_once(r#""prev_hash":""#).unwrap();
    let before = format!(r#"{before}"prev_hash":""#);
    for (digits, odd) in
        [("09af", ":"), ("09af", "g"), ("09af", "/"), ("09af", "`"), ("09af", "A"), ("09af", "")]
    {
        let line = format!("{before}{digits}{odd}");
        assert_eq!(read(line.as_bytes(), &mut Room::default()).map(|_| ()), Err(before.len() + 4), "{odd}");
    }
}
