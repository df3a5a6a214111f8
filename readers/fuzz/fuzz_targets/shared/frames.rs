//! A capture's frames as bytes tell them: any bytes under any link type, and TCP, UDP and fragments that are nearly sound.

/// Link types that are read, some of them more often than others.
const LINKS: [u16; 40] = [
    0, 1, 1, 1, 6, 8, 9, 10, 12, 14, 50, 51, 100, 101, 101, 104, 105, 107, 108, 109, 113, 117, 119, 122, 123,
    127, 138, 149, 163, 166, 192, 204, 205, 219, 228, 229, 239, 242, 258, 276,
];

/// Raw IP.
const RAW: u16 = 101;

/// One frame of a file.
#[derive(Debug, Clone)]
pub struct Made {
    pub link: u16,
    /// Where it stands in the file.
    pub start: usize,
    pub end: usize,
    pub original: u32,
    pub time: Option<i64>,
}

/// What is left of the bytes that tell.
struct Told<'a>(&'a [u8]);

impl<'a> Told<'a> {
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    fn some(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (some, rest) = self.0.split_at(length);
        self.0 = rest;
        some
    }
}

/// A file of nothing but frames, and where each stands in it.
pub fn frames(bytes: &[u8]) -> (Vec<u8>, Vec<Made>) {
    let (mut told, mut file, mut frames) = (Told(bytes), Vec::new(), Vec::new());
    let mut time = 0_i64;
    while !told.0.is_empty() {
        let kind = told.byte();
        let (link, bytes) = match kind & 7 {
            0 => (LINKS[usize::from(told.byte()) % LINKS.len()], told.some().to_vec()),
            1 => (u16::from_be_bytes([told.byte(), told.byte()]), told.some().to_vec()),
            2 => {
                let (protocol, place) = (told.byte(), told.byte());
                (RAW, fragment([6, 17, 47, 1][usize::from(protocol & 3)], protocol >> 2, place, told.some()))
            }
            3 => (RAW, ip4(told.byte(), 0, 0, false, told.some())),
            // In a tunnel.
            4 => (RAW, ip4(4, 0, 0, false, &segment(&mut told))),
            _ => (RAW, segment(&mut told)),
        };
        // Some seconds and minutes, backwards too, and no time at all.
        time +=
            [0, 1, 1_000, 61_000_000_000, 700_000_000_000, -1, i64::from(kind), 0][usize::from(kind >> 5)];
        let start = file.len();
        file.extend_from_slice(&bytes);
        let cut = if kind & 0x10 == 0 { 0 } else { u32::from(told.byte()) };
        let original = u32::try_from(bytes.len()).expect("short") + cut;
        let time = (kind & 8 == 0).then_some(time);
        frames.push(Made { link, start, end: file.len(), original, time });
    }
    (file, frames)
}

/// A TCP segment between one of two clients and one server, near the start of its streams.
fn segment(told: &mut Told<'_>) -> Vec<u8> {
    let [flags, ends, sequence, acknowledged] = std::array::from_fn(|_| told.byte());
    let (from_server, is_wrong) = (ends & 1 == 1, ends & 0x40 != 0);
    let client = 40_000 + u16::from(ends >> 1 & 3);
    let server = if ends & 8 == 0 { 80 } else { 53 };
    let (source, target) = if from_server { (server, client) } else { (client, server) };
    let (own, peer) = if from_server { (u32::MAX - 9, 1000_u32) } else { (1000_u32, u32::MAX - 9) };
    let far = if ends & 0x80 == 0 { 1 } else { 1 << 20 };
    let mut bytes = [source.to_be_bytes(), target.to_be_bytes()].concat();
    bytes.extend(own.wrapping_add(u32::from(sequence) * far).to_be_bytes());
    bytes.extend(peer.wrapping_add(u32::from(acknowledged)).to_be_bytes());
    bytes.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    bytes.extend_from_slice(told.some());
    let (source, target) = ends_of(from_server);
    let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let pseudo = [&source[..], &target, &[0, 6], &length, &bytes].concat();
    let sum = checksum(&pseudo).wrapping_add(u16::from(is_wrong));
    bytes[16..18].copy_from_slice(&sum.to_be_bytes());
    let mut packet = ip4(6, 0, 0, false, &bytes);
    packet[12..20].copy_from_slice(&[source, target].concat());
    packet
}

fn ends_of(from_server: bool) -> ([u8; 4], [u8; 4]) {
    let ends = [[10, 0, 0, 1], [10, 0, 0, 2]];
    if from_server { (ends[1], ends[0]) } else { (ends[0], ends[1]) }
}

fn fragment(protocol: u8, id: u8, place: u8, bytes: &[u8]) -> Vec<u8> {
    ip4(protocol, u16::from(id & 3) + 1, u16::from(place >> 1 & 15), place & 1 == 1, bytes)
}

/// A packet; the fragment's offset is in eights of bytes.
fn ip4(protocol: u8, id: u16, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let (source, target) = ends_of(false);
    let length = u16::try_from(payload.len() + 20).expect("short").to_be_bytes();
    let word = (offset | if more { 0x2000 } else { 0 }).to_be_bytes();
    let mut head = [&[0x45, 0][..], &length, &id.to_be_bytes(), &word, &[64, protocol], &[0; 2]].concat();
    head.extend([source, target].concat());
    let sum = checksum(&head);
    head[10..12].copy_from_slice(&sum.to_be_bytes());
    head.extend_from_slice(payload);
    head
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).expect("folded")
}
