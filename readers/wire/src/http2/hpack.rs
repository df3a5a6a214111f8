//! The decoder of HPACK: a field block in, fields out, whatever the bytes are.
//!
//! A decoder in a server ends the connection at the first fault. This one goes on as far as the block can be told apart
//! into fields: an index that nothing stands at becomes a field of which nothing is known, a fault of the Huffman code ends
//! one string. Source: RFC 7541, sections 3, 5 and 6.

use std::borrow::Cow;

use bytes::Bytes;

use super::field::{Field, Known};
use super::huffman;
use super::table::{Table, size_of};

/// The size of the dynamic table before anything is said of it. Units: bytes. Source: RFC 9113, section 6.5.2.
pub(super) const DEFAULT_TABLE: u32 = 4096;

/// What a decoder is told of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// The longest list that is kept. Units: bytes as RFC 7541 section 4.1 counts them.
    pub(super) list_bytes: usize,
    /// The largest table that the peer ever offered in SETTINGS; `None` when those were not seen.
    pub(super) offered: Option<u32>,
    /// The table that this side acknowledged and must signal in this block if it is smaller than the one in use.
    pub(super) acked: Option<u32>,
}

/// What a block decoded to.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) fields: Vec<Field>,
    /// Size of `fields`. Units: bytes as RFC 7541 section 4.1 counts them.
    pub(super) list_bytes: usize,
    /// Fields beyond the cap.
    pub(super) left_out: u64,
    /// Bytes of the block that `fields` and changes of the table stand in.
    pub(super) kept: u64,
    /// Bytes of the block of fields beyond the cap.
    pub(super) over: u64,
    /// Bytes of the block that no sense could be made of.
    pub(super) opaque: u64,
    /// The block ends inside a string, which was kept as far as it goes.
    ends_early: bool,
    /// Fields are missing that were sent.
    pub(super) is_part: bool,
    pub(super) notes: Vec<(&'static str, Cow<'static, str>)>,
}

impl Decoded {
    /// Notes once a kind: a block may have a million bad indices.
    fn note(&mut self, kind: &'static str, what: impl Into<Cow<'static, str>>) {
        if !self.notes.iter().any(|(other, _)| *other == kind) {
            self.notes.push((kind, what.into()));
        }
    }
}

/// Why the rest of a block cannot be told apart into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Integer,
    EndsEarly,
}

/// The state of one side's compression.
#[derive(Debug)]
pub(super) struct Decoder {
    table: Table,
    /// Entries are missing behind those that are there: a block was not seen, or not to its end.
    is_lost: bool,
    /// The largest table that is kept, whatever is asked for. Units: bytes.
    cap: usize,
}

impl Decoder {
    pub(super) fn new(cap: usize) -> Self {
        Self { table: Table::new(cap.min(DEFAULT_TABLE as usize)), is_lost: false, cap }
    }

    /// Forgets the table, since blocks were not seen. New entries have the lowest indices, so what is added from here on is
    /// found again. How large the table may be is not known: nothing is evicted before the cap.
    pub(super) fn lose(&mut self) {
        self.is_lost = true;
        self.table.clear();
        self.table.set_max(self.cap);
    }

    /// Decodes a block.
    pub(super) fn decode(&mut self, block: &[u8], terms: &Terms) -> Decoded {
        let mut decoded = Decoded::default();
        let starts_with_update = block.first().is_some_and(|byte| byte & 0xe0 == 0x20);
        if let Some(acked) = terms.acked
            && !self.is_lost
            && self.table.max() > acked as usize
            && !starts_with_update
        {
            decoded.note("hpack_missing_size_update", "a smaller table was acknowledged and not signalled");
        }
        let mut rest = block;
        let mut is_first = true;
        while !rest.is_empty() {
            let before = rest.len();
            let step = self.step(&mut rest, terms, is_first, &mut decoded);
            let used = (before - rest.len()) as u64;
            match step {
                Ok(None) => decoded.kept += used,
                Ok(Some(field)) => {
                    is_first = false;
                    keep(field, used, terms.list_bytes, &mut decoded);
                }
                Err(fault) => {
                    decoded.opaque += before as u64;
                    match fault {
                        Stop::Integer => {
                            decoded.note("hpack_bad_integer", "an integer is over 32 bits");
                            self.lose();
                        }
                        Stop::EndsEarly => decoded.ends_early = true,
                    }
                    break;
                }
            }
        }
        decoded.is_part = decoded.ends_early || decoded.opaque > 0 || decoded.left_out > 0;
        if decoded.ends_early {
            decoded.note("hpack_ends_early", "the block ends inside a field");
            self.lose();
        }
        decoded
    }

