//! What is compared: heads of HTTP, messages of WebSocket and of DNS, each as a line.

use std::fmt;

/// What an item is of, as the table in `docs/TSHARK.md` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    Http1,
    Http2,
    WebSocket,
    Dns,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1",
            Self::Http2 => "HTTP/2",
            Self::WebSocket => "WebSocket",
            Self::Dns => "DNS",
        })
    }
}

/// One thing that both sides should find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) protocol: Protocol,
    pub(super) text: String,
}

impl Item {
    /// What is not printable ASCII is written in different ways, so a run of it is one question mark here.
    pub(super) fn new(protocol: Protocol, text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        for one in text.chars() {
            if matches!(one, ' '..='~') {
                plain.push(one);
            } else if !plain.ends_with('?') {
                plain.push('?');
            }
        }
        Self { protocol, text: plain }
    }
}

/// The head of a request: method, host and target.
pub(super) fn request(protocol: Protocol, method: &[u8], host: Option<&[u8]>, target: &[u8]) -> Item {
    let shown = String::from_utf8_lossy;
    let host = host.map_or("-".into(), |host| shown(host));
    Item::new(protocol, &format!("{} {} {}", shown(method), host.trim(), shown(target)))
}

/// A message of WebSocket, with the length of what was sent; of a compressed one, no length.
pub(super) fn web_socket(opcode: u8, len: Option<u64>) -> Item {
    let len = len.map_or("compressed".to_owned(), |len| len.to_string());
    Item::new(Protocol::WebSocket, &format!("{opcode} {len}"))
}

/// A message of DNS: its number, and the names and types that are asked for, sorted: builds of one version of tshark print
/// them in other orders.
pub(super) fn dns(is_response: bool, id: u16, questions: impl Iterator<Item = (String, u16)>) -> Item {
    let kind = if is_response { "response" } else { "query" };
    let mut questions: Vec<String> = questions.map(|(name, kind)| format!("{name} {kind}")).collect();
    questions.sort();
    Item::new(Protocol::Dns, &format!("{kind} {id} {}", questions.join(", ")))
}
