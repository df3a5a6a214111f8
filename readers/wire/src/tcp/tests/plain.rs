//! What ordinary networks do: order, loss, retransmission, closing.

use super::*;

#[test]
fn a_connection_from_handshake_to_fin() {
    let mut bench = Bench::connected();
    bench.up(0, b"GET / HTTP/1.1\r\n\r\n");
    bench.down(0, 18, b"HTTP/1.1 200 OK\r\n");
    bench.down(17, 18, b"content-length: 0\r\n\r\n");
    bench.send(Side::Client, 18, 38, ACK | Flags::FIN, b"");
    bench.send(Side::Server, 38, 19, ACK | Flags::FIN, b"");
    assert_eq!(bench.out.close_of(0), None);
    bench.send(Side::Client, 19, 39, ACK, b"");
    assert_eq!(bench.out.close_of(0), Some(Close::Fin));
    // The last segments again change nothing.
    bench.send(Side::Server, 38, 19, ACK | Flags::FIN, b"");
    bench.down(17, 18, b"content-length: 0\r\n\r\n");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(bench.out.server(0).bytes, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(bench.tcp.counts().duplicates, 21);
    assert_eq!(bench.out.infos[0].client, bench.client);
    assert!(bench.out.infos[0].has_syn && bench.out.infos.len() == 1);
}

#[test]
fn segments_out_of_order_and_again_join_to_the_stream() {
    let mut bench = Bench::connected();
    bench.up(3, b"def");
    bench.up(6, b"ghi");
    bench.up(3, b"def");
    bench.up(0, b"abc");
    bench.up(0, b"abcdefghi");
    bench.up(7, b"hijk");
    bench.finish();
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"abcdefghijk");
    assert!(stream.gaps.is_empty() && stream.conflicts.is_empty() && stream.decoys.is_empty());
    assert!(!bench.noted("tcp_gap"));
    assert_eq!(bench.tcp.counts().duplicates, 14);
}

#[test]
fn sequence_numbers_wrap() {
    let mut bench = Bench::connected();
    let content: Vec<u8> = (0..100).collect();
    for (place, chunk) in content.chunks(10).enumerate().rev() {
        bench.down(place as i64 * 10, 0, chunk);
    }
    bench.finish();
    assert_eq!(bench.out.server(0).bytes, content);
}

/// Only adds up.
struct Counter(u64);
impl Sink for Counter {
    fn open(&mut self, _: FlowId, _: &FlowInfo) {}
    fn data(&mut self, _: FlowId, _: Side, offset: u64, bytes: &[u8], _: u64, _: Option<i64>) {
        assert_eq!(self.0, offset);
        self.0 += bytes.len() as u64;
    }
    fn gap(&mut self, _: FlowId, _: Side, _: u64, len: u64) {
        self.0 += len;
    }
    fn conflict(&mut self, _: FlowId, _: Side, _: &Conflict<'_>) {}
    fn decoy(&mut self, _: FlowId, _: Side, _: &Decoy<'_>) {
        panic!("decoy at {}", self.0);
    }
    fn close(&mut self, _: FlowId, _: Close) {}
}

#[test]
fn more_than_four_gibibytes_keep_their_offsets() {
    let mut bench = Bench::new(Limits { patience: 10, ..Limits::default() });
    bench.shake();
    let chunk = vec![7; 60_000];
    let mut offset = 0u64;
    let mut counter = Counter(0);
    // Each step loses a stretch larger than what is sent, so that the numbers wrap twice in few steps.
    for _ in 0..100 {
        offset += 100_000_000;
        let seq = CLIENT_ISN.wrapping_add(1).wrapping_add(offset as u32);
        let ack = SERVER_ISN.wrapping_add(1);
        let segment = Segment { seq, ack, payload: &chunk, ..bench.model };
        bench.tcp.segment(&segment, &mut counter);
        let [low, high] = [bench.client, bench.server];
        let reply =
            Segment { source: high, target: low, seq: ack, ack: seq.wrapping_add(60_000), ..bench.model };
        for _ in 0..=10 {
            bench.tcp.segment(&reply, &mut counter);
        }
        offset += 60_000;
        assert_eq!(counter.0, offset);
    }
    assert!(offset > 2 << 32);
}

#[test]
fn a_hole_is_given_up_only_when_it_was_acknowledged_and_much_came_after_it() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.up(6, b"ghi");
    for _ in 0..3000 {
        bench.down(0, 3, b"");
    }
    assert_eq!(bench.out.client(0).bytes, b"abc");
    for _ in 0..1001 {
        bench.down(0, 9, b"");
    }
    let stream = bench.out.client(0);
    assert_eq!((&stream.bytes[..], &stream.gaps[..]), (&b"abc\0\0\0ghi"[..], &[(3, 3)][..]));
    // What comes too late is still seen.
    bench.up(3, b"def");
    bench.finish();
    assert_eq!(bench.out.client(0).decoys, [(Apart::Late, b"def".to_vec())]);
}

