//! The data of records, as text and as the byte strings within.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

use super::name::{self, Flaw, escape};

/// A record's data, read.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) text: String,
    pub(super) parts: Vec<Bytes>,
    /// What is wrong with a name in it.
    pub(super) flaw: Option<Flaw>,
    /// Whether it is not of its type's form: too short, too long, or lengths within it lie.
    pub(super) is_odd: bool,
}

/// Reads data of a type that stands at a span of a message.
pub(super) fn read(kind: u16, message: &Bytes, span: (usize, usize)) -> Data {
    let mut fields = Fields { message, at: span.0, end: span.1, data: Data::default() };
    let is_known = match kind {
        1 => fields.fixed::<4>().map(|octets| fields.put(Ipv4Addr::from(octets))),
        28 => fields.fixed::<16>().map(|octets| fields.put(Ipv6Addr::from(octets))),
        2 | 5 | 12 | 39 => fields.name(),
        15 | 18 | 36 => fields.numbers(&[2]).and_then(|()| fields.name()),
        33 => fields.numbers(&[2, 2, 2]).and_then(|()| fields.name()),
        6 => fields.name().and_then(|()| fields.name()).and_then(|()| fields.numbers(&[4, 4, 4, 4, 4])),
        17 => fields.name().and_then(|()| fields.name()),
        13 | 16 | 99 => fields.strings(),
        64 | 65 => fields.numbers(&[2]).and_then(|()| fields.name()).and_then(|()| fields.parameters()),
        41 => fields.options(),
        257 => fields.authorization(),
        _ => fields.opaque(),
    };
    let is_whole = is_known.is_some() && fields.at == span.1;
    if !is_whole {
        // What does not fit its type may be anything: all of it is given.
        fields.data.is_odd = true;
        fields.at = span.0;
        fields.opaque();
    }
    fields.data
}

/// A place within data, and what was read so far.
struct Fields<'a> {
    message: &'a Bytes,
    at: usize,
    end: usize,
    data: Data,
}

impl Fields<'_> {
    /// Adds a field to the text.
    fn put(&mut self, field: impl std::fmt::Display) {
        let text = &mut self.data.text;
        if !text.is_empty() {
            text.push(' ');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{field}");
    }

    fn take(&mut self, size: usize) -> Option<Bytes> {
        let end = self.at.checked_add(size).filter(|end| *end <= self.end)?;
        self.message.get(self.at..end)?;
        let bytes = self.message.slice(self.at..end);
        self.at = end;
        Some(bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    fn number(&mut self, size: usize) -> Option<u32> {
        Some(self.take(size)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn numbers(&mut self, sizes: &[usize]) -> Option<()> {
        for size in sizes {
            let number = self.number(*size)?;
            self.put(number);
        }
        Some(())
    }

    fn name(&mut self) -> Option<()> {
        let name = name::read(self.message, self.at);
        self.data.flaw = self.data.flaw.or(name.flaw);
        self.put(&name.text);
        self.at = name.end.filter(|end| *end <= self.end)?;
        Some(())
    }

    /// Strings with a length of one byte (RFC 1035 section 3.3), joined in the text.
    fn strings(&mut self) -> Option<()> {
        while self.at < self.end {
            let size = self.number(1)? as usize;
            let string = self.take(size)?;
            escape(&mut self.data.text, &string, b"");
            self.data.parts.push(string);
        }
        Some(())
    }

    /// Code, length and value (RFC 6891 section 6.1.2).
    fn options(&mut self) -> Option<()> {
        while self.at < self.end {
            let code = self.number(2)?;
            let size = self.number(2)? as usize;
            let value = self.take(size)?;
            self.put(format_args!("option{code}={size}"));
            self.data.parts.push(value);
        }
        Some(())
    }

    /// The parameters of SVCB and HTTPS (RFC 9460 section 2.2).
    fn parameters(&mut self) -> Option<()> {
        while self.at < self.end {
            let key = self.number(2)?;
            let size = self.number(2)? as usize;
            let value = self.take(size)?;
            self.put(parameter(key, &value));
            self.data.parts.push(value);
        }
        Some(())
    }

    /// CAA: flags, tag and value (RFC 8659 section 4.1).
    fn authorization(&mut self) -> Option<()> {
        self.numbers(&[1])?;
        let size = self.number(1)? as usize;
        let tag = self.take(size)?;
        let value = self.take(self.end.checked_sub(self.at)?)?;
        for (field, special) in [(&tag, &b" "[..]), (&value, b"")] {
            let mut text = String::new();
            escape(&mut text, field, special);
            self.put(text);
        }
        self.data.parts.push(value);
        Some(())
    }

    /// Data of no known form, as RFC 3597 section 5 writes it.
    fn opaque(&mut self) -> Option<()> {
        let bytes = self.take(self.end.checked_sub(self.at)?)?;
        self.data.text = format!("\\# {} ", bytes.len());
        for byte in &bytes {
            let _ = write!(self.data.text, "{byte:02x}");
        }
        self.data.parts = vec![bytes];
        Some(())
    }
}

/// A parameter's name and its value, where it is made of text, a port or addresses (RFC 9460 section 14.3.2).
fn parameter(key: u32, value: &[u8]) -> String {
    match (key, value) {
        (1, _) => {
            let mut text = String::from("alpn=");
            let mut rest = value;
            while let Some((size, more)) = rest.split_first() {
                let (protocol, more) = more.split_at_checked(usize::from(*size)).unwrap_or((more, &[]));
                escape(&mut text, protocol, b",\\");
                rest = more;
                if !rest.is_empty() {
                    text.push(',');
                }
            }
            text
        }
        (3, [high, low]) => format!("port={}", u16::from_be_bytes([*high, *low])),
        (4, _) => {
            let all: Vec<_> =
                value.as_chunks::<4>().0.iter().map(|it| Ipv4Addr::from(*it).to_string()).collect();
            format!("ipv4hint={}", all.join(","))
        }
        (6, _) => {
            let all: Vec<_> =
                value.as_chunks::<16>().0.iter().map(|it| Ipv6Addr::from(*it).to_string()).collect();
            format!("ipv6hint={}", all.join(","))
        }
        (7, _) => {
            let mut text = String::from("dohpath=");
            escape(&mut text, value, b"");
            text
        }
        (5, _) => format!("ech={}", value.len()),
        _ => format!("key{key}={}", value.len()),
    }
}
