//! Decoded forms of a text, each with a map back to the bytes that it was decoded from.
//!
//! A decoder is one function: source bytes in, decoded bytes out, and a callback that hears the positions at which
//! the two stop running in step. The scan calls it without listening; only a match runs it again to learn where
//! it came from ([`map_back`]).

mod accents;
mod around;
mod base32;
pub(crate) mod base64;
mod base85;
mod bidi;
mod characters;
mod codes;
mod confusables;
mod entities;
mod escapes;
mod far;
mod fold;
mod folding;
mod hex;
mod hints;
mod inflate;
mod invisible;
mod joined;
mod landmarks;
mod leet;
mod markdown;
mod markup;
mod percent;
mod places;
mod quoted;
mod reversed;
mod rot13;
mod signs;
mod spelled;
#[cfg(test)]
mod trial;
mod utf16;
mod utf8;
mod words;
mod wrapped;

pub(crate) use hints::Hints;
pub(crate) use landmarks::Landmarks;
pub(crate) use signs::{Region, regions};

use coldcase_model::{Span, ViewKind, json};

/// The largest decoded form of one region; what is beyond is reported as not scanned.
pub(crate) const MAX_VIEW: usize = 4 << 20;

/// The ASCII character that a character is a form of or is drawn like; itself where there is none.
pub(crate) fn drawn_as(c: char) -> char {
    match confusables::drawn_like(c).filter(|_| !c.is_ascii()) {
        Some(confusables::Drawn::Form(ascii) | confusables::Drawn::Like(ascii)) => ascii,
        Some(confusables::Drawn::Several) | None => c,
    }
}

/// Decodes `source`, appending to `out`; `step` hears (source, output) positions round each decoded token.
pub(crate) fn decode(kind: ViewKind, source: &[u8], out: &mut Vec<u8>, step: impl FnMut(usize, usize)) {
    match kind {
        ViewKind::JsonUnescape => unescape(source, out, step),
        ViewKind::Percent => percent::decode(source, out, step),
        ViewKind::HtmlEntities => entities::decode(source, out, step),
        ViewKind::Base64 => base64::decode(source, out, step),
        ViewKind::Hex => hex::decode(source, out, step),
        ViewKind::Gzip => inflate::gzip(source, out),
        ViewKind::UnicodeFold => fold::decode(source, out, step),
        ViewKind::Base32 => base32::decode(base32::Alphabet::Usual, source, out, step),
        ViewKind::Base32Hex => base32::decode(base32::Alphabet::Ordered, source, out, step),
        ViewKind::Ascii85 => base85::decode(base85::Alphabet::Ascii, source, out, step),
        ViewKind::Z85 => base85::decode(base85::Alphabet::Z, source, out, step),
        ViewKind::Base85 => base85::decode(base85::Alphabet::Rfc1924, source, out, step),
        ViewKind::QuotedPrintable => quoted::decode(source, out, step),
        ViewKind::Zlib => inflate::zlib(source, out, step),
        ViewKind::Deflate => inflate::deflate(source, out, step),
        ViewKind::Utf16Le => utf16::decode(utf16::Order::Little, source, out, step),
        ViewKind::Utf16Be => utf16::decode(utf16::Order::Big, source, out, step),
        ViewKind::CodeEscapes => escapes::decode(source, out, step),
        ViewKind::CharCodes => codes::decode(source, out, step),
        ViewKind::Rot13 => rot13::decode(source, out),
        ViewKind::Reversed => reversed::decode(source, out),
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
        ViewKind::QuotedPrintable | ViewKind::CodeEscapes => true,
        ViewKind::SpelledOut | ViewKind::Leetspeak | ViewKind::Accents => true,
        ViewKind::Markup | ViewKind::Markdown | ViewKind::Wrapped | ViewKind::JoinedStrings => true,
        ViewKind::Invisible | ViewKind::BidiOverride => false,
        ViewKind::Base64 | ViewKind::Hex | ViewKind::Gzip => false,
        ViewKind::Base32 | ViewKind::Base32Hex | ViewKind::Ascii85 | ViewKind::Z85 | ViewKind::Base85 => {
            false
        }
        ViewKind::Zlib | ViewKind::Deflate | ViewKind::Utf16Le | ViewKind::Utf16Be => false,
        ViewKind::CharCodes | ViewKind::Rot13 | ViewKind::Reversed => false,
    }
}

