//! A document as scannable text: the document's own bytes with string escapes resolved in place, cut into parts.
//!
//! Keys, numbers and punctuation stay, so that nothing of a document escapes the scan and a rule sees
//! `"password":"…"` as it would in any other text.

use bytes::Bytes;

use super::{Kind, Value};
use crate::{Label, Origin, Part, Span, Surface};

/// A stretch of the document that sits on a surface of its own.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Where in the document; marks are sorted and do not overlap.
    pub span: Span,
    /// The surface.
    pub surface: Surface,
}

/// Text and parts of a document.
#[derive(Debug)]
pub struct Flattened {
    /// The text; it shares the document's bytes where no string had an escape.
    pub text: Bytes,
    /// The parts, tiling the text.
    pub parts: Vec<Part>,
}

/// Makes text and parts of `root`, which was read from `document`. What no mark covers sits on `rest`.
pub fn flatten(document: &Bytes, root: Value<'_, '_>, marks: &[Mark], rest: Surface) -> Flattened {
    let whole = root.span();
    let mut edges = Edges { marks, moved: Vec::with_capacity(marks.len() * 2) };
    if !root.descendants().any(Value::is_escaped) {
        edges.settle(whole.end, whole.start, 0);
        let text = document.slice(whole.start..whole.end);
        let parts = edges.parts(Span::new(0, text.len()), rest, Origin::Document);
        return Flattened { text, parts };
    }
    let around = (document.len() - whole.len()).min(MOST_AROUND);
    let mut out = Vec::with_capacity(whole.len() + around + super::unescape::COPY);
    let (copied, written) =
        resolve(document, root, &mut out, |until, source, text| edges.settle(until, source, text));
    edges.settle(whole.end, copied, written);
    let parts = edges.parts(Span::new(0, out.len()), rest, Origin::Document);
    Flattened { text: Bytes::from(out), parts }
}

/// Appends `root`, which was read from `document`, to `out`, with the escapes of its strings resolved, and gives the
/// parts of what was appended: those of `marks` on their surfaces, all else on `rest`, each of this origin.
pub fn flatten_into(
    document: &[u8],
    root: Value<'_, '_>,
    (marks, rest): (&[Mark], Surface),
    origin: Origin,
    out: &mut Vec<u8>,
) -> Vec<Part> {
    let start = out.len();
    let mut edges = Edges { marks, moved: Vec::with_capacity(marks.len() * 2) };
    let (copied, written) =
        resolve(document, root, out, |until, source, text| edges.settle(until, source, text));
    edges.settle(root.span().end, copied, written);
    edges.parts(Span::new(start, out.len()), rest, origin)
}

/// The same; `step` hears, before each string with escapes, where it starts and from which position of document and
/// text the two have run in step. Gives the last such pair.
fn resolve(
    document: &[u8],
    root: Value<'_, '_>,
    out: &mut Vec<u8>,
    mut step: impl FnMut(usize, usize, usize),
) -> (usize, usize) {
    let whole = root.span();
    let mut copied = whole.start;
    for string in root.descendants().filter(|value| value.is_escaped()) {
        debug_assert!(matches!(string.kind(), Kind::String | Kind::Key), "only strings hold escapes");
        let content = string.content();
        step(content.start, copied, out.len());
        out.extend_from_slice(Span::new(copied, content.start).of(document));
        super::unescape_into(content.of(document), out, |_, _| {});
        copied = content.end;
    }
    let last = (copied, out.len());
    out.extend_from_slice(Span::new(copied, whole.end).of(document));
    last
}

/// How much room a copied text has for what stands round its value: readers append a logger's envelope.
const MOST_AROUND: usize = 256;

/// Moves the edges of marks from the document to the text.
///
/// A mark starts and ends at the edge of a value or of a string's content, never inside one, so each edge lies
/// where document and text run in step.
struct Edges<'m> {
    marks: &'m [Mark],
    moved: Vec<usize>,
}

