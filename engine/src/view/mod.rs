//! Decoded forms of a text, each with a map back to the bytes that it was decoded from.
//!
//! A decoder is one function: source bytes in, decoded bytes out, and a callback that hears the positions at which
//! the two stop running in step. The scan calls it without listening; only a match runs it again to learn where
//! it came from ([`map_back`]).

mod accents;
mod around;
pub(crate) mod base64;
mod bidi;
mod confusables;
mod entities;
mod fold;
mod gzip;
mod hex;
mod invisible;
mod joined;
mod leet;
mod markdown;
mod markup;
mod percent;
mod signs;
mod spelled;
mod triples;
mod words;
mod wrapped;

pub(crate) use signs::{Region, regions};

use coldcase_model::{Span, ViewKind, json};

/// The largest decoded form of one region; what is beyond is reported as not scanned.
pub(crate) const MAX_VIEW: usize = 4 << 20;

/// Decodes `source`, appending to `out`; `step` hears (source, output) positions round each decoded token.
pub(crate) fn decode(kind: ViewKind, source: &[u8], out: &mut Vec<u8>, step: impl FnMut(usize, usize)) {
    match kind {
        ViewKind::JsonUnescape => unescape(source, out, step),
        ViewKind::Percent => percent::decode(source, out, step),
        ViewKind::HtmlEntities => entities::decode(source, out, step),
        ViewKind::Base64 => base64::decode(source, out, step),
        ViewKind::Hex => hex::decode(source, out, step),
        ViewKind::Gzip => gzip::decode(source, out, step),
        ViewKind::UnicodeFold => fold::decode(source, out, step),
        ViewKind::Accents => accents::decode(source, out, step),
        ViewKind::Markup => markup::decode(source, out, step),
        ViewKind::Markdown => markdown::decode(source, out, step),
        ViewKind::Wrapped => wrapped::decode(source, out, step),
        ViewKind::JoinedStrings => joined::decode(source, out, step),
        ViewKind::Invisible => invisible::decode(source, out, step),
        ViewKind::BidiOverride => bidi::decode(source, out, step),
        ViewKind::SpelledOut => spelled::decode(source, out, step),
        ViewKind::Leetspeak => leet::decode(source, out, step),
    }
}

/// Whether a view leaves its source as it is but for the decoded tokens; each of these is told to `step` before and
/// after.
pub(crate) const fn keeps_most(kind: ViewKind) -> bool {
    match kind {
        ViewKind::JsonUnescape | ViewKind::Percent | ViewKind::HtmlEntities | ViewKind::UnicodeFold => true,
        ViewKind::SpelledOut | ViewKind::Leetspeak | ViewKind::Accents => true,
        ViewKind::Markup | ViewKind::Markdown | ViewKind::Wrapped | ViewKind::JoinedStrings => true,
        ViewKind::Invisible | ViewKind::BidiOverride => false,
        ViewKind::Base64 | ViewKind::Hex | ViewKind::Gzip => false,
    }
}

fn unescape(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut last = (0, 0);
    json::unescape_into(source, out, |at, written| {
        // The escape began where the plain run before it ended.
        let run = memchr::memchr(b'\\', source.get(last.0..).unwrap_or_default()).unwrap_or(0);
        step(last.0 + run, last.1 + run);
        step(at, written);
        last = (at, written);
    });
}

/// Turns spans of the decoded form of `source` into spans of `source`, all in one more decoding.
pub(crate) fn map_back(kind: ViewKind, source: &[u8], spans: &mut [Span]) {
    // At one output position ends come first: an end belongs to the step before, a start to the step after.
    let mut edges: Vec<Edge> = Vec::with_capacity(spans.len() * 2);
    for (index, span) in spans.iter().enumerate() {
        edges.push(Edge { output: span.start, is_start: true, index });
        edges.push(Edge { output: span.end, is_start: false, index });
    }
    edges.sort_unstable();
    let mut edges = edges.into_iter().peekable();
    let mut from = (0, 0);
    let mut settle = |to: (usize, usize)| {
        let in_step = to.0 - from.0 == to.1 - from.1;
        while let Some(edge) = edges.next_if(|e| if e.is_start { e.output < to.1 } else { e.output <= to.1 })
        {
            let ahead = edge.output.saturating_sub(from.1);
            let at = match (in_step, edge.is_start) {
                (true, _) => from.0 + ahead,
                (false, true) => from.0,
                (false, false) => to.0,
            };
            if let Some(span) = spans.get_mut(edge.index) {
                *(if edge.is_start { &mut span.start } else { &mut span.end }) = at;
            }
        }
        from = to;
    };
    let mut out = Vec::new();
    decode(kind, source, &mut out, |at, written| settle((at, written)));
    settle((source.len(), out.len()));
    settle((source.len(), usize::MAX));
}

