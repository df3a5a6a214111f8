//! Frames of WebSocket (RFC 6455, section 5.2), taken strictly: what two ends could read differently is an error.

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) is_last: bool,
    pub(super) opcode: u8,
    mask: Option<[u8; 4]>,
    /// Bytes of the header, and of what follows it.
    pub(super) own: usize,
    pub(super) payload: u64,
}

pub(super) const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// Why bytes are no frame.
pub(super) type Wrong = &'static str;

/// Reads a header; `None` where more bytes are needed.
pub(super) fn header(bytes: &[u8], from_client: bool) -> Result<Option<Header>, Wrong> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err("a WebSocket frame with an extension that was not agreed on");
    }
    let (is_last, opcode) = (first & 0x80 != 0, first & 0x0F);
    let is_control = opcode >= CLOSE;
    if !matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG) {
        return Err("a WebSocket frame of an unknown kind");
    }
    let (length, rest, extra) = match second & 0x7F {
        126 => {
            let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (u64::from(u16::from_be_bytes(*length)), rest, 2)
        }
        127 => {
            let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (u64::from_be_bytes(*length), rest, 8)
        }
        short => (u64::from(short), rest, 0),
    };
    if is_control && (!is_last || length > 125) {
        return Err("a WebSocket control frame that is long or in pieces");
    }
    let is_masked = second & 0x80 != 0;
    if is_masked != from_client {
        return Err("a WebSocket frame that is masked where it must not be, or not where it must");
    }
    let mask = rest.first_chunk().copied();
    if is_masked && mask.is_none() {
        return Ok(None);
    }
    let mask = mask.filter(|_| is_masked);
    let own = 2 + extra + if is_masked { 4 } else { 0 };
    Ok(Some(Header { is_last, opcode, mask, own, payload: length }))
}

impl Header {
    /// The content of a frame.
    pub(super) fn content(&self, payload: &[u8]) -> Vec<u8> {
        let Some(mask) = self.mask else { return payload.to_vec() };
        payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
    }

    pub(super) fn is_control(&self) -> bool {
        self.opcode >= CLOSE
    }
}

/// The name of a kind, as captures have it.
pub(super) fn name(opcode: u8) -> &'static str {
    match opcode {
        TEXT => "text",
        BINARY => "binary",
        CLOSE => "close",
        PING => "ping",
        PONG => "pong",
        _ => "continuation",
    }
}

/// A frame that ends the connection because of the policy (RFC 6455, section 7.4.1), masked if a server is to read it.
pub(super) fn closing(to_server: bool) -> Vec<u8> {
    const REASON: &[u8] = b"blocked by coldcase";
    let content = [1008u16.to_be_bytes().as_slice(), REASON].concat();
    let length = u8::try_from(content.len()).unwrap_or_default();
    // A mask of zeros is one: it keeps a client's choice of bytes from caches, and there is none here.
    let head: &[u8] = if to_server { &[0x88, 0x80 | length, 0, 0, 0, 0] } else { &[0x88, length] };
    [head, &content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_and_what_is_doubtful_is_refused() {
        let read = header(&[0x81, 0x85, 1, 2, 3, 4, b'h' ^ 1], true).unwrap().unwrap();
        assert_eq!((read.is_last, read.opcode, read.own, read.payload), (true, TEXT, 6, 5));
        assert_eq!(read.content(&[b'h' ^ 1, b'i' ^ 2]), b"hi");
        let long = header(&[0x02, 127, 0, 0, 0, 0, 0, 1, 0, 0], false).unwrap().unwrap();
        assert_eq!((long.is_last, long.opcode, long.own, long.payload), (false, BINARY, 10, 65536));
        for (bytes, from_client) in [
            (&[0xC1, 0x80, 0, 0, 0, 0][..], true),
            (&[0x83, 0x80, 0, 0, 0, 0], true),
            (&[0x81, 0x00], true),
            (&[0x81, 0x80, 0, 0, 0, 0], false),
            (&[0x09, 0x00], false),
            (&[0x89, 126, 0, 126], false),
        ] {
            assert!(header(bytes, from_client).is_err(), "{bytes:?}");
        }
        for cut in 0..6 {
            assert_eq!(header(&[0x81, 0x85, 1, 2, 3, 4][..cut], true), Ok(None), "{cut}");
        }
        let close = closing(true);
        let read = header(&close, true).unwrap().unwrap();
        assert_eq!((read.opcode, read.own as u64 + read.payload), (CLOSE, close.len() as u64));
    }
}
