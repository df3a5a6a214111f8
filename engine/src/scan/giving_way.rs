//! Rules that know a secret only by its name give way to those that know its form: one secret, one finding.
//!
//! Left out: findings of rules that do not give way. Two of those about the same bytes are both told.

use coldcase_model::{Category, Severity};

use super::scanner::Located;
use crate::pack::{Grade, Pack};

/// Drops what gives way to something else that was found.
pub(crate) fn settle(pack: &Pack, located: &mut Vec<Located>) {
    let ranks = ranks(pack, located);
    if !ranks.iter().flatten().any(|rank| rank.yields) {
        return;
    }
    let mut kept = (0..located.len())
        .map(|at| winners(located, &ranks, at).next().is_none())
        .collect::<Vec<bool>>()
        .into_iter();
    located.retain(|_| kept.next().unwrap_or(true));
}

/// What decides between these findings, of each.
pub(super) fn ranks(pack: &Pack, located: &[Located]) -> Vec<Option<Rank>> {
    located.iter().map(|found| Rank::of(pack, found)).collect()
}

/// The findings that one gives way to, by their indexes.
pub(super) fn winners<'l>(
    located: &'l [Located],
    ranks: &'l [Option<Rank>],
    at: usize,
) -> impl Iterator<Item = usize> + 'l {
    let own = located.get(at).zip(ranks.get(at).and_then(Option::as_ref)).filter(|(_, own)| own.yields);
    own.into_iter().flat_map(move |(found, own)| {
        std::iter::zip(located, ranks).enumerate().filter_map(move |(other_at, (other, rank))| {
            let gives_way = other_at != at
                && other.secret.overlaps(found.secret)
                && own.gives_way_to(rank.as_ref()?, other_at < at);
            gives_way.then_some(other_at)
        })
    })
}

/// Whether one category's finding may give way to the other's: what carries a secret out gives way to what knows the secret.
fn is_of_same_matter(own: Category, other: Category) -> bool {
    own == other || matches!((own, other), (Category::Exfil, Category::Dlp))
}

/// What decides between two findings about the same bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Rank {
    pub(super) yields: bool,
    pub(super) grade: Grade,
    pub(super) severity: Severity,
    confidence: f32,
    pub(super) category: Category,
}

impl Rank {
    fn of(pack: &Pack, found: &Located) -> Option<Self> {
        let rule = pack.rules.get(found.rule)?;
        let info = rule.info(found.grade);
        Some(Self {
            yields: rule.yields,
            grade: found.grade,
            severity: info.severity,
            confidence: found.confidence.0,
            category: info.category,
        })
    }

    /// Whether a finding gives way to another about the same bytes. Of two that may, the surer stays, then the earlier.
    pub(super) fn gives_way_to(&self, other: &Self, earlier: bool) -> bool {
        if !self.yields || !is_of_same_matter(self.category, other.category) {
            return false;
        }
        if other.yields {
            let (own, others) = ((self.severity, self.confidence), (other.severity, other.confidence));
            return own < others || (own == others && earlier);
        }
        other.grade == Grade::Example || other.severity >= self.severity
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use coldcase_model::{
        Direction, Event, EventHead, EventKind, Label, Origin, Part, SessionKey, Show, SourceSpan, Span,
        Surface,
    };

    use crate::{Detector, Pack, PackText};

    const PACK: &str = "pack: p
version: '1'
title: t
rules:
- {id: named.token, title: t, gain: g, category: dlp, severity: medium, confidence: 0.5, added: '1', yields: true,
   regex: 'token=([a-z0-9_]+)', secret: 1, references: {cwe: [X]}, match: ['token=a'], no_match: [x]}
- {id: named.surer, title: t, gain: g, category: dlp, severity: medium, confidence: 0.6, added: '1', yields: true,
   regex: 'api_token=([a-z0-9_]+)', secret: 1, references: {cwe: [X]}, match: ['api_token=a'], no_match: [x]}
- {id: own.form, title: t, gain: g, category: dlp, severity: high, confidence: 0.9, added: '1', examples: [sample],
   regex: 'acme_[a-z0-9]+', references: {cwe: [X]}, match: [acme_1], no_match: [x]}
- {id: own.minor, title: t, gain: g, category: dlp, severity: low, confidence: 0.9, added: '1',
   regex: 'mini_[a-z0-9]+', references: {cwe: [X]}, match: [mini_1], no_match: [x]}
- {id: way.out, title: t, gain: g, category: exfil, severity: high, confidence: 0.9, added: '1', yields: true,
   regex: 'acme_[a-z0-9]+|zeta_[a-z0-9]+', references: {cwe: [X]}, match: [zeta_1], no_match: [x]}
- {id: other.matter, title: t, gain: g, category: egress, severity: high, confidence: 0.9, added: '1',
   regex: 'token=evil', references: {cwe: [X]}, match: ['token=evil'], no_match: [x]}
";

    fn found(text: &str) -> Vec<String> {
        let pack = Pack::only(&[PackText { name: "p.yaml".into(), text: PACK.into() }]).expect("a good pack");
        let mut head = EventHead::new(EventKind::Text, SessionKey::new("s"), SourceSpan::default());
        head.direction = Some(Direction::Egress);
        let text = Bytes::copy_from_slice(text.as_bytes());
        let part = Part {
            surface: Surface::Body,
            span: Span::new(0, text.len()),
            label: Label::None,
            origin: Origin::Decoded { offset: 0, len: text.len() as u64 },
        };
        let event = Event {
            head,
            parts: vec![part],
            text,
            document: Bytes::new(),
            document_offset: 0,
            extents: Vec::new(),
        };
        let findings = Detector::new(&pack, Show::Redacted).detect(&event).findings;
        findings.iter().map(|finding| finding.rule.id.to_string()).collect()
    }

    #[test]
    fn a_name_gives_way_to_a_form_about_the_same_bytes() {
        assert_eq!(found("token=abc1"), ["named.token"]);
        assert_eq!(found("token=acme_1"), ["own.form"]);
        assert_eq!(found("token=abc1 acme_1"), ["named.token", "own.form"], "other bytes");
    }

    #[test]
    fn it_stays_beside_what_is_less_grave_and_gives_way_to_an_example() {
        let mut both = found("token=mini_1");
        both.sort();
        assert_eq!(both, ["named.token", "own.minor"]);
        assert_eq!(found("token=acme_sample"), ["own.form"], "though it is of low severity");
        let mut both = found("token=evil");
        both.sort();
        assert_eq!(both, ["named.token", "other.matter"], "another category tells something else");
    }

    #[test]
    fn a_way_out_gives_way_to_what_knows_the_secret() {
        assert_eq!(found("acme_1"), ["own.form"]);
        assert_eq!(found("zeta_1"), ["way.out"]);
        let mut both = found("token=zeta_1");
        both.sort();
        assert_eq!(both, ["named.token", "way.out"], "a name alone does not know it");
    }

    #[test]
    fn of_two_names_the_surer_stays() {
        assert_eq!(found("api_token=abc1"), ["named.surer"]);
    }
}
