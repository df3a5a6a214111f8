//! How far a match may be trusted by its own bytes, and what a finding of less than a genuine value says.
//!
//! A value whose checksum does not fit is made up, mistyped, cut or of a newer format: it is told at a lower severity
//! rather than not at all, so that nobody hides a token by changing a letter. A value that a vendor prints in its
//! documentation is told as an example. Left out: what stands round a match, which [`Near`](super::near::Near) weighs.

use std::sync::Arc;

use coldcase_model::{Confidence, RuleInfo, Severity};

use super::Pattern;
use super::compile::CompiledRule;
use super::schema::UnlessValid;
use super::spec::FieldKind;

/// How far a match may be trusted, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// A value from public documentation.
    Example,
    /// It has the form, and its own check fails.
    Doubted,
    /// All checks pass.
    Genuine,
}

/// How likely an example is somebody's credential all the same.
const EXAMPLE: Confidence = Confidence(0.1);

/// What a finding says of a rule where its match is less than genuine.
#[derive(Debug)]
pub(crate) struct Lesser {
    info: Arc<RuleInfo>,
    most: Confidence,
}

impl Lesser {
    /// For values whose own check fails.
    pub(super) fn doubted(own: &RuleInfo, file: UnlessValid) -> Self {
        let severity = file.severity.unwrap_or_else(|| one_lower(own.severity));
        Self::new(own, "its own check fails", severity, Confidence(file.confidence))
    }

    /// For values from documentation.
    pub(super) fn example(own: &RuleInfo) -> Self {
        Self::new(own, "an example from documentation", one_lower(own.severity).min(Severity::Low), EXAMPLE)
    }

    fn new(own: &RuleInfo, why: &str, severity: Severity, most: Confidence) -> Self {
        let title = format!("{} ({why})", own.title).into();
        let lowered_from = Some(own.severity);
        Self {
            info: Arc::new(RuleInfo { title, severity, lowered_from, confidence: most, ..own.clone() }),
            most,
        }
    }
}

impl CompiledRule {
    /// How far a match with this secret is trusted; `None` where it is no match. `entropy` is that of the secret.
    pub(crate) fn grade(&self, secret: &[u8], entropy: impl FnOnce() -> f32) -> Option<Grade> {
        let is = |pattern: &Option<Pattern>| is_in(pattern.as_ref(), secret);
        if is(&self.examples) {
            return Some(Grade::Example);
        }
        if self.entropy.is_some_and(|least| entropy() < least) {
            return None;
        }
        let genuine = self.validators.iter().all(|validator| validator.accepts(secret));
        if (!genuine && self.doubted.is_none()) || is(&self.allow) {
            return None;
        }
        Some(if genuine { Grade::Genuine } else { Grade::Doubted })
    }

    /// What kind of field keeps a secret out that another rule takes at this grade; `None` where it is not kept out.
    pub(crate) fn kept_out_by(
        &self,
        secret: &[u8],
        elsewhere: Grade,
        entropy: impl FnOnce() -> f32,
    ) -> Option<FieldKind> {
        if is_in(self.examples.as_ref(), secret) {
            None
        } else if self.entropy.is_some_and(|least| entropy() < least) {
            Some(FieldKind::Threshold)
        } else if is_in(self.allow.as_ref(), secret) {
            Some(FieldKind::Pattern)
        } else if self.doubted.is_some() || self.validators.iter().all(|validator| validator.accepts(secret))
        {
            None
        } else {
            // A value whose check fails elsewhere too is told there at a lesser confidence.
            Some(if elsewhere == Grade::Doubted { FieldKind::Threshold } else { FieldKind::Pattern })
        }
    }

    /// What a finding of this grade says of the rule.
    pub(crate) fn info(&self, grade: Grade) -> &Arc<RuleInfo> {
        self.lesser(grade).map_or(&self.info, |lesser| &lesser.info)
    }

    /// The most that a finding of this grade can be trusted.
    pub(crate) fn most(&self, grade: Grade) -> Confidence {
        self.lesser(grade).map_or(Confidence(1.0), |lesser| lesser.most)
    }

