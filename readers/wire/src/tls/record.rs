//! The record layer: a stream of bytes to records (RFC 8446, section 5.1), over gaps and through damage.

/// Bytes of a record's header.
pub(super) const HEADER: usize = 5;
/// The longest payload that a standard allows: TLS 1.2 with compression (RFC 5246, section 6.2.3).
pub(super) const LONGEST: usize = (1 << 14) + 2048;

/// Content types (RFC 8446, appendix B.1; RFC 6520).
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;
pub(super) const HEARTBEAT: u8 = 24;

/// One record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u8,
    pub(super) version: u16,
    pub(super) payload: &'a [u8],
    /// Where its header begins in the capture.
    pub(super) at: u64,
    /// When its last byte came.
    pub(super) time: Option<i64>,
}

impl Record<'_> {
    /// Its header, as it stands in the stream.
    pub(super) fn header(&self) -> [u8; HEADER] {
        let [high, low] = self.version.to_be_bytes();
        // The length was read from two bytes.
        let len = u16::try_from(self.payload.len()).unwrap_or(u16::MAX);
        let [long, short] = len.to_be_bytes();
        [self.kind, high, low, long, short]
    }
}

/// What a stream consists of.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A record.
    Record(Record<'a>),
    /// Bytes that are none, or of a record that is cut: how many, and where the first stands.
    Skipped { len: u64, cut: bool, at: u64, time: Option<i64> },
    /// The caller's gap.
    Gap(u64),
}

/// Splits one side's stream.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// The start of a record that is not complete, or up to four bytes that may be the start of a header.
    kept: Vec<u8>,
    /// Where the first kept bytes stand, which may have come in as many pushes, and when the last one came.
    kept_at: [u64; HEADER],
    time: Option<i64>,
    /// Whether the place of the next header is not known.
    searching: bool,
    /// Whether the place of the last header was found by searching.
    unsure: bool,
    /// Bytes of a cut record still to come.
    skip: u64,
    /// Bytes that were passed over and not yet said.
    skipped: u64,
    skipped_at: u64,
    skipped_time: Option<i64>,
    cut: bool,
}

impl Splitter {
    /// Bytes that wait for more.
    pub(super) fn pending(&self) -> u64 {
        self.kept.len() as u64 + self.skipped
    }

