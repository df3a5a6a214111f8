//! Where in a set of files something stands.

/// A line of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The shard, as an index into the set's files in the order in which they are read.
    pub file: u32,
    /// The line, counted from 1.
    pub line: u64,
    /// The byte offset of the line's first byte in its file.
    pub offset: u64,
}
