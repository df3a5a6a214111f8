//! Regular expressions of YARA: over bytes, as the engine's own are, with some signs read otherwise.
//!
//! What YARA and YARA-X read alike is taken. Left out: escapes that one of them takes for a letter and the other for a place
//! (`\A`, `\<`), classes within classes, named and Unicode classes, flags within the pattern.

use super::cursor::Cursor;
use super::{Refused, Translated, finished};
use crate::account::Reason;
use crate::limits::MOST_PATTERN;

/// Letters behind a backslash that mean the same everywhere.
const ESCAPES: &str = "ntrfaxwWsSdDbB";

/// Takes a pattern over; `case` and `lines` are its modifiers `/i` and `/s`.
pub(crate) fn translate(pattern: &str, case: bool, lines: bool) -> Result<Translated, Refused> {
    if pattern.len() > MOST_PATTERN {
        return Err(Refused::new(Reason::TooLarge, format!("the pattern has {} bytes", pattern.len())));
    }
    let mut writer =
        Writer { input: Cursor { text: pattern, at: 0 }, out: String::with_capacity(pattern.len() + 8) };
    writer.out.push_str(match (case, lines) {
        (true, true) => "(?is:",
        (true, false) => "(?i:",
        (false, true) => "(?s:",
        (false, false) => "(?:",
    });
    writer.read()?;
    writer.out.push(')');
    finished(&writer.out, Vec::new())
}

struct Writer<'t> {
    input: Cursor<'t>,
    out: String,
}

impl Writer<'_> {
    fn read(&mut self) -> Result<(), Refused> {
        let mut open = 0_usize;
        while let Some(c) = self.input.next() {
            match c {
                '[' => self.class()?,
                '\\' => self.escape()?,
                '(' => {
                    self.group()?;
                    open += 1;
                }
                ')' => {
                    // One too many would close the group that holds the flags.
                    open = open
                        .checked_sub(1)
                        .ok_or_else(|| Refused::new(Reason::Syntax, "a group is closed that is not open"))?;
                    self.out.push(')');
                }
                '{' => {
                    self.out.push('{');
                    // `{,3}` begins with none.
                    if self.input.rest().starts_with(',') {
                        self.out.push('0');
                    }
                }
                c if c.is_ascii() => self.out.push(c),
                // The bytes of one character, so that what repeats it repeats all of them.
                c => self.out.push_str(&format!("(?:{})", spelled(c.to_string().as_bytes()))),
            }
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), Refused> {
        self.out.push('(');
        if !self.input.rest().starts_with('?') || self.input.rest().starts_with("?:") {
            return Ok(());
        }
        if ["?=", "?!", "?<=", "?<!"].iter().any(|look| self.input.rest().starts_with(look)) {
            return Err(Refused::new(Reason::LookAround, "look-ahead or look-behind"));
        }
        Err(Refused::new(Reason::Dialect, "a group with a name or with flags"))
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let c = self
            .input
            .next()
            .ok_or_else(|| Refused::new(Reason::Syntax, "the pattern ends with a backslash"))?;
        let is_code_point = c == 'x' && self.input.rest().starts_with('{');
        if is_code_point || matches!(c, '<' | '>') || (c.is_ascii_alphanumeric() && !ESCAPES.contains(c)) {
            return Err(Refused::new(Reason::Dialect, format!("`\\{c}`")));
        }
        if !c.is_ascii() {
            return Err(Refused::new(Reason::Dialect, "a backslash before a letter beyond ASCII"));
        }
        self.out.push('\\');
        self.out.push(c);
        Ok(())
    }

    /// A class, whose opening bracket was read.
    fn class(&mut self) -> Result<(), Refused> {
        self.out.push('[');
        if self.input.rest().starts_with('^') {
            self.input.next();
            self.out.push('^');
        }
        let first = self.input.at;
        loop {
            if ["&&", "--", "~~", "[:"].iter().any(|sign| self.input.rest().starts_with(sign)) {
                return Err(Refused::new(
                    Reason::Dialect,
                    "a named class, or one of several, in a character class",
                ));
            }
            let is_first = self.input.at == first;
            let unclosed = || Refused::new(Reason::Syntax, "a character class is not closed");
            match self.input.next().ok_or_else(unclosed)? {
                ']' if !is_first => {
                    self.out.push(']');
                    return Ok(());
                }
                c @ (']' | '[') => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '\\' => self.escape()?,
                c if c.is_ascii() => self.out.push(c),
                _ => return Err(Refused::new(Reason::Dialect, "letters beyond ASCII in a character class")),
            }
        }
    }
}

/// Bytes that stand for themselves.
pub(crate) fn spelled(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        let c = char::from(byte);
        match c {
            c if c.is_ascii_graphic() && regex_syntax::is_meta_character(c) => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            _ => out.push_str(&format!("\\x{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pattern: &str) -> Result<String, Reason> {
        translate(pattern, false, false).map(|taken| taken.regex).map_err(|refused| refused.reason)
    }

    #[test]
    fn what_means_the_same_is_taken() {
        assert_eq!(taken(r"a\/b{,3}[^]x[]\x41.*?").unwrap(), r"(?:a\/b{0,3}[^\]x\[]\x41.*?)");
        assert_eq!(taken("é+x").unwrap(), r"(?:(?:\xC3\xA9)+x)");
        assert_eq!(translate("a.b", true, true).unwrap().regex, "(?is:a.b)");
        assert_eq!(translate("a", true, false).unwrap().regex, "(?i:a)");
    }

    #[test]
    fn what_does_not_is_refused() {
        for pattern in [r"\Aa", r"\<a", r"a\1", "(?i)a", "(?<n>a)", r"\pL", r"\x{41}", "[[:alpha:]]", "[é]"]
        {
            assert_eq!(taken(pattern), Err(Reason::Dialect), "{pattern}");
        }
        assert_eq!(taken("a(?=b)"), Err(Reason::LookAround));
        for pattern in ["a(", "a)(b", "a)", "[a", "a\\", "{abc"] {
            assert_eq!(taken(pattern), Err(Reason::Syntax), "{pattern}");
        }
        assert_eq!(taken(&"a".repeat(MOST_PATTERN + 1)), Err(Reason::TooLarge));
    }

    #[test]
    fn bytes_stand_for_themselves() {
        assert_eq!(spelled(b"a.b \n\xFF&-"), r"a\.b \x0A\xFF\&\-");
    }
}
