//! Content codings of HTTP (RFC 9110 section 8.4): gzip, deflate, br, zstd, and stacks of them.

use std::io::Read;

/// Why a coded body gives nothing more.
#[derive(Debug, PartialEq, Eq)]
pub enum CodingError {
    /// A coding that is not known.
    Unknown,
    /// The bytes are not coded so.
    Damaged,
    /// The decoded body is over the cap.
    OverCap,
}

/// How many codings may be stacked; genuine messages have one, rarely two.
const MAX_CODINGS: usize = 4;

/// Undoes the codings that a `content-encoding` field lists, the last applied first. What was decoded before an
/// error is given with it.
pub fn decode(body: &[u8], field: &str, cap: usize) -> (Vec<u8>, Option<CodingError>) {
    let codings: Vec<&str> = field.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if codings.len() > MAX_CODINGS {
        return (body.to_vec(), Some(CodingError::Unknown));
    }
    let mut bytes = body.to_vec();
    for coding in codings.into_iter().rev() {
        let (decoded, error) = one(&bytes, coding, cap);
        if let Some(error) = error {
            return (if decoded.is_empty() { bytes } else { decoded }, Some(error));
        }
        bytes = decoded;
    }
    (bytes, None)
}

fn one(body: &[u8], coding: &str, cap: usize) -> (Vec<u8>, Option<CodingError>) {
    let limit = cap as u64 + 1;
    match coding.to_ascii_lowercase().as_str() {
        "identity" => (body.to_vec(), None),
        "gzip" | "x-gzip" => capped(flate2::read::MultiGzDecoder::new(body).take(limit), cap),
        // RFC 9110 says zlib; some servers send a bare deflate stream.
        "deflate" => match capped(flate2::read::ZlibDecoder::new(body).take(limit), cap) {
            (out, Some(CodingError::Damaged)) if out.is_empty() => {
                capped(flate2::read::DeflateDecoder::new(body).take(limit), cap)
            }
            result => result,
        },
        "br" => capped(brotli_decompressor::Decompressor::new(body, 4096).take(limit), cap),
        "zstd" => match zstd::stream::read::Decoder::new(body) {
            Ok(decoder) => capped(decoder.take(limit), cap),
            Err(_) => (Vec::new(), Some(CodingError::Damaged)),
        },
        _ => (Vec::new(), Some(CodingError::Unknown)),
    }
}

fn capped(mut decoder: impl Read, cap: usize) -> (Vec<u8>, Option<CodingError>) {
    let mut out = Vec::new();
    let damaged = decoder.read_to_end(&mut out).is_err();
    if out.len() > cap {
        out.truncate(cap);
        return (out, Some(CodingError::OverCap));
    }
    (out, damaged.then_some(CodingError::Damaged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn stacked_codings_are_undone_from_the_last_to_the_first() {
        let inner = zstd::encode_all(&b"body"[..], 1).expect("memory");
        assert_eq!(decode(&gzip(&inner), "zstd, gzip", 100), (b"body".to_vec(), None));
    }

    #[test]
    fn damage_unknown_codings_and_bombs_are_told_apart() {
        assert_eq!(decode(b"body", "rot13", 100), (b"body".to_vec(), Some(CodingError::Unknown)));
        assert_eq!(decode(b"body", "gzip", 100), (b"body".to_vec(), Some(CodingError::Damaged)));
        let (text, error) = decode(&gzip(&[b'a'; 1000]), "gzip", 100);
        assert_eq!((text.len(), error), (100, Some(CodingError::OverCap)));
    }
}
