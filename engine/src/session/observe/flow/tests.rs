use bytes::Bytes;
use coldcase_model::{EventHead, Label, Name, Origin, SessionKey, SourceSpan};

use super::*;
use crate::session::observe::{ValueKind, mixed};

fn event(kind: EventKind, direction: Direction, detail: Detail, parts: &[(Surface, &str)]) -> Event {
    let mut head = EventHead::new(kind, SessionKey::new("s"), SourceSpan::default());
    head.direction = Some(direction);
    head.detail = detail;
    let (mut text, mut all) = (String::new(), Vec::new());
    for (surface, part) in parts {
        let start = text.len();
        text.push_str(part);
        let origin = Origin::Decoded { offset: 0, len: 0 };
        all.push(Part { surface: *surface, span: Span::new(start, text.len()), label: Label::None, origin });
    }
    Event { head, text: Bytes::from(text), parts: all, document: Bytes::new(), document_offset: 0 }
}

fn said(role: &str, direction: Direction, tool: Option<&str>, surface: Surface, text: &str) -> Event {
    let detail =
        Detail::Model { role: Some(Name::from(role)), tool: tool.map(Name::from), call: None, pair: None };
    event(EventKind::Model, direction, detail, &[(surface, text)])
}

#[test]
fn who_speaks_tells_the_source() {
    let source = |event: &Event| Flow::of(event).map(|flow| flow.source);
    let (to, from) = (Direction::Egress, Direction::Ingress);
    let text = "see https://a.example/b for it";
    assert_eq!(source(&said("user", from, None, Surface::ModelInput, text)), Some(Source::User));
    assert_eq!(source(&said("system", from, None, Surface::ModelInput, text)), Some(Source::Operator));
    assert_eq!(source(&said("tool", from, Some("x"), Surface::ToolResult, text)), Some(Source::Outside));
    assert_eq!(source(&said("assistant", to, None, Surface::ModelOutput, text)), Some(Source::Own));
    assert_eq!(source(&said("assistant", to, Some("x"), Surface::ToolArgument, text)), Some(Source::Action));
    let log = event(EventKind::Log, to, Detail::None, &[(Surface::LogField, text)]);
    assert_eq!(source(&log), None);
    assert_eq!(source(&said("system", from, None, Surface::LogField, text)), None);
}

#[test]
fn only_content_is_looked_at_and_names_are_taken_whole() {
    let page = "https://a.example/b".repeat(2);
    let dns = event(
        EventKind::Dns,
        Direction::Egress,
        Detail::None,
        &[
            (Surface::DnsName, "t.io\n"),
            (Surface::DnsName, "Data.Evil.Example.\n"),
            (Surface::LogField, &page),
        ],
    );
    let flow = Flow::of(&dns).unwrap();
    let kinds: Vec<_> = flow.values.iter().map(|had| (had.value.kind, had.value.len)).collect();
    assert_eq!(kinds, [(ValueKind::Host, 17)]);
}

#[test]
fn a_large_event_has_a_bounded_flow_and_says_what_is_beyond() {
    let text: String = (0..300_000_u64).map(|n| char::from(b'a' + (mixed(n) % 26) as u8)).collect();
    let values: String = (0..5_000).map(|n| format!("https://host{n}.example/ ")).collect();
    for text in [text, values] {
        let flow = Flow::of(&said("tool", Direction::Ingress, None, Surface::ToolResult, &text)).unwrap();
        assert!(flow.prints.len() <= MOST_PRINTS && flow.values.len() <= MOST_VALUES);
        assert!(flow.beyond > 0 && flow.beyond < text.len() as u64);
    }
}