    const fn lesser(&self, grade: Grade) -> Option<&Lesser> {
        match grade {
            Grade::Example => self.example.as_ref(),
            Grade::Doubted => self.doubted.as_ref(),
            Grade::Genuine => None,
        }
    }
}

fn is_in(pattern: Option<&Pattern>, secret: &[u8]) -> bool {
    pattern.and_then(Pattern::regex).is_some_and(|regex| regex.is_match(secret))
}

const fn one_lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::{Direction, Finding, Severity, Show, Surface};

    use super::super::selftest::event_on;
    use super::super::{Pack, PackText};
    use crate::Detector;

    const RIGHT: &str = "number 4539206919608542";
    const WRONG: &str = "number 4539206919608543";

    /// Severity, confidence in per cent and title of what a rule with these further fields finds.
    fn found(fields: &str, text: &str) -> Vec<(Severity, String)> {
        let pack = format!(
            "pack: p\nversion: '1'\ntitle: t\nrules:\n- {{id: a.b, title: Thing, gain: g, category: dlp, severity: critical, \
             confidence: 0.9, added: '1', references: {{cwe: [X]}}, match: ['{RIGHT} card'], no_match: ['number x'], \
             regex: 'number ([0-9]{{16}})', secret: 1, validators: [luhn], {fields}}}\n"
        );
        let pack = Pack::only(&[PackText { name: "p.yaml".into(), text: pack }]).expect("a good pack");
        let event = event_on(Surface::Body, Direction::Egress, text.as_bytes());
        let said = |finding: &Finding| {
            (finding.rule.severity, format!("{:.0} {}", finding.confidence.0 * 100.0, finding.rule.title))
        };
        Detector::new(&pack, Show::Redacted).detect(&event).findings.iter().map(said).collect()
    }

    #[test]
    fn a_failed_check_drops_a_match_or_lowers_it() {
        assert!(found("entropy: 0.5", WRONG).is_empty(), "dropped unless the rule says otherwise");
        let unless = "unless_valid: {confidence: 0.3}";
        let doubted = |severity| vec![(severity, "30 Thing (its own check fails)".to_owned())];
        assert_eq!(found(unless, WRONG), doubted(Severity::High));
        assert_eq!(found("unless_valid: {confidence: 0.3, severity: low}", WRONG), doubted(Severity::Low));
        assert_eq!(found(unless, RIGHT), [(Severity::Critical, "90 Thing".to_owned())]);
        assert!(found(&format!("{unless}, allow: ['3$']"), WRONG).is_empty(), "what is allowed stays so");
        let near = format!("{unless}, near: [{{any: [card], within: 9}}]");
        assert!(found(&near, WRONG).is_empty(), "what must stand near must stand near");
        assert_eq!(found(&near, &format!("{WRONG} card")), doubted(Severity::High));
    }

    #[test]
    fn an_example_is_told_as_one() {
        let fields = "examples: ['^4111'], entropy: 2.0";
        let told = [(Severity::Low, "10 Thing (an example from documentation)".to_owned())];
        assert_eq!(found(fields, "number 4111111111111111"), told, "whatever its entropy");
        assert_eq!(found(fields, "number 4111111111111112"), told, "and its checksum");
    }

    #[test]
    fn fields_that_could_do_nothing_are_refused() {
        let refused = |fields: &str| {
            let pack = format!(
                "pack: p\nversion: '1'\ntitle: t\nrules:\n- {{id: a.b, title: t, gain: g, category: dlp, severity: low, \
                 confidence: 0.9, added: '1', references: {{cwe: [X]}}, match: ['number'], no_match: ['x'], \
                 regex: 'number', {fields}}}\n"
            );
            Pack::only(&[PackText { name: "p.yaml".into(), text: pack }]).expect_err(fields).to_string()
        };
        assert!(refused("unless_valid: {confidence: 0.3}").contains("a validator"));
        assert!(refused("lesser: ['number 1']").contains("`examples` or `unless_valid`"));
    }
}
