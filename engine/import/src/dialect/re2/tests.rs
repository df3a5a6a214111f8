//! What RE2 says and what the engine is told, pattern by pattern.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::super::is_unicode;
use super::*;

fn regex(pattern: &str) -> String {
    translate(pattern).map_or_else(|refused| format!("{refused:?}"), |translated| translated.regex)
}

/// Where a pattern of RE2 matches a text, as the engine would find it.
fn found(pattern: &str, text: &[u8]) -> Option<(usize, usize)> {
    let translated = translate(pattern).unwrap();
    let syntax = syntax::Config::new().utf8(false).unicode(is_unicode(&translated.regex));
    let config = Regex::config().utf8_empty(false);
    let regex = Regex::builder().syntax(syntax).configure(config).build(&translated.regex).unwrap();
    regex.find(text).map(|found| (found.start(), found.end()))
}

#[test]
fn what_both_read_alike_is_left_as_it_is() {
    for same in [r"gh[pousr]_[0-9A-Za-z]{36}", r"(?i)\b(?:a|b)+?(c)\z", r"^x.*y+$", r"[^a]*[[:alpha:]]"] {
        assert_eq!(regex(same), same);
    }
}

#[test]
fn what_they_read_otherwise_is_spelled_out() {
    assert_eq!(regex(r"\d\s"), r"[0-9][\t\n\f\r ]");
    assert_eq!(regex(r"^\$(?:\d+|{\d+})$"), r"^\$(?:[0-9]+|\{[0-9]+\})$");
    assert_eq!(regex(r"[[&&~]"), r"[\[\&\&\~]");
    assert_eq!(regex(r"[^]\-\w]x{2,}"), r"(?:(?u:[^\]\-0-9A-Za-z_])|[\x80-\xFF])x{2,}");
    assert_eq!(regex(r"\<a\_\x60\>"), r"<a_`>");
    assert_eq!(regex(r"(?P<name>a)\Q.*\E"), r"(a)\.\*");
    assert_eq!(regex(r"\(?&x"), r"\(?\&x");
    assert_eq!(regex(r"\pL\s"), r"\p{L}[\t\n\f\r ]");
    assert_eq!(regex("忘\\b\u{2019}"), "忘(?-u:\\b)\\x{2019}");
}

#[test]
fn what_the_engine_cannot_say_is_refused() {
    for (pattern, reason) in [
        (r"a(?=b)", Reason::LookAround),
        (r"a(?<!b)", Reason::LookAround),
        (r"(?x)a", Reason::Dialect),
        (r"\1", Reason::Dialect),
        (r"\C", Reason::Dialect),
        (r"[a--]", Reason::Dialect),
        (r"(a", Reason::Syntax),
        (r"[a", Reason::Syntax),
        ("\\", Reason::Syntax),
    ] {
        let told = translate(pattern).map(|translated| translated.regex).map_err(|refused| refused.reason);
        assert_eq!(told, Err(reason), "{pattern}");
    }
    assert_eq!(translate(&"a".repeat(MOST_PATTERN + 1)).unwrap_err().reason, Reason::TooLarge);
}

#[test]
fn gaps_count_characters_and_not_bytes() {
    assert_eq!(found("a.b", "aéb".as_bytes()), Some((0, 4)));
    assert_eq!(found("a.{0,2}b", "aééb".as_bytes()), Some((0, 6)));
    assert_eq!(found("a.{0,2}b", "aéééb".as_bytes()), None, "three characters");
    assert_eq!(found("a[^x]{2}b", "aéôb".as_bytes()), Some((0, 6)));
    assert_eq!(found("a.b", b"a\xFFb"), Some((0, 3)), "a byte that is no character counts as one");
    assert_eq!(found("(?s)a.b", b"a\nb"), Some((0, 3)));
    assert_eq!(found("a.b", b"a\nb"), None);
    assert_eq!(found(r"a\sb", b"a\x0Bb"), None, "RE2 has no vertical tab among spaces");
    assert_eq!(found(r"(?i)忽\s", "忽\u{a0}".as_bytes()), None, "nor spaces beyond ASCII");
}

#[test]
fn letters_whose_other_case_is_beyond_ascii_are_a_change() {
    assert_eq!(translate("(?i)key").unwrap().changes, [ChangeKind::AsciiCase]);
    assert_eq!(translate("(?i)fed").unwrap().changes, []);
    assert_eq!(translate("key").unwrap().changes, []);
    assert_eq!(translate("(?i)key忘").unwrap().changes, [], "over characters there is no such corner");
}
