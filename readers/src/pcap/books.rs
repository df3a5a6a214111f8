//! The ledgers of the files of a chain: each byte of a file in one account of that file.
//!
//! What a layer counts while a file is read belongs to that file, and content to where it stands. Bytes that a connection
//! holds where one file ends are counted when they are told, in a later file. Such files are evened out against each other,
//! in framing first, so that each ledger has its file's size and the accounts of all files together are exact.

use coldcase_model::{Account, Ledger};
use coldcase_wire::{Accounts, Found};

use super::places::Places;

/// Accounts in the order in which files are evened out: a byte of framing more or less claims nothing.
const ORDER: [Account; 5] =
    [Account::Framing, Account::Opaque, Account::Lost, Account::OverLimit, Account::Scanned];

/// One file's bytes, in the order of [`ORDER`], and its size.
#[derive(Debug, Clone, Copy, Default)]
struct Book {
    booked: [u64; ORDER.len()],
    size: u64,
}

impl Book {
    fn total(&self) -> u64 {
        self.booked.iter().sum()
    }

    fn add(&mut self, account: Account, bytes: u64) {
        let at = ORDER.iter().position(|one| *one == account);
        if let Some(sum) = at.and_then(|at| self.booked.get_mut(at)) {
            *sum += bytes;
        }
    }

    fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        ORDER.iter().zip(self.booked).for_each(|(account, bytes)| ledger.add(*account, bytes));
        ledger
    }
}

/// The books of all files of a chain.
#[derive(Debug, Default)]
pub(super) struct Books {
    files: Vec<Book>,
    /// What was booked of the accounts of all files together.
    before: Accounts,
}

impl Books {
    /// Another file begins.
    pub(super) fn begin(&mut self) {
        self.files.push(Book::default());
    }

    /// Books the content of a finding where it stands.
    pub(super) fn found(&mut self, found: &Found, places: &Places) {
        if let [only] = self.files.as_mut_slice() {
            only.add(Account::Scanned, found.content_bytes());
            return;
        }
        found.stretches(&mut |at, bytes| {
            if let Some(book) = self.files.get_mut(places.file(at)) {
                book.add(Account::Scanned, bytes);
            }
        });
    }

    /// Books to the last file what was counted since this was called before.
    pub(super) fn count(&mut self, accounts: Accounts) {
        let Self { files, before } = self;
        let Some(book) = files.last_mut() else { return };
        book.size += accounts.total.saturating_sub(before.total);
        for (account, now, before) in [
            (Account::Scanned, accounts.content, before.content),
            (Account::Opaque, accounts.opaque, before.opaque),
            (Account::Lost, accounts.lost, before.lost),
            (Account::OverLimit, accounts.over_limit, before.over_limit),
            (Account::Framing, accounts.framing, before.framing),
        ] {
            debug_assert!(now >= before, "what was counted stays counted: {account:?} {before} {now}");
            book.add(account, now.saturating_sub(before));
        }
        *before = accounts;
    }

    /// The ledger of each file; all is counted.
    pub(super) fn close(mut self) -> Vec<Ledger> {
        let sums =
            self.files.iter().fold((0, 0), |(size, booked), book| (size + book.size, booked + book.total()));
        debug_assert_eq!(sums.0, sums.1, "every byte is in one account: {:?}", self.files);
        self.even_out();
        for book in &mut self.files {
            // A byte that a layer forgot would not be clean.
            book.add(Account::Opaque, book.size.saturating_sub(book.total()));
        }
        self.files.iter().map(Book::ledger).collect()
    }

    /// Moves from files that have too much to those that lack as much, within an account.
    fn even_out(&mut self) {
        let (mut giver, mut taker) = (0, 0);
        while let (Some(from), Some(to)) = (self.files.get(giver).copied(), self.files.get(taker).copied()) {
            let surplus = from.total().saturating_sub(from.size);
            let lack = to.size.saturating_sub(to.total());
            if surplus == 0 {
                giver += 1;
            } else if lack == 0 {
                taker += 1;
            } else {
                self.shift(giver, taker, surplus.min(lack));
            }
        }
    }

    fn shift(&mut self, giver: usize, taker: usize, mut bytes: u64) {
        for account in 0..ORDER.len() {
            let booked = |book: &mut Book| book.booked.get(account).copied().unwrap_or(0);
            let moved = self.files.get_mut(giver).map_or(0, booked).min(bytes);
            bytes -= moved;
            for (file, is_giver) in [(giver, true), (taker, false)] {
                let sum = self.files.get_mut(file).and_then(|book| book.booked.get_mut(account));
                if let Some(sum) = sum {
                    *sum = if is_giver { *sum - moved } else { *sum + moved };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_file_holds_for_the_next_is_evened_out_in_framing() {
        let mut books = Books::default();
        books.begin();
        // Thirty of a hundred bytes are still held.
        let accounts = Accounts { total: 100, framing: 60, opaque: 10, ..Accounts::default() };
        books.count(accounts);
        books.begin();
        books.count(Accounts { total: 200, framing: 110, opaque: 80, content: 10, ..accounts });
        let [first, second] = books.close().try_into().unwrap();
        assert_eq!((first.total(), second.total()), (100, 100));
        assert_eq!((first.bytes(Account::Framing), second.bytes(Account::Framing)), (90, 20));
        assert_eq!((first.bytes(Account::Opaque), second.bytes(Account::Opaque)), (10, 70));
        assert_eq!(second.bytes(Account::Scanned), 10);
    }

    #[test]
    fn a_file_with_little_framing_gives_of_its_other_accounts() {
        let mut books = Books::default();
        books.begin();
        books.count(Accounts { total: 50, ..Accounts::default() });
        books.begin();
        books.count(Accounts { total: 60, framing: 5, opaque: 55, ..Accounts::default() });
        let ledgers = books.close();
        assert_eq!(ledgers.iter().map(Ledger::total).collect::<Vec<_>>(), [50, 10]);
        assert_eq!(ledgers.iter().map(|one| one.bytes(Account::Opaque)).sum::<u64>(), 55);
    }
}
