//! Capture files in the making: Ethernet, IPv4 and TCP with right checksums, and whatever disorder a test wants.

use std::path::Path;

/// The longest payload of a segment.
const SEGMENT: usize = 1000;
/// The flags of TCP (RFC 9293 section 3.1).
pub(crate) const SYN: u8 = 2;
pub(crate) const ACK: u8 = 16;
pub(crate) const FIN: u8 = 1;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// A little-endian pcap file of Ethernet frames with times in microseconds.
pub(crate) struct Capture {
    pub(crate) bytes: Vec<u8>,
    seconds: u32,
    micros: u32,
    datagram: u16,
}

/// 2026-03-01T10:00:00Z.
pub(crate) const START: u32 = 1_772_359_200;

impl Capture {
    pub(crate) fn new() -> Self {
        let words: [u32; 5] = [0x0004_0002, 0, 0, 65535, 1];
        let head = [0xa1b2_c3d4].into_iter().chain(words).flat_map(u32::to_le_bytes);
        Self { bytes: head.collect(), seconds: START, micros: 0, datagram: 0 }
    }

    /// The next packet is captured so many seconds after 1970.
    pub(crate) fn set_time(&mut self, seconds: u32) {
        (self.seconds, self.micros) = (seconds, 0);
    }

    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, &self.bytes).unwrap();
    }

    /// Adds a frame, a millisecond after the one before.
    fn frame(&mut self, ip: &[u8]) {
        let frame = [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0], ip].concat();
        let len = u32::try_from(frame.len()).unwrap();
        for word in [self.seconds, self.micros, len, len] {
            self.bytes.extend(word.to_le_bytes());
        }
        self.bytes.extend(frame);
        self.micros += 1000;
    }

    /// Adds an IPv4 packet.
    fn packet(&mut self, addresses: [[u8; 4]; 2], payload: &[u8]) {
        self.fragments(addresses, payload, usize::MAX);
    }

    /// Adds an IPv4 packet in fragments of up to `most` bytes, a multiple of 8.
    fn fragments(&mut self, addresses: [[u8; 4]; 2], payload: &[u8], most: usize) {
        self.datagram += 1;
        for (index, part) in payload.chunks(most).enumerate() {
            let offset = if index == 0 { 0 } else { index * most };
            let is_last = offset + part.len() == payload.len();
            let place = u16::try_from(offset / 8).unwrap() | if is_last { 0 } else { 0x2000 };
            let length = u16::try_from(20 + part.len()).unwrap();
            let mut ip = [&[0x45, 0][..], &length.to_be_bytes(), &self.datagram.to_be_bytes()].concat();
            ip.extend(place.to_be_bytes());
            ip.extend([64, 6, 0, 0]);
            ip.extend(addresses.concat());
            let sum = checksum(&ip);
            ip[10..12].copy_from_slice(&sum.to_be_bytes());
            ip.extend(part);
            self.frame(&ip);
        }
    }
}

/// The records of a pcap file, each with its header.
fn records(file: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut records) = (&file[24..], Vec::new());
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        let (record, after) = rest.split_at(16 + usize::try_from(length).unwrap());
        records.push(record);
        rest = after;
    }
    records
}

/// A pcap file as several, of which each begins with the packet of a number in `cuts`, but the first.
pub(crate) fn split(file: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let records = records(file);
    let ends = cuts.iter().copied().chain([records.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| [&file[..24], &records[start..end].concat()].concat()).collect()
}

/// A block of pcapng: its type, and its body in whole words.
pub(crate) fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

/// An option of pcapng, padded to whole words.
pub(crate) fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_le_bytes();
    let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
    [&code.to_le_bytes()[..], &length, value, &padding].concat()
}

/// The block that begins a section.
pub(crate) fn section() -> Vec<u8> {
    let body = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    block(0x0a0d_0d0a, &body)
}

/// A pcap file of Ethernet with times in microseconds as pcapng.
pub(crate) fn pcapng(file: &[u8]) -> Vec<u8> {
    let mut out = [section(), block(1, &[1, 0, 0, 0, 0, 0, 0, 0])].concat();
    for record in records(file) {
        let word = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap());
        let micros = (u64::from(word(0)) * 1_000_000 + u64::from(word(4))).to_le_bytes();
        let data = &record[16..];
        let padding = vec![0; data.len().next_multiple_of(4) - data.len()];
        let body = [&[0; 4][..], &micros[4..], &micros[..4], &record[8..16], data, &padding].concat();
        out.extend(block(6, &body));
    }
    out
}

/// The checksum of IPv4 and TCP (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u64 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// A TCP connection of a client to a server, to port 80 if no other is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    addresses: [[u8; 4]; 2],
    port: u16,
    server_port: u16,
    /// The next sequence number of client and server.
    next: [u32; 2],
}

