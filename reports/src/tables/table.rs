//! A table: its columns with their meaning, and how a row fills them, declared together in one place by `table!`.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::Serialize;

/// What is publicly said about a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ColumnSpec {
    /// Its name, the same in Parquet, JSON Lines and HTML.
    pub(crate) name: &'static str,
    /// Its type as documentation names it.
    #[serde(rename = "type")]
    pub(crate) type_name: &'static str,
    /// Whether a row may lack the value.
    pub(crate) nullable: bool,
    /// In which unit it counts; `None` where it does not measure anything.
    pub(crate) unit: Option<&'static str>,
    /// What it means.
    pub(crate) doc: String,
    /// Its type as Arrow names it.
    #[serde(skip)]
    pub(crate) data_type: DataType,
}

/// What is publicly said about a table.
#[derive(Debug, Clone)]
pub(crate) struct TableSpec {
    /// Its name, and that of its file without the ending.
    pub(crate) name: &'static str,
    /// What a row stands for.
    pub(crate) doc: String,
    /// Its columns, in order.
    pub(crate) columns: Vec<ColumnSpec>,
}

impl TableSpec {
    /// The Arrow schema; each field carries its meaning as metadata `doc`.
    pub(crate) fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let doc = match column.unit {
                Some(unit) => format!("{} Unit: {unit}.", column.doc),
                None => column.doc.clone(),
            };
            // One entry a map, so that no hash order can reach the file.
            let metadata = HashMap::from([("doc".to_owned(), doc)]);
            Field::new(column.name, column.data_type.clone(), column.nullable).with_metadata(metadata)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// A table under construction: one batch of rows, held by column.
pub(crate) trait Table {
    /// What a row is made from.
    type Row<'r>;
    /// No rows yet.
    fn empty() -> Self;
    /// What is publicly said about it.
    fn spec() -> TableSpec;
    /// Appends a row.
    fn push(&mut self, row: Self::Row<'_>);
    /// The batch so far, by column, leaving the table empty.
    fn take(&mut self) -> Vec<ArrayRef>;
    /// Bytes of text in the batch so far.
    fn text_bytes(&self) -> usize;
}

/// Joins the lines of a doc comment into one paragraph.
pub(crate) fn paragraph(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Declares a table: doc comments are the public documentation, the type says whether a row may lack the value,
/// the text in brackets is the unit, and the expression fills the column from a row.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $table:ident<$life:lifetime>($name:literal) from $row:ident: $source:ty {
            $($(#[doc = $doc:literal])+ $column:ident: $type:ty $([$unit:literal])? = $value:expr;)+
        }
    ) => {
        $(#[doc = $about])+
        pub(crate) struct $table { $($column: $type),+ }

        impl $crate::tables::Table for $table {
            type Row<$life> = $source;

            fn empty() -> Self {
                Self { $($column: $crate::tables::Column::empty()),+ }
            }

            fn spec() -> $crate::tables::TableSpec {
                $crate::tables::TableSpec {
                    name: $name,
                    doc: $crate::tables::paragraph(&[$($about),+]),
                    columns: vec![$($crate::tables::ColumnSpec {
                        name: stringify!($column),
                        type_name: <$type as $crate::tables::Column>::TYPE_NAME,
                        nullable: <$type as $crate::tables::Column>::NULLABLE,
                        unit: None$(.or(Some($unit)))?,
                        doc: $crate::tables::paragraph(&[$($doc),+]),
                        data_type: <$type as $crate::tables::Column>::data_type(),
                    }),+],
                }
            }

            fn push(&mut self, $row: Self::Row<'_>) {
                $(self.$column.push($value);)+
            }

            fn take(&mut self) -> Vec<arrow_array::ArrayRef> {
                vec![$($crate::tables::Column::take(&mut self.$column)),+]
            }

            fn text_bytes(&self) -> usize {
                0 $(+ $crate::tables::Column::text_bytes(&self.$column))+
            }
        }
    };
}
pub(crate) use table;
