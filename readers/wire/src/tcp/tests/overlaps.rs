//! Two versions of the same bytes: who wins, and that the other is handed over too.

use super::*;

fn with(policy: Policy) -> Bench {
    let mut bench = Bench::new(Limits { policy, ..Limits::default() });
    bench.shake();
    bench
}

#[test]
fn first_and_last_keep_what_they_say() {
    for (policy, kept, other) in [(Policy::First, b"good", b"evil"), (Policy::Last, b"evil", b"good")] {
        let mut bench = with(policy);
        bench.up(4, b"good");
        bench.up(4, b"evil");
        bench.up(0, b"GET ");
        bench.finish();
        let stream = bench.out.client(0);
        assert_eq!(stream.bytes, [&b"GET "[..], kept].concat());
        assert_eq!(stream.conflicts, [(4, kept.to_vec(), other.to_vec())]);
    }
}

#[test]
fn an_overlap_with_several_pieces_is_reported_in_one() {
    for policy in [Policy::First, Policy::Last] {
        let mut bench = with(policy);
        bench.up(1, b"bc");
        bench.up(3, b"de");
        bench.up(5, b"fg");
        bench.up(2, b"XXXX__");
        bench.up(0, b"a");
        bench.finish();
        let stream = bench.out.client(0);
        if policy == Policy::First {
            assert_eq!(stream.bytes, b"abcdefg_");
            assert_eq!(stream.conflicts, [(2, b"cdefg".to_vec(), b"XXXX_".to_vec())]);
        } else {
            assert_eq!(stream.bytes, b"abXXXX__");
            assert_eq!(stream.conflicts, [(2, b"XXXX_".to_vec(), b"cdefg".to_vec())]);
        }
    }
}

/// The cases of Novak, "Target-Based TCP Stream Reassembly" (2007), as `tcp_data_queue_ofo` of Linux decides them.
#[test]
fn linux_prefers_what_starts_before_or_covers_from_the_same_start() {
    let cases: [(i64, &[u8], &[u8]); 6] = [
        (10, b"BBBB", b"aaaa"),     // the same stretch: the first
        (10, b"BBBBBB", b"BBBBBB"), // from the same start, longer: the later
        (9, b"BBB", b"BBaa"),       // starts before, ends within: the later
        (12, b"BBBB", b"aaaa"),     // starts within, ends after: the first
        (9, b"BBBBBB", b"BBBB"),    // covers: the later
        (11, b"BB", b"aaaa"),       // within: the first
    ];
    for (start, later, expected) in cases {
        let mut bench = with(Policy::Linux);
        bench.up(10, b"aaaa");
        bench.up(start, later);
        bench.up(0, &b"0123456789"[..start.min(10) as usize]);
        bench.finish();
        let stream = bench.out.client(0);
        assert_eq!(&stream.bytes[10..10 + expected.len()], expected, "{start}");
        assert_eq!(stream.conflicts.len(), 1);
    }
}

#[test]
fn what_was_handed_on_is_compared_with_what_comes_again() {
    for policy in [Policy::First, Policy::Last, Policy::Linux] {
        let mut bench = with(policy);
        bench.up(0, b"GET /benign");
        bench.up(4, b"/secret?k=9");
        bench.finish();
        let stream = bench.out.client(0);
        assert_eq!(stream.bytes, b"GET /benign?k=9");
        assert_eq!(stream.conflicts, [(4, b"/benign".to_vec(), b"/secret".to_vec())]);
        assert!(bench.noted("tcp_overlap_conflict"));
    }
}

#[test]
fn without_history_what_is_not_acknowledged_is_handed_over() {
    let mut bench = Bench::new(Limits { history: 0, ..Limits::default() });
    bench.shake();
    bench.up(0, b"abcdef");
    bench.down(0, 3, b"");
    bench.up(0, b"abcdef");
    bench.finish();
    assert_eq!(bench.out.client(0).decoys, [(Apart::Unverified, b"def".to_vec())]);
    assert_eq!(bench.tcp.counts().duplicates, 3);
}

#[test]
fn one_old_byte_is_a_keep_alive_only_once_it_was_acknowledged() {
    let mut bench = Bench::connected();
    bench.up(0, b"a");
    bench.down(0, 0, b"");
    bench.up(0, b"b");
    bench.down(0, 1, b"");
    bench.up(0, b"c");
    bench.finish();
    assert_eq!(bench.out.client(0).conflicts, [(0, b"a".to_vec(), b"b".to_vec())]);
    assert_eq!(bench.tcp.counts().keep_alives, 1);
}
