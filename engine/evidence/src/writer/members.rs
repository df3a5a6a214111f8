//! An object spelled member by member, in the order of a struct. Left out: white space and sorting.

use crate::spelling;

/// An object that is being written to the end of a buffer.
pub(super) struct Members<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Members<'o> {
    /// Opens an object.
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str, text: &[u8]) -> &mut Self {
        self.key(key);
        spelling::encode(text, self.out);
        self
    }

    /// A text, unless it is empty.
    pub(super) fn text_if(&mut self, key: &str, text: &[u8]) -> &mut Self {
        if text.is_empty() { self } else { self.text(key, text) }
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, number: u64) -> &mut Self {
        self.raw(key, number.to_string().as_bytes())
    }

    /// A value that is spelled already.
    pub(super) fn raw(&mut self, key: &str, json: &[u8]) -> &mut Self {
        self.key(key);
        self.out.extend_from_slice(json);
        self
    }

    /// Closes the object.
    pub(super) fn end(&mut self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        spelling::encode(key.as_bytes(), self.out);
        self.out.push(b':');
    }
}
