//! A rule by itself: the values in its own texts, and what it makes of another text. For those who write texts of rules.

use coldcase_model::Show;

use super::load::{Pack, PackError, PackText, parse};
use super::schema::{RuleFile, joined};
use super::selftest::event_of;
use super::{Set, Wanted};
use crate::Detector;

/// One rule of a pack, ready to be tried.
pub struct RuleTrial {
    pack: Pack,
    rule: RuleFile,
}

impl RuleTrial {
    /// The rule of this name; `None` where the pack has no such rule.
    pub fn of(source: &PackText, id: &str) -> Result<Option<Self>, PackError> {
        let Some(rule) = parse(source)?.rules.into_iter().find(|rule| rule.id.value == id) else {
            return Ok(None);
        };
        Ok(Some(Self { pack: Pack::untested(std::slice::from_ref(source))?, rule }))
    }

    /// What the rule makes of a text, on the first of its surfaces.
    pub fn of_text(&self, text: &str) -> Wanted {
        let mut detector = Detector::new(&self.pack, Show::Redacted);
        let detection = detector.detect_for(Set::First, &event_of(&self.rule, text), 0.0);
        let own = detection.findings.iter().filter(|finding| *finding.rule.id == *self.rule.id.value);
        match own.map(|finding| finding.rule.severity).max() {
            None => Wanted::NoMatch,
            Some(worst) if worst < self.rule.severity => Wanted::Lesser,
            Some(_) => Wanted::Match,
        }
    }

    /// The values that the rule finds in its own `match` texts, as they stand there: made up, and of the rule's form.
    pub fn values(&self) -> Vec<String> {
        let mut detector = Detector::new(&self.pack, Show::Redacted);
        let mut values = Vec::new();
        for text in self.rule.matches.iter().map(|text| joined(text)) {
            let detection = detector.detect_for(Set::First, &event_of(&self.rule, &text), 0.0);
            let own = detection.findings.iter().filter(|finding| *finding.rule.id == *self.rule.id.value);
            let plain = own.filter(|finding| finding.views.is_empty());
            // The event is one part, so a span within the part is one within the text.
            values.extend(
                plain.filter_map(|finding| text.get(finding.span.start..finding.span.end)).map(str::to_owned),
            );
        }
        values.dedup();
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin_texts;

    #[test]
    fn a_rule_knows_the_values_of_its_own_texts() {
        let packs = builtin_texts();
        let id = "dlp.github.pat-classic";
        let trial = packs.iter().find_map(|pack| RuleTrial::of(pack, id).unwrap()).unwrap();
        let values = trial.values();
        assert!(!values.is_empty() && values.iter().all(|value| value.starts_with("ghp_")), "{values:?}");
        assert_eq!(trial.of_text(&format!("x {} y", values[0])), Wanted::Match);
        assert_eq!(trial.of_text("x y"), Wanted::NoMatch);
        assert!(packs.iter().all(|pack| RuleTrial::of(pack, "no.such.rule").unwrap().is_none()));
    }
}
