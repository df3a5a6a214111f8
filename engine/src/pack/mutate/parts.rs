//! The parts of a regex and how each is changed: edits of the pattern as it is written.
//!
//! `(?&name)` has the length of a group `(?:name)`, so that the pattern parses with its fragments as groups and every
//! place stays where it is.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    Alternation, Assertion, Ast, ClassBracketed, ClassSet, Concat, Repetition, RepetitionKind,
    RepetitionRange, Span,
};

/// Any byte at all.
const ANYTHING: &str = r"[\s\S]";

/// A change of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// The part that it is about, in bytes of the pattern.
    pub(super) part: (usize, usize),
    /// What is replaced.
    replaced: (usize, usize),
    with: String,
    /// How the part is changed, in words.
    pub(super) change: String,
}

impl Edit {
    /// The pattern with this change.
    pub(super) fn apply(&self, pattern: &str) -> Option<String> {
        let (start, end) = self.replaced;
        Some([pattern.get(..start)?, &self.with, pattern.get(end..)?].concat())
    }
}

/// All changes of a pattern, in the order of its parts; none where it cannot be parsed.
pub(super) fn edits(pattern: &str) -> Vec<Edit> {
    let Ok(ast) = Parser::new().parse(&pattern.replace("(?&", "(?:")) else { return Vec::new() };
    let mut walk = Walk { pattern, edits: Vec::new() };
    walk.part(&ast);
    walk.edits.sort_by_key(|edit| edit.part);
    walk.edits
}

struct Walk<'p> {
    pattern: &'p str,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    fn push(
        &mut self,
        part: &Span,
        replaced: (usize, usize),
        with: impl Into<String>,
        change: impl Into<String>,
    ) {
        let part = (part.start.offset, part.end.offset);
        self.edits.push(Edit { part, replaced, with: with.into(), change: change.into() });
    }

    /// Replaces a part.
    fn replace(&mut self, part: &Span, with: impl Into<String>, change: impl Into<String>) {
        self.push(part, (part.start.offset, part.end.offset), with, change);
    }

    fn text(&self, part: &Span) -> &str {
        self.pattern.get(part.start.offset..part.end.offset).unwrap_or_default()
    }

    fn is_fragment(&self, part: &Span) -> bool {
        self.text(part).starts_with("(?&")
    }

    fn part(&mut self, ast: &Ast) {
        match ast {
            Ast::Alternation(choice) => self.choice(choice),
            Ast::Concat(list) => self.list(list),
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::ClassBracketed(class) => self.class(class),
            Ast::ClassPerl(class) => self.replace(&class.span, ANYTHING, "class widened to anything"),
            Ast::ClassUnicode(class) => self.replace(&class.span, ANYTHING, "class widened to anything"),
            Ast::Assertion(assertion) => self.boundary(assertion),
            Ast::Group(group) if !self.is_fragment(&group.span) => self.part(&group.ast),
            Ast::Group(_) | Ast::Empty(_) | Ast::Flags(_) | Ast::Literal(_) | Ast::Dot(_) => {}
        }
    }

    fn choice(&mut self, choice: &Alternation) {
        let spans: Vec<Span> = choice.asts.iter().map(|branch| *branch.span()).collect();
        for (index, span) in spans.iter().enumerate() {
            let replaced =
                match (spans.get(index + 1), index.checked_sub(1).and_then(|before| spans.get(before))) {
                    (Some(next), _) => (span.start.offset, next.start.offset),
                    (None, Some(before)) => (before.end.offset, span.end.offset),
                    (None, None) => continue,
                };
            self.push(span, replaced, "", "branch dropped");
        }
        choice.asts.iter().for_each(|branch| self.part(branch));
    }

    /// Parts one after another: runs of literals are one part.
    fn list(&mut self, list: &Concat) {
        let mut run: Option<Span> = None;
        for ast in &list.asts {
            match ast {
                Ast::Literal(literal) => {
                    let from = run.map_or(literal.span.start, |run| run.start);
                    run = Some(Span::new(from, literal.span.end));
                    continue;
                }
                Ast::Group(group) => {
                    self.replace(&group.span, format!("{}?", self.text(&group.span)), "group made optional");
                }
                _ => {}
            }
            self.literal(run.take(), list);
            self.part(ast);
        }
        self.literal(run, list);
    }

    /// A literal that is all there is has no place to be optional in.
    fn literal(&mut self, run: Option<Span>, list: &Concat) {
        if let Some(run) = run.filter(|run| *run != list.span) {
            self.replace(&run, format!("(?:{})?", self.text(&run)), "literal made optional");
        }
    }

    fn boundary(&mut self, assertion: &Assertion) {
        self.replace(&assertion.span, "", "boundary removed");
    }

    fn class(&mut self, class: &ClassBracketed) {
        self.replace(&class.span, ANYTHING, "class widened to anything");
        if let ClassSet::Item(regex_syntax::ast::ClassSetItem::Union(union)) = &class.kind
            && union.items.len() > 1
        {
            for item in &union.items {
                let change = format!("dropped from {}", self.text(&class.span));
                self.replace(item.span(), "", change);
            }
        }
    }

    fn repetition(&mut self, repetition: &Repetition) {
        let lazy = if repetition.greedy { "" } else { "?" };
        let operator = &repetition.op.span;
        let replaced = (operator.start.offset, operator.end.offset);
        for (with, change) in bounds(&repetition.op.kind) {
            let with = if with.is_empty() { with } else { with + lazy };
            self.push(&repetition.span, replaced, with, change);
        }
        if matches!(repetition.op.kind, RepetitionKind::ZeroOrOne) {
            self.replace(&repetition.span, "", "optional part dropped");
        }
        self.part(&repetition.ast);
    }
}

