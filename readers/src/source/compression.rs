//! gzip and zstd, member by member, so that a damaged or trailing one is told from the good ones before it.

use std::io::{self, BufRead, Read};

use coldcase_model::AnomalyKind;
use flate2::bufread::GzDecoder;

use super::stream::Stored;

/// RFC 1952 section 2.3.1: two magic bytes and the only compression method there is.
const GZIP_MAGIC: &[u8] = b"\x1f\x8b\x08";
/// RFC 8878 section 3.1.1.
const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// What is wrapped round an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// What the first bytes of an input say.
    pub(super) fn of(head: &[u8]) -> Self {
        if head.starts_with(GZIP_MAGIC) {
            Self::Gzip
        } else if head.starts_with(ZSTD_MAGIC) {
            Self::Zstd
        } else {
            Self::None
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Whether another member may start like this; a buffer may end inside the magic number.
    fn may_go_on(self, peek: &[u8]) -> bool {
        let magic = match self {
            Self::None => return false,
            Self::Gzip => GZIP_MAGIC,
            Self::Zstd => ZSTD_MAGIC,
        };
        peek.iter().zip(magic).all(|(a, b)| a == b)
    }
}

/// Why decoding stopped before the input's end.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) kind: AnomalyKind,
    pub(super) what: String,
}

/// Decodes one input.
pub(super) struct Decoder {
    compression: Compression,
    state: State,
}

enum State {
    Plain(Stored),
    /// Before a member, or at the end.
    Between(Stored),
    Gzip(Box<GzDecoder<Stored>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Stored>>),
    Done(Stored),
    /// Only while a member is being opened.
    Moving,
}

impl Decoder {
    pub(super) fn new(compression: Compression, stored: Stored) -> Self {
        let state = match compression {
            Compression::None => State::Plain(stored),
            Compression::Gzip | Compression::Zstd => State::Between(stored),
        };
        Self { compression, state }
    }

    /// The next decoded bytes; 0 at the end. After a `Stop` there is nothing more.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Result<usize, Stop> {
        loop {
            let read = match &mut self.state {
                State::Plain(stored) => {
                    return stored.read(buf).map_err(|error| Stop {
                        kind: AnomalyKind::Unreadable,
                        what: format!("reading failed: {error}"),
                    });
                }
                State::Gzip(decoder) => decoder.read(buf),
                State::Zstd(decoder) => decoder.read(buf),
                State::Between(_) => {
                    self.open_member()?;
                    continue;
                }
                State::Done(_) | State::Moving => return Ok(0),
            };
            match read {
                Ok(0) => self.state = State::Between(self.take_stored()),
                Ok(count) => return Ok(count),
                Err(error) => {
                    self.state = State::Done(self.take_stored());
                    return Err(damaged(self.compression, &error));
                }
            }
        }
    }

    fn open_member(&mut self) -> Result<(), Stop> {
        let mut stored = self.take_stored();
        let peek = stored.fill_buf().unwrap_or_default();
        // gzip's own tool ignores zero bytes after the last member: tapes pad with them.
        let zeros = peek.iter().take_while(|byte| **byte == 0).count();
        if peek.is_empty() {
            self.state = State::Done(stored);
        } else if zeros > 0 {
            stored.consume(zeros);
            self.state = State::Between(stored);
        } else if !self.compression.may_go_on(peek) {
            self.state = State::Done(stored);
            let what = format!("bytes that are no {} follow the last member", self.compression.as_str());
            return Err(Stop { kind: AnomalyKind::TrailingBytes, what });
        } else if self.compression == Compression::Gzip {
            self.state = State::Gzip(Box::new(GzDecoder::new(stored)));
        } else {
            self.state = match zstd::stream::read::Decoder::with_buffer(stored) {
                Ok(decoder) => State::Zstd(Box::new(decoder.single_frame())),
                Err(error) => return Err(damaged(self.compression, &error)),
            };
        }
        Ok(())
    }

    fn take_stored(&mut self) -> Stored {
        match std::mem::replace(&mut self.state, State::Moving) {
            State::Plain(stored) | State::Between(stored) | State::Done(stored) => stored,
            State::Gzip(decoder) => decoder.into_inner(),
            State::Zstd(decoder) => decoder.finish(),
            State::Moving => Stored::new(super::stream::Tap::empty()),
        }
    }

    /// The stored bytes, to be read to their end.
    pub(super) fn into_stored(mut self) -> Stored {
        self.take_stored()
    }

    /// How many stored bytes went into what was decoded.
    pub(super) fn consumed(&self) -> u64 {
        match &self.state {
            State::Plain(stored) | State::Between(stored) | State::Done(stored) => {
                super::stream::consumed(stored)
            }
            State::Gzip(decoder) => super::stream::consumed(decoder.get_ref()),
            State::Zstd(decoder) => super::stream::consumed(decoder.get_ref()),
            State::Moving => 0,
        }
    }
}

fn damaged(compression: Compression, error: &io::Error) -> Stop {
    let kind = if error.kind() == io::ErrorKind::UnexpectedEof {
        AnomalyKind::CutShort
    } else {
        AnomalyKind::BadCompression
    };
    Stop { kind, what: format!("the {} stream cannot be decoded further: {error}", compression.as_str()) }
}
