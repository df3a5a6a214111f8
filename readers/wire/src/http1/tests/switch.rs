//! Upgrades and tunnels.

use super::*;

const UPGRADE: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

#[test]
fn after_101_both_sides_are_handed_on() {
    let (seen, count, _) = run(&[
        Step::Push(Side::Client, UPGRADE),
        Step::Push(Side::Server, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"),
        Step::Push(Side::Client, b"\x81\x80GET / HTTP/1.1\r\n"),
        Step::Gap(Side::Client, 3),
    ]);
    assert_eq!(seen.messages.iter().map(label).collect::<Vec<_>>(), ["/chat", "101"]);
    assert_eq!(
        seen.passed,
        [
            ("websocket".to_owned(), Side::Server, b"\x81\x02hi".to_vec()),
            ("websocket".to_owned(), Side::Client, b"\x81\x80GET / HTTP/1.1\r\n".to_vec())
        ]
    );
    assert_eq!((seen.gaps, count.lost, count.opaque), (3, 3, 0));
}

#[test]
fn a_tunnel_starts_after_a_granted_connect_though_the_client_was_early() {
    let connect = b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03\x01";
    let (seen, ..) = run(&[
        Step::Push(Side::Client, connect),
        Step::Push(
            Side::Server,
            b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n\x16\x03\x03",
        ),
        Step::Push(Side::Client, b"more"),
    ]);
    assert_eq!(seen.messages.len(), 2);
    assert_eq!(
        seen.passed,
        [
            (String::new(), Side::Client, b"\x16\x03\x01more".to_vec()),
            (String::new(), Side::Server, b"\x16\x03\x03".to_vec())
        ]
    );
}

#[test]
fn after_a_refused_connect_or_upgrade_requests_go_on() {
    for request in [&b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"[..], UPGRADE] {
        let (seen, ..) = run(&[
            Step::Push(Side::Client, request),
            Step::Push(Side::Client, b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"),
            Step::Push(
                Side::Server,
                b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            ),
        ]);
        assert!(seen.passed.is_empty());
        assert_eq!(seen.of(Side::Server).iter().map(|row| row.1).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(seen.of(Side::Client).iter().map(|row| row.1).collect::<Vec<_>>(), [0, 1]);
    }
}

#[test]
fn without_the_server_the_clients_bytes_tell() {
    let connect = b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\x16\x03\x01\x00";
    assert_eq!(requests(connect).passed[0].2, b"\x16\x03\x01\x00");
    let both = [UPGRADE, b"\x81\x82abcd"].concat();
    assert_eq!(requests(&both).passed[0].0, "websocket");
    let again = [UPGRADE, UPGRADE].concat();
    assert_eq!(requests(&again).messages.len(), 2);
}

#[test]
fn no_more_than_the_cap_is_held() {
    let bytes = [&b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"[..], &[0x17; 5000]].concat();
    let limits = Limits { held: 100, ..Limits::default() };
    let mut connection = Connection::new(limits);
    let mut seen = Seen::default();
    connection.push(Side::Client, &bytes, 0, None, &mut |output| seen.take(output));
    assert_eq!(seen.passed[0].2.len(), 5000);
}
