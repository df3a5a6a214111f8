//! The reader: chooses the format, searches on after damage, and keeps the accounts.

use super::bytes::wide;
use super::count::Count;
use super::facts::CaptureFacts;
use super::frame::{Frame, Item, Step};
use super::limits::Limits;
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use super::resync::{Goal, Search};
use super::sniff::{Kind, sniff};
use crate::{Note, Notes};

/// Bytes by which a format is recognised.
const HEAD: usize = 12;

/// Reads the content of one capture file, window by window.
///
/// # Example
///
/// ```
/// use coldcase_wire::capture::{CaptureReader, Limits, Step};
///
/// let file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0\
///              \x01\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0hi";
/// let mut reader = CaptureReader::new(Limits::default());
/// let mut window = &file[..];
/// let mut frames = 0;
/// loop {
///     match reader.next(&mut window, true) {
///         Step::Frame(frame) => {
///             assert_eq!((frame.data, frame.time), (&b"hi"[..], Some(1_000_000_000)));
///             frames += 1;
///         }
///         Step::Item(_) => {}
///         // The file is all there; otherwise: put more bytes behind what is left of the window.
///         Step::Need(_) => unreachable!("this was the end"),
///         Step::End => break,
///     }
/// }
/// assert_eq!((frames, reader.count().total()), (1, 42));
/// ```
#[derive(Debug)]
pub struct CaptureReader {
    core: Core,
    format: Format,
    search: Option<Search>,
}

#[derive(Debug)]
enum Format {
    /// At the start of a file.
    Unknown,
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// What all formats share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) limits: Limits,
    /// Offset of the file's first byte.
    start: u64,
    /// Offset of the window's start in the content.
    pub(super) at: u64,
    pub(super) count: Count,
    pub(super) notes: Notes,
    pub(super) facts: CaptureFacts,
}

/// What a format made of the start of a window.
pub(super) enum Read<'a> {
    Give(Step<'a>),
    /// Something was consumed that is not given out.
    Again,
    /// What stands here is no record.
    Damaged,
    /// The content ends inside a record that looks sound.
    CutShort,
    /// Another file begins here.
    Restart,
}

impl CaptureReader {
    /// A reader at the start of a file.
    pub fn new(limits: Limits) -> Self {
        Self::starting_at(limits, 0)
    }

    /// A reader at the start of a file whose first byte is said to stand at `start`: offsets of all that it gives out go
    /// on from there, so that several files have offsets of their own each.
    pub fn starting_at(limits: Limits, start: u64) -> Self {
        Self {
            core: Core {
                limits: limits.checked(),
                start,
                at: start,
                count: Count::default(),
                notes: Notes::default(),
                facts: CaptureFacts::default(),
            },
            format: Format::Unknown,
            search: None,
        }
    }

