//! Long headers of the packets that share a datagram (RFC 9000, section 17.2; RFC 9369, section 3).

/// The longest connection id of these versions, in bytes (RFC 9000, section 17.2).
const LONGEST_ID: usize = 20;

/// A version of QUIC whose Initial packets are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// What the two bits of a long header's type say, whatever the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Initial,
    /// 0-RTT and Handshake: as long as they say.
    Other,
    /// It goes on to the end of the datagram.
    Retry,
}

impl Version {
    fn of(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            0x6b33_43cf => Some(Self::Two),
            _ => None,
        }
    }

    fn kind(self, first: u8) -> Kind {
        match (self, first >> 4 & 3) {
            (Self::One, 0) | (Self::Two, 1) => Kind::Initial,
            (Self::One, 3) | (Self::Two, 0) => Kind::Retry,
            _ => Kind::Other,
        }
    }
}

/// An Initial packet, still protected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Initial<'a> {
    pub(super) version: Version,
    /// The receiver's connection id.
    pub(super) target: &'a [u8],
    /// The sender's connection id.
    pub(super) source: &'a [u8],
    /// Whether the client shows a token, as it does after a Retry.
    pub(super) has_token: bool,
    /// The packet from its first byte to its last.
    pub(super) bytes: &'a [u8],
    /// Where in it the packet number stands.
    pub(super) number_at: usize,
}

/// The Initial packets of a datagram, up to what cannot be told apart any more: a short header, a version that is not read,
/// a packet that is cut.
pub(super) fn initials(datagram: &[u8]) -> impl Iterator<Item = Initial<'_>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        loop {
            let (initial, after) = packet(rest)?;
            rest = after;
            if initial.is_some() {
                return initial;
            }
        }
    })
}

/// The packet at the start of these bytes, if it is an Initial one, and what follows it.
fn packet(bytes: &[u8]) -> Option<(Option<Initial<'_>>, &[u8])> {
    let (first, mut rest) = bytes.split_first().filter(|(first, _)| *first & 0x80 != 0)?;
    let (version, after) = rest.split_first_chunk()?;
    let version = Version::of(u32::from_be_bytes(*version))?;
    rest = after;
    let (target, source) = (id(&mut rest)?, id(&mut rest)?);
    let kind = version.kind(*first);
    let mut has_token = false;
    match kind {
        Kind::Retry => return None,
        Kind::Initial => {
            let token = varint(&mut rest)?;
            has_token = token > 0;
            take(&mut rest, token)?;
        }
        Kind::Other => {}
    }
    let length = varint(&mut rest)?;
    let number_at = bytes.len() - rest.len();
    take(&mut rest, length)?;
    let bytes = bytes.get(..bytes.len() - rest.len())?;
    let initial = Initial { version, target, source, has_token, bytes, number_at };
    Some(((kind == Kind::Initial).then_some(initial), rest))
}

fn id<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first()?;
    *rest = after;
    let length = Some(usize::from(*length)).filter(|length| *length <= LONGEST_ID)?;
    take(rest, length as u64)
}

/// The next `length` bytes; `None`, and nothing taken, if there are fewer.
pub(super) fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(taken)
}

/// A number of one, two, four or eight bytes (RFC 9000, section 16).
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let length = 1_u64 << (rest.first()? >> 6);
    let all = take(rest, length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    // Without the two bits that say the length.
    Some(all & (u64::MAX >> (66 - 8 * length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_rfc_9000_appendix_a_1() {
        for (bytes, number) in [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            assert_eq!(varint(&mut &*bytes), Some(number));
            assert_eq!(varint(&mut &bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn packets_of_other_kinds_are_passed_over_and_what_is_cut_ends_the_list() {
        let packet = |first: u8, version: u32, content: &[u8]| {
            let head = [&[first][..], &version.to_be_bytes(), &[2, 7, 7, 1, 9]].concat();
            [&head[..], content].concat()
        };
        let handshake = packet(0xe0, 1, &[3, 1, 2, 3]);
        let initial = packet(0xc0, 1, &[1, 0xaa, 2, 5, 5]);
        let datagram = [&handshake[..], &initial, &initial, &[0x40, 1, 2]].concat();
        let found: Vec<_> = initials(&datagram).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].target, found[0].source, found[0].has_token), (&[7, 7][..], &[9][..], true));
        assert_eq!((found[0].bytes, found[0].number_at), (&initial[..], initial.len() - 2));
        // In version 2 the same bits are a Retry, and others an Initial.
        assert_eq!(initials(&packet(0xc0, 0x6b33_43cf, &[0, 1, 5])).count(), 0);
        assert_eq!(initials(&packet(0xd0, 0x6b33_43cf, &[0, 1, 5])).count(), 1);
        assert_eq!(initials(&packet(0xd0, 1, &[1, 5])).count(), 0, "0-RTT has no token and is none");
        assert_eq!(initials(&packet(0xc0, 0xff00_001d, &[0, 1, 5])).count(), 0, "a draft");
        for len in 0..initial.len() {
            assert_eq!(initials(&initial[..len]).count(), 0, "{len}");
        }
    }
}
