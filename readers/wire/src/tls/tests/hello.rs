//! Hellos, written by the field lists of the standards.

fn with16(content: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes
}

/// An extension that holds a server name.
pub(crate) fn name(host: &str) -> (u16, Vec<u8>) {
    (0, with16(&[&[0], with16(host.as_bytes()).as_slice()].concat()))
}

/// A server name and two protocols.
pub(crate) fn usual(host: &str) -> Vec<(u16, Vec<u8>)> {
    vec![name(host), (16, with16(b"\x02h2\x08http/1.1"))]
}

fn extensions(list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let each = list.iter().map(|(kind, content)| [kind.to_be_bytes().to_vec(), with16(content)].concat());
    with16(&each.collect::<Vec<_>>().concat())
}

/// The body of a client hello.
pub(crate) fn client(random: &[u8; 32], version: u16, suites: &[u16], list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    [version.to_be_bytes().as_slice(), random, &[0], &with16(&suites), &[1, 0], &extensions(list)].concat()
}

/// The body of a server hello with the version field of TLS 1.2.
pub(crate) fn server(random: &[u8; 32], suite: u16, list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    server_of(0x0303, random, suite, list)
}

/// The body of a server hello.
pub(crate) fn server_of(version: u16, random: &[u8; 32], suite: u16, list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let version = version.to_be_bytes();
    [version.as_slice(), random, &[0], &suite.to_be_bytes(), &[0], &extensions(list)].concat()
}
