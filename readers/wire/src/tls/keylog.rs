//! Logged secrets: the text of an `SSLKEYLOGFILE`, or of a decryption secrets block.
//!
//! Source: draft-ietf-tls-keylogfile. A line is a label, a client random and a secret, in hex. `RSA` lines (a premaster
//! secret), exporter, ECH and QUIC secrets are passed over and counted.

use std::collections::HashMap;

use super::secret::{LONGEST, Secret};

/// Line numbers of bad lines that are kept; more are counted.
const MOST_BAD: usize = 64;
/// A line of the format has at most 32 + 1 + 64 + 1 + 128 bytes.
const LONGEST_LINE: usize = 512;
/// Connections whose secrets are kept: some 560 bytes each with all six, so 150 MB at most.
const MOST_CONNECTIONS: usize = 1 << 18;

/// What a logged secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS 1.2 and before.
    Master,
    /// `CLIENT_EARLY_TRAFFIC_SECRET`.
    ClientEarly,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    ClientHandshake,
    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    ServerHandshake,
    /// `CLIENT_TRAFFIC_SECRET_0`.
    ClientTraffic,
    /// `SERVER_TRAFFIC_SECRET_0`.
    ServerTraffic,
}

impl Label {
    const ALL: [Self; 6] = [
        Self::Master,
        Self::ClientEarly,
        Self::ClientHandshake,
        Self::ServerHandshake,
        Self::ClientTraffic,
        Self::ServerTraffic,
    ];

    /// The label as it stands in a key log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Master => "CLIENT_RANDOM",
            Self::ClientEarly => "CLIENT_EARLY_TRAFFIC_SECRET",
            Self::ClientHandshake => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::ServerHandshake => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::ClientTraffic => "CLIENT_TRAFFIC_SECRET_0",
            Self::ServerTraffic => "SERVER_TRAFFIC_SECRET_0",
        }
    }

    /// Whether a secret of this kind can have `len` bytes.
    const fn fits(self, len: usize) -> bool {
        match self {
            Self::Master => len == 48,
            // One output of the suite's hash: SHA-256 or SHA-384.
            _ => len == 32 || len == 48,
        }
    }

    /// Its bit in [`super::Connection`]'s record of what was missing.
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Secrets by client random.
///
/// A secret must be there before the records that it opens are pushed. Where a capture has its secrets at its end, they
/// are collected first, in a pass of their own.
#[derive(Debug, Default)]
pub struct KeyLog {
    by_random: HashMap<[u8; 32], [Option<Box<Secret>>; 6]>,
    lines: u64,
    bad: Vec<u64>,
    bad_lines: u64,
    ignored: u64,
    conflicts: u64,
    over_limit: u64,
}

impl KeyLog {
    /// Adds the lines of `text`, which are numbered on from those before.
    pub fn add(&mut self, text: &[u8]) {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        if text.is_empty() {
            return;
        }
        for line in text.split(|byte| *byte == b'\n') {
            self.lines += 1;
            if self.line(line).is_none() {
                self.bad_lines += 1;
                if self.bad.len() < MOST_BAD {
                    self.bad.push(self.lines);
                }
            }
        }
    }

    /// The secret of a connection, by the random of its client hello.
    pub(super) fn secret(&self, random: &[u8; 32], label: Label) -> Option<&Secret> {
        self.by_random.get(random)?.get(label as usize)?.as_deref()
    }

    /// How many client randoms have secrets.
    pub fn connections(&self) -> usize {
        self.by_random.len()
    }

    /// Lines so far, empty ones and comments included.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The numbers, from 1, of the first lines that are not of the format.
    pub fn bad(&self) -> &[u64] {
        &self.bad
    }

    /// How many lines are not of the format.
    pub fn bad_lines(&self) -> u64 {
        self.bad_lines
    }

    /// How many lines have a label that is not used: `RSA`, exporters, later ones.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// How many lines give another secret for what has one already. The first is kept.
    pub fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// How many lines were dropped because there were too many connections.
    pub fn over_limit(&self) -> u64 {
        self.over_limit
    }

