//! The table `anomalies`: where inputs break their own format. An anomaly is data, neither error nor finding.

use coldcase_model::Anomaly;

use crate::tables::{Text, U32, U64, table};

table! {
    /// Where inputs break their own format: one row for each anomaly, in input order.
    Anomalies<'r>("anomalies") from anomaly: &'r Anomaly {
        /// The input: its `artifact` in `inputs`.
        artifact: U32 = anomaly.pos.artifact.0;
        /// The reader's record (line, HAR entry), from 0.
        record: U64 = anomaly.pos.record;
        /// Where in the input's content, after decompression if the input is compressed.
        offset: U64["bytes"] = anomaly.pos.offset;
        /// In which way the input is odd: `malformed`, `cut_short`, `bad_compression`, `trailing_bytes`, `over_limit`,
        /// `bad_field`, `missing_field`, `unknown_field`, `bad_body`, `duplicate_key`, `unknown_version`,
        /// `unknown_format`, `unpaired`, `unreadable` or `view_budget`.
        kind: Text = anomaly.kind.as_str();
        /// What exactly, in words of the format.
        what: Text = &anomaly.what;
    }
}
