//! The table `inputs`: what was looked at, including what could not be read.

use coldcase_model::{Account, InputFacts};

use crate::tables::{Nullable, Text, U32, U64, table};

table! {
    /// What was looked at: one row for each input, in input order, including those that could not be read.
    Inputs<'r>("inputs") from facts: &'r InputFacts {
        /// The input's place in the run, from 0. Every other table points here.
        artifact: U32 = facts.artifact.0;
        /// Its path as named or found, made displayable.
        path: Text = &facts.path;
        /// The SHA-256 of its stored bytes, 64 hex digits; null when it could not be read to its end.
        sha256: Nullable<Text> = facts.sha256.map(|digest| digest.to_string());
        /// Its size on disk.
        stored_bytes: U64["bytes"] = facts.stored_bytes;
        /// The size of its content after decompression; equal to `stored_bytes` when it is not compressed.
        decoded_bytes: U64["bytes"] = facts.decoded_bytes;
        /// The compression around it: `none`, `gzip` or `zstd`.
        compression: Text = &*facts.compression;
        /// The format that was recognised by content.
        format: Text = &*facts.format;
        /// The software that wrote it, where the format says so.
        creator: Nullable<Text> = facts.creator.as_deref();
        /// What became of it: `read`, `partial`, `not_scanned` or `failed`.
        state: Text = facts.state.as_str();
        /// Records that were read.
        records: U64["records"] = facts.records;
        /// Events that came of them.
        events: U64["events"] = facts.events;
        /// Anomalies in it.
        anomalies: U64["anomalies"] = facts.anomalies;
        /// Stored bytes whose content was scanned. The other accounts are in `coverage`.
        scanned_bytes: U64["bytes"] = facts.stored.bytes(Account::Scanned);
    }
}
