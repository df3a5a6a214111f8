//! Why a finding of an event is drawn by one of two rule sets alone, for a replay to tell.
//!
//! Left out: findings that both draw otherwise, which tell by themselves what differs, and those of the fold over sessions.

use std::sync::Arc;

use coldcase_model::{Event, Finding, SourceSpan, Span, Surface, ViewKind};

use super::{Detector, Place};
use crate::scan::{Aspect, Because, Located, Scan, differing};

/// Why a finding is drawn under one set and not under the other.
#[derive(Debug)]
pub(crate) struct Reason {
    /// The finding's rule and place.
    rule: Arc<str>,
    surface: Surface,
    span: Span,
    source: SourceSpan,
    views: Vec<ViewKind>,
    /// What made the difference.
    pub(crate) aspect: Aspect,
    /// The rule of which it did, where it is not the finding's own.
    pub(crate) through: Option<Arc<str>>,
}

impl Reason {
    /// Whether it is the reason for this finding.
    pub(crate) fn is_for(&self, finding: &Finding) -> bool {
        self.rule == finding.rule.id
            && self.source == finding.source
            && self.span == finding.span
            && self.surface == finding.surface
            && self.views == finding.views
    }
}

impl Detector<'_> {
    /// The reasons for what differs between what two sets match in an event; of the second what is less likely than `least`
    /// does not count.
    pub(super) fn reasons(&self, event: &Event, [first, second]: [&Scan; 2], least: f32) -> Vec<Reason> {
        let all = differing(self.pack, event, [&first.located, &second.located], least);
        let id = |rule: usize| self.pack.rules.get(rule).map(|rule| rule.info.id.clone());
        let reason = |(found, because): (&Located, Because)| {
            let Place { surface, span, source, .. } = Place::of(event, found.secret, &self.clean);
            Some(Reason {
                rule: id(found.rule)?,
                surface,
                span,
                source,
                views: found.views.clone(),
                aspect: because.aspect,
                through: because.through.and_then(id),
            })
        };
        all.into_iter().filter_map(reason).collect()
    }
}
