//! The coverage bar and its table: where every byte of the inputs ended.

use coldcase_model::{Account, NotScanned};

use crate::Summary;
use crate::quantity::{grouped, percent};

/// The bar's width in its own units.
const BAR: u64 = 1000;
/// The least width of an account that holds anything: a lost byte must be seen.
const LEAST: u64 = 6;

/// The bar and its table.
pub(crate) struct CoverageView {
    pub(crate) accounts: Vec<AccountView>,
    pub(crate) total: String,
    /// Whether any input is compressed, so that a second column of bytes is worth its place.
    pub(crate) compressed: bool,
    pub(crate) content_total: String,
    pub(crate) reasons: Vec<ReasonView>,
}

/// An account: a stretch of the bar and a row of the table.
pub(crate) struct AccountView {
    /// The class by which the style sheet knows it.
    pub(crate) class: &'static str,
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) bytes: String,
    pub(crate) share: String,
    pub(crate) content: String,
    /// Where it starts on the bar.
    pub(crate) left: u64,
    /// Its width on the bar.
    pub(crate) width: u64,
}

/// Why bytes of events were not scanned.
pub(crate) struct ReasonView {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) bytes: String,
}

impl CoverageView {
    pub(crate) fn of(summary: &Summary) -> Self {
        let mut accounts: Vec<_> = Account::ALL
            .iter()
            .map(|&account| {
                let (class, name, meaning) = account_words(account);
                let (bytes, content) = (summary.stored.bytes(account), summary.content.bytes(account));
                (
                    bytes,
                    AccountView { content: grouped(content), ..row(summary, class, name, meaning, bytes) },
                )
            })
            .collect();
        let unaccounted = summary.unaccounted_bytes();
        if unaccounted > 0 {
            let meaning = "of inputs that could not be opened";
            let view = row(summary, "unaccounted", "never opened", meaning, unaccounted);
            accounts.push((unaccounted, view));
        }
        place(&mut accounts);
        Self {
            accounts: accounts.into_iter().map(|(_, view)| view).collect(),
            total: grouped(summary.stored_bytes),
            compressed: summary.compressed > 0,
            content_total: grouped(summary.content.total()),
            reasons: summary.not_scanned.iter().map(|(&reason, &bytes)| reason_view(reason, bytes)).collect(),
        }
    }
}

fn row(
    summary: &Summary,
    class: &'static str,
    name: &'static str,
    meaning: &'static str,
    bytes: u64,
) -> AccountView {
    let share = percent(bytes, summary.stored_bytes.max(summary.stored.total()));
    AccountView { class, name, meaning, bytes: grouped(bytes), share, content: grouped(0), left: 0, width: 0 }
}

/// Lays the accounts along the bar. What the small ones are given too much, the largest gives up.
fn place(accounts: &mut [(u64, AccountView)]) {
    let total: u128 = accounts.iter().map(|(bytes, _)| u128::from(*bytes)).sum();
    if total == 0 {
        return;
    }
    for (bytes, view) in accounts.iter_mut().filter(|(bytes, _)| *bytes > 0) {
        let width = u128::from(*bytes) * u128::from(BAR) / total;
        view.width = u64::try_from(width).unwrap_or(BAR).max(LEAST);
    }
    let used: u64 = accounts.iter().map(|(_, view)| view.width).sum();
    if let Some((_, largest)) = accounts.iter_mut().max_by_key(|(bytes, _)| *bytes) {
        largest.width = (largest.width + BAR).saturating_sub(used);
    }
    let mut left = 0;
    for (_, view) in accounts {
        view.left = left;
        left += view.width;
    }
}

fn account_words(account: Account) -> (&'static str, &'static str, &'static str) {
    match account {
        Account::Scanned => ("scanned", "scanned", "looked at by every rule"),
        Account::Opaque => ("opaque", "opaque", "encrypted, or of a format that is not read"),
        Account::Lost => ("lost", "lost", "damaged or cut, could not be decoded"),
        Account::OverLimit => ("over-limit", "over a limit", "beyond a cap on size or depth"),
        Account::Framing => ("framing", "framing", "separators and envelopes, no content"),
    }
}

fn reason_view(reason: NotScanned, bytes: u64) -> ReasonView {
    let meaning = match reason {
        NotScanned::RecordCap => "beyond the cap on the length of a record",
        NotScanned::NotRecorded => "left out by the recording itself",
        NotScanned::WorkBudget => "more starts of matches than the budget for confirming them",
        NotScanned::ViewBudget => "disguises nested or expanded beyond the budget",
        NotScanned::NotUnderstood => {
            "in records that break their format; their bytes were scanned as plain text"
        }
        NotScanned::BadBody => "in coded bodies that could not be decoded",
    };
    ReasonView { name: reason.as_str(), meaning, bytes: grouped(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_and_the_smallest_account_is_seen() {
        let summary = Summary::default();
        let mut accounts: Vec<_> =
            [1_000_000_000, 1, 0, 3].map(|bytes| (bytes, row(&summary, "", "", "", bytes))).into();
        place(&mut accounts);
        let widths: Vec<_> = accounts.iter().map(|(_, view)| view.width).collect();
        assert_eq!(widths, [988, 6, 0, 6]);
        assert_eq!(accounts[3].1.left, 994);
    }
}
