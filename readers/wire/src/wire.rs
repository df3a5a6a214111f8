//! A capture file's content to what is found in it: the layers one after the other.
//!
//! Left out: what messages mean. Decryption secrets that come behind the packets that they open are too late here.

use std::sync::Arc;

use bytes::Bytes;

use crate::capture::{self, CaptureFacts, CaptureReader, Item, SecretKind, Step};
use crate::flow::{Flows, is_text};
use crate::found::{FlowFacts, Found, Hello, Place, Text, What};
use crate::packet::{self, Checksum, Decoded, Overlap, Transport};
use crate::tcp::{self, Endpoint, Flags, FlowId, Reassembler};
use crate::tls::{Carrier, KeyLog};
use crate::{Note, Notes, Side, Survey, Traffic, dns, quic};

/// Ports of DNS, multicast DNS and LLMNR (RFC 1035, 6762, 4795).
const DNS: [u16; 3] = [53, 5353, 5355];
/// Findings are to be taken when they hold so many bytes.
const FULL: usize = 4 << 20;
/// The same of so many notes.
const MOST_NOTES: usize = 10_000;

/// How far reading got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// So many bytes from the window's new start are wanted.
    Need(usize),
    /// Findings are to be taken before more is read.
    Full,
    /// The file is read: go on with [`Wire::next_file`], or [`Wire::finish`].
    End,
}

/// Where the bytes of the content went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accounts {
    /// All bytes.
    pub total: u64,
    /// Content that connections count and findings do not; findings say their own.
    pub content: u64,
    /// Encrypted, or of no protocol that is read.
    pub opaque: u64,
    /// Cut short, damaged, or of datagrams that never became whole.
    pub lost: u64,
    /// Over a cap.
    pub over_limit: u64,
    /// Headers of all layers, copies of what was sent again, and what else carries no content.
    pub framing: u64,
}

/// Reads a capture: a file, or files of a ring one after another.
///
/// Offsets go on from file to file, so that one tells the file as well.
pub struct Wire {
    capture: CaptureReader,
    /// Bytes of the files that were read before, by account.
    before: capture::Count,
    packets: packet::Decoder,
    tcp: Reassembler,
    flows: Flows,
    notes: Notes,
    datagrams: Datagrams,
}

/// What is known of datagrams, apart from what was found in them.
#[derive(Default)]
struct Datagrams {
    /// Bytes of those that are not read.
    opaque: u64,
    quic: quic::Connections,
    notes: Notes,
}

impl Wire {
    /// A reader with these secrets.
    pub fn new(keys: KeyLog) -> Self {
        Self {
            capture: CaptureReader::new(capture::Limits::default()),
            before: capture::Count::default(),
            packets: packet::Decoder::new(packet::Limits::default(), Overlap::First),
            tcp: Reassembler::new(tcp::Limits::default()),
            flows: Flows::new(keys),
            notes: Notes::default(),
            datagrams: Datagrams::default(),
        }
    }

    /// Reads on; the window is moved past what was read.
    pub fn advance(&mut self, window: &mut &[u8], is_end: bool) -> Advance {
        loop {
            if self.flows.output.held >= FULL || self.flows.output.notes.len() >= MOST_NOTES {
                return Advance::Full;
            }
            match self.capture.next(window, is_end) {
                Step::Frame(frame) => self.frame(&frame),
                Step::Item(Item::Secrets { kind: SecretKind::Tls, data, .. }) => self.flows.keys.add(data),
                Step::Item(_) => {}
                Step::Need(bytes) => return Advance::Need(bytes),
                Step::End => return Advance::End,
            }
        }
    }

    /// Goes on with another file, whose first byte stands at [`Wire::at`]. Connections and fragments go on.
    pub fn next_file(&mut self) {
        let next = CaptureReader::starting_at(capture::Limits::default(), self.capture.at());
        let mut read = std::mem::replace(&mut self.capture, next);
        self.before.add(read.count());
        self.flows.output.notes.append(&mut read.take_notes());
        self.flows.output.surveys.files.push(Survey::default());
    }

    /// There are no more files: what waits for others is handed on.
    pub fn finish(&mut self) {
        let Self { packets, tcp, flows, datagrams, notes, .. } = self;
        let mut transports = Transports { tcp, flows, datagrams, time: None };
        packets.finish(notes, &mut |decoded| transports.take(&decoded));
        tcp.finish(flows);
        datagrams.quic.finish(&mut datagrams.notes);
    }

    /// Offset of the next byte to be read.
    pub fn at(&self) -> u64 {
        self.capture.at()
    }

    /// What was found since the last call.
    pub fn take(&mut self) -> Vec<Found> {
        self.flows.output.held = 0;
        std::mem::take(&mut self.flows.output.found)
    }

