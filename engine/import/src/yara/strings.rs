//! The strings of a YARA rule as patterns over bytes: texts with their modifiers, regular expressions, hex strings.
//!
//! Codings are the engine's to undo, so a text that YARA looks for in UTF-16 or base64 is looked for as it reads. Left out: keys
//! of XOR, and alphabets of base64 other than the usual one.

use regex_syntax::hir::Hir;
use yara_x_parser::ast::{HexByte, HexSubPattern, HexToken, Pattern, PatternModifier, PatternModifiers};

use crate::account::{ChangeKind, Reason};
use crate::dialect::{self, Refused, parsed, spelled};
use crate::limits::{MOST_DEPTH, MOST_PATTERN};

/// A string that the engine can look for.
#[derive(Debug, Clone)]
pub(super) struct Sayable {
    /// Its name, with the `$`.
    pub(super) name: String,
    /// The pattern, ready to stand among others.
    pub(super) regex: String,
    /// Whether no letter or digit may stand beside it.
    pub(super) fullword: bool,
    /// How it differs from the source.
    pub(super) changes: Vec<(ChangeKind, String)>,
}

impl Sayable {
    /// The pattern with what must stand beside it.
    pub(super) fn guarded(&self) -> String {
        if self.fullword { guarded(&format!("(?:{})", self.regex)) } else { self.regex.clone() }
    }

    pub(super) fn hir(&self) -> Option<Hir> {
        parsed(&self.regex).ok()
    }
}

/// A pattern that no letter or digit stands beside. YARA does not count `_` among them, so `\b` would mean another thing.
pub(super) fn guarded(regex: &str) -> String {
    format!(r"(?:\A|[^0-9A-Za-z]){regex}(?:[^0-9A-Za-z]|\z)")
}

/// A string as a pattern.
pub(super) fn sayable(pattern: &Pattern<'_>) -> Result<Sayable, Refused> {
    let modifiers = pattern.modifiers();
    let nocase = modifiers.nocase().is_some();
    let regex = match pattern {
        Pattern::Text(text) => {
            if text.text.value.is_empty() {
                return Err(Refused::new(Reason::Syntax, "an empty text"));
            }
            let spelled = spelled(&text.text.value);
            if nocase { format!("(?i:{spelled})") } else { spelled }
        }
        Pattern::Regexp(written) => {
            let regexp = &written.regexp;
            dialect::yara(regexp.src, regexp.case_insensitive || nocase, regexp.dot_matches_new_line)?.regex
        }
        Pattern::Hex(hex) => {
            let mut regex = String::new();
            of_hex(&hex.sub_patterns, &mut regex, 0)?;
            regex
        }
    };
    if regex.len() > MOST_PATTERN {
        return Err(Refused::new(Reason::TooLarge, format!("the pattern has {} bytes", regex.len())));
    }
    parsed(&regex)?;
    let name = pattern.identifier().name.to_owned();
    let changes = changes(modifiers)?.into_iter().map(|change| (change, name.clone())).collect();
    Ok(Sayable { name, regex, fullword: modifiers.fullword().is_some(), changes })
}

/// What modifiers change in a meaning; an error where they ask for what the engine does not undo.
fn changes(modifiers: &PatternModifiers<'_>) -> Result<Vec<ChangeKind>, Refused> {
    let mut all = Vec::new();
    for modifier in modifiers.iter() {
        match modifier {
            PatternModifier::Wide { .. } => all.push(ChangeKind::Wide),
            PatternModifier::Base64 { alphabet: None, .. } => all.push(ChangeKind::Base64),
            PatternModifier::Base64Wide { alphabet: None, .. } => {
                all.extend([ChangeKind::Base64, ChangeKind::Wide]);
            }
            PatternModifier::Base64 { .. } | PatternModifier::Base64Wide { .. } => {
                return Err(Refused::new(Reason::NoCounterpart, "base64 with an alphabet of its own"));
            }
            PatternModifier::Xor { start: 0, .. } => all.push(ChangeKind::Xor),
            PatternModifier::Xor { .. } => {
                return Err(Refused::new(Reason::NoCounterpart, "XOR with keys, which no view undoes"));
            }
            PatternModifier::Ascii { .. }
            | PatternModifier::Nocase { .. }
            | PatternModifier::Private { .. }
            | PatternModifier::Fullword { .. } => {}
        }
    }
    Ok(all)
}

fn of_hex(pattern: &HexSubPattern, out: &mut String, depth: usize) -> Result<(), Refused> {
    if depth > MOST_DEPTH || out.len() > MOST_PATTERN {
        return Err(Refused::new(Reason::TooLarge, "a hex string that is too long or too deep"));
    }
    for token in pattern.iter() {
        match token {
            HexToken::Byte(byte) if byte.mask == 0xFF => out.push_str(&spelled(&[byte.value])),
            HexToken::Byte(byte) if byte.mask == 0 => out.push_str("(?s:.)"),
            HexToken::Byte(byte) => out.push_str(&class(byte, true)),
            HexToken::NotByte(byte) => out.push_str(&class(byte, false)),
            HexToken::Alternative(alternative) => {
                out.push_str("(?:");
                for (number, branch) in alternative.alternatives.iter().enumerate() {
                    if number > 0 {
                        out.push('|');
                    }
                    of_hex(branch, out, depth + 1)?;
                }
                out.push(')');
            }
            HexToken::Jump(jump) => {
                let least = jump.start.unwrap_or(0);
                let most = jump.end.map_or_else(String::new, |most| most.to_string());
                if jump.end.is_some_and(|most| most < least) {
                    return Err(Refused::new(Reason::Syntax, format!("the jump {jump}")));
                }
                out.push_str(&format!("(?s:.){{{least},{most}}}?"));
            }
        }
    }
    Ok(())
}

/// The bytes that a masked byte stands for, or all others.
fn class(byte: &HexByte, within: bool) -> String {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for one in (0..=u8::MAX).filter(|one| (one & byte.mask == byte.value & byte.mask) == within) {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(one) => *end = one,
            _ => ranges.push((one, one)),
        }
    }
    let mut out = String::from("[");
    for (start, end) in ranges {
        out.push_str(&format!("\\x{start:02X}-\\x{end:02X}"));
    }
    out.push(']');
    out
}