    /// One representation: a field, or a change of the table's size. Source: RFC 7541, section 6.
    fn step(
        &mut self,
        rest: &mut &[u8],
        terms: &Terms,
        is_first: bool,
        decoded: &mut Decoded,
    ) -> Result<Option<Field>, Stop> {
        match rest.first().copied().unwrap_or_default() {
            0x80.. => {
                let index = integer(rest, 7)?;
                Ok(Some(self.look_up(index, decoded)))
            }
            0x40.. => {
                let field = self.literal(rest, 6, decoded)?;
                self.table.insert(field.clone());
                Ok(Some(field))
            }
            0x20.. => {
                let size = integer(rest, 5)?;
                self.resize(size, terms, is_first, decoded);
                Ok(None)
            }
            // Without indexing, and never to be indexed.
            _ => self.literal(rest, 4, decoded).map(Some),
        }
    }

    fn look_up(&self, index: u32, decoded: &mut Decoded) -> Field {
        self.table.get(index).unwrap_or_else(|| {
            let why = if self.is_lost { "that was not captured" } else { "that the table does not have" };
            decoded.note("hpack_lost_index", format!("index {index} refers to an entry {why}"));
            Field { name: Bytes::new(), value: Bytes::new(), known: Known::Nothing }
        })
    }

    fn resize(&mut self, size: u32, terms: &Terms, is_first: bool, decoded: &mut Decoded) {
        if !is_first {
            decoded.note("hpack_late_size_update", "the table's size changes inside a block");
        }
        if terms.offered.is_some_and(|offered| size > offered) {
            decoded
                .note("hpack_size_over_setting", format!("a table of {size} bytes, more than was offered"));
        }
        if size as usize > self.cap {
            decoded.note(
                "hpack_table_over_limit",
                format!("a table of {size} bytes, of which {} are kept", self.cap),
            );
        }
        self.table.set_max(self.cap.min(size as usize));
    }

    /// A literal; its name is an index in the first byte's low bits, or a literal too.
    fn literal(&self, rest: &mut &[u8], prefix: u32, decoded: &mut Decoded) -> Result<Field, Stop> {
        let index = integer(rest, prefix)?;
        let (name, known) = if index == 0 {
            (string(rest, decoded)?, Known::All)
        } else {
            let entry = self.look_up(index, decoded);
            (entry.name, if entry.known == Known::All { Known::All } else { Known::ValueOnly })
        };
        Ok(Field { name, value: string(rest, decoded)?, known })
    }

    #[cfg(test)]
    pub(super) fn table(&self) -> &Table {
        &self.table
    }
}

/// Keeps a field unless the list is over its cap.
fn keep(field: Field, used: u64, cap: usize, decoded: &mut Decoded) {
    let size = size_of(&field);
    if decoded.left_out > 0 || decoded.list_bytes.saturating_add(size) > cap {
        decoded.over += used;
        decoded.left_out += 1;
        decoded.note("hpack_list_over_limit", format!("the list of fields is over {cap} bytes"));
    } else {
        decoded.kept += used;
        decoded.list_bytes += size;
        decoded.fields.push(field);
    }
}

/// An integer with a prefix of so many bits. Source: RFC 7541, section 5.1.
fn integer(rest: &mut &[u8], prefix: u32) -> Result<u32, Stop> {
    let (&first, mut after) = rest.split_first().ok_or(Stop::EndsEarly)?;
    let max = (1u32 << prefix) - 1;
    let mut value = u32::from(first) & max;
    if value == max {
        let mut shift = 0;
        loop {
            let (&byte, next) = after.split_first().ok_or(Stop::EndsEarly)?;
            after = next;
            // Five bytes hold any 32 bits; longer ones are zeros, or too large.
            let bits = u64::from(byte & 0x7f) << shift;
            let more = u32::try_from(bits).map_err(|_| Stop::Integer)?;
            value = value.checked_add(more).ok_or(Stop::Integer)?;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 28 {
                return Err(Stop::Integer);
            }
        }
    }
    *rest = after;
    Ok(value)
}

/// A string literal. Source: RFC 7541, section 5.2.
fn string(rest: &mut &[u8], decoded: &mut Decoded) -> Result<Bytes, Stop> {
    let is_coded = rest.first().is_some_and(|byte| byte & 0x80 != 0);
    let length = integer(rest, 7)?;
    let (text, after) = rest.split_at_checked(length as usize).unwrap_or_else(|| {
        decoded.ends_early = true;
        (*rest, &[])
    });
    *rest = after;
    if !is_coded {
        return Ok(Bytes::copy_from_slice(text));
    }
    let mut plain = Vec::new();
    match huffman::decode(text, &mut plain) {
        Ok(()) => {}
        Err(huffman::BadCode::Eos) => decoded.note("hpack_bad_huffman", "the end symbol stands in a string"),
        Err(huffman::BadCode::Padding) => {
            decoded.note("hpack_bad_huffman", "a string is padded with wrong bits");
        }
    }
    // Held in the table as long as the connection lasts: no more than it needs.
    Ok(Bytes::copy_from_slice(&plain))
}

#[cfg(test)]
mod tests;