impl Edges<'_> {
    /// Moves every edge up to `until`, given that `source` in the document is `text` in the text.
    fn settle(&mut self, until: usize, source: usize, text: usize) {
        while let Some(mark) = self.marks.get(self.moved.len() / 2) {
            let edge = if self.moved.len().is_multiple_of(2) { mark.span.start } else { mark.span.end };
            if edge > until {
                return;
            }
            self.moved.push(text + edge.saturating_sub(source));
        }
    }

    /// The parts between the moved edges, over this stretch of the text.
    fn parts(&self, over: Span, rest: Surface, origin: Origin) -> Vec<Part> {
        // Two parts for each mark, the rest, and what a reader appends.
        let mut parts = Vec::with_capacity(self.marks.len() * 2 + 5);
        let (mut at, end) = (over.start, over.end);
        let mut push = |to: usize, surface: Surface| {
            if to > at {
                parts.push(Part { surface, span: Span::new(at, to), label: Label::None, origin });
                at = to;
            }
        };
        for (edges, mark) in self.moved.chunks(2).zip(self.marks) {
            push(edges.first().copied().unwrap_or(end), rest);
            push(edges.get(1).copied().unwrap_or(end), mark.surface);
        }
        push(end, rest);
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Tape;

    #[test]
    fn marks_keep_their_place_when_escapes_shrink_the_text() {
        let document = Bytes::from_static(br#" {"a\u0062":"x\ny","n":"tool","d":"l\tm"} "#);
        let mut tape = Tape::default();
        let root = tape.parse(&document).expect("valid");
        let mark = |key, surface| Mark { span: root.get(key).expect("there").content(), surface };
        let marks = [mark("n", Surface::ToolName), mark("d", Surface::ToolDescription)];
        let flat = flatten(&document, root, &marks, Surface::JsonString);
        assert_eq!(flat.text, &b"{\"ab\":\"x\ny\",\"n\":\"tool\",\"d\":\"l\tm\"}"[..]);
        let shown: Vec<_> = flat.parts.iter().map(|part| (part.surface, part.span.of(&flat.text))).collect();
        assert_eq!(shown[1], (Surface::ToolName, &b"tool"[..]));
        assert_eq!(shown[3], (Surface::ToolDescription, &b"l\tm"[..]));
        assert_eq!(shown.len(), 5);
    }

    #[test]
    fn a_document_behind_other_text_is_cut_by_its_marks_where_it_stands() {
        let document = br#"{"a":"x\ny","n":"to\u006fl","d":7}"#;
        let mut tape = Tape::default();
        let root = tape.parse(document).expect("valid");
        let mark = |key, surface| Mark { span: root.get(key).expect("there").content(), surface };
        let marks = [mark("n", Surface::ToolName), mark("d", Surface::ToolArgument)];
        let origin = Origin::Body { offset: 5, len: 9 };
        let mut text = b"head".to_vec();
        let parts = flatten_into(document, root, (&marks, Surface::Body), origin, &mut text);
        let shown: Vec<_> = parts.iter().map(|part| (part.surface, part.span.of(&text))).collect();
        let wanted: [(Surface, &[u8]); 5] = [
            (Surface::Body, b"{\"a\":\"x\ny\",\"n\":\""),
            (Surface::ToolName, b"tool"),
            (Surface::Body, b"\",\"d\":"),
            (Surface::ToolArgument, b"7"),
            (Surface::Body, b"}"),
        ];
        assert_eq!(shown, wanted);
        assert!(parts.iter().all(|part| part.origin == origin));
    }

    #[test]
    fn a_document_without_escapes_is_shared_not_copied() {
        let document = Bytes::from_static(br#"{"n":"tool"}"#);
        let mut tape = Tape::default();
        let root = tape.parse(&document).expect("valid");
        let flat = flatten(&document, root, &[], Surface::JsonString);
        assert_eq!(flat.text.as_ptr(), document.as_ptr());
        assert_eq!(flat.parts.len(), 1);
    }
}
