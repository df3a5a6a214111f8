//! Patterns of Go's `regexp` (RE2): read once from start to end, and spelled so that the engine reads the same.
//!
//! RE2 matches characters. Where the engine runs a pattern on bytes, `.` and classes of what is not named become one
//! character or one byte beyond ASCII, so that bytes which are no UTF-8 count as characters, as they do in Go.
//! Left out: `\C`, octal escapes and whatever RE2 itself refuses.

use super::class::{class, code_point, members, push_literal};
use super::cursor::Cursor;
use super::{Refused, Translated, finished};
use crate::account::{ChangeKind, Reason};
use crate::limits::MOST_PATTERN;

/// What the engine has to read for one character that is not told more closely.
const LONE_BYTE: &str = r"[\x80-\xFF]";

/// Spells a pattern for the engine.
pub(crate) fn translate(pattern: &str) -> Result<Translated, Refused> {
    if pattern.len() > MOST_PATTERN {
        return Err(Refused::new(Reason::TooLarge, format!("the pattern has {} bytes", pattern.len())));
    }
    let mut writer = Writer {
        input: Cursor { text: pattern, at: 0 },
        out: String::new(),
        over_characters: over_characters(pattern),
        folds: false,
    };
    writer.read()?;
    let mut changes = Vec::new();
    if writer.folds && !writer.over_characters && has_folded_letters(&writer.out) {
        changes.push(ChangeKind::AsciiCase);
    }
    finished(&writer.out, changes)
}

/// Whether the pattern names characters beyond ASCII, so that the engine must read it over characters.
fn over_characters(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((_, from)) = rest.split_once('\\') {
        let Some(c) = from.chars().next() else { break };
        let beyond = match c {
            'p' | 'P' => true,
            'x' => code_point(from.get(1..).unwrap_or_default()).is_ok_and(|(code, _)| !code.is_ascii()),
            _ => false,
        };
        if beyond {
            return true;
        }
        rest = from.get(c.len_utf8()..).unwrap_or_default();
    }
    !pattern.is_ascii()
}

/// Whether it has letters that are another letter's case beyond ASCII: the long s, the sign of Kelvin.
fn has_folded_letters(pattern: &str) -> bool {
    pattern.contains(['k', 'K', 's', 'S']) || pattern.contains("a-z") || pattern.contains("A-Z")
}

struct Writer<'t> {
    input: Cursor<'t>,
    out: String,
    over_characters: bool,
    folds: bool,
}

impl Writer<'_> {
    fn read(&mut self) -> Result<(), Refused> {
        while let Some(c) = self.input.rest().chars().next() {
            match c {
                '[' => {
                    let class = class(self.input.rest())?;
                    self.input.at += class.taken;
                    self.push_set(&class.text, class.wide);
                }
                '(' => self.group()?,
                '{' => self.brace(),
                '\\' => {
                    self.input.next();
                    self.escape()?;
                }
                '.' => {
                    self.input.next();
                    self.push_set(".", true);
                }
                '}' => {
                    self.input.next();
                    self.out.push_str(r"\}");
                }
                c => {
                    self.input.next();
                    if c.is_ascii() { self.out.push(c) } else { push_literal(&mut self.out, c) }
                }
            }
        }
        Ok(())
    }

    /// A set of characters. Repeated without bounds, bytes and characters come to the same.
    fn push_set(&mut self, set: &str, wide: bool) {
        if !wide || self.over_characters || self.input.rest().starts_with(['*', '+']) {
            self.out.push_str(set);
        } else {
            self.out.push_str(&format!("(?:(?u:{set})|{LONE_BYTE})"));
        }
    }

    fn group(&mut self) -> Result<(), Refused> {
        let Some(flags) = self.input.rest().strip_prefix("(?") else {
            self.input.next();
            self.out.push('(');
            return Ok(());
        };
        if flags.starts_with("P<")
            || (flags.starts_with('<') && !flags.starts_with("<=") && !flags.starts_with("<!"))
        {
            // A group's name is of no use to the engine, and another pattern's group may have the same one.
            let name = flags
                .find('>')
                .ok_or_else(|| Refused::new(Reason::Syntax, "a group's name is not closed"))?;
            self.input.at += 2 + name + 1;
            self.out.push('(');
            return Ok(());
        }
        if flags.starts_with(['=', '!', '<']) {
            return Err(Refused::new(Reason::LookAround, "look-ahead or look-behind"));
        }
        let end =
            flags.find([':', ')']).ok_or_else(|| Refused::new(Reason::Syntax, "a group is not closed"))?;
        let set = flags.get(..end).unwrap_or_default();
        if !set.bytes().all(|flag| b"imsU-".contains(&flag)) {
            return Err(Refused::new(Reason::Dialect, format!("the flags `(?{set}`")));
        }
        self.folds |= set.split('-').next().is_some_and(|on| on.contains('i'));
        self.input.at += 2 + end + 1;
        self.out.push_str(&format!("(?{set}"));
        self.out.push(if flags.get(end..).unwrap_or_default().starts_with(':') { ':' } else { ')' });
        Ok(())
    }

    /// A brace repeats what stands before it only if there are numbers in it; otherwise it is a sign like any other.
    fn brace(&mut self) {
        let repeats =
            self.input.rest().split_once('}').map(|(inside, _)| inside.get(1..).unwrap_or_default());
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let repeats = repeats.filter(|inside| match inside.split_once(',') {
            None => number(inside),
            Some((least, most)) => number(least) && (most.is_empty() || number(most)),
        });
        match repeats {
            Some(inside) => {
                self.input.at += inside.len() + 2;
                self.out.push_str(&format!("{{{inside}}}"));
            }
            None => {
                self.input.next();
                self.out.push_str(r"\{");
            }
        }
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let c = self
            .input
            .next()
            .ok_or_else(|| Refused::new(Reason::Syntax, "the pattern ends with a backslash"))?;
        match c {
            'd' | 'w' | 's' => self.out.push_str(&format!("[{}]", members(c))),
            'D' | 'W' | 'S' => self.push_set(&format!("[^{}]", members(c)), true),
            'b' | 'B' if self.over_characters => self.out.push_str(&format!("(?-u:\\{c})")),
            'b' | 'B' | 'A' | 'z' | 'a' | 'f' | 't' | 'n' | 'r' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'p' | 'P' => self.property(c)?,
            'x' => {
                let (code, taken) = code_point(self.input.rest())?;
                self.input.at += taken;
                push_literal(&mut self.out, code);
            }
            'Q' => {
                let quoted =
                    self.input.rest().split_once("\\E").map_or(self.input.rest(), |(quoted, _)| quoted);
                self.input.at = (self.input.at + quoted.len() + 2).min(self.input.text.len());
                quoted.chars().for_each(|c| push_literal(&mut self.out, c));
            }
            c if c.is_ascii_alphanumeric() => return Err(Refused::new(Reason::Dialect, format!("`\\{c}`"))),
            c => push_literal(&mut self.out, c),
        }
        Ok(())
    }

    /// A Unicode class, always in braces: they tell the engine to read the pattern over characters.
    fn property(&mut self, sign: char) -> Result<(), Refused> {
        let wrong = || Refused::new(Reason::Syntax, "`\\p` without a name");
        let name = match self.input.rest().strip_prefix('{') {
            Some(inside) => inside.split_once('}').ok_or_else(wrong)?.0.to_owned(),
            None => self.input.rest().chars().next().ok_or_else(wrong)?.to_string(),
        };
        self.input.at += name.len() + if self.input.rest().starts_with('{') { 2 } else { 0 };
        self.out.push_str(&format!("\\{sign}{{{name}}}"));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
