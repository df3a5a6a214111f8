//! How tables are built and written, whatever is in them: columns, declarations, Parquet files.

mod column;
mod file;
mod table;

pub(crate) use column::{Column, F32, F64, Nullable, Text, Texts, Time, U16, U32, U64, U64s};
pub(crate) use file::TableFile;
pub(crate) use table::{ColumnSpec, Table, TableSpec, paragraph, table};
