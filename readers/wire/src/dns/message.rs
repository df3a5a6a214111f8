//! Messages as they come out.

use bytes::Bytes;

use super::Kind;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The number that pairs a query with its response.
    pub id: u16,
    /// Whether it is a response.
    pub is_response: bool,
    /// What is asked for: 0 is a query.
    pub opcode: u8,
    /// The response's code, with the upper bits that EDNS gives (RFC 6891 section 6.1.3).
    pub rcode: u16,
    /// The header's second word as it stands, with all flags.
    pub flags: u16,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What is answered, with additional records and options.
    pub records: Vec<Record>,
    /// Where bytes stand in `bytes` that belong to no record: after the last, or from where reading could not go on.
    pub trailing: (usize, usize),
    /// Whether its end is missing or could not be read.
    pub is_cut: bool,
    /// The message as sent.
    pub bytes: Bytes,
    /// Where it stands in the capture file: from this offset of `bytes` on, at this offset of the file.
    pub extents: Vec<(usize, u64)>,
    /// When its first byte was captured, in nanoseconds since 1970.
    pub time: Option<i64>,
}

/// One question (RFC 1035 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name, without a dot at its end; `.` is the root.
    pub name: String,
    /// The type of the records asked for.
    pub kind: Kind,
    /// The class; 1 is the Internet.
    pub class: u16,
    /// Where it stands in the message.
    pub span: (usize, usize),
}

/// Where in a message a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// An answer.
    Answer,
    /// An authority.
    Authority,
    /// Additional.
    Additional,
}

/// One record (RFC 1035 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub section: Section,
    /// The name, as in a question.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// The class; of OPT the sender's largest datagram in bytes.
    pub class: u16,
    /// How long it may be kept, in seconds; of OPT more flags.
    pub ttl: u32,
    /// The data as zone files write it, without quotes round strings; strings of TXT are joined.
    pub text: String,
    /// The byte strings within the data: each string of TXT, each value of OPT and SVCB, the value of CAA, and the whole
    /// of NULL and of types that are not taken apart.
    pub parts: Vec<Bytes>,
    /// Where the data stands in the message.
    pub data: (usize, usize),
}

impl Record {
    /// All byte strings as one; of TXT what an application reads.
    pub fn joined(&self) -> Vec<u8> {
        self.parts.concat()
    }
}