/// Whether a decoder stops at [`MAX_VIEW`]: what it gives may be many times its source.
pub(crate) const fn inflates(kind: ViewKind) -> bool {
    matches!(kind, ViewKind::Gzip | ViewKind::Zlib | ViewKind::Deflate)
}

/// Whether a view, applied to itself, gives the text that it was made from.
pub(crate) const fn undoes_itself(kind: ViewKind) -> bool {
    matches!(kind, ViewKind::Rot13 | ViewKind::Reversed)
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
    if kind == ViewKind::Reversed {
        return reversed::mirror(source.len(), spans);
    }
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

/// The regions of a text that is one part.
#[cfg(test)]
fn regions_of(text: &[u8], out: &mut Vec<Region>) {
    let mut hints = Hints::default();
    hints.find(text, std::iter::once(0));
    regions(text, &hints, &[], |_| Span::new(0, text.len()), out);
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
            regions_of(&text, &mut found);
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

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
        #[test]
        fn no_hint_of_a_sign_is_missing(
            picks in proptest::collection::vec(0usize..SCRAPS.len() + WORDS.len(), 0..60),
            shift in 0usize..70,
        ) {
            let scraps = picks.iter().map(|pick| SCRAPS.get(*pick).or(WORDS.get(pick % WORDS.len())).expect("a scrap"));
            let text: Vec<u8> = std::iter::repeat_n(b'.', shift).chain(scraps.flat_map(|scrap| scrap.bytes())).collect();
            let (mut hinted, mut all) = (Vec::new(), Vec::new());
            regions_of(&text, &mut hinted);
            regions(&text, &Hints::everywhere(text.len()), &[], |_| Span::new(0, text.len()), &mut all);
            for region in all {
                let seen = hinted.iter().any(|seen| seen.kind == region.kind && seen.span.overlaps(region.span));
                proptest::prop_assert!(seen || region.span.is_empty(), "{:?} {}", region, String::from_utf8_lossy(&text));
            }
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(1000))]
        #[test]
        fn no_hint_of_a_sign_is_missing_where_parts_meet(
            picks in proptest::collection::vec(0usize..SCRAPS.len() + WORDS.len(), 0..40),
            cuts in proptest::collection::vec(0usize..300, 0..8),
        ) {
            let scraps = picks.iter().map(|pick| SCRAPS.get(*pick).or(WORDS.get(pick % WORDS.len())).expect("a scrap"));
            let text: Vec<u8> = scraps.flat_map(|scrap| scrap.bytes()).collect();
            let mut starts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len()).chain([0]).collect();
            starts.sort_unstable();
            starts.dedup();
            let bounds = |at: usize| {
                let next = starts.partition_point(|start| *start <= at);
                Span::new(starts[next - 1], starts.get(next).copied().unwrap_or(text.len()))
            };
            let (mut hinted, mut all) = (Vec::new(), Vec::new());
            let mut hints = Hints::default();
            hints.find(&text, starts.iter().copied());
            regions(&text, &hints, &[], bounds, &mut hinted);
            regions(&text, &Hints::everywhere(text.len()), &[], bounds, &mut all);
            for region in all {
                let seen = hinted.iter().any(|seen| seen.kind == region.kind && seen.span.overlaps(region.span));
                proptest::prop_assert!(seen || region.span.is_empty(), "{:?} {:?} {}", region, starts, String::from_utf8_lossy(&text));
            }
            proptest::prop_assert!(hinted.iter().all(|region| region.span.end <= bounds(region.span.start).end));
        }
    }

    /// Disguises whole, and what they are easily taken for.
    const WORDS: [&str; 24] = [
        "1gn0r3 4ll",
        "pr3v10us ",
        "i g n o r e",
        "I-G-N-O-R-E ",
        "69 67 6e 6f 72 65 20 61 6c 6c",
        "0x69,0x67,0x6e,0x6f,0x72,0x65,0x20,0x61",
        "550e8400-e29b-41d4-a716-446655440000",
        "aWdub3JlIGFsbCBydWxlcw==",
        "69676e6f726520616c6c207275",
        "ig**no**re",
        " _all_ ",
        "[ignore all](x)",
        "\n> all\n> previous",
        "instruc-\ntions",
        "\"ign\" + \"ore\"",
        "'ghp_abcd','0plSOoBkGa'",
        "<!-- x -->",
        "=69=67",
        "so =\nit",
        "%69%67",
        "\\x69\\n",
        "&#105;",
        "<~BkM=%Eb-A%Cht55Eb0E.Dfp+~>",
        "B8Jgmw^O=g3@B8Jgm$wO=g3B8JgmwO",
    ];

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
    fn a_view_from_the_end_maps_back_from_the_end() {
        let source = "é erongi é x";
        let text = decoded(ViewKind::Reversed, source.as_bytes());
        assert_eq!(text, "x é ignore é".as_bytes());
        let mut found = [Span::new(2, 4), Span::new(5, 9), Span::new(5, 11)];
        map_back(ViewKind::Reversed, source.as_bytes(), &mut found);
        assert_eq!(found.map(|span| span.of(source.as_bytes())), ["é".as_bytes(), b"ongi", b"erongi"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_decoded_and_mapped_within_their_bounds(
            source in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            printable in "[ -~\\n]{0,200}",
        ) {
            for source in [source.as_slice(), printable.as_bytes()] {
                for &kind in ViewKind::ALL {
                    let text = decoded(kind, source);
                    if text.is_empty() {
                        continue;
                    }
                    let mut all = [Span::new(0, text.len())];
                    map_back(kind, source, &mut all);
                    proptest::prop_assert!(all[0].start <= all[0].end && all[0].end <= source.len(), "{}", kind);
                }
                let mut found = Vec::new();
                regions_of(source, &mut found);
                let bounded = found.iter().all(|region| region.span.start <= region.span.end && region.span.end <= source.len());
                proptest::prop_assert!(bounded);
            }
        }
    }

    #[test]
    fn every_view_maps_a_match_back_to_its_source() {
        let cases: [(ViewKind, &str, &str, &str); 31] = [
            (ViewKind::JsonUnescape, r"ab\nc\u0064e", "d", r"\u0064"),
            (ViewKind::Percent, "x%41%42y", "AB", "%41%42"),
            (ViewKind::HtmlEntities, "a&#105;gnore&amp;b", "ignore", "&#105;gnore"),
            (ViewKind::Base64, "aWdub3JlIGFsbA==", "ignore all", "aWdub3JlIGFsbA=="),
            (ViewKind::Hex, "69676e6f7265", "gno", "676e6f"),
            (ViewKind::UnicodeFold, "x іgn\u{200b}ore y", "ignore", "іgn\u{200b}ore"),
            (ViewKind::Percent, "a%u0069%u0067b", "ig", "%u0069%u0067"),
            (ViewKind::Hex, "69 67:6e", "gn", "67:6e"),
            (ViewKind::Hex, "0x69, 0x67,0xA", "g\n", "0x67,0xA"),
            (ViewKind::Base32, "NFTW433SMUQGC3DMEBYHEZLWNFXXK4Y=", "previous", "EBYHEZLWNFXXK4Y="),
            (ViewKind::Base32, "nftw433s\n  muqgc3dm", "e all", "muqgc3dm"),
            (ViewKind::Base32Hex, "D5JMSRRICKG62R3C", "ignor", "D5JMSRRI"),
            (ViewKind::Ascii85, "BkM=%\nEb-A%Cht55Eb0E.Dfp+", "igno", "BkM=%"),
            (ViewKind::Ascii85, "BkM=%zEb-A%", "\0\0\0\0", "z"),
            (ViewKind::Z85, "B8JgmwO=g3", "ello", "wO=g3"),
            (ViewKind::Base85, "X=iS4a%CW4Y-}KKa%FaDZ*_A", "ous", "Z*_A"),
            (ViewKind::QuotedPrintable, "a=3Dig=6E=\r\nore=", "=ign", "=3Dig=6E"),
            (ViewKind::Utf16Le, "i\0g\0n\0", "g", "g\0"),
            (ViewKind::Utf16Be, "\0i\0g\0n", "gn", "\0g\0n"),
            (ViewKind::CodeEscapes, r"a\x69\147\u{6e}\U0000006fre\d", "gnore", r"\147\u{6e}\U0000006fre"),
            (ViewKind::CharCodes, "(105, 103,110)", "gn", "103,110"),
            (ViewKind::Rot13, "x vtaber é", "ignore", "vtaber"),
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
