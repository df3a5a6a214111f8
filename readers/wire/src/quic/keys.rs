//! The keys of a client's Initial packets, and what they open (RFC 9001, sections 5.2 to 5.4; RFC 9369, section 3.3).

use ring::aead::{self, quic};
use ring::hmac;

use super::header::{Initial, Version};
use crate::tls::{Hash, expand_label};

/// RFC 9001, section 5.2.
const SALT_1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
/// RFC 9369, section 3.3.1.
const SALT_2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9,
    0xbd, 0x2e, 0xd9,
];
/// How many bytes after the start of the packet number the sample starts (RFC 9001, section 5.4.2).
const TO_SAMPLE: usize = 4;
/// Bytes of a sample.
const SAMPLE: usize = 16;

/// What opens a client's Initial packets.
pub(super) struct Keys {
    seal: aead::LessSafeKey,
    iv: [u8; 12],
    header: quic::HeaderProtectionKey,
}

impl Keys {
    /// Those that come from this connection id.
    pub(super) fn new(version: Version, id: &[u8]) -> Option<Self> {
        let (salt, labels) = match version {
            Version::One => (SALT_1, ["quic key", "quic iv", "quic hp"]),
            Version::Two => (SALT_2, ["quicv2 key", "quicv2 iv", "quicv2 hp"]),
        };
        let initial = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salt), id);
        let client = expand_label(Hash::Sha256, initial.as_ref(), "client in", Hash::Sha256.len());
        let part = |label, len| expand_label(Hash::Sha256, client.as_ref(), label, len);
        let [key, iv, header] = labels;
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, part(key, 16).as_ref()).ok()?;
        Some(Self {
            seal: aead::LessSafeKey::new(key),
            iv: part(iv, 12).as_ref().try_into().ok()?,
            header: quic::HeaderProtectionKey::new(&quic::AES_128, part(header, 16).as_ref()).ok()?,
        })
    }

    /// Opens a packet, its payload into `out`; `None` if it is not of these keys. `next` is the number that is expected; the
    /// packet's own is given back.
    pub(super) fn open(&self, initial: &Initial<'_>, next: u64, out: &mut Vec<u8>) -> Option<u64> {
        let sample = initial.number_at + TO_SAMPLE;
        let mask = self.header.new_mask(initial.bytes.get(sample..sample + SAMPLE)?).ok()?;
        let [mask, number_mask @ ..] = mask;
        let (head, protected) = initial.bytes.split_at_checked(initial.number_at)?;
        let mut covered = head.to_vec();
        let first = covered.first_mut()?;
        *first ^= mask & 0x0f;
        let length = usize::from(*first & 3) + 1;
        let (number, sealed) = protected.split_at_checked(length)?;
        covered.extend(number.iter().zip(number_mask).map(|(byte, mask)| byte ^ mask));
        let sent = covered.get(initial.number_at..)?;
        let sent = sent.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let number = whole_number(sent, length, next);
        let mut nonce = self.iv;
        for (byte, number) in nonce.last_chunk_mut::<8>()?.iter_mut().zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        out.clear();
        out.extend_from_slice(sealed);
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let opened = self.seal.open_in_place(nonce, aead::Aad::from(covered), out).ok()?.len();
        out.truncate(opened);
        Some(number)
    }
}

#[cfg(test)]
impl Keys {
    /// The inverse of [`Self::open`]: a packet of a head in clear, the four bytes of its number included, and a payload.
    pub(super) fn protect(&self, head: &[u8], payload: &[u8]) -> Vec<u8> {
        let number_at = head.len() - 4;
        let mut nonce = self.iv;
        nonce[8..].iter_mut().zip(&head[number_at..]).for_each(|(byte, number)| *byte ^= number);
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let mut sealed = payload.to_vec();
        self.seal.seal_in_place_append_tag(nonce, aead::Aad::from(head), &mut sealed).unwrap();
        let mut packet = [head, &sealed].concat();
        let mask = self.header.new_mask(&sealed[..SAMPLE]).unwrap();
        packet[0] ^= mask[0] & 0x0f;
        packet[number_at..].iter_mut().zip(&mask[1..]).for_each(|(byte, mask)| *byte ^= mask);
        packet
    }
}

/// The packet number of which the last `length` bytes were sent: the one nearest to the expected one (RFC 9000, appendix
/// A.3).
fn whole_number(sent: u64, length: usize, next: u64) -> u64 {
    let window = 1_u64 << (8 * length.min(4));
    let near = next & !(window - 1) | sent;
    if near.saturating_add(window / 2) <= next && near < (1 << 62) - window {
        near + window
    } else if near > next.saturating_add(window / 2) && near >= window {
        near - window
    } else {
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_made_whole_as_in_rfc_9000_appendix_a_3() {
        assert_eq!(whole_number(0x9b32, 2, 0xa82f_30eb), 0xa82f_9b32);
        assert_eq!(whole_number(2, 4, 0), 2);
        assert_eq!(whole_number(1, 1, 255), 257);
        assert_eq!(whole_number(0xff, 1, 0x100), 0xff);
        assert_eq!(whole_number(0xff, 1, 0), 0xff, "there are none below zero");
        assert_eq!(whole_number(0, 1, u64::MAX), u64::MAX - 255);
    }
}
