//! Fingerprints of hellos: JA3 and JA3S, and the TLS client fingerprint of JA4.
//!
//! JA3 and JA3S: Salesforce, <https://github.com/salesforce/ja3>, BSD 3-clause. JA4, TLS client only: FoxIO,
//! <https://github.com/FoxIO-LLC/ja4>, `technical_details/JA4.md`, BSD 3-clause (`LICENSE-JA4`). The other kinds of
//! JA4+ are under a licence that forbids commercial use, and are not here.

use md5::{Digest, Md5};
use sha2::Sha256;

use super::client::{Carrier, ClientHello, Parts};
use super::extension::{ALPN, SERVER_NAME, is_grease};

/// The JA3 fingerprint: MD5 over the numbers of the hello in their order.
pub(super) fn ja3(hello: &ClientHello, parts: &Parts) -> String {
    let formats: Vec<u16> = parts.point_formats.iter().map(|format| u16::from(*format)).collect();
    let lists = [hello.suites.as_slice(), &parts.extensions, &parts.groups, &formats];
    let text = lists.iter().fold(hello.legacy_version.to_string(), |text, list| text + "," + &decimal(list));
    hex(&Md5::digest(text))
}

/// The JA3S fingerprint: the same over a server hello.
pub(super) fn ja3s(legacy_version: u16, suite: u16, extensions: &[u16]) -> String {
    hex(&Md5::digest(format!("{legacy_version},{suite},{}", decimal(extensions))))
}

/// The JA4 fingerprint of a client.
pub(super) fn ja4(hello: &ClientHello, parts: &Parts, carrier: Carrier) -> String {
    let mut suites = without_grease(&hello.suites);
    let mut extensions = without_grease(&parts.extensions);
    let version = hello.versions.iter().copied().filter(|version| !is_grease(*version)).max();
    let a = format!(
        "{}{}{}{:02}{:02}{}",
        match carrier {
            Carrier::Tcp => 't',
            Carrier::Quic => 'q',
        },
        version_name(version.unwrap_or(hello.legacy_version)),
        if parts.extensions.contains(&SERVER_NAME) { 'd' } else { 'i' },
        suites.len().min(99),
        extensions.len().min(99),
        first_and_last(hello.alpn.first().map_or(&[], Vec::as_slice)),
    );
    suites.sort_unstable();
    extensions.retain(|kind| *kind != SERVER_NAME && *kind != ALPN);
    extensions.sort_unstable();
    let mut text = words(&extensions);
    let signatures = without_grease(&parts.signatures);
    if !signatures.is_empty() && !parts.extensions.is_empty() {
        text = text + "_" + &words(&signatures);
    }
    format!("{a}_{}_{}", short_hash(&words(&suites)), short_hash(&text))
}

fn version_name(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// The ends of the first protocol that is offered: as they are, or the ends of its hex if they are not letters or digits.
fn first_and_last(protocol: &[u8]) -> String {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else { return "00".to_owned() };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)].iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

/// The first twelve digits of the SHA-256 of a list, zeros for an empty one.
fn short_hash(text: &str) -> String {
    if text.is_empty() {
        return "000000000000".to_owned();
    }
    hex(Sha256::digest(text).first_chunk::<6>().map_or(&[], |start| start))
}

fn without_grease(list: &[u16]) -> Vec<u16> {
    list.iter().copied().filter(|value| !is_grease(*value)).collect()
}

/// Decimal numbers joined by hyphens, those of RFC 8701 left out.
fn decimal(list: &[u16]) -> String {
    without_grease(list).iter().map(u16::to_string).collect::<Vec<_>>().join("-")
}

/// Four hex digits each, joined by commas.
fn words(list: &[u16]) -> String {
    list.iter().map(|value| format!("{value:04x}")).collect::<Vec<_>>().join(",")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ja4_is_that_of_the_technical_details() {
        // The example of JA4.md: its lists, with the protocol and the name that it says.
        let suites = [
            0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
            0x009c, 0x009d, 0x002f, 0x0035,
        ];
        let extensions = [
            0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
            0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
        ];
        let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let mut hello = ClientHello::read(&[3; 34], Carrier::Tcp).unwrap();
        hello.versions = vec![0x3a3a, 0x0304, 0x0303];
        hello.suites = suites.to_vec();
        hello.alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut parts =
            Parts { extensions: extensions.to_vec(), signatures: signatures.to_vec(), ..Parts::default() };
        assert_eq!(ja4(&hello, &parts, Carrier::Tcp), "t13d1516h2_8daaf6152771_e5627efa2ab1");
        hello.suites.clear();
        hello.alpn = vec![vec![0xab, 0xcd]];
        parts.extensions.clear();
        assert_eq!(ja4(&hello, &parts, Carrier::Tcp), "t13i0000ad_000000000000_000000000000");
    }

    #[test]
    fn ja3_is_that_of_the_readme() {
        let mut hello = ClientHello::read(&[3; 34], Carrier::Tcp).unwrap();
        hello.legacy_version = 769;
        hello.suites = vec![47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
        let mut parts = Parts { extensions: vec![0, 10, 11], groups: vec![23, 24, 25], ..Parts::default() };
        parts.point_formats = vec![0];
        assert_eq!(ja3(&hello, &parts), "ada70206e40642a3e4461f35503241d5");
        hello.suites = vec![4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99];
        assert_eq!(ja3(&hello, &Parts::default()), "de350869b8c85de67a350c8d186f11e6");
    }
}
