//! The items of a part as bytes and back, moved to the place that the input has in the run that recalls them.
//!
//! The bytes are those of one build of the program, and of nothing else: whoever keeps them names them by it.

use coldcase_model::{Anomaly, ArtifactIndex, Detail, EventHead, Finding, Outcome};

use crate::accept::Suppressions;
use crate::batch::Scanned;
use crate::judge::Detection;

/// What came of a batch.
pub(crate) type Remembered<'b> = (&'b [Scanned<Box<Detection>>], &'b Outcome);
/// The same, recalled.
pub(crate) type Recalled = (Vec<Scanned<Box<Detection>>>, Outcome);

/// What came of a batch, as bytes.
pub(crate) fn remembered(batch: Remembered<'_>) -> Option<Vec<u8>> {
    postcard::to_stdvec(&batch).ok()
}

/// What came of a batch of an input that is now at this place, with what is accepted now.
pub(crate) fn recalled(
    bytes: &[u8],
    now: ArtifactIndex,
    suppressions: Option<&Suppressions>,
) -> Option<Recalled> {
    let ((mut items, mut outcome), rest) = postcard::take_from_bytes::<Recalled>(bytes).ok()?;
    if !rest.is_empty() {
        return None;
    }
    for item in &mut items {
        match item {
            Scanned::Event(detection) => {
                detection.move_to(now);
                if let Some(suppressions) = suppressions {
                    suppressions.mark_again(detection);
                }
            }
            Scanned::Anomaly(Anomaly { pos, .. }) => pos.artifact = now,
        }
    }
    outcome.artifact = now;
    if let Some(facts) = &mut outcome.finished {
        facts.artifact = now;
    }
    Some((items, outcome))
}

impl Detection {
    /// Puts it into another place of the run; everything of it is of one input.
    fn move_to(&mut self, now: ArtifactIndex) {
        let Self { head, labels: _, findings, observed, coverage: _, overflow: _ } = self;
        let EventHead { id, source, detail, .. } = head;
        id.artifact = now;
        source.pos.artifact = now;
        if let Detail::Rpc { pair: Some(pair), .. } | Detail::Model { pair: Some(pair), .. } = detail {
            pair.artifact = now;
        }
        for Finding { event, source, .. } in findings {
            event.artifact = now;
            source.pos.artifact = now;
        }
        observed.move_to(now);
    }
}
