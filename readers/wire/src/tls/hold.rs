//! Records that wait for a hello of the other side.

use super::record::Record;

/// What one side has sent and cannot be read yet, in order.
#[derive(Debug, Default)]
pub(super) struct Held {
    items: Vec<Item>,
    bytes: usize,
}

/// A copy of a record, or a gap.
#[derive(Debug)]
pub(super) enum Item {
    Record { kind: u8, version: u16, payload: Vec<u8>, at: u64, time: Option<i64> },
    Gap(u64),
}

/// What an item costs besides its payload.
const OVERHEAD: usize = size_of::<Item>();

impl Held {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes of the stream that wait: records with their headers.
    pub(super) fn pending(&self) -> u64 {
        let of = |item: &Item| match item {
            Item::Record { payload, .. } => (payload.len() + super::record::HEADER) as u64,
            Item::Gap(_) => 0,
        };
        self.items.iter().map(of).sum()
    }

    /// Whether another record would go over `cap`.
    pub(super) fn is_full(&self, record: &Record<'_>, cap: usize) -> bool {
        self.bytes + record.payload.len() + OVERHEAD > cap
    }

    pub(super) fn record(&mut self, record: &Record<'_>) {
        self.bytes += record.payload.len() + OVERHEAD;
        let Record { kind, version, payload, at, time } = *record;
        self.items.push(Item::Record { kind, version, payload: payload.to_vec(), at, time });
    }

    /// A gap; gaps that meet are one.
    pub(super) fn gap(&mut self, len: u64) {
        if let Some(Item::Gap(before)) = self.items.last_mut() {
            *before = before.saturating_add(len);
            return;
        }
        self.bytes += OVERHEAD;
        self.items.push(Item::Gap(len));
    }

    /// Everything that waits; then nothing does.
    pub(super) fn take(&mut self) -> Vec<Item> {
        self.bytes = 0;
        std::mem::take(&mut self.items)
    }
}
