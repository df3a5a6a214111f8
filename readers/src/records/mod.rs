//! Event records, Coldcase's public interchange: one JSON object a line, `"v": 1`. Read and written.

mod lines;
mod read;
mod write;

pub use lines::RecordLines;
pub(crate) use read::RecordsReader;
pub use write::write_event;
