//! What a certificate says of whom it is for and from: a small walk over its DER (RFC 5280, section 4.1).
//!
//! Names and the digest only; nothing is checked. What cannot be read is left empty and marked, and reading goes on: for
//! that, and for strings that are not what their type says, a strict reader such as the `der` crate would not do.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::cursor::Cursor;
use super::name::shown_text;

/// Attributes of one name that are kept: real ones have fewer than ten.
const MOST_ATTRIBUTES: usize = 32;

/// A certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certificate {
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// Bytes of its DER.
    pub len: usize,
    /// Whom it is for: `CN=a.test, O=A`, in the order of the certificate. Control characters are escaped.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The other names that it is for.
    pub names: Vec<AlternativeName>,
    /// Whether a part of it could not be read, or names are over the cap.
    pub partial: bool,
}

/// One of the names that a certificate is for (RFC 5280, section 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// A host, or a pattern of hosts.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// An address of mail.
    Mail(String),
    /// A URI, such as a SPIFFE id.
    Uri(String),
}

impl Certificate {
    /// Reads the DER of a certificate; at most `most` alternative names are kept.
    pub(super) fn read(der: &[u8], most: usize) -> Self {
        let mut read = Self { sha256: Sha256::digest(der).into(), len: der.len(), ..Self::default() };
        read.partial |= read.fields(der, most).is_none();
        read
    }

    fn fields(&mut self, der: &[u8], most: usize) -> Option<()> {
        let mut certificate = Der(Cursor(Der(Cursor(der)).expect(SEQUENCE)?));
        let mut body = Der(Cursor(certificate.expect(SEQUENCE)?));
        let first = body.next()?;
        if first.0 == VERSION {
            body.expect(INTEGER)?;
        }
        body.expect(SEQUENCE)?;
        self.issuer = name(body.expect(SEQUENCE)?)?;
        body.expect(SEQUENCE)?;
        self.subject = name(body.expect(SEQUENCE)?)?;
        body.expect(SEQUENCE)?;
        while let Some((tag, content)) = body.next() {
            if tag == EXTENSIONS {
                return self.extensions(Der(Cursor(content)).expect(SEQUENCE)?, most);
            }
        }
        body.0.is_empty().then_some(())
    }

    fn extensions(&mut self, content: &[u8], most: usize) -> Option<()> {
        let mut list = Der(Cursor(content));
        while !list.0.is_empty() {
            let mut extension = Der(Cursor(list.expect(SEQUENCE)?));
            if extension.expect(OID)? != SUBJECT_ALT_NAME {
                continue;
            }
            let (tag, mut value) = extension.next()?;
            if tag == BOOLEAN {
                value = extension.expect(OCTET_STRING)?;
            }
            let mut names = Der(Cursor(Der(Cursor(value)).expect(SEQUENCE)?));
            while !names.0.is_empty() {
                let (tag, content) = names.next()?;
                if self.names.len() >= most {
                    self.partial = true;
                    break;
                }
                self.names.extend(alternative(tag, content));
            }
        }
        Some(())
    }
}

fn alternative(tag: u8, content: &[u8]) -> Option<AlternativeName> {
    let text = || shown_text(&latin1(content));
    match tag {
        0x81 => Some(AlternativeName::Mail(text())),
        0x82 => Some(AlternativeName::Dns(text())),
        0x86 => Some(AlternativeName::Uri(text())),
        0x87 => {
            let four = <[u8; 4]>::try_from(content).ok().map(IpAddr::from);
            four.or_else(|| <[u8; 16]>::try_from(content).ok().map(IpAddr::from)).map(AlternativeName::Ip)
        }
        _ => None,
    }
}

/// A distinguished name, as text.
fn name(content: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut sets = Der(Cursor(content));
    let mut count = 0;
    while !sets.0.is_empty() {
        let mut set = Der(Cursor(sets.expect(SET)?));
        while !set.0.is_empty() {
            let mut attribute = Der(Cursor(set.expect(SEQUENCE)?));
            let (kind, (tag, value)) = (attribute.expect(OID)?, attribute.next()?);
            count += 1;
            if count > MOST_ATTRIBUTES {
                return None;
            }
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&attribute_name(kind));
            text.push('=');
            text.push_str(&shown_text(&string(tag, value)).replace(',', "\\,"));
        }
    }
    Some(text)
}

