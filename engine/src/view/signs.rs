//! Where a text shows a sign of a disguise: which stretches are worth decoding, and how.
//!
//! One pass tells where any sign could stand ([`super::hints`]), another looks at the characters beyond ASCII where there
//! are some; each kind of sign is then told by what stands round these places.

use coldcase_model::{Span, ViewKind};

use super::far::Stretches;
use super::hints::{Hint, Hints};
use super::places::Places;
use super::{
    accents, base32, base64, bidi, entities, escapes, fold, hex, inflate, invisible, joined, leet, markdown,
    markup, percent, spelled, utf8, wrapped,
};
use crate::vector::{end_of_run, is_digit};

mod eighty_five;
mod lists;
mod quoted;
#[cfg(test)]
mod shown;
mod streams;
mod turned;
mod wide;

/// A stretch to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    /// Where in the text.
    pub(crate) span: Span,
    /// How.
    pub(crate) kind: ViewKind,
}

/// A run of base64 digits is looked at from this length on.
const SHORTEST_RUN: usize = 16;
const SHORTEST_HEX: usize = 24;
const SHORTEST_BASE32: usize = 24;
/// A stretch of text among other bytes is folded from this length on.
const SHORTEST_FOLD: usize = 12;

/// Finds the regions of `text`, in which `hints` were found, and texts of rules that were `turned`. `bounds` gives the
/// part round a position, which a region never leaves.
pub(crate) fn regions(
    text: &[u8],
    hints: &Hints,
    turned: &[(Span, ViewKind)],
    bounds: impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let census = &hints.census;
    let mut far = Stretches::default();
    escapes(text, hints, &bounds, &mut far);
    references(text, hints.of(Hint::Reference), &bounds, &mut far);
    non_ascii(text, Places::of(&census.folds), &bounds, &mut far);
    far.settle(&bounds, out);
    percents(text, hints.of(Hint::Percent), &bounds, out);
    tokens(text, hints.of(Hint::Run), &bounds, out);
    streams::streams(text, hints.of(Hint::Stream), &bounds, out);
    wide::wide(text, hints.of(Hint::Zero), &bounds, out);
    quoted::quoted(text, hints.of(Hint::Quoted), &bounds, out);
    eighty_five::delimited(text, hints.of(Hint::Ascii85), &bounds, out);
    eighty_five::bare(text, hints.of(Hint::Base85), &bounds, out);
    lists::lists(text, hints.of(Hint::List), &bounds, out);
    turned::regions(text, turned, &bounds, out);
    accents::regions(text, Places::of(&census.accents), &bounds, out);
    spelled::regions(text, hints.of(Hint::Spelled), &bounds, out);
    leet::regions(text, hints.of(Hint::Leet), &bounds, out);
    markup::regions(text, hints.of(Hint::Tag), &bounds, out);
    markdown::regions(text, hints, &bounds, out);
    wrapped::regions(text, hints, &bounds, out);
    joined::regions(text, hints.of(Hint::Joined), &bounds, out);
    if census.unseen {
        invisible::regions(text, &bounds, out);
    }
    if census.overrides {
        bidi::regions(text, &bounds, out);
    }
}

/// Escapes, of JSON and of programming languages: they and all round them, since a phrase may run over many.
fn escapes(text: &[u8], hints: &Hints, bounds: &impl Fn(usize) -> Span, far: &mut Stretches) {
    let mut places = hints.of(Hint::JsonEscape);
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        let escape = text.get(found..).and_then(|rest| rest.first_chunk::<2>());
        if matches!(escape, Some([b'\\', b'u' | b'n' | b'"' | b'\\' | b't' | b'r'])) {
            at = far.add(bounds(found), found, ViewKind::JsonUnescape).max(at);
        }
    }
    let mut places = hints.of(Hint::CodeEscape);
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        let rest = text.get(found..).unwrap_or_default();
        let escape = rest.starts_with(b"\\").then(|| escapes::escape(rest)).flatten();
        if escape.is_some_and(|(_, text)| text.is_plain()) {
            at = far.add(bounds(found), found, ViewKind::CodeEscapes).max(at);
        }
    }
}

