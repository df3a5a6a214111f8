//! Made connections: records are protected by the libraries' sealing, which the code under test does not call.

use aes::{Aes128, Aes256};
use cbc::cipher::{Block, BlockModeEncrypt, KeyIvInit};
use ccm::aead::AeadInOut;
use ccm::consts::{U8, U12, U16};
use ccm::{Ccm, KeyInit};
use ring::{aead, hmac};

use super::super::KeyLog;
use super::super::schedule::{Prf, algorithm, expand_label, prf, updated};
use super::super::secret::Secret;
use super::super::suite::{Bulk, Suite};
use super::hello;
use crate::Side;

pub(super) const CLIENT_RANDOM: [u8; 32] = [0xc1; 32];
const SERVER_RANDOM: [u8; 32] = [0x5e; 32];

/// A record with a header that says its length.
pub(super) fn record(kind: u8, version: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap();
    [&[kind][..], &version.to_be_bytes(), &len.to_be_bytes(), payload].concat()
}

/// A handshake message with its header.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &len[1..], body].concat()
}

/// One side's protection, of any version.
pub(super) struct Writer {
    suite: Suite,
    version: u16,
    etm: bool,
    sequence: u64,
    mac: Vec<u8>,
    key: Vec<u8>,
    iv: Vec<u8>,
    secret: Option<Secret>,
}

impl Writer {
    pub(super) fn tls13(suite: u16, secret: &[u8]) -> Self {
        let suite = Suite::find(suite).unwrap();
        let mut kept = Secret::zero(secret.len());
        kept.as_mut().copy_from_slice(secret);
        let key = expand_label(suite.hash, secret, "key", suite.bulk.key_len()).as_ref().to_vec();
        let iv = expand_label(suite.hash, secret, "iv", 12).as_ref().to_vec();
        Self { suite, version: 0x0304, etm: false, sequence: 0, mac: Vec::new(), key, iv, secret: Some(kept) }
    }

    /// The protection after a key update.
    pub(super) fn update(&mut self) {
        let next = updated(self.suite.hash, self.secret.as_ref().unwrap());
        *self = Self::tls13(self.suite.id, next.as_ref());
    }

    pub(super) fn tls12(
        suite: u16,
        version: u16,
        etm: bool,
        master: &[u8],
        side: Side,
        client: &[u8; 32],
    ) -> Self {
        let suite = Suite::find(suite).unwrap();
        let (mac, key, iv) = (suite.bulk.mac_len(), suite.bulk.key_len(), suite.bulk.iv_len());
        let mut block = vec![0; 2 * (mac + key + iv)];
        let function = if version == 0x0303 { Prf::Of(suite.hash) } else { Prf::Md5Sha1 };
        let seed = [SERVER_RANDOM, *client].concat();
        prf(function, master, "key expansion", &seed, &mut block);
        let nth = side as usize;
        let part = |from: usize, len: usize| block[from + nth * len..from + (nth + 1) * len].to_vec();
        Self {
            suite,
            version,
            etm,
            sequence: 0,
            mac: part(0, mac),
            key: part(2 * mac, key),
            iv: part(2 * (mac + key), iv),
            secret: None,
        }
    }

    /// A protected record; in TLS 1.3 with `padding` zeros.
    pub(super) fn seal(&mut self, kind: u8, content: &[u8], padding: usize) -> Vec<u8> {
        let sequence = self.sequence;
        self.sequence += 1;
        if let Bulk::Aes128Cbc(_) | Bulk::Aes256Cbc(_) = self.suite.bulk {
            return self.seal_cbc(sequence, kind, content);
        }
        let mut nonce = self.iv.clone();
        let mut before = Vec::new();
        if nonce.len() == 4 {
            before = (sequence ^ 0x1122_3344_5566_7788).to_be_bytes().to_vec();
            nonce.extend_from_slice(&before);
        } else {
            nonce[4..].iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
        }
        let nonce: [u8; 12] = nonce.try_into().unwrap();
        if self.version == 0x0304 {
            let mut inner = [content, &[kind]].concat();
            inner.resize(inner.len() + padding, 0);
            let tag = if self.suite.bulk == Bulk::Aes128Ccm8 { 8 } else { 16 };
            let header = &record(23, 0x0303, &vec![0; inner.len() + tag])[..5];
            return record(23, 0x0303, &self.aead(nonce, header, inner));
        }
        let covered = self.covered(sequence, kind, content.len());
        let sealed = self.aead(nonce, &covered, content.to_vec());
        record(kind, self.version, &[before, sealed].concat())
    }