impl Flow {
    /// A connection that is opened by its handshake. `number` tells it from others.
    pub(crate) fn open(capture: &mut Capture, number: u8) -> Self {
        Self::open_to(80, capture, number)
    }

    /// The same to another port.
    pub(crate) fn open_to(server_port: u16, capture: &mut Capture, number: u8) -> Self {
        let port = 40_000 + u16::from(number);
        let mut flow = Self {
            addresses: [[10, 1, 0, number], [10, 2, 0, 1]],
            port,
            server_port,
            next: [u32::MAX - 400, 7_000],
        };
        for (from, flags) in [(From::Client, SYN), (From::Server, SYN | ACK)] {
            flow.segment(capture, from, flow.next[from as usize], flags, b"");
            flow.next[from as usize] = flow.next[from as usize].wrapping_add(1);
        }
        flow.segment(capture, From::Client, flow.next[0], ACK, b"");
        flow
    }

    /// Sends bytes in order, in segments of 1,000 bytes, each acknowledged.
    pub(crate) fn send(&mut self, capture: &mut Capture, from: From, bytes: &[u8]) {
        self.send_in(capture, from, bytes, SEGMENT);
    }

    /// Sends bytes in order, in segments of `most` bytes, each acknowledged.
    pub(crate) fn send_in(&mut self, capture: &mut Capture, from: From, bytes: &[u8], most: usize) {
        for part in bytes.chunks(most) {
            self.segment(capture, from, self.next[from as usize], ACK, part);
            self.went(from, part.len());
            self.acknowledge(capture, from);
        }
    }

    /// The other side acknowledges what a side sent.
    pub(crate) fn acknowledge(&self, capture: &mut Capture, from: From) {
        let other = if from == From::Client { From::Server } else { From::Client };
        self.segment(capture, other, self.next[other as usize], ACK, b"");
    }

    /// Counts bytes as sent that a test sends by [`Flow::at`].
    pub(crate) fn went(&mut self, from: From, len: usize) {
        let next = &mut self.next[from as usize];
        *next = next.wrapping_add(u32::try_from(len).unwrap());
    }

    /// Sends bytes that stand `offset` bytes behind all that was sent.
    pub(crate) fn at(&self, capture: &mut Capture, from: From, offset: usize, bytes: &[u8]) {
        let sequence = self.next[from as usize].wrapping_add(u32::try_from(offset).unwrap());
        self.segment(capture, from, sequence, ACK, bytes);
    }

    /// Sends bytes in one segment, in a packet of fragments of `most` bytes.
    pub(crate) fn send_fragmented(&mut self, capture: &mut Capture, from: From, bytes: &[u8], most: usize) {
        let segment = self.tcp(from, self.next[from as usize], ACK, bytes);
        capture.fragments(self.between(from), &segment, most);
        self.went(from, bytes.len());
        self.acknowledge(capture, from);
    }

    /// Both sides end.
    pub(crate) fn close(mut self, capture: &mut Capture) {
        for from in [From::Client, From::Server] {
            self.segment(capture, from, self.next[from as usize], ACK | FIN, b"");
            self.went(from, 1);
        }
        self.acknowledge(capture, From::Server);
    }

    fn segment(&self, capture: &mut Capture, from: From, sequence: u32, flags: u8, payload: &[u8]) {
        let segment = self.tcp(from, sequence, flags, payload);
        capture.packet(self.between(from), &segment);
    }

    /// Source and target.
    fn between(&self, from: From) -> [[u8; 4]; 2] {
        let [client, server] = self.addresses;
        if from == From::Client { [client, server] } else { [server, client] }
    }

    fn tcp(&self, from: From, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (ports, other) = match from {
            From::Client => ([self.port, self.server_port], From::Server),
            From::Server => ([self.server_port, self.port], From::Client),
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { self.next[other as usize] };
        let mut tcp: Vec<u8> = ports.into_iter().flat_map(u16::to_be_bytes).collect();
        tcp.extend(sequence.to_be_bytes());
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(payload);
        let length = u16::try_from(tcp.len()).unwrap().to_be_bytes();
        let pseudo = [&self.between(from).concat()[..], &[0, 6], &length, &tcp].concat();
        let sum = checksum(&pseudo).to_be_bytes();
        tcp[16..18].copy_from_slice(&sum);
        tcp
    }
}

/// A capture of one exchange on one connection, in order.
pub(crate) fn exchange(request: &[u8], response: &[u8]) -> Capture {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    flow.send(&mut capture, From::Client, request);
    flow.send(&mut capture, From::Server, response);
    flow.close(&mut capture);
    capture
}

/// A request with a body.
pub(crate) fn post(path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: api.example.test\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// An answer with a body; `fields` are header lines, each with its end.
pub(crate) fn answer(fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    [format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {length}\r\n\r\n").as_bytes(), body].concat()
}
