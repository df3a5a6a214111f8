//! Places of a text that are looked at one after the other, as far as they are not passed over.

/// Places in order, taken one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'h> {
    places: &'h [u32],
}

impl<'h> Places<'h> {
    /// These places, which are in order.
    pub(super) const fn of(places: &'h [u32]) -> Self {
        Self { places }
    }

    /// The next place at `from` or later; those before it are passed for good.
    pub(crate) fn next(&mut self, from: usize) -> Option<usize> {
        /// So many are looked at one by one before a search halves the rest.
        const FEW: usize = 8;
        let before = |place: &&u32| (**place as usize) < from;
        let mut skip = self.places.iter().take(FEW).take_while(before).count();
        if skip == FEW {
            skip = self.places.partition_point(|place| before(&place));
        }
        self.places = self.places.get(skip..).unwrap_or_default();
        self.places.first().map(|place| *place as usize)
    }
}
