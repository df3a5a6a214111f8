//! Rows of a report's table, of the columns that are asked for.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use crate::ReportError;

/// One row.
pub(crate) struct Row(Vec<(String, Field)>);

impl Row {
    fn field(&self, column: &str) -> Option<&Field> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, field)| field)
    }

    /// A column of text; nothing where it is null.
    pub(crate) fn text(&self, column: &str) -> String {
        match self.field(column) {
            Some(Field::Str(text)) => text.clone(),
            _ => String::new(),
        }
    }

    /// A column of whole numbers.
    pub(crate) fn number(&self, column: &str) -> u64 {
        match self.field(column) {
            Some(Field::ULong(number)) => *number,
            Some(Field::UInt(number)) => u64::from(*number),
            _ => 0,
        }
    }

    /// A column of fractions.
    pub(crate) fn float(&self, column: &str) -> f64 {
        match self.field(column) {
            Some(Field::Double(number)) => *number,
            _ => 0.0,
        }
    }

    /// A column of times, in nanoseconds since 1970.
    pub(crate) fn nanos(&self, column: &str) -> Option<i64> {
        match self.field(column) {
            Some(Field::Long(nanos)) => Some(*nanos),
            _ => None,
        }
    }
}

/// The rows of a table, in its order.
pub(crate) fn rows(
    report: &Path,
    table: &str,
    columns: &[&str],
) -> Result<impl Iterator<Item = Result<Row, ReportError>> + use<>, ReportError> {
    let path = report.join("tables").join(format!("{table}.parquet"));
    let file = File::open(&path).map_err(|cause| ReportError::Open { path: path.clone(), cause })?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| ReportError::Read { path, cause }
    };
    let reader = SerializedFileReader::new(file).map_err(failed(&path))?;
    let schema = reader.metadata().file_metadata().schema();
    let wanted =
        schema.get_fields().iter().filter(|field| columns.contains(&field.name())).cloned().collect();
    let schema =
        Type::group_type_builder(schema.name()).with_fields(wanted).build().map_err(failed(&path))?;
    let iter = RowIter::from_file_into(Box::new(reader)).project(Some(schema)).map_err(failed(&path))?;
    Ok(iter.map(move |row| Ok(Row(row.map_err(failed(&path))?.into_columns()))))
}