    fn line(&mut self, line: &[u8]) -> Option<()> {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Some(());
        }
        if line.len() > LONGEST_LINE {
            return None;
        }
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let (name, random, secret) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() {
            return None;
        }
        let Some(label) = Label::ALL.into_iter().find(|label| label.as_str().as_bytes() == name) else {
            let name_like = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            self.ignored += u64::from(name_like);
            return name_like.then_some(());
        };
        let mut key = [0; 32];
        hex(random, &mut key)?;
        let len = secret.len() / 2;
        if !label.fits(len) || len > LONGEST {
            return None;
        }
        let mut bytes = Secret::zero(len);
        hex(secret, bytes.as_mut())?;
        self.keep(key, label, bytes);
        Some(())
    }

    fn keep(&mut self, random: [u8; 32], label: Label, secret: Secret) {
        if self.by_random.len() >= MOST_CONNECTIONS && !self.by_random.contains_key(&random) {
            self.over_limit += 1;
            return;
        }
        let secrets = self.by_random.entry(random).or_default();
        let Some(slot) = secrets.get_mut(label as usize) else { return };
        match slot {
            None => *slot = Some(Box::new(secret)),
            Some(kept) => self.conflicts += u64::from(**kept != secret),
        }
    }
}

/// Reads hex digits of either case into all of `out`.
fn hex(digits: &[u8], out: &mut [u8]) -> Option<()> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != out.len() {
        return None;
    }
    for ([high, low], byte) in pairs.iter().zip(out) {
        let high = char::from(*high).to_digit(16)?;
        let low = char::from(*low).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(label: &str, random: u8, secret: u8, len: usize) -> String {
        let pair = |byte: u8, n: usize| format!("{byte:02x}").repeat(n);
        format!("{label} {} {}\n", pair(random, 32), pair(secret, len))
    }

    #[test]
    fn lines_are_found_by_random_and_label() {
        let mut log = KeyLog::default();
        log.add(b"# a comment\r\n\r\n");
        log.add(line("CLIENT_RANDOM", 0xab, 0xcd, 48).to_ascii_uppercase().as_bytes());
        log.add(line("SERVER_TRAFFIC_SECRET_0", 1, 2, 32).replace('\n', " \r\n").as_bytes());
        let found = log.secret(&[0xab; 32], Label::Master).map(|secret| secret.as_ref().to_vec());
        assert_eq!(found, Some(vec![0xcd; 48]));
        assert!(log.secret(&[1; 32], Label::ServerTraffic).is_some());
        assert!(log.secret(&[1; 32], Label::ClientTraffic).is_none());
        assert_eq!((log.lines(), log.bad_lines(), log.connections()), (4, 0, 2));
    }

    #[test]
    fn bad_lines_are_counted_with_their_numbers() {
        let mut log = KeyLog::default();
        log.add(b"CLIENT_RANDOM 00\n\nnot a line of it\n");
        log.add(line("CLIENT_RANDOM", 1, 1, 32).as_bytes());
        log.add(line("CLIENT_RANDOM", 1, 1, 48).replace("0101 ", "010g ").as_bytes());
        log.add(&vec![b'x'; 1000]);
        assert_eq!(log.bad(), [1, 3, 4, 5, 6]);
        assert_eq!((log.bad_lines(), log.connections()), (5, 0));
    }

    #[test]
    fn other_labels_are_passed_over_and_the_first_secret_stays() {
        let mut log = KeyLog::default();
        log.add(line("EXPORTER_SECRET", 1, 1, 32).as_bytes());
        log.add(b"RSA 0011223344556677 aabb\n");
        log.add(line("CLIENT_RANDOM", 1, 1, 48).as_bytes());
        log.add(line("CLIENT_RANDOM", 1, 1, 48).as_bytes());
        log.add(line("CLIENT_RANDOM", 1, 2, 48).as_bytes());
        assert_eq!((log.ignored(), log.conflicts(), log.bad_lines()), (2, 1, 0));
        let kept = log.secret(&[1; 32], Label::Master).map(|secret| secret.as_ref().to_vec());
        assert_eq!(kept, Some(vec![1; 48]));
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut log = KeyLog::default();
        log.add(line("CLIENT_RANDOM", 1, 0xee, 48).as_bytes());
        let shown = format!("{log:?}");
        assert!(shown.contains("Secret(48 bytes)") && !shown.contains("238"), "{shown}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_text_breaks_it(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            KeyLog::default().add(&text);
        }
    }
}
