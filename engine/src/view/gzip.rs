//! gzip inside a text or a decoded view (RFC 1952). A stream that breaks off gives what came before.

use std::io::Read;

use super::MAX_VIEW;

/// Inflates up to the cap on views. A match in it maps to the whole stream.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, _step: impl FnMut(usize, usize)) {
    let mut inflated = flate2::read::MultiGzDecoder::new(source).take(MAX_VIEW as u64);
    // An error is the end of what can be read; what was read stands in `out`.
    let _damaged = inflated.read_to_end(out);
}
