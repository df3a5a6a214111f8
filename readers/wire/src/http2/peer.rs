//! What is kept of one side of a connection between two pushes.

use super::block::Block;
use super::flood::Flood;
use super::hpack::Decoder;
use super::limits::Limits;
use super::reader::Reader;
use super::resync::Resync;
use super::settings::Settings;
use crate::Side;

/// One side of a connection.
#[derive(Debug)]
pub(super) struct Peer {
    /// While the next frame is looked for.
    pub(super) resync: Option<Resync>,
    pub(super) reader: Reader,
    pub(super) decoder: Decoder,
    pub(super) block: Option<Block>,
    /// What this side asked for.
    pub(super) settings: Settings,
    /// The table that this side acknowledged since its last block. Units: bytes.
    pub(super) acked: Option<u32>,
    pub(super) flood: Flood,
    /// The first bytes of a frame that ends a stream or the connection.
    pub(super) small: [u8; 8],
    pub(super) small_have: usize,
    /// Where its next byte would stand in the capture file.
    pub(super) at: u64,
}

impl Peer {
    pub(super) fn new(side: Side, limits: &Limits) -> Self {
        Self {
            resync: Some(Resync::new(side, true)),
            reader: Reader::new(),
            decoder: Decoder::new(limits.table_bytes),
            block: None,
            settings: Settings::new(),
            acked: None,
            flood: Flood::default(),
            small: [0; 8],
            small_have: 0,
            at: 0,
        }
    }

    pub(super) fn small_code(&self, from: usize) -> u32 {
        let code = self.small.get(from..from + 4).and_then(|code| code.try_into().ok()).unwrap_or_default();
        u32::from_be_bytes(code)
    }
}
