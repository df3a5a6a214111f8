//! Compressed messages (RFC 7692 section 7.2.2): one raw deflate stream a direction, cut into messages.
//!
//! After a gap the window's content is not known. Inflation goes on with a window of zeros, and beside it with one of
//! ones: where the two outputs differ, a byte was copied from before the gap. Once a whole window's worth of output
//! agrees, the window is known again.

use flate2::{Decompress, FlushDecompress, Status};

/// The largest window of deflate (RFC 1951 section 2).
const WINDOW: usize = 32 << 10;

/// What the sender took off each message's end (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// How many last blocks a message may have: genuine ones have none or one, and each costs a copy of the window.
const ENDS: u32 = 16;

/// How far output grows at a time.
const STEP: usize = 16 << 10;

/// Why a message's inflation stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It was not begun, as messages before it expanded over the ratio.
    Skipped,
    /// Its output is over the cap.
    OverLimit,
    /// Its bytes are no deflate stream.
    Damaged,
}

/// One direction's inflater.
#[derive(Debug)]
pub(super) struct Inflater {
    keeps_window: bool,
    plain: Option<Decompress>,
    shadow: Option<Shadow>,
    is_lost: bool,
    /// How many last blocks the message had so far.
    ends: u32,
    input: u64,
    output: u64,
}

/// The second inflater after a gap.
#[derive(Debug)]
struct Shadow {
    inflater: Decompress,
    /// Its output for the message so far, as long as that of the first.
    output: Vec<u8>,
    ends: u32,
    /// How many bytes on end were alike.
    alike: usize,
}

impl Inflater {
    /// One that keeps its window from message to message, or not.
    pub(super) fn new(keeps_window: bool) -> Self {
        Self { keeps_window, plain: None, shadow: None, is_lost: false, ends: 0, input: 0, output: 0 }
    }

    /// Whether output so far is within free bytes and a ratio of the input so far. Asked at the start of a message, so
    /// that the answer does not depend on how its bytes came.
    pub(super) fn is_within(&self, free: u64, ratio: u64) -> bool {
        self.output <= self.input.saturating_mul(ratio).saturating_add(free)
    }

    /// Books compressed bytes, inflated or not.
    pub(super) fn book(&mut self, bytes: usize) {
        self.input += bytes as u64;
    }

    /// What came before is lost: the window is not known any more. The answer is whether it was, and was wanted.
    pub(super) fn lose(&mut self) -> bool {
        self.plain = None;
        self.shadow = None;
        self.ends = 0;
        let was_lost = std::mem::replace(&mut self.is_lost, self.keeps_window);
        self.is_lost && !was_lost
    }

    /// Inflates a piece of a message to the end of `out`, and adds up the bytes that are not known.
    pub(super) fn write(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        cap: usize,
        unknown: &mut usize,
    ) -> Result<(), Stop> {
        self.start()?;
        let from = out.len();
        let Some(plain) = &mut self.plain else { return Err(Stop::Damaged) };
        let mut result = inflate(plain, input, out, cap, &mut self.ends);
        if let Some(shadow) = &mut self.shadow {
            let other = inflate(&mut shadow.inflater, input, &mut shadow.output, cap, &mut shadow.ends);
            *unknown += shadow.compare(out, from);
            result = result.and(other);
        }
        self.output += (out.len() - from) as u64;
        if self.shadow.as_ref().is_some_and(|shadow| shadow.alike >= WINDOW) {
            self.shadow = None;
        }
        result
    }

    /// Ends a message.
    pub(super) fn end(&mut self, out: &mut Vec<u8>, cap: usize, unknown: &mut usize) -> Result<(), Stop> {
        let result = self.write(&TAIL, out, cap, unknown);
        self.ends = 0;
        if let Some(shadow) = &mut self.shadow {
            shadow.output.clear();
            shadow.ends = 0;
        }
        if let (false, Some(plain)) = (self.keeps_window, &mut self.plain) {
            plain.reset(false);
        }
        result
    }

    fn start(&mut self) -> Result<(), Stop> {
        if self.plain.is_some() {
            return Ok(());
        }
        // A flood of damaged messages pays for the windows that it makes necessary.
        self.output += WINDOW as u64 * if self.is_lost { 3 } else { 1 };
        let mut plain = Decompress::new(false);
        if std::mem::take(&mut self.is_lost) {
            let mut inflater = Decompress::new(false);
            plain.set_dictionary(&vec![0; WINDOW]).map_err(|_| Stop::Damaged)?;
            inflater.set_dictionary(&vec![0xFF; WINDOW]).map_err(|_| Stop::Damaged)?;
            self.shadow = Some(Shadow { inflater, output: Vec::new(), ends: 0, alike: 0 });
        }
        self.plain = Some(plain);
        Ok(())
    }
}

impl Shadow {
    /// Zeros what is not alike from an offset on, and says how many bytes that are.
    fn compare(&mut self, out: &mut [u8], from: usize) -> usize {
        let mut unknown = 0;
        let new = out.get_mut(from..).unwrap_or_default();
        for (byte, other) in new.iter_mut().zip(self.output.get(from..).unwrap_or_default()) {
            if byte == other {
                self.alike += 1;
            } else {
                *byte = 0;
                self.alike = 0;
                unknown += 1;
            }
        }
        unknown
    }
}

/// Inflates until the input is used up, the stream is damaged, or output is at the cap with more to come.
fn inflate(
    inflater: &mut Decompress,
    mut input: &[u8],
    out: &mut Vec<u8>,
    cap: usize,
    ends: &mut u32,
) -> Result<(), Stop> {
    loop {
        if out.capacity() == out.len() {
            out.reserve(STEP);
        }
        let (used, made) = (inflater.total_in(), out.len());
        let status = inflater.decompress_vec(input, out, FlushDecompress::Sync);
        let used = usize::try_from(inflater.total_in() - used).unwrap_or(usize::MAX);
        input = input.get(used..).unwrap_or_default();
        if out.len() > cap {
            out.truncate(cap);
            return Err(Stop::OverLimit);
        }
        match status {
            Ok(Status::StreamEnd) => {
                // A last block does not end the direction's stream (RFC 7692 section 7.2.3.5). The window goes on with
                // what this message gave so far.
                *ends += 1;
                if *ends > ENDS {
                    return Err(Stop::Damaged);
                }
                let tail = out.get(out.len().saturating_sub(WINDOW)..).unwrap_or_default();
                inflater.reset(false);
                inflater.set_dictionary(tail).map_err(|_| Stop::Damaged)?;
            }
            Ok(_) if out.len() == made && (used == 0 || input.is_empty()) => return Ok(()),
            Ok(_) if input.is_empty() && out.len() < out.capacity() => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(Stop::Damaged),
        }
    }
}
