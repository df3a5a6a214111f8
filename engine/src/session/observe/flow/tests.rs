//! What flows in an event is told by source, and bounded.

use bytes::Bytes;
use coldcase_model::{EventHead, Label, Name, Origin, SessionKey, SourceSpan};

use super::*;
use crate::session::observe::{ValueKind, mixed};
use crate::view::Hints;

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
    let (document, extents) = (Bytes::new(), Vec::new());
    Event { head, text: Bytes::from(text), parts: all, document, document_offset: 0, extents }
}

fn flow(event: &Event) -> Option<Box<Flow>> {
    let (mut hints, mut landmarks) = (Hints::default(), Landmarks::default());
    hints.find(&event.text, event.parts.iter().map(|part| part.span.start));
    hints.swap_landmarks(&mut landmarks);
    Flow::of(event, &landmarks)
}

fn said(role: &str, direction: Direction, tool: Option<&str>, surface: Surface, text: &str) -> Event {
    let detail =
        Detail::Model { role: Some(Name::from(role)), tool: tool.map(Name::from), call: None, pair: None };
    event(EventKind::Model, direction, detail, &[(surface, text)])
}

#[test]
fn who_speaks_tells_the_source() {
    let source = |event: &Event| flow(event).map(|flow| flow.strands[0].source);
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
    let flow = flow(&dns).unwrap();
    let kinds: Vec<_> = flow.values.iter().map(|had| (had.value.kind, had.value.len)).collect();
    assert_eq!(kinds, [(ValueKind::Host, 17)]);
}

#[test]
fn a_large_event_has_a_bounded_flow_and_says_what_is_beyond() {
    let letter = |n: u64| match mixed(n) % 32 {
        n @ 0..26 => char::from(b'a' + u8::try_from(n).unwrap()),
        _ => ' ',
    };
    let text: String = (0..2_000_000).map(letter).collect();
    let values: String = (0..5_000).map(|n| format!("https://host{n}.example/ ")).collect();
    for text in [text, values] {
        let flow = flow(&said("tool", Direction::Ingress, None, Surface::ToolResult, &text)).unwrap();
        assert!(flow.prints.len() <= MOST_PRINTS && flow.values.len() <= MOST_VALUES);
        assert!(flow.beyond > 0 && flow.beyond < text.len() as u64);
    }
}

#[test]
fn a_request_to_a_model_repeats_what_was_said_and_an_answer_acts() {
    let parts = [
        (Surface::Body, "{\"model\":\"m\",\"messages\":[\""),
        (Surface::ModelInput, "look at it"),
        (Surface::ToolArgument, "{\"path\":\"src/main.rs\"}"),
        (Surface::ToolResult, "fn main() {}"),
        (Surface::ModelOutput, "done"),
    ];
    let sources = |kind, direction| {
        let flow = flow(&event(kind, direction, Detail::None, &parts)).unwrap();
        flow.strands.iter().map(|strand| (strand.source, strand.whole != 0)).collect::<Vec<_>>()
    };
    let (action, operator, outside, own) = (Source::Action, Source::Operator, Source::Outside, Source::Own);
    assert_eq!(
        sources(EventKind::HttpRequest, Direction::Egress),
        [(action, false), (operator, true), (own, true), (outside, true), (own, true)]
    );
    assert_eq!(
        sources(EventKind::HttpResponse, Direction::Ingress),
        [(outside, false), (outside, false), (action, false), (outside, false), (own, false)]
    );
}

#[test]
fn what_rules_found_belongs_to_the_part_that_it_stands_in() {
    let parts = [(Surface::ToolResult, "the key is abc"), (Surface::ToolArgument, "send abc")];
    let event = event(EventKind::Model, Direction::Egress, Detail::None, &parts);
    let mut flow = flow(&event).unwrap();
    flow.found(&event, Span::new(11, 14), Found::Secret(b"abc"));
    flow.found(&event, Span::new(19, 22), Found::Secret(b"abc"));
    flow.found(&event, Span::new(0, 3), Found::Injection(0.5));
    let secrets: Vec<_> = flow.secrets.iter().map(|secret| secret.source).collect();
    assert_eq!(secrets, [Source::Outside, Source::Action]);
    assert_eq!(flow.strands.iter().map(|strand| strand.injection).collect::<Vec<_>>(), [Some(500), None]);
}
