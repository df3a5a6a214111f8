//! A character class of RE2, read to its end and spelled for the engine.
//!
//! The engine's classes know more than RE2's: classes within classes and operations on them. What would be read as one
//! of these is escaped.

use super::Refused;
use super::cursor::Cursor;
use crate::account::Reason;

/// A class in the engine's spelling.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) text: String,
    /// Whether it may hold characters beyond ASCII.
    pub(super) wide: bool,
    /// How many bytes of the pattern it took, the brackets with it.
    pub(super) taken: usize,
}

/// The ASCII members of a class that is named by a letter.
pub(super) fn members(letter: char) -> &'static str {
    match letter.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        // RE2 leaves out the vertical tab.
        _ => r"\t\n\f\r ",
    }
}

/// Reads the class that `text` starts with.
pub(super) fn class(text: &str) -> Result<Class, Refused> {
    let mut reader = Reader { input: Cursor { text, at: 1 }, out: "[".to_owned(), wide: false };
    reader.read()?;
    Ok(Class { text: reader.out, wide: reader.wide, taken: reader.input.at })
}

struct Reader<'t> {
    input: Cursor<'t>,
    out: String,
    wide: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Refused> {
        if self.input.rest().starts_with('^') {
            self.input.next();
            self.out.push('^');
            self.wide = true;
        }
        let first = self.input.at;
        loop {
            if self.input.rest().starts_with("[:") && self.posix() {
                continue;
            }
            let is_first = self.input.at == first;
            let unclosed = || Refused::new(Reason::Syntax, "a character class is not closed");
            match self.input.next().ok_or_else(unclosed)? {
                ']' if !is_first => {
                    self.out.push(']');
                    return Ok(());
                }
                ']' => self.out.push_str(r"\]"),
                '\\' => self.escape()?,
                '-' if self.input.rest().starts_with('-') => {
                    return Err(Refused::new(Reason::Dialect, "`--` in a character class"));
                }
                c @ ('[' | '&' | '~') => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c => {
                    self.wide |= !c.is_ascii();
                    self.out.push(c);
                }
            }
        }
    }

    /// A class by its POSIX name, which the engine spells the same.
    fn posix(&mut self) -> bool {
        let Some(end) = self.input.rest().find(":]") else { return false };
        let name = self.input.rest().get(2..end).unwrap_or_default().to_owned();
        let is_name = name.trim_start_matches('^').bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_name || name.is_empty() {
            return false;
        }
        self.wide |= name.starts_with('^');
        let whole = format!("[:{name}:]");
        self.input.at += whole.len();
        self.out.push_str(&whole);
        true
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let unclosed = || Refused::new(Reason::Syntax, "a character class is not closed");
        match self.input.next().ok_or_else(unclosed)? {
            c @ ('d' | 'w' | 's') => self.out.push_str(members(c)),
            c @ ('D' | 'W' | 'S') => {
                self.wide = true;
                self.out.push_str(&format!("[^{}]", members(c)));
            }
            c @ ('p' | 'P') => {
                self.wide = true;
                self.out.push('\\');
                self.out.push(c);
            }
            'x' => {
                let (code, taken) = code_point(self.input.rest())?;
                self.input.at += taken;
                self.member(code);
            }
            c @ ('a' | 'f' | 't' | 'n' | 'r' | 'v') => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if c.is_ascii_alphanumeric() => {
                return Err(Refused::new(Reason::Dialect, format!("`\\{c}` in a character class")));
            }
            c => self.member(c),
        }
        Ok(())
    }

    /// One character, as itself.
    fn member(&mut self, c: char) {
        self.wide |= !c.is_ascii();
        push_literal(&mut self.out, c);
    }
}

/// Writes a character so that it stands for itself.
pub(super) fn push_literal(out: &mut String, c: char) {
    match c {
        c if c.is_ascii_graphic() && regex_syntax::is_meta_character(c) => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => out.push(c),
        // The form with braces makes the engine read the whole pattern over characters.
        c if c.is_ascii() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
        c => out.push_str(&format!("\\x{{{:X}}}", u32::from(c))),
    }
}

/// The character of `\xHH` or `\x{…}`, from behind the `x`, and how many bytes it took.
pub(super) fn code_point(text: &str) -> Result<(char, usize), Refused> {
    let wrong = || Refused::new(Reason::Syntax, "`\\x` without a code point");
    let (digits, taken) = match text.strip_prefix('{') {
        Some(inside) => {
            let digits = inside.split_once('}').ok_or_else(wrong)?.0;
            (digits, digits.len() + 2)
        }
        None => (text.get(..2).ok_or_else(wrong)?, 2),
    };
    let code = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    Ok((char::from_u32(code).ok_or_else(wrong)?, taken))
}
