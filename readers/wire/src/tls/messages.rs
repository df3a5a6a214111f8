//! Handshake messages out of the records that carry them (RFC 8446, section 4; RFC 5246, section 7.4).

/// Types of messages.
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const END_OF_EARLY_DATA: u8 = 5;
pub(super) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(super) const CERTIFICATE: u8 = 11;
pub(super) const FINISHED: u8 = 20;
pub(super) const KEY_UPDATE: u8 = 24;
pub(super) const COMPRESSED_CERTIFICATE: u8 = 25;

/// All types of "TLS HandshakeType" (IANA) that a connection can hold; none of the others is read.
pub(super) const KNOWN: [u8; 19] = [0, 1, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 25];

/// Bytes of a message's header.
const HEADER: usize = 4;

/// Joins one side's messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    kept: Vec<u8>,
    /// Bytes of a message over the cap that are still to come.
    skip: usize,
}

/// What the content of a record held.
#[derive(Debug)]
pub(super) enum Message<'a> {
    /// A message: its type and its body.
    Whole(u8, &'a [u8]),
    /// A message of this type is over the cap, and passed over: its length.
    Over(u8, usize),
}

impl Messages {
    /// Takes the content of a record. How many of its bytes belong to messages over `cap`.
    pub(super) fn push(&mut self, content: &[u8], cap: usize, out: &mut impl FnMut(Message<'_>)) -> usize {
        let passed = self.skip.min(content.len());
        self.skip -= passed;
        let content = content.get(passed..).unwrap_or_default();
        if self.kept.is_empty() {
            let (used, over) = self.split(content, cap, out);
            self.kept.extend_from_slice(content.get(used..).unwrap_or_default());
            return passed + over;
        }
        self.kept.extend_from_slice(content);
        let kept = std::mem::take(&mut self.kept);
        let (used, over) = self.split(&kept, cap, out);
        self.kept = kept;
        self.kept.drain(..used);
        // The header of such a message may have come in the record before.
        passed + over.min(content.len())
    }

    /// Forgets a message that is not complete; what follows is taken as the start of one.
    pub(super) fn reset(&mut self) {
        self.kept.clear();
        self.skip = 0;
    }

    /// Whether a message is not complete.
    pub(super) fn is_partial(&self) -> bool {
        !self.kept.is_empty() || self.skip > 0
    }

    /// How many bytes were used, and how many of those are over the cap.
    fn split(&mut self, bytes: &[u8], cap: usize, out: &mut impl FnMut(Message<'_>)) -> (usize, usize) {
        let (mut rest, mut over) = (bytes, 0);
        while let Some(([kind, a, b, c], body)) = rest.split_first_chunk::<HEADER>() {
            let len = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if len > cap {
                let here = body.len().min(len);
                self.skip = len - here;
                over += HEADER + here;
                out(Message::Over(*kind, len));
                rest = body.get(here..).unwrap_or_default();
                continue;
            }
            let Some((body, after)) = body.split_at_checked(len) else { break };
            out(Message::Whole(*kind, body));
            rest = after;
        }
        (bytes.len() - rest.len(), over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(records: &[&[u8]], cap: usize) -> (Vec<(u8, usize)>, usize, usize) {
        let (mut said, mut over, mut most) = (Vec::new(), 0, 0);
        let mut messages = Messages::default();
        for record in records {
            over += messages.push(record, cap, &mut |message| match message {
                Message::Whole(kind, body) => said.push((kind, body.len())),
                Message::Over(kind, len) => said.push((kind | 0x80, len)),
            });
            most = most.max(messages.kept.len());
        }
        (said, over, most)
    }

    #[test]
    fn messages_join_over_records_and_several_share_one() {
        let bytes = [&[1, 0, 0, 2, 9, 9, 2, 0, 0, 0][..], &[11, 0, 0, 1, 7]].concat();
        let whole = run(&[&bytes], 100);
        assert_eq!(whole.0, [(1, 2), (2, 0), (11, 1)]);
        let split: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(run(&split, 100).0, whole.0);
    }

    #[test]
    fn a_message_over_the_cap_is_passed_over_and_the_next_is_read() {
        let mut bytes = vec![11, 0, 1, 0];
        bytes.resize(4 + 256, 0);
        bytes.extend([2, 0, 0, 0]);
        for size in [1, 3, 7, 100, 300] {
            let split: Vec<_> = bytes.chunks(size).collect();
            let (said, over, most) = run(&split, 100);
            assert_eq!(said, [(0x0b | 0x80, 256), (2, 0)], "{size}");
            assert!((256..=260).contains(&over) && most < 104, "{size} {over}");
        }
    }
}
