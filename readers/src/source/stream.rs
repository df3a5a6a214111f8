//! One input as a stream of decoded bytes, hashed and counted as it is read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use coldcase_model::{Account, AnomalyKind, Digest, Ledger};
use sha2::{Digest as _, Sha256};

use super::compression::{Compression, Decoder, Stop};
use super::expand::Found;
use crate::limits::Limits;

/// Reads the stored bytes, and hashes and counts each once.
pub(super) struct Tap {
    inner: Box<dyn Read + Send>,
    hash: Sha256,
    count: u64,
}

impl Tap {
    fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { inner, hash: Sha256::new(), count: 0 }
    }

    pub(super) fn empty() -> Self {
        Self::new(Box::new(io::empty()))
    }
}

impl Read for Tap {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.hash.update(buf.get(..read).unwrap_or_default());
        self.count += read as u64;
        Ok(read)
    }
}

/// The stored bytes behind a buffer, so that what a decoder has consumed is known to the byte.
pub(super) type Stored = BufReader<Tap>;

/// How many stored bytes have been consumed.
pub(super) fn consumed(stored: &Stored) -> u64 {
    stored.get_ref().count - stored.buffer().len() as u64
}

/// What is wrong with a stream, and after how many decoded bytes.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    /// Which kind.
    pub(crate) kind: AnomalyKind,
    /// In words of the format.
    pub(crate) what: String,
    /// How much had been decoded.
    pub(crate) at: u64,
}

/// An open input.
pub(crate) struct Stream {
    decoder: Decoder,
    compression: Compression,
    limits: Limits,
    /// The size that the file system states; `None` for a pipe.
    stated: Option<u64>,
    decoded: u64,
    ended: bool,
    trouble: Option<Trouble>,
    /// Stored bytes that were decoded before the stream was stopped, and where the others go.
    stopped: Option<(u64, Account)>,
}

/// What is known of an input once it was read to its end.
pub(crate) struct Closed {
    /// The SHA-256 of the stored bytes; `None` where reading failed.
    pub(crate) sha256: Option<Digest>,
    /// Stored bytes.
    pub(crate) stored_bytes: u64,
    /// Decoded bytes.
    pub(crate) decoded_bytes: u64,
    /// `none`, `gzip` or `zstd`.
    pub(crate) compression: &'static str,
    /// The stored bytes by account; for an input that is not compressed only those that were never handed out.
    pub(crate) stored: Ledger,
    /// Whether `decoded` and `stored` are different bytes.
    pub(crate) is_compressed: bool,
    /// What was wrong.
    pub(crate) trouble: Option<Trouble>,
}

impl Stream {
    const BUFFER: usize = 256 << 10;

    /// Opens an input and looks whether it is compressed.
    pub(crate) fn open(found: &Found, limits: Limits) -> io::Result<Self> {
        match found {
            Found::Stdin => Self::over(Box::new(io::stdin()), None, limits),
            Found::File(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                let stated = metadata.is_file().then_some(metadata.len());
                Self::over(Box::new(file), stated, limits)
            }
        }
    }

    /// A stream over any reader.
    pub(crate) fn over(
        mut inner: Box<dyn Read + Send>,
        stated: Option<u64>,
        limits: Limits,
    ) -> io::Result<Self> {
        // A pipe may give its first bytes in drips: the magic number is gathered before it is looked at.
        let mut head = Vec::new();
        inner.by_ref().take(4).read_to_end(&mut head)?;
        let compression = Compression::of(&head);
        let tap = Tap::new(Box::new(Cursor::new(head).chain(inner)));
        let stored = BufReader::with_capacity(Self::BUFFER, tap);
        let decoder = Decoder::new(compression, stored);
        Ok(Self {
            decoder,
            compression,
            limits,
            stated,
            decoded: 0,
            ended: false,
            trouble: None,
            stopped: None,
        })
    }