#[test]
fn bytes_cut_by_the_snap_length_are_a_gap_at_once() {
    let mut bench = Bench::connected();
    bench.model.missing = 4;
    bench.up(0, b"abc");
    assert_eq!(bench.out.client(0).gaps, [(3, 4)]);
    assert!(bench.noted("tcp_gap"));
    bench.up(9, b"jkl");
    bench.up(7, b"hi");
    bench.model.missing = 0;
    bench.up(16, b"qr");
    bench.finish();
    // The second cut segment was sent whole before the third, whose own cut lies in what was sent.
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"abc\0\0\0\0hijkl\0\0\0\0qr");
    assert_eq!(stream.gaps, [(3, 4), (12, 4)]);
}

#[test]
fn a_lost_tail_is_a_gap_if_fin_or_acknowledgement_tell_of_it() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.send(Side::Client, 10, 0, ACK | Flags::FIN, b"");
    bench.down(0, 11, b"xyz");
    bench.send(Side::Client, 11, 20, ACK, b"");
    bench.finish();
    assert_eq!(bench.out.client(0).gaps, [(3, 7)]);
    assert_eq!(bench.out.server(0).gaps, [(3, 17)]);
    assert_eq!(bench.out.close_of(0), Some(Close::EndOfCapture));
}

#[test]
fn keep_alives_and_window_probes_add_nothing() {
    let mut bench = Bench::connected();
    bench.up(0, b"abc");
    bench.down(0, 3, b"");
    bench.up(2, b"\0");
    bench.up(2, b"");
    // RFC 9293, section 3.8.6.1: a probe carries the next byte, and it comes again.
    bench.up(3, b"d");
    bench.up(3, b"def");
    bench.finish();
    let stream = bench.out.client(0);
    assert_eq!(stream.bytes, b"abcdef");
    assert!(stream.conflicts.is_empty() && stream.decoys.is_empty());
    assert_eq!(bench.tcp.counts().keep_alives, 1);
}

#[test]
fn one_direction_alone_is_enough() {
    for side in [Side::Client, Side::Server] {
        let mut bench = Bench::new(Limits { held_side: 100_000, ..Limits::default() });
        let flags = if side == Side::Client { Flags::SYN } else { Flags::SYN | ACK };
        bench.send(side, -1, 0, flags, b"");
        bench.send(side, 0, 0, ACK, b"abc");
        for place in 0..120 {
            bench.send(side, 10 + place * 1000, 5, ACK, &[1; 1000]);
        }
        let stream = if side == Side::Client { bench.out.client(0) } else { bench.out.server(0) };
        assert_eq!((stream.bytes.len(), &stream.gaps[..]), (120_010, &[(3, 7)][..]));
        bench.send(side, 120_010, 0, ACK | Flags::FIN, b"");
        bench.finish();
        assert_eq!(bench.out.close_of(0), Some(Close::Fin));
    }
}

#[test]
fn the_server_may_come_first_in_the_file() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
    bench.down(0, 7, b"answer");
    bench.send(Side::Server, 6, 8, ACK | Flags::FIN, b"");
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    bench.send(Side::Client, 4, 0, ACK, b"tio");
    bench.send(Side::Client, 0, 0, ACK, b"ques");
    bench.send(Side::Client, 7, 7, ACK | Flags::FIN, b"");
    assert_eq!(bench.out.close_of(0), Some(Close::Fin));
    bench.finish();
    assert_eq!(
        (bench.out.client(0).bytes, bench.out.server(0).bytes),
        (b"questio".to_vec(), b"answer".to_vec())
    );
    assert_eq!(bench.out.infos[0].client, bench.client);
}
