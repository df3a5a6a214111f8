//! A pack as YAML that a person reads on: each rule with where it comes from and what is different.

use crate::account::{Outcome, RuleAccount, TextOrigin};
use crate::draft::{ChainDraft, Draft, Near, StepDraft};
use coldcase_model::Category;

/// What stands at the top of a pack.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) pack: String,
    pub(crate) version: String,
    pub(crate) title: String,
    /// Lines of comment.
    pub(crate) comment: Vec<String>,
    pub(crate) fragments: Vec<(String, String)>,
}

/// The texts that hold a rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(crate) matches: Vec<String>,
    pub(crate) no_matches: Vec<String>,
}

/// The YAML of a pack. Where accounts are given, a comment before each rule tells its own.
pub(crate) fn pack(
    head: &Head,
    rules: &[(&Draft, Texts)],
    chains: &[ChainDraft],
    accounts: Option<&[RuleAccount]>,
) -> String {
    let mut out = String::new();
    for line in &head.comment {
        comment(&mut out, "", line);
    }
    out.push_str(&format!(
        "pack: {}\nversion: {}\ntitle: {}\n",
        scalar(&head.pack, 0),
        scalar(&head.version, 0),
        scalar(&head.title, 0)
    ));
    if !head.fragments.is_empty() {
        out.push_str("fragments:\n");
        for (name, text) in &head.fragments {
            out.push_str(&format!("  {name}: {}\n", scalar(text, 4)));
        }
    }
    if !rules.is_empty() || chains.is_empty() {
        out.push_str("rules:\n");
    }
    for (draft, texts) in rules {
        if let Some(account) = accounts.and_then(|accounts| accounts.get(draft.of)) {
            origin(&mut out, account);
        }
        rule(&mut out, draft, texts);
    }
    if !chains.is_empty() {
        out.push_str("chains:\n");
    }
    for draft in chains {
        if let Some(account) = accounts.and_then(|accounts| accounts.get(draft.of)) {
            origin(&mut out, account);
        }
        chain(&mut out, draft);
    }
    out
}

fn origin(out: &mut String, account: &RuleAccount) {
    let texts = match account.texts {
        Some(TextOrigin::Source) => " Texts: the source's own.",
        Some(TextOrigin::Generated) => " Texts: made from the pattern and checked.",
        None => "",
    };
    let place = &account.place;
    comment(out, "  ", &format!("{}, line {}: {}.{texts}", place.file, place.line, account.rule));
    if account.outcome == Outcome::Changed {
        let codes: Vec<String> = account
            .changes
            .iter()
            .map(|change| match change.detail.as_str() {
                "" => change.change.code().to_owned(),
                detail => format!("{} ({detail})", change.change.code()),
            })
            .collect();
        comment(out, "  ", &format!("Changed: {}.", codes.join(", ")));
    }
}

/// A line of comment: nothing in it may end it.
fn comment(out: &mut String, indent: &str, text: &str) {
    let text: String = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    out.push_str(&format!("{indent}# {text}\n"));
}

fn rule(out: &mut String, draft: &Draft, texts: &Texts) {
    out.push_str(&format!("  - id: {}\n", draft.id));
    let mut field = |name: &str, value: String| {
        // A list stands below its name.
        let gap = if value.starts_with('\n') { "" } else { " " };
        out.push_str(&format!("    {name}:{gap}{value}\n"));
    };
    field("title", scalar(&draft.title, 6));
    field("gain", scalar(draft.gain.unwrap_or_else(|| gain(draft.category)), 6));
    field("category", draft.category.as_str().to_owned());
    field("severity", draft.severity.as_str().to_owned());
    field("confidence", draft.confidence.to_string());
    field("added", "imported".to_owned());
    if let Some(reference) = &draft.reference {
        field("source", scalar(reference, 6));
    }
    if !draft.surfaces.is_empty() {
        let names: Vec<&str> = draft.surfaces.iter().map(|surface| surface.as_str()).collect();
        field("surfaces", format!("[{}]", names.join(", ")));
    }
    if draft.direction != "any" {
        field("direction", draft.direction.to_owned());
    }
    field("regex", scalar(&draft.regex, 6));
    if !draft.literals.is_empty() {
        let texts: Vec<String> = draft.literals.iter().map(|text| quoted(text)).collect();
        field("literals", format!("[{}]", texts.join(", ")));
    }
    if draft.secret > 0 {
        field("secret", draft.secret.to_string());
    }
    if let Some(entropy) = draft.entropy {
        field("entropy", entropy.to_string());
    }
    if !draft.validators.is_empty() {
        field("validators", format!("[{}]", draft.validators.join(", ")));
    }
    if !draft.near.is_empty() {
        field("near", draft.near.iter().map(|near| format!("\n      - {}", feature(near))).collect());
    }
    if draft.least > 0.0 {
        field("least", draft.least.to_string());
    }
    let mut list = |name: &str, texts: &[String]| {
        let lines = texts.iter().map(|text| format!("\n      - {}", scalar(text, 8)));
        if !texts.is_empty() {
            field(name, lines.collect());
        }
    };
    list("allow", &draft.allow);
    field("references", references(draft.category).to_owned());
    let mut list = |name: &str, texts: &[String]| {
        field(name, texts.iter().map(|text| format!("\n      - {}", scalar(text, 8))).collect());
    };
    list("match", &texts.matches.iter().map(|text| in_halves(text)).collect::<Vec<_>>());
    list("no_match", &texts.no_matches.iter().map(|text| in_halves(text)).collect::<Vec<_>>());
}

