//! Names: labels, compression pointers, text (RFC 1035 sections 3.1, 4.1.4 and 5.1).

use std::fmt::Write;

/// The longest name in bytes (RFC 1035 section 2.3.4).
const LONGEST: usize = 255;

/// How many pointers one name may follow: no more fit in a name of one-byte labels.
const POINTERS: usize = 128;

/// A name as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    /// Where the next field begins, when the name's own bytes could be read.
    pub(super) end: Option<usize>,
    /// What is wrong with it.
    pub(super) flaw: Option<Flaw>,
    /// Whether it has bytes that host names do not have (RFC 952; the underscore is in wide use).
    pub(super) is_odd: bool,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Pointers go round, or there are too many.
    PointerLoop,
    /// A pointer does not point back.
    PointerAhead,
    /// A label goes on after the message's end.
    LabelTooLong,
    /// A label of a type that was never defined.
    LabelReserved,
    /// The name is longer than 255 bytes.
    NameTooLong,
    /// The message ends where a label should begin.
    EndsEarly,
}

impl Flaw {
    /// The kind of note, and its text.
    pub(super) const fn note(self) -> (&'static str, &'static str) {
        match self {
            Self::PointerLoop => ("dns_pointer_loop", "the pointers of a name go round"),
            Self::PointerAhead => ("dns_pointer_ahead", "a pointer of a name does not point back"),
            Self::LabelTooLong => ("dns_label_too_long", "a label goes on after the end of the message"),
            Self::LabelReserved => ("dns_label_reserved", "a label is of a type that was never defined"),
            Self::NameTooLong => ("dns_name_too_long", "a name is longer than 255 bytes"),
            Self::EndsEarly => ("dns_ends_early", "the message ends within a name"),
        }
    }
}

/// Reads the name at an offset of a message.
pub(super) fn read(message: &[u8], start: usize) -> Name {
    let mut name = Name::default();
    let (mut at, mut size, mut pointers) = (start, 0_usize, 0);
    // Pointers that each point before the labels that led to them end by themselves; after one that does not, the
    // targets are kept.
    let (mut part, mut targets) = (start, Vec::new());
    loop {
        let Some(&first) = message.get(at) else {
            name.flaw = Some(Flaw::EndsEarly);
            break;
        };
        match first {
            0 => {
                name.end.get_or_insert(at + 1);
                break;
            }
            1..=63 => {
                let from = at + 1;
                let whole = message.get(from..from + usize::from(first));
                let label = whole.unwrap_or_else(|| message.get(from..).unwrap_or_default());
                size += 1 + label.len();
                if size > LONGEST {
                    name.flaw = Some(Flaw::NameTooLong);
                    break;
                }
                name.push(label);
                if whole.is_none() {
                    name.flaw = Some(Flaw::LabelTooLong);
                    break;
                }
                at = from + label.len();
            }
            0xC0.. => {
                let Some(&second) = message.get(at + 1) else {
                    name.flaw = Some(Flaw::EndsEarly);
                    break;
                };
                name.end.get_or_insert(at + 2);
                let target = usize::from(first & 0x3F) << 8 | usize::from(second);
                pointers += 1;
                let is_known = (part..=at).contains(&target) || targets.contains(&target);
                if is_known || pointers > POINTERS {
                    name.flaw = Some(Flaw::PointerLoop);
                    break;
                }
                if target > at {
                    name.flaw = Some(Flaw::PointerAhead);
                }
                if name.flaw.is_some() {
                    targets.push(target);
                }
                part = target;
                at = target;
            }
            64..=0xBF => {
                name.flaw = Some(Flaw::LabelReserved);
                break;
            }
        }
    }
    if name.flaw == Some(Flaw::NameTooLong) && name.end.is_none() {
        name.end = skip(message, start);
    }
    if name.text.is_empty() {
        name.text.push('.');
    }
    name
}

/// Where a name ends that is too long to be kept.
fn skip(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            label @ 1..=63 => at += 1 + usize::from(label),
            0xC0.. => return message.get(at + 1).map(|_| at + 2),
            64..=0xBF => return None,
        }
    }
}

impl Name {
    fn push(&mut self, label: &[u8]) {
        if !self.text.is_empty() {
            self.text.push('.');
        }
        self.is_odd |= !label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(byte));
        escape(&mut self.text, label, b".\\");
    }
}

/// Appends bytes as text: some characters after a backslash, those that do not print as its decimal number.
pub(super) fn escape(text: &mut String, bytes: &[u8], special: &[u8]) {
    for byte in bytes {
        match byte {
            _ if special.contains(byte) => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\{byte:03}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example_of_compression_is_read() {
        // RFC 1035 section 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        let mut message = vec![0xFF; 93];
        message[20..32].copy_from_slice(b"\x01F\x03ISI\x04ARPA\x00");
        message[40..46].copy_from_slice(b"\x03FOO\xC0\x14");
        message[64..66].copy_from_slice(b"\xC0\x1A");
        message[92] = 0;
        let text = |at| {
            let name = read(&message, at);
            (name.text, name.end, name.flaw)
        };
        assert_eq!(text(20), ("F.ISI.ARPA".into(), Some(32), None));
        assert_eq!(text(40), ("FOO.F.ISI.ARPA".into(), Some(46), None));
        assert_eq!(text(64), ("ARPA".into(), Some(66), None));
        assert_eq!(text(92), (".".into(), Some(93), None));
    }

    #[test]
    fn flaws_are_told_and_what_was_read_is_kept() {
        let flaw = |message: &[u8]| {
            let name = read(message, 0);
            (name.text, name.end, name.flaw)
        };
        assert_eq!(flaw(b"\xC0\x00"), (".".into(), Some(2), Some(Flaw::PointerLoop)));
        assert_eq!(flaw(b"\x01a\xC0\x00").2, Some(Flaw::PointerLoop));
        assert_eq!(flaw(b"\xC0\x02\xC0\x00").2, Some(Flaw::PointerLoop));
        assert_eq!(flaw(b"\xC0\x02\x01a\x00"), ("a".into(), Some(2), Some(Flaw::PointerAhead)));
        assert_eq!(flaw(b"\x3Fab"), ("ab".into(), None, Some(Flaw::LabelTooLong)));
        assert_eq!(flaw(b"\x01a\x40"), ("a".into(), None, Some(Flaw::LabelReserved)));
        assert_eq!(flaw(b"\x01a"), ("a".into(), None, Some(Flaw::EndsEarly)));
        assert_eq!(flaw(b"\xC0"), (".".into(), None, Some(Flaw::EndsEarly)));
        let long = [&b"\x3F"[..], &[b'x'; 63]].concat().repeat(5);
        let name = read(&[&long[..], b"\x00"].concat(), 0);
        assert_eq!((name.text.len(), name.end, name.flaw), (191, Some(321), Some(Flaw::NameTooLong)));
    }

    #[test]
    fn bytes_that_do_not_print_are_escaped() {
        let name = read(b"\x07a.b\\\x01\xFF-\x00", 0);
        assert_eq!((name.text.as_str(), name.is_odd), ("a\\.b\\\\\\001\\255-", true));
        assert!(!read(b"\x04_tcp\x01*\x00", 0).is_odd);
    }
}