    /// What was odd since the last call; to be asked whenever findings are taken.
    pub fn take_notes(&mut self) -> Vec<Note> {
        let mut notes = self.capture.take_notes();
        notes.extend(self.notes.take());
        notes.extend(self.tcp.notes().take());
        notes.extend(self.datagrams.notes.take());
        notes.append(&mut self.flows.output.notes);
        notes
    }

    /// What the file that is being read says of itself.
    pub fn facts(&self) -> &CaptureFacts {
        self.capture.facts()
    }

    /// What there is by protocol and host, file by file; final at the end, as connections count when they are over.
    pub fn surveys(&self) -> &[Survey] {
        &self.flows.output.surveys.files
    }

    /// Bytes of packets that segments say they have and the capture lacks: cut by the snap length, or in lost fragments.
    pub fn missing(&self) -> u64 {
        self.packets.count().missing
    }

    /// Where all bytes of all files went so far. At the end each byte is in one account; before it those that a layer still
    /// holds are in none but the total.
    pub fn accounts(&self) -> Accounts {
        let mut file = self.before;
        file.add(self.capture.count());
        let (packets, tally) = (self.packets.count(), self.flows.tally());
        Accounts {
            total: file.total(),
            content: tally.content,
            opaque: file.opaque + packets.opaque + self.datagrams.opaque + tally.opaque,
            lost: file.lost + packets.lost,
            over_limit: file.over_limit + packets.over_limit + tally.over_limit,
            framing: file.framing
                + file.secrets
                + packets.framing
                + packets.repeated
                + self.tcp.counts().duplicates
                + tally.framing,
        }
    }

    fn frame(&mut self, frame: &capture::Frame<'_>) {
        let time = frame.time;
        let frame =
            packet::Frame { link: frame.link, bytes: frame.data, original: frame.original_len, at: frame.at };
        let Self { packets, tcp, flows, datagrams, notes, .. } = self;
        let mut transports = Transports { tcp, flows, datagrams, time };
        packets.push(&frame, time, notes, &mut |decoded| transports.take(&decoded));
    }
}

/// What packets hold goes here.
struct Transports<'t> {
    tcp: &'t mut Reassembler,
    flows: &'t mut Flows,
    datagrams: &'t mut Datagrams,
    time: Option<i64>,
}

impl Transports<'_> {
    fn take(&mut self, decoded: &Decoded<'_>) {
        let Decoded::Segment(segment) = decoded else { return };
        let Transport::Tcp(head) = &segment.transport else { return self.datagram(segment) };
        let end = |address, port| Endpoint { address, port };
        self.tcp.segment(
            &tcp::Segment {
                space: 0,
                source: end(segment.source, head.source_port),
                target: end(segment.target, head.target_port),
                seq: head.sequence,
                ack: head.acknowledgment,
                flags: Flags(head.flags.to_le_bytes()[0]),
                window: head.window,
                window_scale: window_scale(head.options),
                payload: segment.payload,
                missing: u32::try_from(segment.missing).unwrap_or(u32::MAX),
                at: segment.places.at(0),
                time: self.time,
                ttl: segment.ttl,
                checksum_ok: match segment.checksum {
                    Checksum::Good => Some(true),
                    Checksum::Bad => Some(false),
                    Checksum::Zero | Checksum::Offloaded | Checksum::Unknown => None,
                },
                is_alternative: segment.is_alternative,
            },
            self.flows,
        );
    }

    /// The client hellos in a datagram; whether it has a part of one.
    fn quic(&mut self, ends: [Endpoint; 2], payload: &[u8], when: (u64, Option<i64>)) -> bool {
        let Datagrams { quic, notes, .. } = &mut *self.datagrams;
        let output = &mut self.flows.output;
        let [client, server] = ends;
        quic.datagram(ends, payload, when, notes, &mut |quic::Heard { hello, at, time }| {
            let flow = Arc::new(FlowFacts { id: FlowId(u64::MAX), client, server, has_syn: true });
            let host = hello.server_name.as_deref().map(Arc::from);
            let place = Place { flow, host, is_encrypted: false };
            let hello = Hello::of(&hello, Carrier::Quic, at, time);
            output.add(&place, What::Hello(Box::new(hello)));
        })
    }

    /// A datagram: DNS and the hellos of QUIC are read, text is handed on, anything else is opaque.
    fn datagram(&mut self, segment: &packet::Segment<'_>) {
        // The packets count the bytes of an alternative as repeated.
        let own = if segment.is_alternative { 0 } else { segment.payload.len() as u64 };
        let (source, target) = segment.ports().unwrap_or_default();
        let (at, time) = (segment.places.at(0), self.time);
        let side = if DNS.contains(&source) && !DNS.contains(&target) { Side::Server } else { Side::Client };
        let ends = [(segment.source, source), (segment.target, target)];
        let ends = ends.map(|(address, port)| Endpoint { address, port });
        let [client, server] = if side == Side::Client { ends } else { [ends[1], ends[0]] };
        let flow = FlowFacts { id: FlowId(u64::MAX), client, server, has_syn: false };
        let place = || Place { flow: Arc::new(flow), host: None, is_encrypted: false };
        if DNS.contains(&source) || DNS.contains(&target) {
            let bytes = Bytes::copy_from_slice(segment.payload);
            if let Some(message) = dns::read(bytes, at, time, &mut self.datagrams.notes) {
                self.flows.output.tally.content += own;
                self.survey(segment, "dns");
                self.flows.output.add(&place(), What::Dns(side, Box::new(message)));
                return;
            }
        }
        let is_quic = self.quic(ends, segment.payload, (at, time));
        if is_quic || !is_text(segment.payload) {
            self.datagrams.opaque += own;
            self.survey(segment, if is_quic { "quic" } else { "unknown" });
            return;
        }
        self.survey(segment, "text");
        let bytes = Bytes::copy_from_slice(segment.payload);
        let place = place();
        self.flows.output.add(&place, What::Text(Text { side, why: "datagram", bytes, own, at, time }));
    }
}

