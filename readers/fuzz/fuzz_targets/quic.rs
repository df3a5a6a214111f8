//! Any bytes as datagrams of QUIC, and as the payloads of Initial packets that are well sealed: memory stays within the caps,
//! what is sealed is opened, and there are no more hellos than there is room for.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use coldcase_wire::Notes;
use coldcase_wire::quic::{Connections, Limits};
use coldcase_wire::tcp::Endpoint;
use libfuzzer_sys::fuzz_target;
use ring::aead::{self, quic};
use ring::hmac;

/// RFC 9001, section 5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
/// Bytes of the packet number, all four of which are sent.
const NUMBER: usize = 4;

fuzz_target!(|input: (u8, &[u8])| {
    let (mode, bytes) = input;
    let mut limits = Limits::default();
    if mode & 1 != 0 {
        limits = Limits { connections: 2, hello: 200, pieces: 4, held: 300, packets: 2 };
    }
    let ends = [1, 2].map(|last| Endpoint { address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port: 443 });
    let (mut connections, mut notes, mut heard) = (Connections::new(limits), Notes::default(), 0);
    for (number, payload) in (0_u32..).zip(bytes.split(|byte| *byte == 0xfe)) {
        let datagram = if mode & 2 == 0 { payload.to_vec() } else { sealed(mode >> 4, number, payload) };
        let is_quic = connections.datagram(ends, &datagram, (7, Some(1)), &mut notes, &mut |one| {
            assert_eq!((one.at, one.time), (7, Some(1)));
            assert!(one.hello.ja4.starts_with('q'));
            heard += 1;
        });
        assert!(connections.held() <= limits.held);
        assert!(is_quic || mode & 2 == 0, "a packet that was sealed is not opened");
    }
    connections.finish(&mut notes);
    assert_eq!(connections.held(), 0);
    // A hello has at least a type, a length, a version and a random.
    assert!(heard * 38 <= bytes.len(), "{heard} hellos out of {} bytes", bytes.len());
});

/// An Initial packet of version 1 of the connection with this id (RFC 9001, section 5).
fn sealed(id: u8, number: u32, payload: &[u8]) -> Vec<u8> {
    let initial = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SALT), &[id; 8]);
    let client = expand(initial.as_ref(), "client in", 32);
    let mut sealed = payload.to_vec();
    sealed.resize(payload.len().max(NUMBER), 0);
    let length = u32::try_from(NUMBER + sealed.len() + 16).expect("short") | 0x8000_0000;
    let mut packet = [&[0xc3, 0, 0, 0, 1, 8][..], &[id; 8], &[0, 0], &length.to_be_bytes()].concat();
    let at = packet.len();
    packet.extend(number.to_be_bytes());
    let mut nonce = expand(&client, "quic iv", 12);
    nonce[8..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
    let key = aead::UnboundKey::new(&aead::AES_128_GCM, &expand(&client, "quic key", 16))
        .expect("a key of 16 bytes");
    let nonce = aead::Nonce::try_assume_unique_for_key(&nonce).expect("a nonce of 12 bytes");
    let key = aead::LessSafeKey::new(key);
    key.seal_in_place_append_tag(nonce, aead::Aad::from(&packet), &mut sealed).expect("a short packet");
    let header =
        quic::HeaderProtectionKey::new(&quic::AES_128, &expand(&client, "quic hp", 16)).expect("a key");
    let mask = header.new_mask(&sealed[..16]).expect("a sample of 16 bytes");
    packet[0] ^= mask[0] & 0x0f;
    packet[at..].iter_mut().zip(&mask[1..]).for_each(|(byte, mask)| *byte ^= mask);
    [packet, sealed].concat()
}

/// HKDF-Expand-Label of no more than one block (RFC 8446 section 7.1).
fn expand(secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let size = |len: usize| u8::try_from(len).expect("short");
    let info = [&[0, size(len), size(6 + label.len())], &b"tls13 "[..], label.as_bytes(), &[0, 1]].concat();
    hmac::sign(&key, &info).as_ref()[..len].to_vec()
}
