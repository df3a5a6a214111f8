//! The table `coverage`: the ledger of every input. The bytes of one input and space add up to its size.

use coldcase_model::{Account, InputFacts, Space};

use crate::tables::{Text, U32, U64, table};

/// One account of an input's ledger.
#[derive(Clone, Copy)]
pub(crate) struct CoverageRow<'r> {
    /// The input.
    pub(crate) facts: &'r InputFacts,
    /// In which bytes the ledger counts.
    pub(crate) space: Space,
    /// The account.
    pub(crate) account: Account,
    /// What stands in it.
    pub(crate) bytes: u64,
}

impl<'r> CoverageRow<'r> {
    /// The rows of an input: stored bytes first, then decoded ones if it is compressed.
    pub(crate) fn all(facts: &'r InputFacts) -> impl Iterator<Item = Self> {
        let decoded = facts.decoded.as_ref().map(|ledger| (Space::Decoded, ledger));
        [(Space::Stored, &facts.stored)].into_iter().chain(decoded).flat_map(move |(space, ledger)| {
            ledger.entries().map(move |(account, bytes)| Self { facts, space, account, bytes })
        })
    }
}

table! {
    /// Where every byte of the inputs ended: one row for each input, space and account that holds anything.
    Coverage<'r>("coverage") from row: CoverageRow<'r> {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = row.facts.artifact.0;
        /// The input's path as named or found.
        path: Text = &row.facts.path;
        /// Which bytes are counted: `stored` on disk, or `decoded` from a compressed input. Do not add the two.
        space: Text = row.space.as_str();
        /// `scanned`, `opaque` (encrypted or of an unknown format), `lost` (damaged or cut), `over_limit` (beyond a
        /// cap) or `framing` (carries no content).
        account: Text = row.account.as_str();
        /// How many bytes ended there.
        bytes: U64["bytes"] = row.bytes;
    }
}
