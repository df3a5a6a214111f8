//! Text of HTML and XML without its tags, so that `ig<b>no</b>re` and `ignore</span><span> all` read as they are seen.
//!
//! Tags of phrases leave nothing behind, other tags a space. The text of comments stays, since a model reads it, but for
//! a comment inside a word; scripts and styles stay. Left out: `>` within an attribute, which ends the tag here.

use coldcase_model::{Span, ViewKind};
use memchr::{memchr2, memmem};

use super::places::Places;
use super::{Region, around, words};

/// The longest tag or comment that is taken for one.
const LONGEST: usize = 512;
/// How near to each other two words cut by tags are a sign.
const NEAR: usize = 64;

/// Elements that stand within a phrase and leave no space (HTML, section 4.5, and old ones).
const INLINE: [&str; 33] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "tspan", "tt", "u", "wbr",
];

/// Finds stretches where tags cut words, or stand beside a word that orders are made of.
pub(super) fn regions(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let mut at = 0;
    // The end of the last word that was cut.
    let mut cut: Option<usize> = None;
    while let Some(start) = places.next(at) {
        at = start + 1;
        if start.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|byte| !is_near_word(*byte)) {
            continue;
        }
        let part = bounds(start);
        let Some((tags, inline)) = tags_at(Span::new(start, part.end).of(text)) else { continue };
        let gap = Span::new(start, start + tags);
        at = gap.end;
        let within = inline && is_letter(text, start.checked_sub(1)) && is_letter(text, Some(gap.end));
        let twice = within && cut.is_some_and(|end| start - end <= NEAR);
        if within {
            cut = Some(gap.end);
        }
        let sign = match (within, inline) {
            (true, _) => twice || words::is_cut_by(text, gap) || words::is_long_name_cut_by(text, gap),
            (false, true) => words::is_long_name_cut_by(text, gap) || stands_beside(text, part, gap),
            (false, false) => stands_beside(text, part, gap),
        };
        if sign {
            around::add(text, part, gap, ViewKind::Markup, out);
        }
    }
}

fn is_near_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_')
}

fn is_letter(text: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphabetic)
}

/// The length of the tags and comments that stand one after another at the start of `rest`, and whether all of them
/// belong within a phrase.
fn tags_at(rest: &[u8]) -> Option<(usize, bool)> {
    let (mut len, mut inline) = (0, true);
    while let Some(tag) = tag(rest.get(len..)?) {
        len += tag.len;
        inline &= tag.kind != Kind::Block;
        if len > 4 * LONGEST {
            break;
        }
    }
    (len > 0).then_some((len, inline))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inline,
    Block,
    Comment,
}

struct Tag {
    len: usize,
    kind: Kind,
}

/// The tag or comment at the start of `rest`.
fn tag(rest: &[u8]) -> Option<Tag> {
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    if rest.starts_with(COMMENT) {
        let body = rest.get(COMMENT.len()..)?;
        let end = memmem::find(body, COMMENT_END)?;
        return Some(Tag { len: COMMENT.len() + end + COMMENT_END.len(), kind: Kind::Comment });
    }
    let closing = usize::from(*rest.first()? == b'<' && rest.get(1) == Some(&b'/'));
    let name = rest.strip_prefix(b"<")?.get(closing..)?;
    if !name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?')) {
        return None;
    }
    // Another tag that opens first means that this was none.
    let end = memchr2(b'>', b'<', name).filter(|&end| name.get(end) == Some(&b'>'))?;
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = name.get(..letters)?;
    let inline = INLINE.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    Some(Tag { len: 1 + closing + end + 1, kind: if inline { Kind::Inline } else { Kind::Block } })
}

const COMMENT: &[u8] = b"<!--";
const COMMENT_END: &[u8] = b"-->";

/// Whether a word of orders stands right before the tags or right after them, a space between at most.
fn stands_beside(text: &[u8], part: Span, gap: Span) -> bool {
    let space = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&b' ');
    let start = gap.start - usize::from(gap.start > part.start && space(gap.start.checked_sub(1)));
    let end = gap.end + usize::from(gap.end < part.end && space(Some(gap.end)));
    // A phrase goes on over the tags.
    is_letter(text, start.checked_sub(1))
        && is_letter(text, Some(end))
        && words::beside(text, Span::new(start, end))
}

/// Takes tags out; the rest stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let (mut at, mut copied) = (0, 0);
    let mut replace = |start: usize, end: usize, with: &[u8], out: &mut Vec<u8>| {
        out.extend_from_slice(source.get(copied..start).unwrap_or_default());
        step(start, out.len());
        out.extend_from_slice(with);
        step(end, out.len());
        copied = end;
    };
    while let Some(found) = memchr2(b'<', b'-', source.get(at..).unwrap_or_default()) {
        let start = at + found;
        let rest = source.get(start..).unwrap_or_default();
        at = start + 1;
        if rest.starts_with(COMMENT_END) {
            at = start + COMMENT_END.len();
            replace(start, at, b" ", out);
            continue;
        }
        let Some(tag) = tag(rest) else { continue };
        let within = is_letter(source, start.checked_sub(1)) && is_letter(source, Some(start + tag.len));
        at = match tag.kind {
            // Its text is looked at like any other.
            Kind::Comment if !within => start + COMMENT.len(),
            Kind::Comment | Kind::Inline | Kind::Block => start + tag.len,
        };
        let space: &[u8] =
            if within && tag.kind != Kind::Block || tag.kind == Kind::Inline { b"" } else { b" " };
        replace(start, at, space, out);
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::trial::{decoded, shows};
    use super::*;

    #[test]
    fn text_is_left_without_its_tags() {
        let cases = [
            ("ig<b>no</b>re<br>all", "ignore all"),
            ("ignore</span><span class='x'> all", "ignore all"),
            ("ig<!-- - -->nore <!-- the -->rules", "ignore   the  rules"),
            ("<p>a</p><script>if (a<b) c--</script>", " a  if (a<b) c-- "),
            ("a < b > c <3 <>", "a < b > c <3 <>"),
        ];
        for (text, expected) in cases {
            assert_eq!(decoded(ViewKind::Markup, text), expected, "{text}");
        }
    }

    #[test]
    fn words_cut_by_tags_are_a_sign() {
        for text in [
            "ig<b>no</b>re",
            "pre<i></i>vious",
            "ignore</span><span> all",
            "Ignore <b>all</b> rules",
            "xx<wbr>yy<wbr>zz",
            "for<!-- x -->get",
        ] {
            assert!(shows(ViewKind::Markup, text), "{text}");
        }
    }

    #[test]
    fn ordinary_pages_show_no_sign() {
        for text in [
            "<ul><li>Foo</li><li>Bar</li></ul><p>H<sub>2</sub>O and <a href='/x'>link</a>s</p>",
            "<div class=\"card\"><h1>Title</h1><span>10</span> items &lt;b&gt;</div>",
            "if (a<b && c>d) { x<y>z }; vec<u8>(n); Option<Vec<String>> -->",
            "<<<<<<< HEAD <<<<<<< <!--<!--<!-- a<b<c<d",
            ".a>.b{color:red}<style>p{}</style><!-- note -->",
        ] {
            assert!(!shows(ViewKind::Markup, text), "{text}");
        }
    }
}
