//! The coverage ledger: every byte of an input ends in exactly one account.

use crate::kind::vocabulary;

vocabulary! {
    /// Where a byte of an input ended.
    Account {
        /// It was scanned.
        Scanned => "scanned",
        /// It belongs to content that cannot be read: encrypted, or of an unknown format.
        Opaque => "opaque",
        /// It could not be decoded: a damaged or cut stream.
        Lost => "lost",
        /// It lies beyond a cap.
        OverLimit => "over_limit",
        /// It holds a structure together and carries no content: separators, the envelope of a compressed file.
        Framing => "framing",
    }
}

vocabulary! {
    /// In which bytes a ledger counts.
    Space {
        /// The bytes as stored on disk.
        Stored => "stored",
        /// What a compressed artifact decodes to; only there for compressed ones.
        Decoded => "decoded",
    }
}

vocabulary! {
    /// Why bytes of an event were not scanned.
    NotScanned {
        /// The record is longer than the cap on records.
        RecordCap => "record_cap",
        /// The recording itself left bytes out.
        NotRecorded => "not_recorded",
        /// Disguises nested or expanded beyond the budget.
        ViewBudget => "view_budget",
        /// So many texts looked like the start of a match that the time for them ran out.
        WorkBudget => "work_budget",
        /// The record breaks its format: its bytes were scanned as plain text, what they mean is unknown.
        NotUnderstood => "not_understood",
        /// A coded body could not be decoded.
        BadBody => "bad_body",
    }
}

/// Counts of bytes by account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Ledger {
    bytes: [u64; Account::ALL.len()],
}

impl Ledger {
    /// Books bytes to an account.
    pub fn add(&mut self, account: Account, bytes: u64) {
        if let Some(sum) = self.bytes.get_mut(account as usize) {
            *sum = sum.saturating_add(bytes);
        }
    }

    /// What stands in an account.
    pub fn bytes(&self, account: Account) -> u64 {
        self.bytes.get(account as usize).copied().unwrap_or(0)
    }

    /// The sum of all accounts.
    pub fn total(&self) -> u64 {
        self.bytes.iter().sum()
    }

    /// Adds every account of another ledger.
    pub fn merge(&mut self, other: &Self) {
        for &account in Account::ALL {
            self.add(account, other.bytes(account));
        }
    }

    /// The accounts that hold anything, in order.
    pub fn entries(&self) -> impl Iterator<Item = (Account, u64)> + '_ {
        Account::ALL.iter().map(|&account| (account, self.bytes(account))).filter(|&(_, bytes)| bytes > 0)
    }
}

/// How much of one event was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct ScanCoverage {
    /// Bytes of the event's text that were scanned.
    pub scanned: u64,
    /// Bytes that were not, by reason; empty for nearly every event.
    pub not_scanned: Vec<(NotScanned, u64)>,
}