    /// Whether no record is begun: the time to give memory back, since thousands of connections may be open and silent.
    pub(super) fn is_at_rest(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes the next bytes, the first of which stands at `at`.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        mut at: u64,
        time: Option<i64>,
        out: &mut impl FnMut(Piece<'_>),
    ) {
        while !bytes.is_empty() {
            self.time = time;
            let used = if self.skip > 0 {
                let len = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
                self.skip -= len as u64;
                self.pass(len as u64, at);
                len
            } else if self.searching {
                self.search(bytes, at)
            } else if self.kept.is_empty() {
                self.whole(bytes, at, out)
            } else {
                self.joined(bytes, at, out)
            };
            bytes = bytes.get(used..).unwrap_or_default();
            at = at.saturating_add(used as u64);
        }
        if self.is_at_rest() {
            self.kept = Vec::new();
        }
    }

    /// `len` bytes are lost here.
    pub(super) fn gap(&mut self, len: u64, out: &mut impl FnMut(Piece<'_>)) {
        if len == 0 {
            return;
        }
        if self.skip > 0 {
            self.searching = len > self.skip;
            self.skip = self.skip.saturating_sub(len);
        } else if let Some(missing) = self.missing() {
            self.searching = len > missing;
            self.skip = missing.saturating_sub(len);
            self.cut = true;
            self.drop_kept();
        } else {
            self.drop_kept();
            self.searching = true;
        }
        self.say_skipped(out);
        out(Piece::Gap(len));
    }

    /// No more bytes will come.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(Piece<'_>)) {
        self.cut |= !self.searching && !self.kept.is_empty();
        self.drop_kept();
        self.say_skipped(out);
        self.skip = 0;
    }

    /// How much of the kept record is still to come, if its header is known.
    fn missing(&self) -> Option<u64> {
        if self.searching {
            return None;
        }
        let header = self.header(&self.kept)?;
        (HEADER + header.2).checked_sub(self.kept.len()).map(|missing| missing as u64)
    }

    /// Records that lie in `bytes` as a whole. How many bytes were used.
    fn whole(&mut self, bytes: &[u8], at: u64, out: &mut impl FnMut(Piece<'_>)) -> usize {
        let Some((kind, version, len)) = self.header(bytes) else {
            if self.could_begin(bytes) {
                return self.keep(bytes, at);
            }
            self.searching = true;
            return 0;
        };
        self.say_skipped(out);
        let Some(payload) = bytes.get(HEADER..HEADER + len) else {
            return self.keep(bytes, at);
        };
        self.unsure = false;
        out(Piece::Record(Record { kind, version, payload, at, time: self.time }));
        HEADER + len
    }

    /// A record that began in an earlier push.
    fn joined(&mut self, bytes: &[u8], at: u64, out: &mut impl FnMut(Piece<'_>)) -> usize {
        let wanted = match self.header(&self.kept) {
            Some((_, _, len)) => HEADER + len,
            None => HEADER,
        };
        let more = wanted.saturating_sub(self.kept.len()).min(bytes.len());
        self.extend(bytes.get(..more).unwrap_or_default(), at);
        match self.header(&self.kept) {
            // At once, so that an end here is judged as if all had come in one piece.
            None if !self.could_begin(&self.kept) => self.settle(),
            None => {}
            Some((kind, version, len)) => {
                self.say_skipped(out);
                if let Some(payload) = self.kept.get(HEADER..HEADER + len) {
                    let [at, ..] = self.kept_at;
                    out(Piece::Record(Record { kind, version, payload, at, time: self.time }));
                    self.kept.clear();
                    self.unsure = false;
                }
            }
        }
        more
    }

    fn keep(&mut self, bytes: &[u8], at: u64) -> usize {
        self.extend(bytes, at);
        bytes.len()
    }

    fn extend(&mut self, bytes: &[u8], at: u64) {
        for (place, offset) in self.kept_at.iter_mut().skip(self.kept.len()).zip(0..) {
            *place = at.saturating_add(offset);
        }
        self.kept.extend_from_slice(bytes);
    }

    /// Passes over bytes until a header could begin. How many of `bytes` were used.
    fn search(&mut self, bytes: &[u8], at: u64) -> usize {
        self.unsure = true;
        let found = (0..bytes.len()).find(|from| self.could_begin(bytes.get(*from..).unwrap_or_default()));
        self.searching = found.is_none();
        let from = found.unwrap_or(bytes.len());
        self.pass(from as u64, at);
        from
    }

    /// Drops kept bytes until a header could begin with those that are left.
    fn settle(&mut self) {
        self.unsure = true;
        let start =
            (0..self.kept.len()).find(|from| self.could_begin(self.kept.get(*from..).unwrap_or_default()));
        let start = start.unwrap_or(self.kept.len());
        let [at, ..] = self.kept_at;
        self.pass(start as u64, at);
        self.kept.drain(..start);
        self.kept_at.rotate_left(start.min(HEADER));
        self.searching = self.kept.is_empty();
    }

    fn pass(&mut self, len: u64, at: u64) {
        if len > 0 && self.skipped == 0 {
            self.skipped_at = at;
        }
        self.skipped += len;
        self.skipped_time = self.time;
    }

    fn drop_kept(&mut self) {
        let [at, ..] = self.kept_at;
        self.pass(self.kept.len() as u64, at);
        self.kept.clear();
    }

    fn say_skipped(&mut self, out: &mut impl FnMut(Piece<'_>)) {
        if self.skipped > 0 {
            out(Piece::Skipped {
                len: self.skipped,
                cut: self.cut,
                at: self.skipped_at,
                time: self.skipped_time,
            });
        }
        self.skipped = 0;
        self.cut = self.skip > 0;
    }

    /// Type, version and length of the record that begins with `bytes`, if they are those of one.
    fn header(&self, bytes: &[u8]) -> Option<(u8, u16, usize)> {
        let [kind, high, low, long, short] = *bytes.first_chunk::<HEADER>()?;
        let version = u16::from_be_bytes([high, low]);
        self.could_begin(bytes).then(|| (kind, version, usize::from(u16::from_be_bytes([long, short]))))
    }

    /// Whether a record can begin with `bytes`, as far as they go. After a search its length must be one that is
    /// allowed, so that one place in ten million of random bytes looks like a record.
    fn could_begin(&self, bytes: &[u8]) -> bool {
        if let (true, Some([_, _, _, long, short])) = (self.unsure, bytes.first_chunk::<HEADER>()) {
            let len = usize::from(u16::from_be_bytes([*long, *short]));
            if len == 0 || len > LONGEST {
                return false;
            }
        }
        let mut bytes = bytes.iter();
        bytes.next().is_none_or(|kind| (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(kind))
            && bytes.next().is_none_or(|high| *high == 3)
            && bytes.next().is_none_or(|low| *low <= 4)
    }
}

#[cfg(test)]
mod tests;
