//! What stands round a match: features that it needs, and others that speak for it or against it.
//!
//! Features are looked for only where the rule's own regex has matched, in a window that is bounded.

use std::sync::Arc;

use coldcase_model::Span;

use super::fragments::Fragments;
use super::pattern::Pattern;
use super::problem::{Member, Problem};
use super::schema::{Case, FeatureFile, NearSide, Within};

/// The farthest that a feature may stand from the match.
pub(super) const FARTHEST: usize = 64 << 10;

/// The features of a rule, and how sure of a match they must leave it.
#[derive(Debug)]
pub(crate) struct Near {
    features: Vec<Feature>,
    least: f32,
}

#[derive(Debug)]
struct Feature {
    /// The member that says what it looks for.
    looks_for: &'static str,
    pattern: Arc<Pattern>,
    /// What it adds to the confidence; `None` for a feature without which there is no match.
    weight: Option<f32>,
    within: Within,
    side: NearSide,
}

/// What the features say of a match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Opinion {
    /// How likely the finding is true; `None` where the features rule it out.
    pub(crate) confidence: Option<f32>,
    /// How many bytes were looked at.
    pub(crate) looked: usize,
}

impl Near {
    /// Takes features as written.
    pub(super) fn new(files: &[FeatureFile], least: f32, fragments: &Fragments<'_>) -> Result<Self, Problem> {
        let features = files.iter().enumerate();
        let features =
            features.map(|(index, file)| Feature::new(file, Member::of("near").entry(index), fragments));
        Ok(Self { features: features.collect::<Result<_, _>>()?, least })
    }

    /// Compiles what it looks for, which is otherwise left to its first use.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let mut features = self.features.iter().enumerate();
        features.try_for_each(|(index, feature)| {
            let member = Member::of("near").entry(index).inner(feature.looks_for);
            feature.pattern.check().map_err(|unusable| unusable.of(member))
        })
    }

    /// What the features round a match make of the rule's own confidence. `part` is the part that the match starts in.
    pub(crate) fn opinion(&self, own: f32, text: &[u8], found: Span, part: Span) -> Opinion {
        let mut confidence = own;
        let mut looked = 0;
        // What features that were not looked for yet can add at the most.
        let mut to_come: f32 =
            self.features.iter().filter_map(|feature| feature.weight).filter(|weight| *weight > 0.0).sum();
        for feature in &self.features {
            if confidence + to_come + f32::EPSILON * 8.0 < self.least {
                return Opinion { confidence: None, looked };
            }
            to_come -= feature.weight.unwrap_or(0.0).max(0.0);
            let window = feature.window(text.len(), found, part);
            looked += window.len();
            let there = feature.pattern.is_match(text, window);
            match (feature.weight, there) {
                (None, false) => return Opinion { confidence: None, looked },
                (Some(weight), true) => confidence += weight,
                (None, true) | (Some(_), false) => {}
            }
        }
        let sure = confidence + f32::EPSILON >= self.least;
        Opinion { confidence: sure.then(|| confidence.clamp(0.01, 0.99)), looked }
    }
}

impl Feature {
    /// Takes a feature, which is this member of its rule.
    fn new(file: &FeatureFile, own: Member, fragments: &Fragments<'_>) -> Result<Self, Problem> {
        if file.within.bytes().is_some_and(|bytes| bytes > FARTHEST) {
            return Err(own.inner("within").problem(format!(
                "a feature stands within at most {FARTHEST} bytes of the match, or `within: part`"
            )));
        }
        if file.weight.is_some_and(|weight| !(-1.0..=1.0).contains(&weight)) {
            return Err(own.inner("weight").problem("it lies between -1 and 1"));
        }
        let (looks_for, pattern) = match (&file.regex, file.any.as_slice()) {
            (Some(regex), []) => {
                let regex = fragments.expand(regex).map_err(|message| own.inner("regex").problem(message))?;
                ("regex", Pattern::shared(&[regex], file.case))
            }
            (None, [_, ..]) => {
                let escaped: Vec<String> = file.any.iter().map(|word| regex_syntax::escape(word)).collect();
                ("any", Pattern::shared(&escaped, Case::Insensitive))
            }
            _ => return Err(own.problem("a feature has either `any: [words]` or a `regex`")),
        };
        Ok(Self { looks_for, pattern, weight: file.weight, within: file.within, side: file.side })
    }

    fn window(&self, len: usize, found: Span, part: Span) -> Span {
        let (reach, bounds) = match self.within {
            Within::Bytes(bytes) => (bytes, Span::new(0, len)),
            Within::Part => (FARTHEST, part),
        };
        let before = found.start.saturating_sub(reach).max(bounds.start);
        let after = found.end.saturating_add(reach).min(bounds.end).max(found.end);
        match self.side {
            NearSide::Either => Span::new(before.min(found.start), after),
            NearSide::Before => Span::new(before.min(found.start), found.start),
            NearSide::After => Span::new(found.end, after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(features: &str, least: f32) -> Result<Near, String> {
        let files: Vec<FeatureFile> = serde_saphyr::from_str(features).map_err(|error| error.to_string())?;
        Near::new(&files, least, &Fragments(&std::collections::BTreeMap::new()))
            .map_err(|problem| problem.to_string())
    }

    /// In per cent.
    fn confidence(near: &Near, text: &str, found: &str) -> Option<String> {
        let start = text.find(found).expect("the text holds it");
        let part = Span::new(text.find('|').map_or(0, |at| at + 1), text.len());
        near.opinion(0.4, text.as_bytes(), Span::new(start, start + found.len()), part)
            .confidence
            .map(|confidence| format!("{:.0}", confidence * 100.0))
    }

    #[test]
    fn features_speak_for_a_match_and_against_it() {
        let near = near(
            "- {any: [password, token], within: 20, weight: 0.3}\n\
             - {regex: '\\bfor example\\b', case: insensitive, within: 20, side: before, weight: -0.2}\n",
            0.4,
        )
        .expect("well formed");
        assert_eq!(confidence(&near, "send it", "send").as_deref(), Some("40"));
        assert_eq!(confidence(&near, "the PASSWORD: send it", "send").as_deref(), Some("70"));
        assert_eq!(confidence(&near, "For example: send it", "send"), None);
        assert_eq!(confidence(&near, "For example: send the token", "send").as_deref(), Some("50"));
        assert_eq!(confidence(&near, "send it, for example", "send").as_deref(), Some("40"), "only before");
        assert_eq!(
            confidence(&near, "the password ........................ send it", "send"),
            Some("40".to_owned()),
            "too far"
        );
    }

    #[test]
    fn a_feature_without_a_weight_must_be_there() {
        let near = near("- {any: [needle], within: part}\n", 0.0).expect("well formed");
        assert_eq!(confidence(&near, "a needle | and more", "more"), None, "in another part");
        assert_eq!(confidence(&near, "| a needle and more", "more").as_deref(), Some("40"));
    }

    #[test]
    fn mistakes_are_named() {
        for (features, told) in [
            ("- {any: [x], regex: 'x', within: 3}", "either"),
            (
                "- {any: [x], within: 3}\n- {any: [x], within: 99999}",
                "`near`, entry 2, `within`: a feature stands within at most",
            ),
            ("- {any: [x], within: far}", "`part`"),
            ("- {any: [x], within: 3, weight: 7}", "between"),
        ] {
            let error = near(features, 0.0).expect_err(features);
            assert!(error.contains(told), "{error}");
        }
    }
}