impl Transports<'_> {
    /// Counts a datagram. Of the ends the one with the lower port is taken for the server; without ports the target.
    fn survey(&mut self, segment: &packet::Segment<'_>, inside: &str) {
        if segment.is_alternative {
            return;
        }
        let (source, target) = segment.ports().unwrap_or_default();
        let (side, server) =
            if source < target { (Side::Server, segment.source) } else { (Side::Client, segment.target) };
        let outer = match segment.transport {
            Transport::Tcp(_) => "tcp",
            Transport::Udp(_) => "udp",
            Transport::Icmp { .. } => "icmp",
            Transport::Other(_) => "ip",
        };
        let mut traffic = Traffic { datagrams: 1, ..Traffic::default() };
        traffic.carry(side, segment.payload.len() as u64);
        let now = self.flows.output.surveys.now();
        self.flows.output.surveys.add(now, &format!("{outer}/{inside}"), &server.to_string(), traffic);
    }
}

/// The shift of the window scale option (RFC 7323, section 2.2).
fn window_scale(mut options: &[u8]) -> Option<u8> {
    loop {
        match options {
            [0, ..] | [] => return None,
            [1, rest @ ..] => options = rest,
            [3, 3, shift, ..] => return Some(*shift),
            [_, length, ..] => options = options.get(usize::from(*length).max(2)..)?,
            [_] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that findings count, and what they are, of fragments that give a datagram of this protocol twice: its
    /// second eight bytes after the header differ.
    fn read_overlap(protocol: u8, head: &[u8]) -> (u64, Vec<&'static str>) {
        let mut file =
            [&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], &[0; 8], &[0, 0, 4, 0, 101, 0, 0, 0]].concat();
        let first = [head, b"one more"].concat();
        let next = u8::try_from(head.len() / 8).unwrap();
        for (offset, more, bytes) in
            [(0, true, &first[..]), (next, true, b"two more"), (next + 1, false, b" letters")]
        {
            let length = 20 + u8::try_from(bytes.len()).unwrap();
            let word = if more { 0x20 } else { 0 };
            let packet = [
                &[0x45, 0, 0, length, 0, 7, word, offset, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2],
                bytes,
            ];
            file.extend([0; 8]);
            file.extend([[length, 0, 0, 0]; 2].concat());
            file.extend(packet.concat());
        }
        let mut wire = Wire::new(KeyLog::default());
        assert_eq!(wire.advance(&mut &file[..], true), Advance::End);
        wire.finish();
        let found = wire.take();
        let why = found.iter().filter_map(|found| match &found.what {
            What::Text(text) => Some(text.why),
            _ => None,
        });
        (found.iter().map(Found::content_bytes).sum(), why.collect())
    }

    #[test]
    fn another_version_of_a_datagram_is_told_and_not_counted() {
        let udp = [0, 7, 0, 7, 0, 24, 0, 0];
        assert_eq!(read_overlap(17, &udp), (16, vec!["datagram", "datagram"]));
        let tcp = [&[0, 7, 0, 7, 0, 0, 0, 9, 0, 0, 0, 9, 0x60, 16, 9, 9, 0, 0, 0, 0][..], &[1; 4]].concat();
        assert_eq!(read_overlap(6, &tcp), (16, vec!["ip_alternative", "unknown_protocol"]));
    }

    #[test]
    fn a_window_scale_is_found_behind_other_options() {
        assert_eq!(window_scale(&[2, 4, 5, 180, 1, 3, 3, 7, 0]), Some(7));
        assert_eq!(window_scale(&[2, 4, 5, 180, 0, 3, 3, 7]), None);
        for options in [&[][..], &[3], &[3, 3], &[8, 0], &[8, 255, 1]] {
            assert_eq!(window_scale(options), None);
        }
    }
}
