//! The signed message of a small file: a domain, then the members as Go encodes them.

use crate::spelling;

/// A message while its members are put in.
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Starts with the domain, its zero byte included if it has one.
    pub(super) fn new(domain: &[u8]) -> Self {
        Self([domain, b"{"].concat())
    }

    /// Puts in a string.
    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        spelling::encode(text.as_bytes(), &mut self.0);
        self
    }

    /// Puts in a whole number.
    pub(super) fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        self.0.extend_from_slice(number.to_string().as_bytes());
        self
    }

    /// The signed bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        spelling::encode(name.as_bytes(), &mut self.0);
        self.0.push(b':');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_spelled_by_go_after_the_domain() {
        let message =
            Message::new(b"d\0").text("a", "<\u{2028}").number("b", u64::MAX).text("c", "").finish();
        let wanted = b"d\0{\"a\":\"\\u003c\\u2028\",\"b\":18446744073709551615,\"c\":\"\"}";
        assert_eq!(message, wanted);
        assert_eq!(Message::new(b"d").finish(), b"d{}");
    }
}
