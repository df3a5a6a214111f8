//! HTML character references (WHATWG HTML, section 13.5): numeric ones, and the named ones that hide text or markup.

/// Named references of ASCII characters and spaces; the other two thousand stand for signs that hide nothing.
const NAMED: [(&str, &str); 38] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("Tab", "\t"),
    ("NewLine", "\n"),
    ("excl", "!"),
    ("num", "#"),
    ("dollar", "$"),
    ("percnt", "%"),
    ("lpar", "("),
    ("rpar", ")"),
    ("ast", "*"),
    ("plus", "+"),
    ("comma", ","),
    ("period", "."),
    ("sol", "/"),
    ("colon", ":"),
    ("semi", ";"),
    ("equals", "="),
    ("quest", "?"),
    ("commat", "@"),
    ("lsqb", "["),
    ("lbrack", "["),
    ("bsol", "\\"),
    ("rsqb", "]"),
    ("rbrack", "]"),
    ("lowbar", "_"),
    ("grave", "`"),
    ("lcub", "{"),
    ("lbrace", "{"),
    ("verbar", "|"),
    ("vert", "|"),
    ("rcub", "}"),
    ("rbrace", "}"),
    ("shy", ""),
];

/// Decodes references; what is none stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'&', source.get(at..).unwrap_or_default()) {
        let start = at + found;
        out.extend_from_slice(source.get(at..start).unwrap_or_default());
        let rest = source.get(start..).unwrap_or_default();
        if let Some((len, text)) = reference(rest) {
            step(start, out.len());
            text.push_to(out);
            at = start + len;
            step(at, out.len());
        } else {
            out.push(b'&');
            at = start + 1;
        }
    }
    out.extend_from_slice(source.get(at..).unwrap_or_default());
}

/// What a reference stands for.
pub(super) enum Text {
    Char(char),
    Named(&'static str),
}

impl Text {
    fn push_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Named(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

/// The reference at the start of `rest`, with its length.
pub(super) fn reference(rest: &[u8]) -> Option<(usize, Text)> {
    match rest.get(1)? {
        b'#' => numeric(rest),
        letter if letter.is_ascii_alphabetic() => {
            let end = rest.iter().take(12).position(|&byte| byte == b';')?;
            let name = std::str::from_utf8(rest.get(1..end)?).ok()?;
            let text = NAMED.iter().find(|(known, _)| *known == name)?.1;
            Some((end + 1, Text::Named(text)))
        }
        _ => None,
    }
}

/// `&#105;` or `&#x69;`; the semicolon may be missing, as browsers allow. Leading zeros may be many.
fn numeric(rest: &[u8]) -> Option<(usize, Text)> {
    let hex = matches!(rest.get(2), Some(b'x' | b'X'));
    let (start, radix) = if hex { (3, 16) } else { (2, 10) };
    let digits =
        rest.get(start..)?.iter().take(32).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let text = std::str::from_utf8(rest.get(start..start + digits)?).ok()?;
    let c = char::from_u32(u32::from_str_radix(text, radix).ok()?)?;
    let end = start + digits;
    Some((end + usize::from(rest.get(end) == Some(&b';')), Text::Char(c)))
}