    fn covered(&self, sequence: u64, kind: u8, len: usize) -> Vec<u8> {
        let len = u16::try_from(len).unwrap().to_be_bytes();
        [&sequence.to_be_bytes()[..], &[kind], &self.version.to_be_bytes(), &len].concat()
    }

    fn aead(&self, nonce: [u8; 12], covered: &[u8], mut content: Vec<u8>) -> Vec<u8> {
        fn ccm<A: AeadInOut + KeyInit + ccm::AeadCore<NonceSize = U12>>(
            key: &[u8],
            nonce: [u8; 12],
            covered: &[u8],
            content: &mut Vec<u8>,
        ) {
            let key = A::new_from_slice(key).unwrap();
            let tag =
                key.encrypt_inout_detached(&nonce.into(), covered, content.as_mut_slice().into()).unwrap();
            content.extend_from_slice(&tag);
        }
        let algorithm = match self.suite.bulk {
            Bulk::Aes128Gcm => &aead::AES_128_GCM,
            Bulk::Aes256Gcm => &aead::AES_256_GCM,
            Bulk::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
            Bulk::Aes128Ccm => {
                ccm::<Ccm<Aes128, U16, U12>>(&self.key, nonce, covered, &mut content);
                return content;
            }
            Bulk::Aes256Ccm => {
                ccm::<Ccm<Aes256, U16, U12>>(&self.key, nonce, covered, &mut content);
                return content;
            }
            Bulk::Aes128Ccm8 => {
                ccm::<Ccm<Aes128, U8, U12>>(&self.key, nonce, covered, &mut content);
                return content;
            }
            _ => {
                ccm::<Ccm<Aes256, U8, U12>>(&self.key, nonce, covered, &mut content);
                return content;
            }
        };
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, &self.key).unwrap());
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, aead::Aad::from(covered), &mut content).unwrap();
        content.extend_from_slice(tag.as_ref());
        content
    }

    fn seal_cbc(&mut self, sequence: u64, kind: u8, content: &[u8]) -> Vec<u8> {
        fn encrypt<C>(key: &[u8], iv: &[u8], bytes: &mut [u8])
        where
            cbc::Encryptor<C>: KeyIvInit + BlockModeEncrypt,
            C: cbc::cipher::BlockCipherEncrypt + cbc::cipher::BlockSizeUser,
        {
            let (blocks, rest) = Block::<cbc::Encryptor<C>>::slice_as_chunks_mut(bytes);
            assert!(rest.is_empty());
            cbc::Encryptor::<C>::new_from_slices(key, iv).unwrap().encrypt_blocks(blocks);
        }
        let (Bulk::Aes128Cbc(hash) | Bulk::Aes256Cbc(hash)) = self.suite.bulk else { unreachable!() };
        let key = hmac::Key::new(algorithm(hash), &self.mac);
        let explicit = self.version >= 0x0302;
        let iv =
            if explicit { [0x77 ^ u8::try_from(sequence).unwrap(); 16].to_vec() } else { self.iv.clone() };
        let mut inner = content.to_vec();
        if !self.etm {
            let covered = [self.covered(sequence, kind, content.len()), inner.clone()].concat();
            inner.extend_from_slice(hmac::sign(&key, &covered).as_ref());
        }
        // More padding than is needed: it may have up to 255 bytes.
        let padding = 16 * usize::from(sequence % 3 == 1) + 15 - inner.len() % 16;
        inner.resize(inner.len() + padding + 1, u8::try_from(padding).unwrap());
        match self.key.len() {
            16 => encrypt::<Aes128>(&self.key, &iv, &mut inner),
            _ => encrypt::<Aes256>(&self.key, &iv, &mut inner),
        }
        self.iv = inner[inner.len() - 16..].to_vec();
        let mut payload = if explicit { [iv, inner].concat() } else { inner };
        if self.etm {
            let covered = [self.covered(sequence, kind, payload.len()), payload.clone()].concat();
            payload.extend_from_slice(hmac::sign(&key, &covered).as_ref());
        }
        record(kind, self.version, &payload)
    }
}

