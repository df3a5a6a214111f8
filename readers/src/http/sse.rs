//! Server-sent events inside a body (WHATWG HTML, section 9.2.6).

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SseEvent {
    /// Its data, lines joined by line feeds.
    pub(crate) data: Vec<u8>,
    /// Where its first data line stands in the body, and where its last one ends.
    pub(crate) span: (usize, usize),
}

/// The events of a body, in order; those without data are passed over.
pub(crate) fn events(body: &[u8]) -> Vec<SseEvent> {
    let mut events = Vec::new();
    let mut current = SseEvent::default();
    let mut has_data = false;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.is_empty() && has_data {
            events.push(std::mem::take(&mut current));
            has_data = false;
        } else if let Some(data) = text.strip_prefix(b"data:") {
            let data = data.strip_prefix(b" ").unwrap_or(data);
            if has_data {
                current.data.push(b'\n');
            } else {
                current.span.0 = start;
            }
            current.data.extend_from_slice(data);
            current.span.1 = start + text.len();
            has_data = true;
        }
    }
    if has_data {
        events.push(current);
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_lines_join_and_events_end_at_empty_lines() {
        let found = events(b"event: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n: ping\n\ndata:x");
        let data: Vec<_> = found.iter().map(|event| event.data.as_slice()).collect();
        assert_eq!(data, [&b"{\"a\":\n1}"[..], b"x"]);
    }
}