/// An end of a span, in the order in which [`map_back`] settles them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    output: usize,
    is_start: bool,
    index: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(kind: ViewKind, source: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        decode(kind, source, &mut out, |_, _| {});
        out
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_decode_and_map_back_in_order(
            picks in proptest::collection::vec(0usize..SCRAPS.len(), 0..60),
            noise in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
        ) {
            let mut text: Vec<u8> = picks.iter().flat_map(|pick| SCRAPS[*pick].bytes()).collect();
            text.extend_from_slice(&noise);
            let mut found = Vec::new();
            regions(&text, |_| Span::new(0, text.len()), &mut found);
            proptest::prop_assert!(found.iter().all(|region| region.span.end <= text.len()));
            for &kind in ViewKind::ALL {
                let (mut out, mut last) = (Vec::new(), (0, 0));
                let mut in_order = true;
                decode(kind, &text, &mut out, |at, written| {
                    in_order &= last.0 <= at && last.1 <= written && at <= text.len();
                    last = (at, written);
                });
                proptest::prop_assert!(in_order, "{}", kind);
                let mut spans = [Span::new(0, out.len()), Span::new(out.len() / 2, out.len())];
                map_back(kind, &text, &mut spans);
                proptest::prop_assert!(spans.iter().all(|span| span.end <= text.len()), "{}", kind);
            }
        }
    }

    /// Pieces that signs and decoders look for.
    const SCRAPS: [&str; 40] = [
        "ignore",
        "all",
        "a",
        "b",
        " ",
        "  ",
        "\n",
        "\r\n",
        "-",
        "--",
        "- ",
        "> ",
        "// ",
        "# ",
        ".",
        "*",
        "**",
        "_",
        "`",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<",
        "[",
        "](",
        ")",
        "\"",
        "'",
        " + ",
        ",",
        "1",
        "0",
        "3x",
        "é",
        "о",
        "\u{301}",
        "\u{200b}",
        "\u{202e}",
        "\u{e0152}",
    ];

    #[test]
    fn every_view_maps_a_match_back_to_its_source() {
        let cases: [(ViewKind, &str, &str, &str); 15] = [
            (ViewKind::JsonUnescape, r"ab\nc\u0064e", "d", r"\u0064"),
            (ViewKind::Percent, "x%41%42y", "AB", "%41%42"),
            (ViewKind::HtmlEntities, "a&#105;gnore&amp;b", "ignore", "&#105;gnore"),
            (ViewKind::Base64, "aWdub3JlIGFsbA==", "ignore all", "aWdub3JlIGFsbA=="),
            (ViewKind::Hex, "69676e6f7265", "gno", "676e6f"),
            (ViewKind::UnicodeFold, "x іgn\u{200b}ore y", "ignore", "іgn\u{200b}ore"),
            (ViewKind::Accents, "x ïgnörë all y", "ignore", "ïgnörë"),
            (ViewKind::Markup, "x <i>ig<b>no</b>re</i> y", "ignore", "ig<b>no</b>re"),
            (ViewKind::Markdown, "x ig**no**re [all](z) y", "ignore all", "ig**no**re [all"),
            (ViewKind::Wrapped, "> x igno-\n> re\n> all y", "ignore all", "igno-\n> re\n> all"),
            (ViewKind::JoinedStrings, "x 'ign' + 'ore', 'all' y", "ignore all", "ign' + 'ore', 'all"),
            (ViewKind::Invisible, "\u{e0151}\u{e0152}\u{e0153}", "b", "\u{e0152}"),
            (ViewKind::BidiOverride, "\u{202e}eno\u{202c}", "one", "\u{202e}eno\u{202c}"),
            (ViewKind::SpelledOut, "x i.g.n.o.r.e  a.l.l y", "ignore all", "i.g.n.o.r.e  a.l.l"),
            (ViewKind::Leetspeak, "x 1gn0r3 a11 y", "ignore all", "1gn0r3 a11"),
        ];
        for (kind, source, needle, expected) in cases {
            let text = decoded(kind, source.as_bytes());
            let at = memchr::memmem::find(&text, needle.as_bytes());
            let at = at.unwrap_or_else(|| panic!("{kind}: {}", String::from_utf8_lossy(&text)));
            let mut found = [Span::new(at, at + needle.len())];
            map_back(kind, source.as_bytes(), &mut found);
            assert_eq!(String::from_utf8_lossy(found[0].of(source.as_bytes())), expected, "{kind}");
        }
    }
}
