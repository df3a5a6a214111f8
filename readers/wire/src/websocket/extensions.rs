//! What a handshake agreed on: the `Sec-WebSocket-Extensions` field of the response (RFC 6455 section 9.1, RFC 7692).

/// Parameters of permessage-deflate that change how messages are read (RFC 7692 section 7.1).
///
/// Window sizes are left out: an inflater with the largest window reads what was written with any smaller one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Agreed {
    /// Whether and how messages may be compressed.
    pub(super) deflate: Option<Resets>,
    /// Whether another extension was agreed on, whose changes to frames are not known.
    pub(super) unknown: bool,
}

/// Who starts each message with an empty window (`no_context_takeover`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Resets {
    pub(super) client: bool,
    pub(super) server: bool,
}

impl Agreed {
    /// What a connection may have agreed on whose handshake was not seen.
    pub(super) const UNSEEN: Self =
        Self { deflate: Some(Resets { client: false, server: false }), unknown: false };

    /// Reads the field's value; several fields are joined by commas.
    pub(super) fn read(field: &[u8]) -> Self {
        let mut agreed = Self::default();
        for extension in split(field, b',') {
            let mut words = split(extension, b';').map(<[u8]>::trim_ascii);
            let name = words.next().unwrap_or_default();
            if name.eq_ignore_ascii_case(b"permessage-deflate") {
                let resets = agreed.deflate.get_or_insert_default();
                for word in words {
                    let word = word.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
                    resets.client |= word.eq_ignore_ascii_case(b"client_no_context_takeover");
                    resets.server |= word.eq_ignore_ascii_case(b"server_no_context_takeover");
                }
            } else if !name.is_empty() {
                agreed.unknown = true;
            }
        }
        agreed
    }
}

/// Splits at a separator that stands in no quoted string.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut is_quoted = false;
    text.split(move |byte| {
        is_quoted ^= *byte == b'"';
        *byte == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_any_case_and_order() {
        // RFC 7692 section 7.1.3 has responses of this form.
        let agreed =
            Agreed::read(b"Permessage-Deflate; client_max_window_bits=\"10\" ;SERVER_no_context_takeover");
        assert_eq!(agreed.deflate, Some(Resets { client: false, server: true }));
        assert!(!agreed.unknown);
        let agreed = Agreed::read(
            b"foo; bar=\"permessage-deflate, x\", permessage-deflate;client_no_context_takeover",
        );
        assert_eq!(agreed.deflate, Some(Resets { client: true, server: false }));
        assert!(agreed.unknown);
        assert_eq!(Agreed::read(b""), Agreed::default());
        assert_eq!(Agreed::read(b"x-webkit-deflate-frame").deflate, None);
    }
}
