//! The hints of a stretch of a text, as if the stretch were all of it.
//!
//! What stands beside the stretch may have given a hint more than the stretch alone has, which costs a look. It takes one
//! away only where [`Within::is_sure`] says so.

use coldcase_model::Span;

use super::{Hint, Hints};
use crate::view::places::Places;

/// The hints of a stretch, by their places in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within<'h> {
    pub(super) hints: &'h Hints,
    pub(super) stretch: Span,
}

impl<'h> Within<'h> {
    /// The hints of one kind.
    pub(in crate::view) fn of(self, hint: Hint) -> Places<'h> {
        self.cut(self.hints.lists.get(hint as usize).map_or(&[], Vec::as_slice))
    }

    /// Where characters start whose folding can be a sign.
    pub(in crate::view) fn folds(self) -> Places<'h> {
        self.cut(&self.hints.census.folds)
    }

    /// Where letters with an accent start.
    pub(in crate::view) fn accents(self) -> Places<'h> {
        self.cut(&self.hints.census.accents)
    }

    /// Whether there may be enough characters that show nothing to spell something.
    pub(in crate::view) const fn has_unseen(self) -> bool {
        self.hints.census.unseen
    }

    /// Whether there may be an override of the direction.
    pub(in crate::view) const fn has_overrides(self) -> bool {
        self.hints.census.overrides
    }

    /// Whether the stretch has all hints that it would have by itself, whatever stands beside it. A letter before a mark and
    /// a digit after a number take hints away.
    pub(crate) fn is_sure(stretch: &[u8]) -> bool {
        let mark_first =
            stretch.first().is_some_and(|byte| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace());
        let digit_last =
            stretch.last().is_some_and(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X'));
        !mark_first && !digit_last
    }

    fn cut(self, places: &'h [u32]) -> Places<'h> {
        let Span { start, end } = self.stretch;
        let from = places.partition_point(|place| (*place as usize) < start);
        let to = places.partition_point(|place| (*place as usize) < end);
        Places::after(start, places.get(from..to).unwrap_or_default())
    }
}