    /// Reads one thing from the start of `window` and moves the window past what was consumed.
    ///
    /// The window is content from where the last call left off; `is_end` says that nothing follows it. On
    /// [`Step::Need`] the caller keeps the window and puts more bytes behind it. No step depends on how long windows are.
    pub fn next<'a>(&mut self, window: &mut &'a [u8], is_end: bool) -> Step<'a> {
        loop {
            let read = match (&mut self.search, &mut self.format) {
                (Some(_), _) => self.search(window, is_end),
                (None, Format::Unknown) => self.open(window, is_end),
                (None, Format::Pcap(pcap)) => pcap.read(&mut self.core, window, is_end),
                (None, Format::Pcapng(pcapng)) => pcapng.read(&mut self.core, window, is_end),
            };
            match read {
                Read::Give(step) => return step,
                Read::Again => {}
                Read::Damaged => self.search = Some(Search::new(self.core.at, Goal::NextRecord)),
                Read::CutShort => {
                    self.core.notes.add(
                        "capture_cut_short",
                        self.core.at,
                        "the content ends inside this record",
                    );
                    self.search = Some(Search::new(self.core.at, Goal::End));
                }
                Read::Restart => {
                    self.core.notes.add(
                        "capture_joined",
                        self.core.at,
                        "another file begins inside this one",
                    );
                    self.format = Format::Unknown;
                }
            }
        }
    }

    /// Offset in the content of the next byte to be consumed.
    pub fn at(&self) -> u64 {
        self.core.at
    }

    /// Where the bytes of this file went so far; of a file that starts at 0 they are together [`at`](Self::at).
    pub fn count(&self) -> Count {
        self.core.count
    }

    /// What the file says of itself, so far.
    pub fn facts(&self) -> &CaptureFacts {
        &self.core.facts
    }

    /// The notes since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.core.notes.take()
    }

    /// How many notes of each kind there were in all.
    pub fn note_counts(&self) -> &[(&'static str, u64)] {
        self.core.notes.counts()
    }

    fn open<'a>(&mut self, window: &mut &'a [u8], is_end: bool) -> Read<'a> {
        if window.len() < HEAD && !is_end {
            return Read::Give(Step::Need(HEAD));
        }
        match sniff(window) {
            Some(Kind::Pcap) => match Pcap::open(&mut self.core, window, is_end) {
                Ok(pcap) => self.format = Format::Pcap(pcap),
                Err(read) => return read,
            },
            Some(Kind::Pcapng) => {
                self.core.facts.kind.get_or_insert(Kind::Pcapng);
                self.format = Format::Pcapng(Pcapng::default());
            }
            None if window.is_empty() => {
                if self.core.at == self.core.start {
                    self.core.notes.add("capture_empty", self.core.at, "there are no bytes");
                }
                return Read::Give(Step::End);
            }
            None => {
                self.core.notes.add("capture_unknown", self.core.at, "this is no capture format");
                return Read::Damaged;
            }
        }
        Read::Again
    }

    /// Goes on to the next sound record, or to the end.
    fn search<'a>(&mut self, window: &mut &'a [u8], is_end: bool) -> Read<'a> {
        let Self { core, format, search: Some(search) } = self else { return Read::Again };
        let (passed, outcome) = match format {
            Format::Unknown => Search::nothing(window, is_end),
            Format::Pcap(pcap) => search.run(core, pcap, window, is_end),
            Format::Pcapng(pcapng) => search.run(core, pcapng, window, is_end),
        };
        core.count.lost += wide(passed);
        core.pass(window, passed);
        if let Some(need) = outcome {
            return Read::Give(Step::Need(need));
        }
        let (at, bytes) = (search.from(), core.at - search.from());
        self.search = None;
        if bytes == 0 {
            return Read::Again;
        }
        core.notes.add("capture_bytes_lost", at, format!("{bytes} bytes are no sound record"));
        Read::Give(Step::Item(Item::Lost { at, bytes }))
    }
}

impl Core {
    /// Moves the window on; the caller has accounted for the bytes.
    pub(super) fn pass(&mut self, window: &mut &[u8], bytes: usize) {
        let rest = window.get(bytes..).unwrap_or_default();
        self.at += wide(window.len() - rest.len());
        *window = rest;
    }

    /// Gives out the frame of a record of `size` bytes on the interface with this index in the facts.
    pub(super) fn frame<'a>(
        &mut self,
        index: usize,
        frame: Frame<'a>,
        size: usize,
        window: &mut &'a [u8],
    ) -> Read<'a> {
        if let Some(facts) = self.facts.interfaces.get_mut(index) {
            facts.frame(&frame);
        }
        self.count.packets += wide(frame.data.len());
        self.count.framing += wide(size - frame.data.len());
        self.pass(window, size);
        Read::Give(Step::Frame(frame))
    }

    /// Leaves out a record of `size` bytes, `left_out` of them content over a limit.
    pub(super) fn over_limit<'a>(&mut self, size: usize, left_out: usize, window: &mut &'a [u8]) -> Read<'a> {
        let (at, bytes) = (self.at, wide(left_out));
        self.notes.add("capture_over_limit", at, format!("{bytes} bytes are over the limit for one record"));
        self.count.over_limit += bytes;
        self.count.framing += wide(size - left_out);
        self.pass(window, size);
        Read::Give(Step::Item(Item::OverLimit { at, bytes }))
    }
}
