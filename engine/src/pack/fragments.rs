//! Named pieces of regexes: a pack spells a piece once, and its regexes say `(?&name)` where they mean it.
//!
//! Left out: recursion. A piece may use other pieces, but none may lead back to itself.

use std::collections::BTreeMap;

/// How deep pieces may use pieces.
const MAX_DEPTH: usize = 8;
/// How long a regex may become.
const MAX_LEN: usize = 1 << 20;

/// The pieces of a pack, by name.
#[derive(Debug)]
pub(super) struct Fragments<'p>(pub(super) &'p BTreeMap<String, String>);

impl Fragments<'_> {
    /// The pattern with every `(?&name)` replaced by the piece of that name, as a group of its own.
    pub(super) fn expand(&self, pattern: &str) -> Result<String, String> {
        let mut out = String::with_capacity(pattern.len() * 4);
        self.push(pattern, MAX_DEPTH, &mut out)?;
        Ok(out)
    }

    fn push(&self, pattern: &str, depth: usize, out: &mut String) -> Result<(), String> {
        let mut rest = pattern;
        while let Some((before, from)) = rest.split_once("(?&") {
            let Some((name, after)) = from.split_once(')') else {
                return Err(format!("`(?&{from}` names a fragment and is not closed"));
            };
            let Some(fragment) = self.0.get(name) else { return Err(self.unknown(name)) };
            let Some(depth) = depth.checked_sub(1) else {
                return Err(format!("fragments lead back to themselves, or nest too deep, at `(?&{name})`"));
            };
            out.push_str(before);
            out.push_str("(?:");
            self.push(fragment, depth, out)?;
            out.push(')');
            if out.len() > MAX_LEN {
                return Err(format!("with its fragments the regex is longer than {MAX_LEN} bytes"));
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if known.is_empty() {
            return format!("there is no fragment `{name}`: the pack has no `fragments`");
        }
        format!("there is no fragment `{name}`; the pack has {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(fragments: &[(&str, &str)], pattern: &str) -> Result<String, String> {
        let map = fragments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Fragments(&map).expand(pattern)
    }

    #[test]
    fn pieces_stand_for_their_text() {
        let pieces = [("gap", r"\s+"), ("all", "all|any"), ("every", "(?&all)(?&gap)of")];
        assert_eq!(
            expanded(&pieces, "ignore(?&gap)(?&every)!").expect("known"),
            r"ignore(?:\s+)(?:(?:all|any)(?:\s+)of)!"
        );
        assert_eq!(expanded(&[], "(?:a)(?i)b").expect("no pieces"), "(?:a)(?i)b");
    }

    #[test]
    fn mistakes_are_named() {
        let pieces = [("gap", r"\s+"), ("loop", "(?&loop)")];
        for (pattern, told) in
            [("(?&gab)", "gap"), ("(?&loop)", "back to themselves"), ("x(?&gap", "not closed")]
        {
            let error = expanded(&pieces, pattern).expect_err(pattern);
            assert!(error.contains(told), "{error}");
        }
    }
}