/// Percent encoding: the run of bytes without white space, quotes or brackets round them.
fn percents(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'(' | b')');
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        if percent::triple(text, found).is_none() && percent::unit(text, found).is_none() {
            continue;
        }
        let part = bounds(found);
        let before = Span::new(part.start, found).of(text);
        let after = Span::new(found, part.end).of(text);
        let start = part.start + before.iter().rposition(ends).map_or(0, |index| index + 1);
        let end = found + after.iter().position(ends).unwrap_or(after.len());
        out.push(Region { span: Span::new(start, end), kind: ViewKind::Percent });
        at = end.max(at);
    }
}

/// HTML character references, and all round them.
fn references(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, far: &mut Stretches) {
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        let rest = text.get(found..).unwrap_or_default();
        if rest.starts_with(b"&") && entities::reference(rest).is_some() {
            at = far.add(bounds(found), found, ViewKind::HtmlEntities).max(at);
        }
    }
}

/// Look-alikes and invisible characters, and all round them that is text.
fn non_ascii(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, far: &mut Stretches) {
    let mut at = 0;
    while let Some(place) = places.next(at) {
        let part = bounds(place);
        let (sign, end) = fold::sign_round(text, Span::new(part.start.max(at), part.end), place);
        at = end.max(place + 1);
        let Some(sign) = sign else { continue };
        let within = fold::readable(text, part, sign);
        // Among bytes that are no text, a character or two are chance.
        if within.len() >= SHORTEST_FOLD || within == part {
            at = far.add(part, sign, ViewKind::UnicodeFold).max(at);
        }
    }
}

/// Long runs of base64, base32 or hex digits whose decoded start is text or something that may hold it.
fn tokens(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut at = 0;
    while let Some(start) = places.next(at) {
        at = end_of_run(text, start);
        if at - start < SHORTEST_RUN {
            at = at.max(start + 1);
            continue;
        }
        let part = bounds(start);
        let run = Span::new(start, at.min(part.end));
        turned::token(text, run, part, out);
        let end = match coded(text, run, part.end) {
            Some(region) => {
                out.push(region);
                region.span.end
            }
            None => {
                pieces(text, run, b"/", out);
                run.end
            }
        };
        at = end.max(run.end).max(start + 1);
    }
}

/// Digits of base64 are also what joins the words of paths and names: where a run is nothing as a whole, its pieces between
/// slashes may be, and of these the pieces between other marks.
fn pieces(text: &[u8], run: Span, marks: &[u8], out: &mut Vec<Region>) {
    let bytes = run.of(text);
    if !bytes.iter().any(|byte| marks.contains(byte)) {
        if marks == b"/" {
            pieces(text, run, b"-_+", out);
        }
        return;
    }
    let mut start = run.start;
    for piece in bytes.split(|byte| marks.contains(byte)) {
        let span = Span::new(start, start + piece.len());
        start = span.end + 1;
        if piece.len() < SHORTEST_RUN {
            continue;
        }
        match coded(text, span, span.end) {
            Some(region) => out.push(region),
            None if marks == b"/" => pieces(text, span, b"-_+", out),
            None => {}
        }
    }
}

/// A run that decodes to something readable. Digits that are wrapped go on over line breaks, as far as `limit`.
fn coded(text: &[u8], run: Span, limit: usize) -> Option<Region> {
    let bytes = run.of(text);
    let wrapped = |is_digit: &dyn Fn(u8) -> bool| {
        Span::new(run.start, over_line_breaks(text, run.end, limit, is_digit))
    };
    let hex = bytes.len() >= SHORTEST_HEX
        && bytes.len().is_multiple_of(2)
        && bytes.iter().all(u8::is_ascii_hexdigit);
    if hex {
        // Text never encodes to base64 that is all hex digits: these are hashes and ids.
        return reads_as_text(hex::start(bytes, &mut [0; 32]))
            .then_some(Region { span: run, kind: ViewKind::Hex });
    }
    if let Some((alphabet, kind)) = base32_of(bytes) {
        return Some(Region { span: wrapped(&|byte| alphabet.spells(&[byte])), kind });
    }
    reads_as_text(base64::start(bytes, &mut [0; 48]))
        .then(|| Region { span: wrapped(&is_digit), kind: ViewKind::Base64 })
}

