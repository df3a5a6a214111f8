//! Floods against the caps, and time.

use super::*;

const SECOND: i64 = 1_000_000_000;

#[test]
fn a_hole_with_much_behind_it_is_given_up_at_the_cap_of_its_side() {
    let mut bench = Bench::connected();
    for place in 0..4400 {
        bench.up(1 + place * 1000, &[1; 1000]);
        assert!(bench.tcp.held() <= 4 << 20);
    }
    let stream = bench.out.client(0);
    assert_eq!(stream.gaps, [(0, 1)]);
    assert!(bench.tcp.counts().holes_over_cap > 0);
    bench.finish();
    assert_eq!(bench.out.client(0).bytes.len(), 4_400_001);
}

#[test]
fn small_pieces_count_with_what_they_cost() {
    let mut bench = Bench::new(Limits { held_side: 100_000, ..Limits::default() });
    bench.shake();
    for place in 0..5000 {
        bench.up(1 + place * 2, b"x");
        assert!(bench.tcp.held() <= 100_000);
    }
    bench.finish();
    assert_eq!(bench.out.client(0).gaps.len(), 5000);
}

#[test]
fn many_holes_together_stay_under_the_cap_of_all() {
    let mut bench = Bench::new(Limits { held_total: 200_000, ..Limits::default() });
    for port in 0..500 {
        bench.client.port = 10_000 + port;
        bench.shake();
        bench.up(1, &[1; 1400]);
    }
    // Who has held longest gave up first.
    assert_eq!((bench.out.client(0).gaps.len(), bench.out.client(499).gaps.len()), (1, 0));
    bench.finish();
}

#[test]
fn a_flood_of_syns_does_not_evict_established_flows() {
    let mut bench = Bench::new(Limits { flows: 100, ..Limits::default() });
    for port in 0..50 {
        bench.client.port = 1000 + port;
        bench.shake();
    }
    for port in 0..20_000 {
        bench.client.port = 10_000 + port;
        bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    }
    for port in 0..50 {
        bench.client.port = 1000 + port;
        bench.up(0, b"still here");
    }
    assert_eq!(bench.tcp.counts().evicted, 19_950);
    assert!(
        (0..50)
            .all(|flow| bench.out.client(flow).bytes == b"still here" && bench.out.close_of(flow).is_none())
    );
    bench.finish();
}

#[test]
fn a_full_table_still_takes_new_flows_for_those_idle_longest() {
    let mut bench = Bench::new(Limits { flows: 10, ..Limits::default() });
    for port in 0..30 {
        bench.client.port = 1000 + port;
        bench.shake();
        bench.up(0, b"abc");
    }
    assert_eq!(bench.out.close_of(0), Some(Close::Evicted));
    assert_eq!(bench.out.close_of(29), None);
    bench.finish();
    assert!((0..30).all(|flow| bench.out.client(flow).bytes == b"abc"));
}

#[test]
fn idle_flows_are_closed_in_capture_time() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.up(6, b"ghi");
    bench.client.port += 1;
    bench.model.time = Some(599 * SECOND);
    bench.shake();
    assert_eq!(bench.out.close_of(0), None);
    bench.model.time = Some(602 * SECOND);
    bench.up(0, b"a");
    bench.up(1, b"bc");
    assert_eq!((bench.out.close_of(0), bench.out.close_of(1)), (Some(Close::Timeout), None));
    assert_eq!(bench.out.client(0).gaps, [(3, 3)]);
    // After a reset it takes 30 seconds; a clock that runs back closes nothing.
    bench.send(Side::Client, 3, 0, Flags::RST | ACK, b"");
    bench.client.port += 1;
    bench.model.time = Some(5 * SECOND);
    bench.shake();
    assert_eq!(bench.out.close_of(1), None);
    bench.model.time = Some(640 * SECOND);
    bench.up(0, b"");
    bench.up(0, b"");
    assert_eq!((bench.out.close_of(1), bench.out.close_of(2)), (Some(Close::Reset), None));
    bench.finish();
}

#[test]
fn one_record_with_a_wrong_time_closes_nothing() {
    let mut bench = Bench::connected();
    bench.client.port += 1;
    bench.shake();
    bench.model.time = Some(1_000_000 * SECOND);
    bench.up(0, b"a");
    bench.model.time = Some(SECOND);
    bench.up(1, b"b");
    bench.client.port -= 1;
    bench.up(0, b"c");
    assert!(bench.out.closes.is_empty());
    bench.finish();
}

#[test]
fn numbers_at_their_extremes_break_nothing() {
    let numbers = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    let mut bench = Bench::new(Limits::default());
    let mut segment = Segment { payload: b"abcd", window: 65_535, ..bench.model };
    for seq in numbers {
        for ack in numbers {
            for flags in 0..64 {
                for missing in [0, u32::MAX] {
                    segment.window_scale = Some(255);
                    segment.time = Some(if flags % 2 == 0 { i64::MIN } else { i64::MAX });
                    segment =
                        Segment { seq, ack, flags: Flags(flags), missing, at: u64::MAX >> 1, ..segment };
                    (segment.source, segment.target) = (segment.target, segment.source);
                    bench.tcp.segment(&segment, &mut bench.out);
                }
            }
            bench.check();
        }
    }
    bench.finish();
}