/// Other bounds of a repetition, each with what is changed.
fn bounds(kind: &RepetitionKind) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut push = |with: String, change: &str| all.push((with, change.to_owned()));
    match kind {
        RepetitionKind::ZeroOrOne => push(String::new(), "optional part made required"),
        RepetitionKind::ZeroOrMore => {
            push("+".into(), "at least one required");
            push("?".into(), "at most one allowed");
        }
        RepetitionKind::OneOrMore => {
            push("*".into(), "none allowed");
            push(String::new(), "exactly one required");
        }
        RepetitionKind::Range(range) => {
            let (least, most) = match range {
                RepetitionRange::Exactly(count) => (*count, Some(*count)),
                RepetitionRange::AtLeast(least) => (*least, None),
                RepetitionRange::Bounded(least, most) => (*least, Some(*most)),
            };
            let spelled = |least: u32, most: Option<u32>| {
                let most = most.map_or_else(String::new, |most| most.to_string());
                format!("{{{least},{most}}}")
            };
            if least > 0 {
                push(spelled(least - 1, most), "one less allowed");
            }
            match most {
                Some(most) if most == least => {
                    push(spelled(least, Some(most.saturating_add(1))), "one more allowed");
                }
                Some(most) => {
                    push(spelled(least + 1, Some(most)), "one more required");
                    push(spelled(least, None), "any number allowed");
                    if most > least.max(1) {
                        push(spelled(least, Some(least.max(1))), "no more than the least allowed");
                    }
                }
                None => push(spelled(least.saturating_add(1), None), "one more required"),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each changed pattern with what was changed.
    fn changed(pattern: &str) -> Vec<(String, String)> {
        let told = |edit: &Edit| {
            let (start, end) = edit.part;
            (
                edit.apply(pattern).expect("in range"),
                format!("{}: {}", pattern.get(start..end).expect("in range"), edit.change),
            )
        };
        edits(pattern).iter().map(told).collect()
    }

    fn patterns(pattern: &str) -> Vec<String> {
        changed(pattern).into_iter().map(|(pattern, _)| pattern).collect()
    }

    #[test]
    fn each_part_is_loosened_and_tightened() {
        assert_eq!(
            patterns("a(?:b|cd|e)f"),
            [
                "(?:a)?(?:b|cd|e)f",
                "a(?:b|cd|e)?f",
                "a(?:cd|e)f",
                "a(?:b|e)f",
                "a(?:b|cd)f",
                "a(?:b|cd|e)(?:f)?"
            ]
        );
        assert_eq!(patterns(r"x\by?"), [r"(?:x)?\by?", "xy?", r"x\by", r"x\b"]);
        assert_eq!(patterns("[a-z_]"), [r"[\s\S]", "[_]", "[a-z]"]);
        assert_eq!(patterns("[^x]{3}"), [r"[\s\S]{3}", "[^x]{2,3}", "[^x]{3,4}"]);
        assert_eq!(patterns("x{2,5}?"), ["x{1,5}?", "x{3,5}?", "x{2,}?", "x{2,2}?"]);
        assert_eq!(patterns("x{0,1}"), ["x{1,1}", "x{0,}"]);
        assert_eq!(patterns("x*y+"), ["x+y+", "x?y+", "x*y*", "x*y"]);
        assert_eq!(patterns(r"\d{2,}"), [r"[\s\S]{2,}", r"\d{1,}", r"\d{3,}"]);
    }

    #[test]
    fn a_fragment_is_one_part() {
        assert_eq!(patterns("ab(?&gap)cd"), ["(?:ab)?(?&gap)cd", "ab(?&gap)?cd", "ab(?&gap)(?:cd)?"]);
        assert_eq!(patterns("(?&a-b)?c"), ["(?&a-b)c", "c", "(?&a-b)?(?:c)?"]);
        assert_eq!(patterns("(?&one)|(?&two)"), ["(?&two)", "(?&one)"]);
    }

    #[test]
    fn what_is_changed_is_named() {
        let told: Vec<String> = changed("ab[cd]").into_iter().map(|(_, told)| told).collect();
        assert_eq!(
            told,
            [
                "ab: literal made optional",
                "[cd]: class widened to anything",
                "c: dropped from [cd]",
                "d: dropped from [cd]"
            ]
        );
    }

    #[test]
    fn nothing_is_made_of_what_does_not_parse() {
        assert_eq!(edits("a(b"), []);
        assert_eq!(edits("(?&never closed"), []);
        assert_eq!(edits(""), []);
    }
}
