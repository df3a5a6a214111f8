//! Caps of the capture reader.

/// The longest frame that any setting allows, in bytes: libpcap's cap for every link type but USB and D-Bus is 256 KiB,
/// and no interface joins packets to more than a few MiB.
pub(super) const MOST_FRAME: usize = 16 << 20;

/// The longest block that is read whole, in bytes: the longest frame, with room for options.
pub(super) const MOST_BLOCK: usize = MOST_FRAME + (1 << 20);

/// The longest packet that a search for the next sound record takes for one: longer ones would make it wait for content
/// that a lie asked for.
pub(super) const MOST_SEARCHED: usize = 262_144;

/// Caps on what is read and kept.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest frame given out, in bytes. Longer ones are over the limit; beyond 16 MiB the record is damaged.
    pub frame: usize,
    /// How many bytes a search for the next sound record may cross; what follows is lost.
    pub resync: u64,
    /// Interfaces that are described in one file.
    pub interfaces: usize,
    /// Comments that are kept.
    pub comments: usize,
    /// Bytes that are kept of each name, filter or comment.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // MAXIMUM_SNAPLEN of libpcap.
            frame: 262_144,
            // A damaged disk block is far shorter; a search costs about as much as reading.
            resync: 64 << 20,
            // A host with many containers has some hundreds.
            interfaces: 4096,
            comments: 256,
            text: 1024,
        }
    }
}

impl Limits {
    /// The same with the frame cap held to what is possible.
    pub(super) fn checked(mut self) -> Self {
        self.frame = self.frame.min(MOST_FRAME);
        self
    }
}