fn chain(out: &mut String, draft: &ChainDraft) {
    let ChainDraft { id, title, severity, events, seconds, steps, .. } = draft;
    out.push_str(&format!(
        "  - id: {id}\n    title: {}\n    gain: 'Calls that are harmless one by one come to an attack together.'\n    \
         severity: {}\n    confidence: 0.5\n    references: {{owasp: ['LLM06:2025']}}\n    events: {events}\n    \
         seconds: {seconds}\n    steps:\n",
        scalar(title, 6),
        severity.as_str(),
    ));
    for StepDraft { any, not } in steps {
        let not = if not.is_empty() { String::new() } else { format!(", not: [{}]", not.join(", ")) };
        out.push_str(&format!("      - {{any: [{}]{not}}}\n", any.join(", ")));
    }
}

fn feature(near: &Near) -> String {
    let what = match &near.regex {
        Some(regex) => format!("regex: {}", quoted(regex)),
        None => {
            let words: Vec<String> = near.any.iter().map(|word| quoted(word)).collect();
            format!("any: [{}]", words.join(", "))
        }
    };
    let weight = near.weight.map_or_else(String::new, |weight| format!(", weight: {weight}"));
    format!("{{{what}, within: {}{weight}}}", near.within)
}

fn gain(category: Category) -> &'static str {
    match category {
        Category::Dlp => "Whoever reads the value can use it in its owner's place.",
        Category::ToolPoison => "A tool's definition orders the model about.",
        Category::ToolPolicy => "A tool does what the owner of the machine does not want done.",
        _ => "Text from outside orders the model about.",
    }
}

fn references(category: Category) -> &'static str {
    match category {
        Category::Dlp => "{owasp: ['LLM02:2025'], cwe: [CWE-798]}",
        Category::ToolPoison => "{owasp: ['LLM01:2025'], atlas: [AML.T0051.001]}",
        Category::ToolPolicy => "{owasp: ['LLM06:2025'], cwe: [CWE-78]}",
        _ => "{owasp: ['LLM01:2025'], atlas: [AML.T0051.001], cwe: [CWE-77]}",
    }
}

/// A test text in two halves, so that no file holds a whole credential.
fn in_halves(text: &str) -> String {
    let longest = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .max_by_key(|run| run.len())
        .filter(|run| run.len() >= 8)
        .unwrap_or_default();
    let Some(at) = text.find(longest).filter(|_| !longest.is_empty()) else { return text.to_owned() };
    let middle = at + longest.len() / 2;
    let (head, tail) = text.split_at_checked(middle).unwrap_or((text, ""));
    format!("{head}{{+}}{tail}")
}

/// A string as a YAML scalar: in single quotes, over several lines as a block, or escaped.
fn scalar(text: &str, indent: usize) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_block = indent > 0
        && lines.len() > 1
        && !text.starts_with([' ', '\n'])
        && lines.iter().all(|line| line.chars().all(is_plain) && !line.ends_with(' '))
        && lines.last().is_some_and(|last| !last.is_empty());
    if is_block {
        let pad = " ".repeat(indent);
        return lines.iter().fold("|-".to_owned(), |block, line| match *line {
            "" => block + "\n",
            line => format!("{block}\n{pad}{line}"),
        });
    }
    quoted(text)
}

/// A string on one line.
fn quoted(text: &str) -> String {
    if text.chars().all(is_plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_plain(c) => out.push(c),
            c if u32::from(c) <= 0xFFFF => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// What YAML takes as it stands and a terminal shows as it is.
fn is_plain(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_back_as_they_were() {
        for text in [
            "plain",
            "it's",
            "a: b # c",
            "a\nb",
            "a\n\n  b",
            " a\nb",
            "a\nb\n",
            "tab\tand\u{1b}",
            "\u{202e}x\u{10FFFF}",
            "忽略 \\d{2}",
            "- x",
            "",
            "a \nb",
            "\"q\" \\ '",
            "|-",
            "{+}",
            "a\u{85}b\u{2028}c",
            "~",
        ] {
            for indent in [0, 6] {
                let yaml = format!("x:\n    t: {}\n    u: v\n", scalar(text, indent));
                let read: std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>> =
                    serde_saphyr::from_str(&yaml).unwrap_or_else(|error| panic!("{text:?}: {error}\n{yaml}"));
                assert_eq!(read["x"]["t"], text, "{yaml}");
            }
        }
    }

    #[test]
    fn a_credential_stands_in_halves() {
        assert_eq!(in_halves("key abcdefgh!"), "key abcd{+}efgh!");
        assert_eq!(in_halves("a b"), "a b");
        assert_eq!(in_halves("忽略"), "忽略");
    }
}
