//! The table `chains`: what the verification of each audit log came to, one row a session's log.
//!
//! Lists stand side by side: the same place in lists whose names start alike is about the same thing.

use coldcase_model::{Chain, ChainPlace};

use crate::tables::{Nullable, Text, Texts, U64, U64s, table};

table! {
    /// What the audit logs among the inputs prove: one row for each session's log in a folder, in input order. Chains
    /// are verified after the scan, from a second read of the files: the SHA-256 in `inputs` is of the first.
    Chains<'r>("chains") from chain: &'r Chain {
        /// The folder of the log's files, as named or found.
        folder: Text = &chain.folder;
        /// The session whose log it is.
        session: Text = &chain.session;
        /// The log's format.
        format: Text = chain.format;
        /// `intact`, `missing_start` (entries hash and link, the first are not here), `torn_tail` (an incomplete line
        /// follows), `broken` or `empty`.
        status: Text = chain.status.as_str();
        /// Files of the log.
        files: U64["files"] = chain.files;
        /// Whole entries that are spelled as a recorder spells them.
        entries: U64["entries"] = chain.entries;
        /// Bytes of the log's files.
        bytes: U64["bytes"] = chain.bytes;
        /// The sequence number of the first entry; null without one.
        first_seq: Nullable<U64> = chain.first_seq;
        /// The sequence number of the last entry; null without one.
        last_seq: Nullable<U64> = chain.last_seq;
        /// The hash of the last entry, 64 hex digits, to be compared with a copy kept elsewhere; null without one.
        head_hash: Nullable<Text> = chain.head_hash.as_deref();
        /// The last entry that a trusted key vouches for, with all before it; null: nothing is authenticated.
        authenticated_through_seq: Nullable<U64> = chain.authenticated_through_seq;
        /// Keys that were given as trusted.
        trusted_keys: U64["keys"] = chain.trusted_keys;
        /// The trusted keys that vouch for entries, in hex, in the order in which they signed.
        keys: Texts = chain.authority.iter().map(|range| &range.key);
        /// Of each of `keys`, the first entry that it vouches for.
        key_first_seqs: U64s = chain.authority.iter().map(|range| Some(range.first_seq));
        /// Of each of `keys`, the last entry that it vouches for.
        key_last_seqs: U64s = chain.authority.iter().map(|range| Some(range.last_seq));
        /// Checkpoints.
        checkpoints: U64["checkpoints"] = chain.checkpoints.total;
        /// Checkpoints with a signature.
        checkpoints_signed: U64["checkpoints"] = chain.checkpoints.signed;
        /// Checkpoints with a signature by a trusted key.
        checkpoints_good: U64["checkpoints"] = chain.checkpoints.good;
        /// Places where the log is not what a recorder leaves.
        breaks_total: U64["breaks"] = chain.breaks_total;
        /// The file of the first break that is a line's; null without one.
        first_bad_file: Nullable<Text> = chain.first_bad.as_ref().map(|place| &place.file);
        /// The line of that break, from 1.
        first_bad_line: Nullable<U64> = chain.first_bad.as_ref().map(|place| place.line);
        /// Where that line starts in its file.
        first_bad_offset: Nullable<U64>["bytes"] = chain.first_bad.as_ref().map(|place| place.offset);
        /// The first 256 breaks by what was seen: `line`, `hash_differs`, `link_differs`, `missing` and others.
        break_reasons: Texts = chain.breaks.iter().map(|found| found.reason);
        /// Of each of `break_reasons`, the entry; null where its number cannot be read.
        break_seqs: U64s = chain.breaks.iter().map(|found| found.seq);
        /// Of each of `break_reasons`, the file; empty where the set of files is at fault.
        break_files: Texts = chain.breaks.iter().map(|found| file(found.place.as_ref()));
        /// Of each of `break_reasons`, the line, from 1; null where the set of files is at fault.
        break_lines: U64s = chain.breaks.iter().map(|found| found.place.as_ref().map(|place| place.line));
        /// The first entry of each stretch of good entries between breaks, at most 256.
        stretch_first_seqs: U64s = chain.stretches.iter().map(|stretch| Some(stretch.first_seq));
        /// The last entry of each stretch.
        stretch_last_seqs: U64s = chain.stretches.iter().map(|stretch| Some(stretch.last_seq));
        /// The last entry of each stretch that a good checkpoint inside it vouches for; null without one. Behind a
        /// break this says nothing about what is before the break.
        stretch_authenticated_through_seqs: U64s =
            chain.stretches.iter().map(|stretch| stretch.authenticated_through_seq);
        /// The file that ends in an incomplete line; null if none does.
        torn_file: Nullable<Text> = chain.torn.as_ref().map(|torn| &torn.file);
        /// Where the last whole line of that file ends.
        torn_offset: Nullable<U64>["bytes"] = chain.torn.as_ref().map(|torn| torn.last_good_offset);
        /// The size of the incomplete line.
        torn_bytes: Nullable<U64>["bytes"] = chain.torn.as_ref().map(|torn| torn.bytes);
        /// What the chain of receipts inside the log came to; null if none was looked for.
        receipts: Nullable<Text> = chain.receipts.as_deref();
        /// Whether entries hash and link, in words.
        consistent: Text = sentence(chain, 0);
        /// Which key vouches for which entries, in words.
        authenticated: Text = sentence(chain, 1);
        /// How the log ends and what that cannot show, in words.
        complete: Text = sentence(chain, 2);
        /// What was seen first that should not be, and what would leave it, in words.
        damage: Text = sentence(chain, 3);
        /// What is worth knowing and no break.
        remarks: Texts = &chain.remarks;
    }
}

fn file(place: Option<&ChainPlace>) -> &str {
    place.map_or("", |place| place.file.as_str())
}

fn sentence(chain: &Chain, which: usize) -> &str {
    chain.sentences.get(which).map_or("", String::as_str)
}
