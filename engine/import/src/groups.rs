//! Which group of a pattern is the secret, where the source takes the first that is not empty.
//!
//! The engine takes one group by its number. Where each match sets the first group, that is the one. Where the pattern is a
//! choice at its top and each branch sets its own, the rule becomes one for each branch.

use regex_syntax::ast::{Ast, parse::Parser};
use regex_syntax::hir::{Hir, HirKind};

use crate::account::Reason;
use crate::dialect::{Refused, parsed};

/// Where the secret stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// In this group; 0 is the whole match.
    Group(usize),
    /// In one group of each of these patterns, of which one matches wherever the whole does.
    Branches(Vec<(String, usize)>),
    /// In no group that can be told.
    Whole,
}

/// Finds the secret's group; `named` is the number that the source states, 0 if it states none.
pub(crate) fn secret_of(regex: &str, named: usize) -> Result<Secret, Refused> {
    let hir = parsed(regex)?;
    let groups = hir.properties().explicit_captures_len();
    if named > groups {
        return Err(Refused {
            reason: Reason::Syntax,
            detail: format!("group {named} is the secret, and the pattern has {groups}"),
        });
    }
    if named > 0 || groups == 0 {
        return Ok(Secret::Group(named));
    }
    if groups == 1 || is_always_set(&hir, 1) {
        return Ok(Secret::Group(1));
    }
    Ok(branches(regex).map_or(Secret::Whole, Secret::Branches))
}

/// The group that Kingfisher takes: that named TOKEN, else the first with a name, else the first; 0 where there is none.
pub(crate) fn kingfishers_secret(hir: &Hir) -> usize {
    let mut named = Vec::new();
    names(hir, &mut named);
    let token = named.iter().find(|(_, name)| name.eq_ignore_ascii_case("token"));
    match token.or(named.first()) {
        Some((group, _)) => *group,
        None => hir.properties().explicit_captures_len().min(1),
    }
}

/// Whether a pattern has several groups, or one with a name.
pub(crate) fn has_parts(hir: &Hir) -> bool {
    let mut named = Vec::new();
    names(hir, &mut named);
    !named.is_empty() || hir.properties().explicit_captures_len() > 1
}

/// The groups that have names, in the order in which they open.
fn names(hir: &Hir, named: &mut Vec<(usize, String)>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            if let (Some(name), Ok(group)) = (&capture.name, usize::try_from(capture.index)) {
                named.push((group, name.to_string()));
            }
            names(&capture.sub, named);
        }
        HirKind::Repetition(repetition) => names(&repetition.sub, named),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                names(part, named);
            }
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// Whether each match sets a group, and to more than nothing.
fn is_always_set(hir: &Hir, group: u32) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) if capture.index == group => {
            hir.properties().minimum_len().is_some_and(|least| least > 0)
        }
        HirKind::Capture(capture) => is_always_set(&capture.sub, group),
        HirKind::Concat(parts) => parts.iter().any(|part| is_always_set(part, group)),
        HirKind::Repetition(repetition) => repetition.min > 0 && is_always_set(&repetition.sub, group),
        _ => false,
    }
}

/// The branches of a choice at the top of a pattern, each with its flags, if each always sets its first group.
fn branches(regex: &str) -> Option<Vec<(String, usize)>> {
    let parsed_whole = Parser::new().parse(regex).ok()?;
    let Ast::Alternation(choice) = &parsed_whole else { return None };
    let first = choice.asts.first()?;
    // Flags of the first branch hold in the others too.
    let flags = match first {
        Ast::Flags(flags) => Some(flags.span),
        Ast::Concat(parts) => match parts.asts.first() {
            Some(Ast::Flags(flags)) => Some(flags.span),
            _ => None,
        },
        _ => None,
    };
    let flags = flags.and_then(|span| regex.get(span.start.offset..span.end.offset)).unwrap_or_default();
    let mut all = Vec::new();
    for (number, branch) in choice.asts.iter().enumerate() {
        let text = regex.get(branch.span().start.offset..branch.span().end.offset)?;
        let text = if number == 0 { text.to_owned() } else { format!("{flags}{text}") };
        let hir = parsed(&text).ok()?;
        let groups = hir.properties().explicit_captures_len();
        match groups {
            0 => all.push((text, 0)),
            _ if groups == 1 || is_always_set(&hir, 1) => all.push((text, 1)),
            _ => return None,
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_that_is_always_set_is_the_secret() {
        assert_eq!(secret_of("abc", 0).unwrap(), Secret::Group(0));
        assert_eq!(secret_of("a(b)c", 0).unwrap(), Secret::Group(1));
        assert_eq!(secret_of("a(b(c)?)", 0).unwrap(), Secret::Group(1));
        assert_eq!(secret_of("a(b)(c)", 2).unwrap(), Secret::Group(2));
        assert_eq!(secret_of("(?:(a)|(b))c", 0).unwrap(), Secret::Whole);
        assert_eq!(secret_of("(a)?(b)", 0).unwrap(), Secret::Whole);
        assert!(secret_of("(a)", 2).is_err());
    }

    #[test]
    fn kingfisher_prefers_a_group_with_a_name() {
        let of = |regex: &str| {
            let hir = parsed(regex).unwrap();
            (kingfishers_secret(&hir), has_parts(&hir))
        };
        assert_eq!(of("abc"), (0, false));
        assert_eq!(of("a(b)c"), (1, false));
        assert_eq!(of("(a)(b)"), (1, true));
        assert_eq!(of("(a)(?P<x>b)(?:(?P<y>c)|d)"), (2, true));
        assert_eq!(of("(?P<x>a(?P<Token>b))"), (2, true));
        assert_eq!(of("(?P<x>a)"), (1, true));
    }

    #[test]
    fn branches_at_the_top_become_patterns_of_their_own() {
        let split = Secret::Branches(vec![
            ("(?i)x(a)".to_owned(), 1),
            ("(?i)y(b)(c)".to_owned(), 1),
            ("(?i)z".to_owned(), 0),
        ]);
        assert_eq!(secret_of("(?i)x(a)|y(b)(c)|z", 0).unwrap(), split);
    }
}
