//! Event records, Coldcase's public interchange: one JSON object a line, `"v": 1`. Read and written.

mod read;
mod write;

pub use read::RecordLines;
pub(crate) use read::RecordsReader;
pub use write::write_event;
