//! Caps on what one connection keeps, and the account of its bytes.

/// Caps on what is kept. What is over is counted and noted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a head. Most servers refuse more than 8 to 64 KiB; Go's takes 1 MiB.
    pub head: usize,
    /// Fields of a head that are listed; all of them count for framing.
    pub fields: usize,
    /// Bytes of a body.
    pub body: usize,
    /// Bytes of trailers, and of chunk extensions.
    pub trailer: usize,
    /// Bytes of a client that wait for the answer to `CONNECT` or `Upgrade`.
    pub held: usize,
    /// Places in a part's map to the file: one a packet or chunk, 32 bytes each.
    pub extents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 256 << 10,
            fields: 1000,
            body: 16 << 20,
            trailer: 64 << 10,
            held: 64 << 10,
            extents: 1 << 16,
        }
    }
}

/// Where the bytes went. All but `lost` add up to what was pushed, once both sides are finished.
///
/// Units: bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Handed on: heads, bodies, trailers, chunk extensions, and what follows an upgrade.
    pub content: u64,
    /// Sizes and ends of chunks, empty lines between messages.
    pub framing: u64,
    /// Over one of the [`Limits`].
    pub over_limit: u64,
    /// Missing from the capture: what [`super::Connection::gap`] was told.
    pub lost: u64,
    /// Belongs to no message that could be recognised.
    pub opaque: u64,
}