/// The alphabet of base32 whose digits a run is made of, if it decodes to something readable.
fn base32_of(run: &[u8]) -> Option<(base32::Alphabet, ViewKind)> {
    let kinds =
        [(base32::Alphabet::Usual, ViewKind::Base32), (base32::Alphabet::Ordered, ViewKind::Base32Hex)];
    let reads = |alphabet: base32::Alphabet| {
        alphabet.spells(run) && reads_as_text(base32::start(alphabet, run, &mut [0; 40]))
    };
    kinds.into_iter().find(|(alphabet, _)| run.len() >= SHORTEST_BASE32 && reads(*alphabet))
}

/// Digits are often wrapped: the run goes on after a line break and indentation.
fn over_line_breaks(text: &[u8], mut end: usize, limit: usize, is_digit: impl Fn(u8) -> bool) -> usize {
    loop {
        let rest = Span::new(end, limit).of(text);
        let gap = rest.iter().take(24).take_while(|byte| byte.is_ascii_whitespace()).count();
        let breaks = rest.get(..gap).unwrap_or_default().contains(&b'\n');
        let more = rest.get(gap..).unwrap_or_default().iter().take_while(|&&byte| is_digit(byte)).count();
        if !breaks || more < 4 {
            return end;
        }
        end += gap + more;
    }
}

/// Whether the first decoded bytes are text, in UTF-8 or UTF-16, or may be the start of a compressed stream.
fn reads_as_text(decoded: &[u8]) -> bool {
    is_mostly_text(decoded)
        || decoded.starts_with(&inflate::GZIP)
        || inflate::opens_zlib(decoded)
        || inflate::opens_deflate(decoded)
        || wide::is_wide(decoded)
}

/// Whether three quarters of the bytes are text: a secret may stand among binary fields, and a cut sample may end
/// inside a character.
fn is_mostly_text(bytes: &[u8]) -> bool {
    is_text_but_for(bytes, bytes.len() / 4)
}

/// Whether at most so many bytes are no text.
fn is_text_but_for(bytes: &[u8], most: usize) -> bool {
    let (mut at, mut noise) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
            continue;
        }
        // Letters of other scripts; what lies between ASCII and these are controls.
        if let Some(c) = utf8::char_at(bytes, at).filter(|c| *c >= '\u{A0}') {
            at += c.len_utf8();
            continue;
        }
        at += 1;
        noise += 1;
        if noise > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(ViewKind, &str)> {
        let mut out = Vec::new();
        super::super::regions_of(text.as_bytes(), &mut out);
        out.into_iter()
            .map(|region| (region.kind, text.get(region.span.start..region.span.end).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn plain_text_and_long_identifiers_show_no_sign() {
        assert_eq!(found("The quick brown fox, 100% sure & content_block_delta_event"), []);
        assert_eq!(found("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), []);
    }

    #[test]
    fn signs_give_the_region_to_decode() {
        assert_eq!(found("x https://a/?q=%41b y"), [(ViewKind::Percent, "https://a/?q=%41b")]);
        assert_eq!(found("say aWdub3JlIGFsbCBydWxlcw== now"), [(ViewKind::Base64, "aWdub3JlIGFsbCBydWxlcw")]);
        assert_eq!(found("69676e6f726520616c6c207275"), [(ViewKind::Hex, "69676e6f726520616c6c207275")]);
        assert_eq!(found("a&#105;b").len(), 1);
        assert_eq!(found(r"a\u0062").len(), 1);
    }

    #[test]
    fn digits_in_a_path_or_a_name_are_a_region_of_their_own() {
        let hex = "69676e6f726520616c6c207275";
        let base64 = "aWdub3JlIGFsbCBydWxlcw";
        assert_eq!(found(&format!("https://a.example/v1/in/{hex}")), [(ViewKind::Hex, hex)]);
        assert_eq!(found(&format!("https://a.example/v/in/{base64}/raw")), [(ViewKind::Base64, base64)]);
        assert_eq!(found(&format!("of run/note-{hex} and")), [(ViewKind::Hex, hex)]);
        assert_eq!(found("/usr/lib/python3/site-packages/email_validator_of_addresses"), []);
    }

    #[test]
    fn wrapped_base64_is_one_region() {
        let text = "aWdub3JlIGFsbCBw\n  cmV2aW91cyBydWxl\n  cw== end";
        assert_eq!(found(text)[0].1, "aWdub3JlIGFsbCBw\n  cmV2aW91cyBydWxl");
    }
}
