//! Parts of a URL that events are named by. Left out: whether it is well formed; what a recording says is taken as it is.

/// The host of an absolute URL, without user info and port.
pub(crate) fn host(url: &[u8]) -> Option<&[u8]> {
    let rest = url.get(memchr::memmem::find(url, b"://")? + 3..)?;
    let authority = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next()?;
    let authority = authority.rsplit(|byte| *byte == b'@').next()?;
    if authority.starts_with(b"[") {
        return authority.split_inclusive(|byte| *byte == b']').next();
    }
    authority.split(|byte| *byte == b':').next()
}

/// A URL up to its query or fragment.
pub(crate) fn without_query(url: &[u8]) -> &[u8] {
    let end = url.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_stands_without_user_info_and_port() {
        let hosts: [(&[u8], Option<&[u8]>); 4] = [
            (b"https://user:pass@api.example.test:8443/a?b", Some(b"api.example.test")),
            (b"http://[::1]:80/", Some(b"[::1]")),
            (b"https://a.example.test#x", Some(b"a.example.test")),
            (b"/relative?u=1", None),
        ];
        for (url, expected) in hosts {
            assert_eq!(host(url), expected);
        }
        assert_eq!(without_query(b"/a#b?c"), b"/a");
    }
}