    /// Appends decoded bytes until `into` holds `upto`, or the input ends. Says whether there may be more.
    pub(crate) fn fill(&mut self, into: &mut Vec<u8>, upto: usize) -> bool {
        while into.len() < upto && !self.ended {
            let start = into.len();
            into.resize(upto, 0);
            let read = self.decoder.read(into.get_mut(start..).unwrap_or_default());
            into.truncate(start + read.as_ref().copied().unwrap_or(0));
            match read {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.decoded += count as u64;
                    self.check_expansion();
                }
                Err(stop) => self.stop(stop, Account::Lost),
            }
        }
        !self.ended
    }

    fn check_expansion(&mut self) {
        let ratio = self.limits.expansion_ratio;
        if self.compression != Compression::None
            && self.decoded > self.limits.free_expansion_bytes
            && self.decoded / ratio > self.decoder.consumed()
        {
            let what = format!("expands to over {ratio} times its size; the rest is not decoded");
            self.stop(Stop { kind: AnomalyKind::OverLimit, what }, Account::OverLimit);
        }
    }

    /// Ends the decoded stream; the stored bytes that are left go to `account` when the input is closed.
    fn stop(&mut self, stop: Stop, account: Account) {
        self.ended = true;
        self.trouble = Some(Trouble { kind: stop.kind, what: stop.what, at: self.decoded });
        self.stopped = Some((self.decoder.consumed(), account));
    }

    /// Leaves the rest of the decoded content aside: the format is not one that is read.
    pub(crate) fn skip_rest(&mut self) -> u64 {
        let mut skipped = 0;
        let mut scrap = Vec::with_capacity(Self::BUFFER);
        while self.fill(&mut scrap, Self::BUFFER) {
            skipped += scrap.len() as u64;
            scrap.clear();
        }
        skipped + scrap.len() as u64
    }

    /// Reads what is left of the stored bytes, so that the hash and the ledger are of all of them.
    pub(crate) fn close(self) -> Closed {
        let is_compressed = self.compression != Compression::None;
        let mut stored = self.decoder.into_stored();
        let mut failed = self.trouble.as_ref().is_some_and(|trouble| trouble.kind == AnomalyKind::Unreadable);
        loop {
            let length = match stored.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => bytes.len(),
                Err(_) => {
                    failed = true;
                    break;
                }
            };
            stored.consume(length);
        }
        let tap = stored.into_inner();
        let stored_bytes = if failed { self.stated.unwrap_or(0).max(tap.count) } else { tap.count };
        let mut ledger = Ledger::default();
        let (used, account) = self.stopped.unwrap_or((stored_bytes, Account::Lost));
        if is_compressed {
            ledger.add(Account::Framing, used);
            ledger.add(account, stored_bytes.saturating_sub(used));
        } else {
            ledger.add(Account::Lost, stored_bytes.saturating_sub(self.decoded));
        }
        Closed {
            sha256: (!failed).then(|| Digest(tap.hash.finalize().into())),
            stored_bytes,
            decoded_bytes: self.decoded,
            compression: self.compression.as_str(),
            stored: ledger,
            is_compressed,
            trouble: self.trouble,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn read(stored: Vec<u8>, limits: Limits) -> (Vec<u8>, Closed) {
        let mut stream = Stream::over(Box::new(Cursor::new(stored)), None, limits).expect("memory");
        let mut out = Vec::new();
        loop {
            let wanted = out.len() + 4096;
            if !stream.fill(&mut out, wanted) {
                break;
            }
        }
        (out, stream.close())
    }

    #[test]
    fn members_of_gzip_and_frames_of_zstd_follow_one_another() {
        let stored = [gzip(b"one "), gzip(b"two"), vec![0; 64]].concat();
        let (text, closed) = read(stored.clone(), Limits::default());
        assert_eq!(text, b"one two");
        assert_eq!(closed.stored.bytes(Account::Framing), stored.len() as u64);
        let frames = [zstd::encode_all(&b"one "[..], 1), zstd::encode_all(&b"two"[..], 1)];
        let stored = frames.map(|frame| frame.expect("memory")).concat();
        assert_eq!(read(stored, Limits::default()).0, b"one two");
    }

    #[test]
    fn a_cut_or_trailed_stream_gives_what_came_before_and_books_the_rest() {
        let whole = gzip(&b"a line of text\n".repeat(1000));
        let cut = whole.get(..whole.len() - 12).expect("longer").to_vec();
        let (text, closed) = read(cut.clone(), Limits::default());
        assert!(text.starts_with(b"a line") && closed.trouble.is_some());
        assert_eq!(closed.stored.total(), cut.len() as u64);
        let (text, closed) = read([gzip(b"x"), b"junk".to_vec()].concat(), Limits::default());
        assert_eq!((text.as_slice(), closed.stored.bytes(Account::Lost)), (&b"x"[..], 4));
        assert_eq!(closed.trouble.map(|trouble| trouble.kind), Some(AnomalyKind::TrailingBytes));
    }

    #[test]
    fn a_bomb_is_stopped_and_booked_over_the_limit() {
        let limits = Limits { free_expansion_bytes: 1 << 20, expansion_ratio: 20, ..Limits::default() };
        let bomb = gzip(&vec![b'a'; 64 << 20]);
        let (text, closed) = read(bomb.clone(), limits);
        assert!(text.len() < 16 << 20);
        assert!(closed.stored.bytes(Account::OverLimit) > 0);
        assert_eq!(closed.stored.total(), bomb.len() as u64);
    }
}
