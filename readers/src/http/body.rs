//! A message body as a recording holds it.

/// The bytes of a body, with where they come from.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// Where it stands in the artifact.
    pub(crate) offset: u64,
    /// How many source bytes.
    pub(crate) len: u64,
}

/// Base64 as exporters write it: either alphabet, line breaks, padding or none. `None` where it is not base64.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padded) = (0u32, 0u32, false);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            b'\r' | b'\n' | b' ' | b'\t' => continue,
            _ => return None,
        };
        if padded {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
        }
    }
    match count % 4 {
        0 => {}
        2 => out.extend_from_slice((bits >> 4).to_be_bytes().get(3..).unwrap_or_default()),
        3 => out.extend_from_slice((bits >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_every_spelling_and_refused_where_it_is_none() {
        for text in ["aGk/aGk+", "aGk_aGk-", "aGk/\r\naGk+"] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(&b"hi?hi>"[..]));
        }
        assert_eq!(base64(b"aA==").as_deref(), Some(&b"h"[..]));
        assert_eq!(base64(b"aGk").as_deref(), Some(&b"hi"[..]));
        for text in ["not base64!", "a", "aA==aA=="] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
    }
}
