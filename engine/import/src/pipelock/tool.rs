//! Rules on tool calls: a pattern for the tool's name and one for its arguments, as one rule on arguments with the name near.

use coldcase_model::{Category, Surface};
use regex_syntax::hir::Look;

use crate::account::{ChangeKind, Reason};
use crate::dialect::{Refused, parsed, re2};
use crate::draft::{Draft, Drafts, FARTHEST, Near};
use crate::sample::sample;

/// A rule of a tool policy.
pub(super) struct ToolRule<'a> {
    pub(super) of: usize,
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) tool: &'a str,
    pub(super) argument: Option<&'a str>,
    pub(super) key: Option<&'a str>,
}

/// Makes a draft of a rule, or leaves it out.
pub(super) fn take(drafts: &mut Drafts, rule: &ToolRule<'_>) {
    let of = rule.of;
    let tool = match re2(rule.tool) {
        Ok(translated) => translated.regex,
        Err(refused) => return drafts.refuse(of, refused),
    };
    let Some(argument) = rule.argument.filter(|argument| !argument.is_empty()) else {
        let mut draft = draft(rule, tool);
        draft.surfaces = vec![Surface::ToolName];
        within_words(drafts, &mut draft);
        drafts.drafts.push(draft);
        return;
    };
    let (argument, name) = match (re2(argument), member(&tool)) {
        (Ok(argument), Ok(name)) => (argument, name),
        (Err(refused), _) | (_, Err(refused)) => return drafts.refuse(of, refused),
    };
    for change in argument.changes {
        drafts.change(of, change, "");
    }
    let mut draft = draft(rule, argument.regex);
    draft.surfaces = vec![Surface::ToolArgument];
    if has_edges(&draft.regex) {
        drafts.change(of, ChangeKind::Edges, "");
    }
    drafts.change(of, ChangeKind::ToolName, "");
    if rule.key.is_some_and(|key| !key.is_empty()) {
        drafts.change(of, ChangeKind::ArgumentKey, rule.key.unwrap_or_default());
    }
    // A text that is made must have such a name beside it.
    draft.company.extend(parsed(&name).ok().and_then(|hir| sample(&hir, &draft.id, 0)));
    draft.near.push(Near { any: Vec::new(), regex: Some(name), within: FARTHEST, weight: None });
    drafts.drafts.push(draft);
}

fn draft(rule: &ToolRule<'_>, regex: String) -> Draft {
    let mut draft = Draft::new(rule.of, rule.id.clone(), rule.name, regex);
    draft.category = Category::ToolPolicy;
    draft.direction = "egress";
    draft
}

/// Whether a pattern asks for the start or end of the text.
fn has_edges(regex: &str) -> bool {
    parsed(regex).is_ok_and(|hir| {
        let looks = hir.properties().look_set();
        [Look::Start, Look::End, Look::StartLF, Look::EndLF].into_iter().any(|look| looks.contains(look))
    })
}

/// A pattern of a whole name, without the edges that it starts and ends with, and which of them it had.
fn without_edges(regex: &str) -> Result<(String, [bool; 2]), Refused> {
    let (flags, rest) = match regex.strip_prefix("(?i)") {
        Some(rest) => ("(?i)", rest),
        None => ("", regex),
    };
    let start = rest.strip_prefix('^');
    let rest = start.unwrap_or(rest);
    // An escaped dollar is a sign.
    let end = rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let body = format!("{flags}{}", end.unwrap_or(rest));
    if has_edges(&body) || parsed(&body).is_err() {
        return Err(Refused {
            reason: Reason::NoCounterpart,
            detail: "the pattern of the name asks for the name's edges within it".to_owned(),
        });
    }
    Ok((body, [start.is_some(), end.is_some()]))
}

/// The pattern of a JSON member `name` that a pattern of the tool's name fits.
fn member(tool: &str) -> Result<String, Refused> {
    let (body, [start, end]) = without_edges(tool)?;
    let gap = |is_edge: bool| if is_edge { "" } else { r#"[^"]*"# };
    Ok(format!(r#""name"\s*:\s*"{}(?:{body}){}""#, gap(start), gap(end)))
}

/// Puts words' edges in the place of a name's, in a rule that looks at names themselves.
pub(super) fn within_words(drafts: &mut Drafts, draft: &mut Draft) {
    if !has_edges(&draft.regex) {
        return;
    }
    match without_edges(&draft.regex) {
        Ok((body, [start, end])) => {
            let edge = |is_edge: bool| if is_edge { r"\b" } else { "" };
            draft.regex = format!("{}(?:{body}){}", edge(start), edge(end));
            drafts.change(draft.of, ChangeKind::Edges, "");
        }
        // It stays as it is, over the event's edges: it finds too little rather than something else.
        Err(_) => drafts.change(draft.of, ChangeKind::Edges, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_as_a_member() {
        assert_eq!(member("(?i)^(a|b)$").unwrap(), r#""name"\s*:\s*"(?:(?i)(a|b))""#);
        assert_eq!(member("shell").unwrap(), r#""name"\s*:\s*"[^"]*(?:shell)[^"]*""#);
        assert!(member("^a$|^b$").is_err());
        assert_eq!(member(r"a\$").unwrap(), r#""name"\s*:\s*"[^"]*(?:a\$)[^"]*""#);
    }
}
