//! Where a part of a field's value stands in the pack's file: the file is read a second time for the places of values,
//! and the value is laid beside the text that spells it.
//!
//! Left out: anchors and tags of YAML. Where value and text cannot be laid side by side, the value's start is told.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::super::load::{PackError, PackText, misshapen};
use crate::yaml;

/// The values of a pack's file that have parts, with their places; everything else is passed over.
#[derive(Debug, Deserialize)]
pub(super) struct PlacedPack {
    #[serde(default)]
    pub(super) fragments: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) rules: Vec<PlacedRule>,
}

/// The same of a rule.
#[derive(Debug, Deserialize)]
pub(super) struct PlacedRule {
    pub(super) id: Spanned<String>,
    pub(super) regex: Spanned<String>,
    pub(super) case: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) allow: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) examples: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) validators: Vec<Spanned<String>>,
    pub(super) entropy: Option<Spanned<f32>>,
    pub(super) least: Option<Spanned<f32>>,
    #[serde(default)]
    pub(super) near: Vec<PlacedFeature>,
}

/// The same of a feature.
#[derive(Debug, Deserialize)]
pub(super) struct PlacedFeature {
    #[serde(default)]
    pub(super) any: Vec<Spanned<String>>,
    pub(super) regex: Option<Spanned<String>>,
}

impl PlacedFeature {
    /// What it looks for.
    pub(super) fn looks_for(&self) -> Option<&Spanned<String>> {
        self.regex.as_ref().or(self.any.first())
    }
}

impl PlacedPack {
    /// Reads the places of a pack's values.
    pub(super) fn read(source: &PackText) -> Result<Self, PackError> {
        yaml::read(&source.text).map_err(|misread| misshapen(source, misread))
    }
}

/// Line and column of a value's start.
pub(super) fn start(at: Location) -> (u64, u64) {
    (at.line(), at.column())
}

/// Line and column of the byte `offset` of a value that starts there in the file.
pub(super) fn within(file: &str, value: &Spanned<String>, offset: usize) -> (u64, u64) {
    let at = value.defined;
    let before = value.value.get(..offset).unwrap_or_default();
    let place = from(file, at).and_then(|raw| Some((raw, spelled(raw, before)?)));
    let Some((raw, passed)) = place else { return start(at) };
    let passed = raw.get(..passed).unwrap_or_default();
    match passed.rsplit_once('\n') {
        None => (at.line(), at.column() + passed.chars().count() as u64),
        Some((lines, last)) => {
            let further = 1 + lines.matches('\n').count() as u64;
            (at.line() + further, 1 + last.chars().count() as u64)
        }
    }
}

/// The file from a place on.
fn from(file: &str, at: Location) -> Option<&str> {
    let line = usize::try_from(at.line()).ok()?.checked_sub(1)?;
    let skipped: usize = file.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = file.get(skipped..)?;
    let column = usize::try_from(at.column()).ok()?.checked_sub(1)?;
    let (byte, _) = rest.char_indices().nth(column)?;
    rest.get(byte..)
}

/// How many bytes of the text spell the beginning of a value.
fn spelled(raw: &str, value: &str) -> Option<usize> {
    let mut rest = match raw.chars().next()? {
        '\'' | '"' => raw.get(1..)?,
        '|' | '>' => raw.split_once('\n')?.1.trim_start_matches(' '),
        _ => raw,
    };
    let style = raw.chars().next()?;
    for c in value.chars() {
        rest = match style {
            '"' => unescaped(rest, c)?,
            '\'' if rest.starts_with("''") => rest.get(2..)?,
            _ => folded(rest, c)?,
        };
    }
    // A line that goes on is told where it goes on.
    if style != '"' && rest.starts_with('\n') {
        rest = rest.trim_start();
    }
    Some(raw.len() - rest.len())
}

/// The text after one character, which may be the end of a line and the indentation of the next.
fn folded(rest: &str, c: char) -> Option<&str> {
    if let Some(after) = rest.strip_prefix(c) {
        return Some(if c == '\n' { after.trim_start_matches(' ') } else { after });
    }
    (c.is_whitespace() && rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// The same between double quotes.
fn unescaped(rest: &str, c: char) -> Option<&str> {
    let Some(escape) = rest.strip_prefix('\\') else { return folded(rest, c) };
    let kind = escape.chars().next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\n' => return unescaped(escape.trim_start(), c),
        _ => 0,
    };
    escape.get(kind.len_utf8() + digits..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of the file from where the part stands.
    fn found<'f>(file: &'f str, part: &str) -> &'f str {
        #[derive(Deserialize)]
        struct Holder {
            regex: Spanned<String>,
        }
        let value: Holder = serde_saphyr::from_str(file).expect("well formed");
        let offset = value.regex.value.find(part).expect("the value holds it");
        let (line, column) = within(file, &value.regex, offset);
        let line = file.lines().nth(usize::try_from(line).expect("small") - 1).expect("a line");
        let column = usize::try_from(column).expect("small") - 1;
        line.char_indices().nth(column).and_then(|(byte, _)| line.get(byte..)).unwrap_or_default()
    }

    #[test]
    fn parts_are_found_however_the_value_is_spelled() {
        for file in [
            "a: 1\nregex: aébc[x]def\n",
            "regex: 'a''b''c[x]def'\n",
            "  \nregex:   \"a\\x41\\\"\\u00e9c[x]def\"\n",
            "regex: |\n  abc\n  c[x]def\n",
            "regex: >-\n    abc\n    c[x]def\n",
            "regex: >-\n    abc\n    [x]def\n",
            "regex: 'abc\n   [x]def'\n",
        ] {
            assert!(found(file, "[x]").starts_with("[x]def"), "{file}: {}", found(file, "[x]"));
        }
    }
}
