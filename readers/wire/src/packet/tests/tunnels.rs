//! Tunnels, and what only looks like one.

use super::super::build::*;
use super::*;

const DATA: &[u8] = b"inside";

fn packet() -> Vec<u8> {
    ip4(6, &tcp(80, DATA, false))
}

fn over_udp(port: u16, head: &[u8], inner: &[u8]) -> Vec<u8> {
    ip4(17, &udp(port, &join(&[head, inner])))
}

#[test]
fn ip_in_ip() {
    assert_eq!(peel(101, &ip4(4, &packet())), (DATA.to_vec(), vec![Tunnel::Ip(4)]));
    let six = ip6(6, &tcp(80, DATA, true));
    assert_eq!(peel(101, &ip4(41, &six)), (DATA.to_vec(), vec![Tunnel::Ip(41)]));
    assert_eq!(peel(101, &ip6(4, &packet())).0, DATA);
    assert_eq!(peel(101, &ip4(97, &join(&[&[0x30, 0], &plain(DATA)]))).1, [Tunnel::EtherIp]);
    assert_eq!(peel(101, &ip4(137, &join(&[&[0, 1, 1, 64], &packet()]))).1, [Tunnel::Mpls(16)]);
}

#[test]
fn gre_with_every_optional_field() {
    let plain_gre = join(&[&[0, 0, 8, 0], &packet()]);
    assert_eq!(peel(101, &ip4(47, &plain_gre)), (DATA.to_vec(), vec![Tunnel::Gre(None)]));
    let full = join(&[&[0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1], &packet()]);
    assert_eq!(peel(101, &ip4(47, &full)).1, [Tunnel::Gre(Some(42))]);
    let routed = join(&[&[0x40, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 4, 1, 1, 1, 1, 0, 0, 0, 0], &packet()]);
    assert_eq!(peel(101, &ip4(47, &routed)).0, DATA);
    let bridged = join(&[&[0, 0, 0x65, 0x58], &plain(DATA)]);
    assert_eq!(peel(101, &ip4(47, &bridged)).0, DATA);
    let mirror_1 = join(&[&[0, 0, 0x88, 0xbe], &plain(DATA)]);
    assert_eq!(peel(101, &ip4(47, &mirror_1)).0, DATA);
    let mirror_2 = join(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 7, 0, 0, 0, 0], &plain(DATA)]);
    assert_eq!(peel(101, &ip4(47, &mirror_2)).1, [Tunnel::Gre(None), Tunnel::Erspan(7)]);
    let wireless = [&[0, 0, 0x82, 0, 8, 1][..], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    assert_eq!(peel(101, &ip4(47, &join(&[&wireless, &packet()]))).0, DATA);
    assert_eq!(peel(101, &over_udp(4754, &[0, 0, 8, 0], &packet())).1, [Tunnel::Gre(None)]);
    let length = u8::try_from(packet().len() + 4).unwrap();
    let pptp = join(&[
        &[0x30, 0x81, 0x88, 0x0b, 0, length, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21],
        &packet(),
    ]);
    assert_eq!(peel(101, &ip4(47, &pptp)), (DATA.to_vec(), vec![Tunnel::Gre(Some(3))]));
    assert_eq!(why(101, &ip4(47, &[0, 2, 8, 0])), Opaque::Malformed("gre_version"));
}

#[test]
fn tunnels_over_udp() {
    let vxlan = [8, 0, 0, 0, 0, 0, 99, 0];
    for port in [4789, 8472] {
        assert_eq!(
            peel(101, &over_udp(port, &vxlan, &plain(DATA))),
            (DATA.to_vec(), vec![Tunnel::Vxlan(99)])
        );
    }
    assert_eq!(peel(101, &over_udp(4790, &[12, 0, 0, 1, 0, 0, 99, 0], &packet())).0, DATA);
    let geneve = [1, 0, 0x65, 0x58, 0, 0, 98, 0, 0, 0, 0, 0];
    assert_eq!(peel(101, &over_udp(6081, &geneve, &plain(DATA))).1, [Tunnel::Geneve(98)]);
    let size = u8::try_from(packet().len()).unwrap();
    assert_eq!(peel(101, &over_udp(2152, &[0x30, 255, 0, size, 0, 0, 0, 5], &packet())).1, [Tunnel::Gtp(5)]);
    let extended = [0x34, 255, 0, size + 8, 0, 0, 0, 5, 0, 0, 0, 0x85, 1, 0, 0, 0];
    assert_eq!(peel(101, &over_udp(2152, &extended, &packet())).1, [Tunnel::Gtp(5)]);
    let six = ip6(6, &tcp(80, DATA, true));
    assert_eq!(peel(101, &over_udp(3544, &[], &six)).1, [Tunnel::Teredo]);
    let indications = [&[0, 1, 0, 0][..], &[0; 9], &[0, 0, 1, 2, 3, 4, 5, 6]].concat();
    assert_eq!(peel(101, &over_udp(3544, &indications, &six)).1, [Tunnel::Teredo]);
    let l2tp = [0x40, 2, 0, size + 12, 0, 1, 0, 2, 0xff, 3, 0, 0x21];
    assert_eq!(peel(101, &over_udp(1701, &l2tp, &packet())), (DATA.to_vec(), vec![Tunnel::L2tp(1, 2)]));
}

#[test]
fn plain_data_on_the_port_of_a_tunnel_stays_plain() {
    for (port, data) in [
        (4789, b"GET / HTTP/1.1 this is not a tunnel".as_slice()),
        (4789, &[8, 0, 0, 0, 0, 0, 99, 0, 1, 2, 3]),
        (6081, b"\x00\x00\x08\x00\x00\x00\x01\x00not an IP packet at all, whatever the type says"),
        (2152, b"anything"),
        (3544, b"\x60anything"),
        (1701, b"\xc8\x02control"),
    ] {
        assert_eq!(peel(101, &over_udp(port, data, b"")), (data.to_vec(), vec![]), "port {port}");
    }
}

#[test]
fn stacks_are_peeled_up_to_the_cap() {
    let mut bytes = packet();
    for _ in 0..7 {
        bytes = ip4(4, &bytes);
    }
    let read = segment_of(101, &bytes);
    assert_eq!((read.payload, read.tunnels.iter().count(), read.tunnels.more()), (DATA, Tunnels::MOST, 1));
    bytes = ip4(4, &bytes);
    assert_eq!(why(101, &bytes), Opaque::TooDeep);
}
