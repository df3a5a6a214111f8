//! Codings of bytes: hex, the bases, escapes, compressed streams, UTF-16, and texts turned round.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::{Disguise, Place};

/// Digits of a base that is a power of two, without padding.
fn digits(text: &[u8], bits: usize, alphabet: &[u8]) -> Vec<u8> {
    let bit = |at: usize| text.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let value = |at: usize| (0..bits).fold(0, |sum, place| sum << 1 | bit(at + place));
    (0..text.len() * 8).step_by(bits).filter_map(|at| alphabet.get(value(at)).copied()).collect()
}

fn base64(text: &[u8]) -> Vec<u8> {
    digits(text, 6, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

fn base32(text: &[u8]) -> Vec<u8> {
    digits(text, 5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

fn base85(text: &[u8], alphabet: &[u8]) -> Vec<u8> {
    let group = |bytes: &[u8]| {
        let number = (0..4).fold(0, |sum, at| sum << 8 | bytes.get(at).map_or(0, |byte| usize::from(*byte)));
        let digit = |place: u32| alphabet.get(number / 85usize.pow(4 - place) % 85).copied();
        (0..5).filter_map(digit).take(bytes.len() + 1).collect::<Vec<u8>>()
    };
    text.chunks(4).flat_map(group).collect()
}

fn z85(text: &[u8]) -> Vec<u8> {
    base85(text, b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#")
}

fn rfc1924(text: &[u8]) -> Vec<u8> {
    base85(text, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~")
}

fn ascii85(text: &[u8]) -> Vec<u8> {
    let alphabet: Vec<u8> = (b'!'..=b'u').collect();
    [b"<~", base85(text, &alphabet).as_slice(), b"~>"].concat()
}

/// Each byte as `write` spells it, with something between.
pub(super) fn spelt(text: &[u8], between: &str, write: fn(u8) -> String) -> Vec<u8> {
    text.iter().map(|byte| write(*byte)).collect::<Vec<_>>().join(between).into_bytes()
}

// Streams that go to a vector: writing to one cannot fail.

pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// With its mark in front: after an ASCII character the low byte would seem to come first.
fn utf16be(text: &[u8]) -> Vec<u8> {
    [0xFE, 0xFF].into_iter().chain(text.iter().flat_map(|byte| [0, *byte])).collect()
}

fn rot13(text: &[u8]) -> Vec<u8> {
    let turn = |byte: u8, first: u8| (byte - first + 13) % 26 + first;
    let turned = |byte: &u8| match byte {
        b'a'..=b'z' => turn(*byte, b'a'),
        b'A'..=b'Z' => turn(*byte, b'A'),
        other => *other,
    };
    text.iter().map(turned).collect()
}

pub(crate) const HEX: Disguise = Disguise::groups("hex", |t| spelt(t, "", |b| format!("{b:02x}")), 1, 2, 0);
pub(crate) const BASE64: Disguise = Disguise::groups("base64", base64, 3, 4, 0);
pub(crate) const BASE32: Disguise = Disguise::groups("base32", base32, 5, 8, 0);
pub(crate) const PAIRS: Disguise =
    Disguise::groups("hex pairs", |t| spelt(t, " ", |b| format!("{b:02x}")), 1, 3, 1);
pub(crate) const ZLIB: Disguise = Disguise::new("zlib", zlib, Place::Whole);
pub(crate) const DEFLATE: Disguise = Disguise::new("deflate", deflate, Place::Whole);
pub(crate) const UTF16: Disguise =
    Disguise::groups("utf-16", |t| t.iter().flat_map(|b| [*b, 0]).collect(), 1, 2, 0);
pub(crate) const ROT13: Disguise = Disguise::groups("rot13", rot13, 1, 1, 0);
pub(crate) const REVERSED: Disguise =
    Disguise::new("reversed", |t| t.iter().rev().copied().collect(), Place::Mirrored);
pub(crate) const CODES: Disguise = Disguise::new(
    "char codes",
    |t| t.iter().flat_map(|b| format!("{b}, ").into_bytes()).collect(),
    Place::Bytes { parting: 2 },
);

/// Codings that each need no other.
pub(crate) const ALONE: [Disguise; 24] = [
    HEX,
    BASE64,
    BASE32,
    PAIRS,
    ZLIB,
    UTF16,
    ROT13,
    REVERSED,
    CODES,
    Disguise::new("ascii85", ascii85, Place::Groups { lead: 2, of: 4, by: 5, parting: 0 }),
    Disguise::groups("small base32", |t| base32(t).to_ascii_lowercase(), 5, 8, 0),
    Disguise::groups("base32hex", |t| digits(t, 5, b"0123456789ABCDEFGHIJKLMNOPQRSTUV"), 5, 8, 0),
    Disguise::groups("z85", z85, 4, 5, 0),
    Disguise::groups("base85", rfc1924, 4, 5, 0),
    Disguise::groups("hex with colons", |t| spelt(t, ":", |b| format!("{b:02X}")), 1, 3, 1),
    Disguise::groups("hex with hyphens", |t| spelt(t, "-", |b| format!("{b:02x}")), 1, 3, 1),
    Disguise::groups("0x", |t| spelt(t, ", ", |b| format!("0x{b:02x}")), 1, 6, 2),
    Disguise::groups("\\x", |t| spelt(t, "", |b| format!("\\x{b:02x}")), 1, 4, 0),
    Disguise::groups("octal", |t| spelt(t, "", |b| format!("\\{b:03o}")), 1, 4, 0),
    Disguise::groups("\\u{}", |t| spelt(t, "", |b| format!("\\u{{{b:x}}}")), 1, 6, 0),
    Disguise::groups("%u", |t| spelt(t, "", |b| format!("%u{b:04X}")), 1, 6, 0),
    Disguise::groups("quoted-printable", |t| spelt(t, "", |b| format!("={b:02X}")), 1, 3, 0),
    Disguise::new("utf-16be", utf16be, Place::Bytes { parting: 0 }),
    Disguise::new(
        "soft line breaks",
        |t| t.iter().flat_map(|b| if *b == b'i' { b"i=\r\n".to_vec() } else { vec![*b] }).collect(),
        Place::Bytes { parting: 0 },
    ),
];
