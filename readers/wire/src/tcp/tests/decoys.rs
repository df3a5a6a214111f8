//! What a third party, or a sender who wants to be read otherwise here than there, puts on the wire.

use super::*;

#[test]
fn segments_with_a_bad_checksum_are_handed_over_apart() {
    let mut bench = Bench::connected();
    for (place, byte) in b"secret".iter().enumerate() {
        bench.model.checksum_ok = Some(false);
        bench.up(place as i64, b"x");
        bench.send(Side::Server, 0, 0, Flags::RST | ACK, b"");
        bench.send(Side::Client, place as i64, 0, Flags::FIN | ACK, b"");
        bench.model.checksum_ok = Some(true);
        bench.up(place as i64, &[*byte]);
    }
    bench.finish();
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"secret");
    assert_eq!(stream.decoys, vec![(Apart::BadChecksum, b"x".to_vec()); 6]);
    assert!(stream.conflicts.is_empty() && bench.noted("tcp_bad_checksum"));
    assert_eq!(bench.out.close_of(0), Some(Close::EndOfCapture));
}

#[test]
fn a_sender_whose_checksums_are_all_bad_is_read() {
    let mut bench = Bench::new(Limits::default());
    let send = |bench: &mut Bench, side, offset, flags, payload: &[u8]| {
        bench.model.checksum_ok = Some(side == Side::Server);
        bench.send(side, offset, 0, flags, payload);
    };
    send(&mut bench, Side::Client, -1, Flags::SYN, b"");
    send(&mut bench, Side::Server, -1, Flags::SYN | ACK, b"");
    send(&mut bench, Side::Client, 0, ACK, b"abc");
    send(&mut bench, Side::Server, 0, ACK, b"xyz");
    // One in 65,536 is right by chance; Linux computes those of resets and of bare ACKs in some states itself.
    for place in 1..100 {
        send(&mut bench, Side::Client, place * 3, ACK, b"abc");
    }
    bench.model.checksum_ok = Some(true);
    bench.send(Side::Client, 300, 0, ACK, b"abc");
    send(&mut bench, Side::Client, 303, ACK, b"abc");
    bench.finish();
    assert_eq!((bench.out.client(0).bytes.len(), bench.out.server(0).bytes.len()), (306, 3));
    assert!(bench.out.client(0).decoys.is_empty());
}

#[test]
fn a_reset_out_of_the_window_is_not_believed() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.down(0, 3, b"");
    for offset in [-5, 2, 100_000, 1 << 30] {
        bench.send(Side::Client, offset, 0, Flags::RST, b"");
    }
    bench.up(3, b"def");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"abcdef");
    assert_eq!(bench.out.close_of(0), Some(Close::EndOfCapture));
    assert_eq!(bench.tcp.counts().resets_refused, 4);
}

#[test]
fn a_reset_in_the_window_closes_unless_its_sender_goes_on() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.send(Side::Client, 3, 0, Flags::RST, b"");
    bench.down(0, 3, b"in flight");
    bench.finish();
    assert_eq!(bench.out.close_of(0), Some(Close::Reset));
    assert_eq!(bench.out.server(0).bytes, b"in flight");

    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.model.ttl = 3;
    bench.send(Side::Client, 3, 0, Flags::RST, b"why");
    bench.model.ttl = 64;
    bench.up(3, b"def");
    bench.down(0, 6, b"answer");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"abcdef");
    assert_eq!(bench.out.client(0).decoys, [(Apart::InReset, b"why".to_vec())]);
    assert_eq!(bench.out.close_of(0), Some(Close::EndOfCapture));
    assert!(bench.noted("tcp_reset_belied") && bench.noted("tcp_data_after_reset"));
}

#[test]
fn a_segment_with_an_odd_time_to_live_waits_for_its_rival() {
    let mut bench = Bench::connected();
    bench.model.ttl = 2;
    bench.up(0, b"benign");
    bench.model.ttl = 64;
    bench.up(0, b"secret");
    bench.down(0, 6, b"");
    bench.finish();
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"secret");
    assert_eq!(stream.conflicts, [(0, b"secret".to_vec(), b"benign".to_vec())]);

    // A path that changed: what is acknowledged has arrived.
    let mut bench = Bench::connected();
    bench.model.ttl = 50;
    bench.up(0, b"abc");
    bench.down(0, 3, b"");
    assert_eq!(bench.out.client(0).bytes, b"abc");
    bench.up(3, b"def");
    bench.up(6, b"ghi");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"abcdefghi");
    assert!(bench.out.client(0).conflicts.is_empty());
}

