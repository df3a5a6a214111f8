//! Doubly linked lists threaded through a slab, for orders that change with each segment.

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// Neighbours in one list.
#[derive(Clone, Copy)]
pub(super) struct Links {
    newer: u32,
    older: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self { newer: NONE, older: NONE }
    }
}

/// Gives the links of a slot for one kind of list.
pub(super) trait Linked {
    fn links(&mut self, slot: u32) -> Option<&mut Links>;
}

/// Newest first.
#[derive(Clone, Copy)]
pub(super) struct List {
    newest: u32,
    oldest: u32,
    len: usize,
}

impl Default for List {
    fn default() -> Self {
        Self { newest: NONE, oldest: NONE, len: 0 }
    }
}

impl List {
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    pub(super) fn is_newest(&self, slot: u32) -> bool {
        self.newest == slot
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a slot that is in no list of this kind at the new end.
    pub(super) fn push(&mut self, slot: u32, slab: &mut impl Linked) {
        let older = self.newest;
        if let Some(links) = slab.links(slot) {
            *links = Links { newer: NONE, older };
        }
        match slab.links(older) {
            Some(links) => links.newer = slot,
            None => self.oldest = slot,
        }
        self.newest = slot;
        self.len += 1;
    }

    /// Takes a slot out that is in this list.
    pub(super) fn remove(&mut self, slot: u32, slab: &mut impl Linked) {
        let Some(links) = slab.links(slot).map(std::mem::take) else { return };
        match slab.links(links.newer) {
            Some(newer) => newer.older = links.older,
            None => self.newest = links.older,
        }
        match slab.links(links.older) {
            Some(older) => older.newer = links.newer,
            None => self.oldest = links.newer,
        }
        self.len = self.len.saturating_sub(1);
    }
}
