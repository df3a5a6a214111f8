//! TLS as its peers write it: hellos, and records that are sealed with AES-128-GCM under secrets that are known.

use coldcase_wire::Side;
use ring::{aead, hmac};

/// Client randoms of connections with secrets of 32 and of 48 bytes.
pub const RANDOMS: [[u8; 32]; 2] = [[0xc1; 32], [0xc2; 32]];
/// Suites that records are sealed for: of TLS 1.2 and of 1.3.
pub const SUITES: [u16; 2] = [0xc02f, 0x1301];
const SERVER_RANDOM: [u8; 32] = [0x5e; 32];
const MASTER: [u8; 48] = [0x3a; 48];

/// A key log with all secrets of both.
pub fn log() -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let labels = ["CLIENT_HANDSHAKE_TRAFFIC", "SERVER_HANDSHAKE_TRAFFIC", "CLIENT_EARLY_TRAFFIC"];
    let mut lines = String::new();
    for (random, len) in RANDOMS.iter().zip([32, 48]) {
        let random = hex(random);
        lines += &format!("CLIENT_RANDOM {random} {}\n", hex(&MASTER));
        for (label, byte) in labels.iter().zip([1, 2, 5]) {
            lines += &format!("{label}_SECRET {random} {}\n", hex(&vec![byte; len]));
        }
        for (side, byte) in [("CLIENT", 3), ("SERVER", 4)] {
            lines += &format!("{side}_TRAFFIC_SECRET_0 {random} {}\n", hex(&vec![byte; len]));
        }
    }
    lines
}

/// A record in clear.
pub fn record(kind: u8, version: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
    [&[kind], &version.to_be_bytes()[..], &length, payload].concat()
}

/// The hellos of both sides in records; `etm` asks for a MAC over what is encrypted (RFC 7366).
pub fn hellos(random: &[u8; 32], version: u16, suite: u16, etm: bool) -> [Vec<u8>; 2] {
    let of_13 = version == 0x0304;
    let legacy = if of_13 { 0x0303 } else { version };
    let mut extensions: [Vec<u8>; 2] = [Vec::new(), Vec::new()];
    if of_13 {
        extensions = [vec![0, 43, 0, 3, 2, 3, 4], vec![0, 43, 0, 2, 3, 4]];
    } else if etm {
        extensions = [vec![0, 22, 0, 0], vec![0, 22, 0, 0]];
    }
    let [of_client, of_server] = extensions.map(with_length);
    let (version, suite) = (legacy.to_be_bytes(), suite.to_be_bytes());
    let client = [&version[..], random, &[0, 0, 2], &suite, &[1, 0], &of_client].concat();
    let server = [&version[..], &SERVER_RANDOM, &[0], &suite, &[0], &of_server].concat();
    [record(22, 0x0301, &message(1, &client)), record(22, legacy, &message(2, &server))]
}

/// A handshake message.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn with_length(bytes: Vec<u8>) -> Vec<u8> {
    [&u16::try_from(bytes.len()).expect("short").to_be_bytes()[..], &bytes].concat()
}

/// What seals the records of a side.
pub struct Writer {
    is_13: bool,
    secret: Vec<u8>,
    key: Vec<u8>,
    iv: Vec<u8>,
    sequence: u64,
}

impl Writer {
    /// A side's application data in TLS 1.3, or its first secrets there.
    pub fn tls13(side: Side, is_handshake: bool) -> Self {
        let byte = if is_handshake { 1 } else { 3 } + u8::from(side == Side::Server);
        Self::of(vec![byte; 32])
    }

    fn of(secret: Vec<u8>) -> Self {
        let (key, iv) = (expand(&secret, "key", 16), expand(&secret, "iv", 12));
        Self { is_13: true, secret, key, iv, sequence: 0 }
    }

    /// The secrets after a key update (RFC 8446 section 7.2).
    pub fn update(&mut self) {
        *self = Self::of(expand(&self.secret, "traffic upd", 32));
    }

    /// A side's records in TLS 1.2, from its Finished on (RFC 5246 section 6.3).
    pub fn tls12(side: Side) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &MASTER);
        let seed = [&b"key expansion"[..], &SERVER_RANDOM, &RANDOMS[0]].concat();
        let mut a = hmac::sign(&key, &seed);
        let mut block = Vec::new();
        while block.len() < 40 {
            block.extend_from_slice(hmac::sign(&key, &[a.as_ref(), &seed].concat()).as_ref());
            a = hmac::sign(&key, a.as_ref());
        }
        let nth = usize::from(side == Side::Server);
        let (key, iv) = (block[16 * nth..][..16].to_vec(), block[32 + 4 * nth..][..4].to_vec());
        Self { is_13: false, secret: Vec::new(), key, iv, sequence: 0 }
    }

    /// A sealed record.
    pub fn seal(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        let sequence = self.sequence.to_be_bytes();
        self.sequence += 1;
        let mut nonce = self.iv.clone();
        let (mut sealed, covered, before);
        if self.is_13 {
            nonce[4..].iter_mut().zip(sequence).for_each(|(byte, number)| *byte ^= number);
            sealed = [content, &[kind]].concat();
            covered = record(23, 0x0303, &vec![0; sealed.len() + 16])[..5].to_vec();
            before = Vec::new();
        } else {
            nonce.extend(sequence);
            sealed = content.to_vec();
            covered = [&sequence[..], &record(kind, 0x0303, content)[..5]].concat();
            before = sequence.to_vec();
        }
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, &self.key).expect("a key of 16 bytes");
        let nonce = aead::Nonce::try_assume_unique_for_key(&nonce).expect("a nonce of 12 bytes");
        let key = aead::LessSafeKey::new(key);
        key.seal_in_place_append_tag(nonce, aead::Aad::from(covered), &mut sealed).expect("a short record");
        record(if self.is_13 { 23 } else { kind }, 0x0303, &[before, sealed].concat())
    }
}

/// HKDF-Expand-Label of no more than one block (RFC 8446 section 7.1).
fn expand(secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let size = |len: usize| u8::try_from(len).expect("short");
    let info = [&[0, size(len), size(6 + label.len())], &b"tls13 "[..], label.as_bytes(), &[0, 1]].concat();
    hmac::sign(&key, &info).as_ref()[..len].to_vec()
}