/// A key log of one connection.
pub(super) fn log(random: &[u8; 32], secrets: &[(&str, &[u8])]) -> KeyLog {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut log = KeyLog::default();
    for (label, secret) in secrets {
        log.add(format!("{label} {} {}\n", hex(random), hex(secret)).as_bytes());
    }
    log
}

/// A connection of TLS 1.0 to 1.2, up to its application data; then what seals each side.
pub(super) struct Made {
    pub(super) parts: Vec<(Side, Vec<u8>)>,
    pub(super) client: Writer,
    pub(super) server: Writer,
    pub(super) keys: KeyLog,
}

pub(super) const MASTER: [u8; 48] = [0x3a; 48];

pub(super) fn made12(suite: u16, version: u16, etm: bool) -> Made {
    let writer = |side| Writer::tls12(suite, version, etm, &MASTER, side, &CLIENT_RANDOM);
    let (mut client, mut server) = (writer(Side::Client), writer(Side::Server));
    let extensions = if etm { vec![(22, Vec::new())] } else { Vec::new() };
    let hello_of_client = hello::client(&CLIENT_RANDOM, version, &[suite], &hello::usual("a.test"));
    let hello_of_server = hello::server_of(version, &SERVER_RANDOM, suite, &extensions);
    let certificate = super::super::certificate::tests::made(&[(0x82, b"a.test")]);
    let len = u32::try_from(certificate.len()).unwrap();
    let list = [&len.to_be_bytes()[1..], &certificate].concat();
    let list = [&u32::try_from(list.len()).unwrap().to_be_bytes()[1..], &list].concat();
    let flight = [message(2, &hello_of_server), message(11, &list), message(14, &[])].concat();
    let finished = message(20, &[9; 12]);
    let mut parts = vec![
        (Side::Client, record(22, 0x0301, &message(1, &hello_of_client))),
        (Side::Server, record(22, version, &flight)),
        (Side::Client, record(22, version, &message(16, &[0; 40]))),
        (Side::Client, record(20, version, &[1])),
    ];
    parts.push((Side::Client, client.seal(22, &finished, 0)));
    parts.push((Side::Server, record(20, version, &[1])));
    parts.push((Side::Server, server.seal(22, &finished, 0)));
    Made { parts, client, server, keys: log(&CLIENT_RANDOM, &[("CLIENT_RANDOM", &MASTER)]) }
}

/// A connection of TLS 1.3, up to its application data.
pub(super) fn made13(suite: u16) -> Made {
    let len = Suite::find(suite).unwrap().hash.len();
    let secrets: Vec<Vec<u8>> = (1..=4).map(|n| vec![n; len]).collect();
    let mut of_client = Writer::tls13(suite, &secrets[0]);
    let mut of_server = Writer::tls13(suite, &secrets[1]);
    let mut list = hello::usual("b.test");
    list.push((43, vec![2, 3, 4]));
    let hello_of_client = hello::client(&CLIENT_RANDOM, 0x0303, &[suite], &list);
    let hello_of_server = hello::server(&SERVER_RANDOM, suite, &[(43, vec![3, 4])]);
    let finished = message(20, &vec![9; len]);
    let flight = [message(8, &[0, 0]), finished.clone()].concat();
    let parts = vec![
        (Side::Client, record(22, 0x0301, &message(1, &hello_of_client))),
        (Side::Server, record(22, 0x0303, &message(2, &hello_of_server))),
        (Side::Server, record(20, 0x0303, &[1])),
        (Side::Server, of_server.seal(22, &flight, 7)),
        (Side::Client, record(20, 0x0303, &[1])),
        (Side::Client, of_client.seal(22, &finished, 0)),
    ];
    let labels = [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
    ];
    let lines: Vec<_> =
        labels.iter().zip(&secrets).map(|(label, secret)| (*label, secret.as_slice())).collect();
    Made {
        parts,
        client: Writer::tls13(suite, &secrets[2]),
        server: Writer::tls13(suite, &secrets[3]),
        keys: log(&CLIENT_RANDOM, &lines),
    }
}
