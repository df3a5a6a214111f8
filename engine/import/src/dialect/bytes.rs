//! Patterns of Rust's `regex` over bytes without Unicode, as Kingfisher and Nosey Parker run them: the engine's own
//! dialect. Comments in the form that these tools cut out are cut out.

use std::sync::LazyLock;

use regex_automata::meta::Regex;

use super::{Refused, Translated, finished, is_unicode};
use crate::account::Reason;
use crate::limits::MOST_PATTERN;

/// What Kingfisher takes for a comment of Vectorscan.
static COMMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)(\(\?#[^)]*\))|(\s\#[\sa-zA-Z]*$)").ok());

/// Takes a pattern over.
pub(crate) fn translate(pattern: &str) -> Result<Translated, Refused> {
    if pattern.len() > MOST_PATTERN {
        return Err(Refused::new(Reason::TooLarge, format!("the pattern has {} bytes", pattern.len())));
    }
    let mut regex = String::with_capacity(pattern.len());
    let mut from = 0;
    for comment in COMMENT.iter().flat_map(|comment| comment.find_iter(pattern)) {
        regex.push_str(pattern.get(from..comment.start()).unwrap_or_default());
        from = comment.end();
    }
    regex.push_str(pattern.get(from..).unwrap_or_default());
    let regex = if ignores_spaces(&regex) { regex.trim_end() } else { regex.as_str() };
    for look in ["(?=", "(?!", "(?<=", "(?<!"] {
        if regex.contains(look) && !regex.contains(&format!("\\{look}")) {
            return Err(Refused::new(Reason::LookAround, "look-ahead or look-behind"));
        }
    }
    if is_unicode(regex) {
        return Err(Refused::new(
            Reason::Dialect,
            "letters beyond ASCII, which the engine reads over characters",
        ));
    }
    finished(regex, Vec::new())
}

/// Whether the whole pattern is in the mode in which spaces mean nothing.
fn ignores_spaces(pattern: &str) -> bool {
    let flags = pattern.trim_start().strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    flags.is_some_and(|(flags, _)| flags.bytes().all(|flag| flag.is_ascii_lowercase()) && flags.contains('x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_the_rest_stays() {
        let taken = |pattern: &str| translate(pattern).map(|translated| translated.regex);
        assert_eq!(taken("(?x)\na  # the first\n[b]\n").unwrap(), "(?x)\na \n[b]");
        assert_eq!(taken("a(?# one)b").unwrap(), "ab");
        assert_eq!(taken("a(?=b)").unwrap_err().reason, Reason::LookAround);
        assert_eq!(taken("é+").unwrap_err().reason, Reason::Dialect);
        assert_eq!(taken("a(").unwrap_err().reason, Reason::Syntax);
    }
}