/// The short name of an attribute (RFC 4514, section 3), or its number.
fn attribute_name(oid: &[u8]) -> String {
    let short = match oid {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        _ => return oid.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    short.to_owned()
}

/// A string of one of the types that names have (X.680, section 41).
fn string(tag: u8, content: &[u8]) -> String {
    match tag {
        UTF8_STRING => std::str::from_utf8(content).map_or_else(|_| latin1(content), str::to_owned),
        BMP_STRING => {
            let units = content.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => latin1(content),
    }
}

/// One character for each byte: right for ASCII, and no byte is lost.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// Values of DER, one after the other (X.690, section 8.1).
struct Der<'a>(Cursor<'a>);

impl<'a> Der<'a> {
    /// The next value: tag and content. Tags of several bytes and lengths of more than four do not occur here.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let tag = self.0.u8()?;
        let len = match self.0.u8()? {
            short @ 0..=0x7f => usize::from(short),
            long => {
                let bytes = self.0.take(usize::from(long & 0x7f))?;
                if bytes.is_empty() || bytes.len() > 4 || tag & 0x1f == 0x1f {
                    return None;
                }
                bytes
                    .iter()
                    .try_fold(0usize, |len, byte| len.checked_mul(256)?.checked_add(usize::from(*byte)))?
            }
        };
        Some((tag, self.0.take(len)?))
    }

    /// The content of the next value, which must have this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|value| value.0 == tag).map(|value| value.1)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut bytes = vec![tag];
        match u8::try_from(content.len()) {
            Ok(len) if len < 0x80 => bytes.push(len),
            Ok(len) => bytes.extend([0x81, len]),
            Err(_) => {
                bytes.push(0x82);
                bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
            }
        }
        bytes.extend(content);
        bytes
    }

    fn dn(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let sets: Vec<_> = attributes
            .iter()
            .map(|(oid, tag, value)| der(SET, &[&der(SEQUENCE, &[&der(OID, &[oid]), &der(*tag, &[value])])]))
            .collect();
        der(SEQUENCE, &[&sets.concat()])
    }

    /// A certificate with a subject, an issuer and names; its key and signature are of no use.
    pub(in super::super) fn made(names: &[(u8, &[u8])]) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|(tag, value)| der(*tag, &[value])).collect();
        let san = der(OCTET_STRING, &[&der(SEQUENCE, &[&names.concat()])]);
        let san = der(SEQUENCE, &[&der(OID, &[SUBJECT_ALT_NAME]), &der(BOOLEAN, &[&[0xff]]), &san]);
        let usage =
            der(SEQUENCE, &[&der(OID, &[&[0x55, 0x1d, 0x0f]]), &der(OCTET_STRING, &[&[3, 2, 5, 160]])]);
        let empty = der(SEQUENCE, &[]);
        let body = der(
            SEQUENCE,
            &[
                &der(VERSION, &[&der(INTEGER, &[&[2]])]),
                &der(INTEGER, &[&[1]]),
                &empty,
                &dn(&[(&[0x55, 4, 6], 0x13, b"CH"), (&[0x55, 4, 10], UTF8_STRING, "Zürich, AG".as_bytes())]),
                &empty,
                &dn(&[(&[0x55, 4, 3], BMP_STRING, &[0, b'a', 0, 7]), (&[0x55, 4, 99], 0x13, b"x")]),
                &empty,
                &der(EXTENSIONS, &[&der(SEQUENCE, &[&usage, &san])]),
            ],
        );
        der(SEQUENCE, &[&body, &empty, &der(3, &[&[0]])])
    }

    #[test]
    fn names_are_read() {
        let made =
            made(&[(0x82, b"*.a.test"), (0x87, &[10, 0, 0, 1]), (0x86, b"spiffe://a/b"), (0xa0, b"?")]);
        let read = Certificate::read(&made, 10);
        assert_eq!(read.subject, "CN=a\\u{7}, 550463=x");
        assert_eq!(read.issuer, "C=CH, O=Zürich\\, AG");
        let names = [
            AlternativeName::Dns("*.a.test".to_owned()),
            AlternativeName::Ip([10, 0, 0, 1].into()),
            AlternativeName::Uri("spiffe://a/b".to_owned()),
        ];
        assert_eq!((read.names.as_slice(), read.partial), (&names[..], false));
        assert!(Certificate::read(&made, 2).partial);
    }

    #[test]
    fn a_certificate_that_is_cut_or_bent_is_partial_at_most() {
        let made = made(&[(0x82, b"a.test")]);
        for len in 0..made.len() {
            assert!(Certificate::read(&made[..len], 10).partial);
        }
        for place in 0..made.len() {
            for value in [0, 0x7f, 0x80, 0x84, 0xff] {
                let mut bent = made.clone();
                bent[place] = value;
                assert_eq!(Certificate::read(&bent, 10).len, made.len());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Certificate::read(&bytes, 4);
        }
    }
}
