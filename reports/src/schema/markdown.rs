//! The tables' public documentation, made from the types: `docs/TABLES.md` is this text, and a test compares them.

use std::fmt::Write as _;

use crate::tables::{ColumnSpec, TableSpec};

const ABOUT: &str = "\
# The tables

Generated from `reports/src/schema/`; do not edit. To renew:
`cargo run -p coldcase-reports --example tables > docs/TABLES.md`.

A scan writes `tables/<name>.parquet`, one file a table, zstd-compressed. Text is UTF-8 and harmless to show:
secrets are blanked unless the run was told to show them, control and invisible characters are visible escapes.
Rows stand in input order, and the same inputs, packs and version give the same bytes. Each file repeats its part
of this page in its metadata: as JSON under `coldcase.columns`, and as `doc` on each Arrow field;
`coldcase.version` says who wrote it.

`(artifact, event)` joins `events`, `verdicts` and `findings`; `artifact` joins all of them to `inputs`.
";

/// The content of `docs/TABLES.md`.
pub fn tables_markdown() -> String {
    let mut out = ABOUT.to_owned();
    for table in super::specs() {
        push_table(&mut out, &table);
    }
    out
}

fn push_table(out: &mut String, table: &TableSpec) {
    let _ = write!(out, "\n## {}\n\n{}\n\n", table.name, table.doc);
    out.push_str("| column | type | null | unit | meaning |\n|---|---|---|---|---|\n");
    for column in &table.columns {
        push_column(out, column);
    }
}

fn push_column(out: &mut String, column: &ColumnSpec) {
    let ColumnSpec { name, type_name, nullable, unit, doc, .. } = column;
    let null = if *nullable { "yes" } else { "" };
    let _ = writeln!(out, "| `{name}` | {type_name} | {null} | {} | {doc} |", unit.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_the_types_say() {
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/TABLES.md"));
        assert!(document == tables_markdown(), "docs/TABLES.md is stale; its head says how to renew it");
    }

    #[test]
    fn every_column_has_a_meaning_and_names_are_distinct_in_a_table() {
        for table in super::super::specs() {
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
            assert!(table.columns.iter().all(|column| column.doc.ends_with('.')), "{}", table.name);
        }
    }
}
