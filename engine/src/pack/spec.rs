//! What a rule says, field by field, with its fragments written out: two rules that say the same are one rule, and where they
//! differ the fields tell what kind of change it is.

use std::fmt::Debug;

use super::fragments::Fragments;
use super::joint::FieldChange;
use super::schema::RuleFile;

/// What a field of a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// What the rule matches, and where.
    Pattern,
    /// How sure of a match it must be, and how far it is trusted.
    Threshold,
    /// What it says of what it matches.
    Metadata,
    /// The texts that it is tested with, and where it comes from: no finding depends on them.
    Text,
}

impl FieldKind {
    /// Its name in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Threshold => "threshold",
            Self::Metadata => "metadata",
            Self::Text => "text",
        }
    }
}

/// A field of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: FieldKind,
    pub(super) value: String,
}

/// A rule's fields, always the same ones in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleSpec {
    pub(super) fields: Vec<Field>,
}

impl RuleSpec {
    /// The fields of a rule of the pack of this name.
    pub(super) fn of(pack: &str, rule: &RuleFile, fragments: &Fragments<'_>) -> Self {
        let mut spec = Self { fields: Vec::with_capacity(30) };
        // A pattern that cannot be expanded is refused elsewhere.
        let expanded = |pattern: &String| fragments.expand(pattern).unwrap_or_else(|_| pattern.clone());
        let all = |patterns: &[String]| patterns.iter().map(expanded).collect::<Vec<String>>();
        let mut push = |kind, name, value| spec.fields.push(Field { name, kind, value });
        push(FieldKind::Pattern, "regex", expanded(&rule.regex));
        push(FieldKind::Pattern, "case", debug(&rule.case));
        push(FieldKind::Pattern, "literals", list(&rule.literals));
        push(FieldKind::Pattern, "secret", rule.secret.to_string());
        push(FieldKind::Pattern, "surfaces", debug(&rule.surfaces));
        push(FieldKind::Pattern, "direction", debug(&rule.direction));
        push(FieldKind::Pattern, "validators", debug(&rule.validators));
        push(FieldKind::Pattern, "allow", list(&all(&rule.allow)));
        push(FieldKind::Pattern, "examples", list(&all(&rule.examples)));
        push(FieldKind::Pattern, "yields", rule.yields.to_string());
        let features = rule.near.iter().map(|feature| {
            let regex = feature.regex.as_ref().map(expanded);
            debug(&(
                &feature.any,
                regex,
                feature.case,
                feature.within,
                feature.side,
                feature.weight.is_none(),
            ))
        });
        push(FieldKind::Pattern, "near", features.collect::<Vec<_>>().join("\n"));
        let weights: Vec<Option<f32>> = rule.near.iter().map(|feature| feature.weight).collect();
        push(
            FieldKind::Threshold,
            "weights",
            if weights.is_empty() { String::new() } else { debug(&weights) },
        );
        push(FieldKind::Threshold, "confidence", rule.confidence.to_string());
        push(FieldKind::Threshold, "least", rule.least.to_string());
        push(FieldKind::Threshold, "entropy", rule.entropy.map(|bits| bits.to_string()).unwrap_or_default());
        let unless = rule.unless_valid.map(|unless| debug(&(unless.confidence, unless.severity)));
        push(FieldKind::Threshold, "unless_valid", unless.unwrap_or_default());
        push(FieldKind::Metadata, "pack", pack.to_owned());
        push(FieldKind::Metadata, "title", rule.title.clone());
        push(FieldKind::Metadata, "gain", rule.gain.clone());
        push(FieldKind::Metadata, "category", rule.category.to_string());
        push(FieldKind::Metadata, "severity", rule.severity.to_string());
        push(FieldKind::Metadata, "references", joined(rule.references.iter(), ", "));
        push(FieldKind::Text, "match", list(&rule.matches));
        push(FieldKind::Text, "no_match", list(&rule.no_match));
        push(FieldKind::Text, "lesser", list(&rule.lesser));
        push(FieldKind::Text, "todo_match", list(&rule.todo_match));
        push(FieldKind::Text, "todo_no_match", list(&rule.todo_no_match));
        push(FieldKind::Text, "added", rule.added.clone());
        push(FieldKind::Text, "source", rule.source.clone().unwrap_or_default());
        spec
    }

    /// Whether both find the same and say the same of it.
    pub(super) fn judges_as(&self, other: &Self) -> bool {
        self.changes(other).all(|(old, _)| old.kind == FieldKind::Text)
    }

    /// The fields that differ, as they are told.
    pub(super) fn field_changes(&self, other: &Self) -> Vec<FieldChange> {
        let told = |(old, new): (&Field, &Field)| FieldChange {
            field: new.name,
            kind: new.kind,
            before: old.value.clone(),
            after: new.value.clone(),
        };
        self.changes(other).map(told).collect()
    }

    /// The fields that differ, as they were and as they are.
    pub(super) fn changes<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = (&'s Field, &'s Field)> {
        self.fields.iter().zip(&other.fields).filter(|(old, new)| old.value != new.value)
    }
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// Texts one after the other, so that no two lists of them are alike: one that could be taken for several, for none or for a
/// quoted one is quoted.
fn joined<'t>(texts: impl Iterator<Item = &'t str>, between: &str) -> String {
    let shown = |text: &str| {
        let is_plain =
            !text.is_empty() && !text.starts_with('"') && !text.contains('\n') && !text.contains(between);
        if is_plain { text.to_owned() } else { debug(&text) }
    };
    texts.map(shown).collect::<Vec<_>>().join(between)
}

fn list(texts: &[String]) -> String {
    joined(texts.iter().map(String::as_str), "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_are_alike() {
        let lists: [&[&str]; 10] = [
            &[],
            &[""],
            &["", ""],
            &["a", "b"],
            &["a\nb"],
            &["a, b"],
            &["\"a", "b\""],
            &["\"a\"", "\"b\""],
            &["\"a, b\""],
            &["a\\nb"],
        ];
        for between in ["\n", ", "] {
            let told = lists.map(|texts| joined(texts.iter().copied(), between));
            for (at, one) in told.iter().enumerate() {
                assert_eq!(told.iter().position(|other| other == one), Some(at), "{one}");
            }
        }
    }
}
