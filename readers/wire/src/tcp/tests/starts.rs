//! How connections begin: roles, fast open, both at once, amid, and again on the same ports.

use super::*;

#[test]
fn fast_open_carries_data_in_the_syn() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"GET /");
    bench.send(Side::Client, -1, 0, Flags::SYN, b"GET /");
    bench.send(Side::Server, -1, 5, Flags::SYN | ACK, b"");
    bench.up(5, b"x");
    // The server refused the data of another: it comes again.
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"GET /x");
    assert_eq!(bench.tcp.counts().duplicates, 5);
}

#[test]
fn both_ends_open_at_once() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    bench.send(Side::Server, -1, 0, Flags::SYN, b"");
    bench.send(Side::Client, -1, 0, Flags::SYN | ACK, b"");
    bench.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
    bench.up(0, b"abc");
    bench.down(0, 3, b"xyz");
    bench.finish();
    assert_eq!((bench.out.client(0).bytes, bench.out.server(0).bytes), (b"abc".to_vec(), b"xyz".to_vec()));
    assert_eq!(bench.out.infos.len(), 1);
}

#[test]
fn a_capture_may_start_amid_a_connection() {
    let mut bench = Bench::new(Limits::default());
    bench.down(500, 100, b"tail of a body");
    bench.down(490, 100, b"before it ");
    bench.up(99, b"\0");
    bench.up(100, b"GET /");
    bench.down(514, 105, b"HTTP/1.1");
    bench.finish();
    assert_eq!(bench.out.infos[0].server, bench.server);
    assert!(!bench.out.infos[0].has_syn);
    assert_eq!(bench.out.client(0).bytes, b"GET /");
    assert_eq!(bench.out.server(0).bytes, b"tail of a bodyHTTP/1.1");
    assert_eq!(bench.out.server(0).decoys, [(Apart::BeforeStart, b"before it ".to_vec())]);
}

#[test]
fn a_bare_segment_at_the_start_does_not_fix_it() {
    // A keep-alive without data stands one before the next byte.
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, 9, 0, ACK, b"");
    bench.up(10, b"abc");
    bench.finish();
    assert_eq!((&bench.out.client(0).bytes[..], bench.out.client(0).gaps.len()), (&b"abc"[..], 0));
    // Nor does one with a FIN that payload belies, but what was handed on is.
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, 10, 0, ACK | Flags::FIN, b"");
    bench.up(10, b"abc");
    bench.up(5, b"12345");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes, b"abc");
    assert_eq!(bench.out.client(0).decoys, [(Apart::BeforeStart, b"12345".to_vec())]);
    // An acknowledgement that was captured before the data sent before it.
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, 1000, 0, ACK, b"");
    bench.up(0, &[1; 1000]);
    bench.up(1000, b"abc");
    bench.finish();
    assert_eq!(bench.out.client(0).bytes.len(), 1003);
}

#[test]
fn roles_without_syn_come_from_content_then_ports() {
    let cases: [(&[u8], u16, u16, bool); 6] = [
        (b"GET / HTTP/1.1\r\n", 80, 40_000, true),
        (b"HTTP/1.1 200 OK\r\n", 40_000, 80, false),
        (b"\x16\x03\x01\x00\x40\x01", 443, 40_000, true),
        (b"\x16\x03\x03\x00\x40\x02", 50_000, 40_000, false),
        (b"?", 443, 40_000, false),
        (b"?", 40_000, 443, true),
    ];
    for (payload, source, target, is_client) in cases {
        let mut bench = Bench::new(Limits::default());
        (bench.client.port, bench.server.port) = (source, target);
        bench.up(0, payload);
        assert_eq!(bench.out.infos[0].client.port == source, is_client, "{payload:?}");
    }
}

#[test]
fn the_same_ports_again_are_another_flow() {
    for is_closed in [true, false] {
        let mut bench = Bench::connected();
        bench.up(0, b"first");
        if is_closed {
            bench.send(Side::Client, 5, 0, ACK | Flags::FIN, b"");
            bench.send(Side::Server, 0, 6, ACK | Flags::FIN, b"");
            bench.send(Side::Client, 6, 1, ACK, b"");
        }
        bench.isns = [CLIENT_ISN + 100_000, 9];
        bench.shake();
        bench.up(0, b"second");
        bench.down(0, 6, b"answer");
        bench.finish();
        assert_eq!(
            (bench.out.client(0).bytes, bench.out.client(1).bytes),
            (b"first".to_vec(), b"second".to_vec())
        );
        assert_eq!(bench.out.server(1).bytes, b"answer");
        let why = if is_closed { Close::Fin } else { Close::Replaced };
        assert_eq!((bench.out.close_of(0), bench.out.infos.len()), (Some(why), 2));
        assert!(bench.out.infos[1].has_syn && bench.out.infos[1].client == bench.client);
    }
}

#[test]
fn the_same_ports_again_with_one_direction_only() {
    for side in [Side::Client, Side::Server] {
        let flags = if side == Side::Client { Flags::SYN } else { Flags::SYN | ACK };
        let mut bench = Bench::new(Limits::default());
        for (isn, content) in [(1000, b"first"), (900_000_000, b"other")] {
            bench.isns = [isn; 2];
            bench.send(side, -1, 0, flags, b"");
            bench.send(side, 0, 0, ACK, content);
        }
        bench.finish();
        let of = |flow| if side == Side::Client { bench.out.client(flow) } else { bench.out.server(flow) };
        assert_eq!((of(0).bytes, of(1).bytes), (b"first".to_vec(), b"other".to_vec()), "{side:?}");
    }
}

#[test]
fn a_syn_that_is_tried_again_with_another_number_keeps_its_flow() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    bench.isns[0] = 4_000_000;
    bench.shake();
    bench.up(0, b"abc");
    bench.finish();
    assert_eq!((bench.out.infos.len(), bench.out.client(0).bytes), (1, b"abc".to_vec()));
}

#[test]
fn a_refused_connection_is_closed_by_reset() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    bench.send(Side::Server, -1, 0, Flags::RST | ACK, b"");
    bench.finish();
    assert_eq!(bench.out.close_of(0), Some(Close::Reset));
}

#[test]
fn a_connection_after_a_refused_one_is_another_flow() {
    let mut bench = Bench::new(Limits::default());
    bench.send(Side::Client, -1, 0, Flags::SYN, b"");
    bench.send(Side::Server, -1, 0, Flags::RST | ACK, b"");
    bench.isns[0] = 4_000_000;
    bench.shake();
    bench.up(0, b"abc");
    bench.finish();
    assert_eq!(bench.out.close_of(0), Some(Close::Reset));
    assert_eq!(
        (bench.out.close_of(1), bench.out.client(1).bytes),
        (Some(Close::EndOfCapture), b"abc".to_vec())
    );
}

#[test]
fn spaces_and_families_keep_flows_apart() {
    let mut bench = Bench::new(Limits::default());
    bench.up(0, b"abc");
    bench.model.space = 1;
    bench.up(0, b"def");
    bench.finish();
    assert_eq!((bench.out.client(0).bytes, bench.out.client(1).bytes), (b"abc".to_vec(), b"def".to_vec()));
}