#[test]
fn a_segment_beyond_the_announced_window_loses_to_one_within() {
    let mut bench = Bench::new(Limits::default());
    bench.model.window_scale = Some(0);
    bench.model.window = 10;
    bench.shake();
    bench.down(0, 0, b"");
    bench.up(0, b"0123456789");
    bench.up(10, b"benign");
    bench.down(0, 10, b"");
    bench.up(10, b"secret");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"0123456789secret");
    assert_eq!(bench.out.client(0).conflicts.len(), 1);
}

#[test]
fn what_receivers_drop_stands_apart() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.send(Side::Client, 3, 0, Flags(0), b"no ack");
    bench.send(Side::Client, 3, 1 << 31, ACK, b"bad ack");
    bench.up(2 << 30, b"far away");
    bench.model.is_alternative = true;
    bench.up(3, b"XXX");
    bench.model.is_alternative = false;
    bench.up(3, b"def");
    bench.finish();
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"abcdef");
    let whys: Vec<_> = stream.decoys.iter().map(|(why, _)| *why).collect();
    assert_eq!(whys, [Apart::NoAck, Apart::BadAck, Apart::OutOfWindow, Apart::Alternative]);
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_is_withdrawn() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.up(6, b"ghi");
    bench.down(0, 1 << 29, b"");
    bench.down(0, 3, b"");
    // The hole was not acknowledged after all.
    for _ in 0..1100 {
        bench.down(0, 3, b"");
    }
    bench.up(3, b"def");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"abcdefghi");
    assert!(bench.out.client(0).gaps.is_empty());
}

#[test]
fn a_stream_that_is_no_longer_captured_does_not_hide_the_other() {
    let mut bench = Bench::connected();
    bench.down(0, 0, b"start of a large download");
    for turn in 0..12i64 {
        // Each acknowledges half a gibibyte more.
        bench.send(Side::Client, turn, 25 + (turn << 29), ACK, b"x");
    }
    assert_eq!(bench.out.client(0).bytes, b"xxxxxxxxxxxx");
    bench.finish();
}

#[test]
fn a_window_that_is_not_known_any_more_holds_nothing_back() {
    let mut bench = Bench::new(Limits { patience: 50, ..Limits::default() });
    bench.model.window_scale = Some(0);
    bench.model.window = 1000;
    bench.shake();
    bench.down(0, 0, b"");
    for place in 0..200 {
        bench.up(place * 100, &[1; 100]);
    }
    assert_eq!(bench.out.client(0).bytes.len(), 20_000);
    bench.finish();
}

#[test]
fn data_beyond_a_fin_is_the_streams_unless_the_fin_was_acknowledged() {
    let mut bench = Bench::connected();
    bench.send(Side::Client, 0, 0, ACK | Flags::FIN, b"abc");
    bench.up(3, b"def");
    assert_eq!(bench.out.client(0).bytes, b"abcdef");
    assert!(bench.noted("tcp_fin_passed"));
    bench.send(Side::Client, 6, 0, ACK | Flags::FIN, b"");
    bench.down(0, 7, b"");
    bench.up(6, b"more");
    bench.send(Side::Server, 0, 7, ACK | Flags::FIN, b"");
    bench.send(Side::Client, 7, 1, ACK, b"");
    assert_eq!(bench.out.close_of(0), Some(Close::Fin));
    bench.up(4, b"efghi");
    bench.finish();
    let decoys = bench.out.client(0).decoys;
    assert_eq!(decoys, [(Apart::AfterFin, b"more".to_vec()), (Apart::AfterClose, b"ghi".to_vec())]);
}

#[test]
fn a_syn_amid_a_connection_changes_nothing_until_it_is_answered() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    let isns = bench.isns;
    bench.isns[0] = 77_777_777;
    bench.send(Side::Client, -1, 0, Flags::SYN, b"early");
    bench.isns = isns;
    bench.up(3, b"def");
    bench.down(0, 6, b"xyz");
    bench.finish();
    assert_eq!((bench.out.infos.len(), bench.out.client(0).bytes), (1, b"abcdef".to_vec()));
    assert_eq!(bench.out.streams[&(FlowId(0), true)].decoys, [(Apart::InSyn, b"early".to_vec())]);
    assert!(bench.noted("tcp_second_syn"));
}

#[test]
fn a_forged_answer_to_the_syn_does_not_set_the_servers_numbers() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    let isns = bench.isns;
    // One that answers another SYN, and one with other numbers of its own.
    bench.isns[0] = 5;
    bench.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
    bench.isns = [isns[0], 0x1234_5678];
    bench.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
    bench.isns = isns;
    bench.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
    bench.up(0, b"question");
    bench.down(0, 8, b"answer");
    bench.finish();
    assert_eq!(
        (bench.out.client(0).bytes, bench.out.server(0).bytes),
        (b"question".to_vec(), b"answer".to_vec())
    );
    assert!(bench.noted("tcp_syn_answer_unasked"));
    assert_eq!(bench.out.infos.len(), 1);
}
