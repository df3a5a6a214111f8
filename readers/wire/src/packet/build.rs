//! Frames built by hand, for the tests.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The two ends of every IPv4 packet here.
pub(super) const ENDS_4: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
/// The two ends of every IPv6 packet here.
pub(super) const ENDS_6: (Ipv6Addr, Ipv6Addr) =
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));

pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn sum(bytes: &[u8]) -> u16 {
    let mut sum = 0_u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

fn size(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap()
}

fn pseudo(protocol: u8, segment: &[u8], is_v6: bool) -> Vec<u8> {
    let length = u32::try_from(segment.len()).unwrap().to_be_bytes();
    let ends = if is_v6 {
        join(&[&ENDS_6.0.octets(), &ENDS_6.1.octets()])
    } else {
        join(&[&ENDS_4.0.octets(), &ENDS_4.1.octets()])
    };
    join(&[&ends, &length, &[0, 0, 0, protocol], segment])
}

/// From port 40000, sequence number 1000, with a checksum for IPv4 or IPv6.
pub(super) fn tcp(port: u16, payload: &[u8], is_v6: bool) -> Vec<u8> {
    let head = [0x9c, 0x40, 0, 0, 0, 0, 3, 0xe8, 0, 0, 0, 7, 0x50, 0x18, 0x20, 0, 0, 0, 0, 0];
    let mut segment = join(&[&head, payload]);
    segment[2..4].copy_from_slice(&port.to_be_bytes());
    let field = sum(&pseudo(6, &segment, is_v6));
    segment[16..18].copy_from_slice(&field.to_be_bytes());
    segment
}

/// From port 5000, with a checksum for IPv4.
pub(super) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = size(payload) + 8;
    let mut datagram =
        join(&[&5000_u16.to_be_bytes(), &port.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload]);
    let field = sum(&pseudo(17, &datagram, false));
    datagram[6..8].copy_from_slice(&field.to_be_bytes());
    datagram
}

pub(super) fn ip4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ip4_fragment(protocol, 7, 0, false, payload)
}

/// `offset` in bytes.
pub(super) fn ip4_fragment(protocol: u8, id: u16, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let total = size(payload) + 20;
    let word = offset / 8 + if more { 0x2000 } else { 0 };
    let mut head = join(&[
        &[0x45, 0],
        &total.to_be_bytes(),
        &id.to_be_bytes(),
        &word.to_be_bytes(),
        &[64, protocol, 0, 0],
        &ENDS_4.0.octets(),
        &ENDS_4.1.octets(),
    ]);
    let field = sum(&head);
    head[10..12].copy_from_slice(&field.to_be_bytes());
    join(&[&head, payload])
}

pub(super) fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let head = [&[0x60, 0, 0, 0], size(payload).to_be_bytes().as_slice(), &[next, 63]].concat();
    join(&[&head, &ENDS_6.0.octets(), &ENDS_6.1.octets(), payload])
}

/// `offset` in bytes.
pub(super) fn ip6_fragment(next: u8, id: u32, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let word = offset | u16::from(more);
    ip6(44, &join(&[&[next, 0], &word.to_be_bytes(), &id.to_be_bytes(), payload]))
}

pub(super) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], &kind.to_be_bytes(), payload])
}

/// GET in TCP in IPv4 in Ethernet.
pub(super) fn plain(payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ip4(6, &tcp(80, payload, false)))
}
