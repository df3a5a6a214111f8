//! A table's Parquet file: rows in, row groups out, with a bound on what is held in memory.
//!
//! A batch ends at a number of rows or of text bytes, a row group at a number of rows or of encoded bytes,
//! whichever comes first. All four are counted, never timed, so the same rows give the same bytes.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::ReportError;
use crate::output::{Output, OutputFile};
use crate::tables::{Table, TableSpec};

/// Rows in a batch.
const BATCH_ROWS: usize = 16_384;
/// Bytes of text in a batch: findings with long excerpts end a batch early.
const BATCH_TEXT_BYTES: usize = 1 << 20;
/// How often the text is measured: a row's text is bounded to a few kilobytes, so this overshoots by little.
const MEASURE_EVERY: usize = 64;
/// Rows in a row group.
const GROUP_ROWS: usize = 131_072;
/// Encoded bytes of a row group that wait in memory for its end.
const GROUP_BYTES: usize = 4 << 20;
/// Pages are cut here; small pages keep the writer's buffers small.
const PAGE_BYTES: usize = 128 << 10;

/// A table and its file.
pub(crate) struct TableFile<T> {
    rows: T,
    held: usize,
    schema: SchemaRef,
    writer: ArrowWriter<OutputFile>,
}

impl<T: Table> TableFile<T> {
    /// Makes `tables/<name>.parquet` under the report's folder.
    pub(crate) fn create(dir: &Path, version: &str) -> Result<Self, ReportError> {
        let spec = T::spec();
        let file = OutputFile::create(dir, &format!("tables/{}.parquet", spec.name))?;
        let path = file.path().to_owned();
        let schema = spec.schema();
        properties(&spec, version)
            .and_then(|properties| ArrowWriter::try_new(file, schema.clone(), Some(properties)))
            .map(|writer| Self { rows: T::empty(), held: 0, schema, writer })
            .map_err(|cause| ReportError::Table { path, cause })
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, row: T::Row<'_>) -> Result<(), ReportError> {
        self.rows.push(row);
        self.held += 1;
        let full = self.held >= BATCH_ROWS
            || (self.held.is_multiple_of(MEASURE_EVERY) && self.rows.text_bytes() >= BATCH_TEXT_BYTES);
        if full { self.write_batch() } else { Ok(()) }
    }

    /// Writes what is held and the file's footer.
    pub(crate) fn seal(mut self) -> Result<Output, ReportError> {
        self.write_batch()?;
        let path = self.writer.inner().path().to_owned();
        let file = self.writer.into_inner().map_err(|cause| ReportError::Table { path, cause })?;
        Ok(file.seal())
    }

    fn write_batch(&mut self) -> Result<(), ReportError> {
        if self.held == 0 {
            return Ok(());
        }
        self.held = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), self.rows.take())
            .map_err(|cause| ReportError::Rows { path: self.writer.inner().path().to_owned(), cause })?;
        self.write_group(&batch)
            .map_err(|cause| ReportError::Table { path: self.writer.inner().path().to_owned(), cause })
    }

    fn write_group(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.writer.write(batch)?;
        if self.writer.memory_size() >= GROUP_BYTES { self.writer.flush() } else { Ok(()) }
    }
}

fn properties(spec: &TableSpec, version: &str) -> Result<WriterProperties, ParquetError> {
    let columns =
        serde_json::to_string(&spec.columns).map_err(|cause| ParquetError::External(Box::new(cause)))?;
    let metadata =
        [("coldcase.table", spec.name), ("coldcase.version", version), ("coldcase.columns", &columns)]
            .map(|(key, value)| KeyValue::new(key.to_owned(), Some(value.to_owned())));
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(PAGE_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(metadata.to_vec()));
    for column in spec.columns.iter().filter(|column| climbs(&column.data_type)) {
        let path = ColumnPath::from(column.name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    Ok(properties.build())
}

/// Whether a column mostly climbs from row to row (positions, times), which differences encode far better, and
/// faster, than a dictionary does.
fn climbs(data_type: &DataType) -> bool {
    matches!(data_type, DataType::UInt64 | DataType::Timestamp(..))
}
