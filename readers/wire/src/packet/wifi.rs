//! 802.11 data frames, and the headers that capturing cards put before them.
//!
//! Left out: more than one packet in one frame (A-MSDU), fragments of 802.11, mesh headers, decryption. They are opaque.

use super::peel::{Peel, Step, malformed, opaque};
use super::rest::End;
use super::segment::{Control, Opaque};

impl Peel<'_, '_> {
    /// Source: <https://www.radiotap.org>. Only the field `flags` matters here: it tells of padding.
    pub(super) fn radiotap(&mut self) -> Result<Step, End> {
        let head = self.rest.peek::<4>()?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        if length < 8 {
            return malformed("radiotap_length");
        }
        let header = self.rest.skip(length)?;
        let flags = radiotap_flags(header).unwrap_or(0);
        Ok(Step::Wireless { padded: flags & 0x20 != 0 })
    }

    /// The Prism header has its length in the machine's order, that of AVS, which also comes under its number, in
    /// network order.
    pub(super) fn prism(&mut self) -> Result<Step, End> {
        let [a, b, c, d, length @ ..] = *self.rest.peek::<8>()?;
        let is_avs = u32::from_be_bytes([a, b, c, d]) & 0xffff_f000 == 0x8021_1000;
        let length = if is_avs { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length < 8 {
            return malformed("prism_length");
        }
        self.rest.skip(length)?;
        Ok(Step::Wireless { padded: false })
    }

    /// Source: IEEE 802.11-2020 clause 9.2 and 9.3.2.
    pub(super) fn wireless(&mut self, padded: bool) -> Result<Step, End> {
        self.layer()?;
        let head = *self.rest.peek::<2>()?;
        let [control, flags] = head;
        // Only type 2 is data; bit 6 says that there is none in it.
        if control & 0x0c != 0x08 || control & 0x40 != 0 {
            return Err(End::Control(Control::Wireless));
        }
        let fixed = self.rest.take::<24>()?;
        let mut size = 24;
        if flags & 0x03 == 0x03 {
            self.rest.skip(6)?;
            size += 6;
        }
        let mut is_aggregate = false;
        if control & 0x80 != 0 {
            is_aggregate = self.rest.take::<2>()?[0] & 0x80 != 0;
            size += 2;
            if flags & 0x80 != 0 {
                self.rest.skip(4)?;
                size += 4;
            }
        }
        if flags & 0x40 != 0 {
            return opaque(Opaque::Encrypted);
        }
        if flags & 0x04 != 0 || fixed[22] & 0x0f != 0 {
            return opaque(Opaque::Unsupported("wireless_fragment"));
        }
        if padded {
            self.rest.skip(usize::next_multiple_of(size, 4) - size)?;
        }
        if is_aggregate { self.aggregate() } else { Ok(Step::Llc) }
    }

    /// Several packets in one frame; read if there is but one, with its check sequence and padding.
    fn aggregate(&mut self) -> Result<Step, End> {
        let head = self.rest.peek::<14>()?;
        let length = usize::from(u16::from_be_bytes([head[12], head[13]]));
        if self.rest.bytes.len().saturating_add(self.rest.missing) > length + 14 + 7 {
            return opaque(Opaque::Unsupported("wireless_aggregate"));
        }
        self.rest.skip(14)?;
        self.limit(length);
        Ok(Step::Llc)
    }
}

/// The field `flags`: after the words of presence, and after the time if there is one.
fn radiotap_flags(header: &[u8]) -> Option<u8> {
    let (words, _) = header.get(4..)?.as_chunks::<4>();
    let present = u32::from_le_bytes(*words.first()?);
    if present & 0x02 == 0 {
        return None;
    }
    let last = words.iter().position(|word| word[3] & 0x80 == 0)?;
    let fields = last.checked_add(2)?.checked_mul(4)?;
    // The time is eight bytes, aligned to eight.
    let flags =
        if present & 0x01 == 0 { fields } else { fields.checked_next_multiple_of(8)?.checked_add(8)? };
    header.get(flags).copied()
}
