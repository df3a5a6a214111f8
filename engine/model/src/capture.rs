//! What a packet capture holds and says of itself, as `inspect` shows it: counts, no content.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Traffic that has something in common: a protocol, or a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureTraffic {
    /// The protocol or host, made displayable.
    pub name: String,
    /// TCP connections.
    pub connections: u64,
    /// Datagrams.
    pub datagrams: u64,
    /// Payload that clients sent. Units: bytes.
    pub to_server: u64,
    /// Payload that servers sent. Units: bytes.
    pub to_client: u64,
}

/// What the clocks of a capture's interfaces did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureClock {
    /// Packets that are earlier than the one before them on their interface.
    pub back: u64,
    /// The longest way back. Units: nanoseconds.
    pub back_most: u64,
    /// Packets that are over an hour later than the one before them.
    pub jumps: u64,
    /// The longest jump. Units: nanoseconds.
    pub jump_most: u64,
    /// Packets from before 1990: a time of zero, or a count from when a machine was started.
    pub too_early: u64,
    /// Packets from 2100 on.
    pub too_late: u64,
    /// Packets without a time.
    pub untimed: u64,
}

/// What the capture says was dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureDrops {
    /// Packets that interfaces received; `None` if no interface says so.
    pub received: Option<u64>,
    /// Packets that were dropped for want of resources; `None` if no interface says so.
    pub dropped: Option<u64>,
    /// Packets that single records say were dropped before them.
    pub before_packets: u64,
}

/// What the capture lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureGaps {
    /// Holes in streams of TCP.
    pub stream_gaps: u64,
    /// Their bytes.
    pub stream_bytes: u64,
    /// Packets that the snap length cut.
    pub cut_packets: u64,
    /// Payload that is not in packets although their headers say so. Units: bytes.
    pub missing_bytes: u64,
}

/// One interface of a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureInterface {
    /// Its name, made displayable; `None` if the file has none.
    pub name: Option<String>,
    /// LINKTYPE value.
    pub link: u16,
    /// The capture filter, made displayable.
    pub filter: Option<String>,
    /// Packets.
    pub packets: u64,
    /// Their captured bytes.
    pub bytes: u64,
}

/// What is in a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureSummary {
    /// The variant of the format: `pcap, nanoseconds`.
    pub variant: Cow<'static, str>,
    /// Sections of pcapng; 1 for pcap.
    pub sections: u32,
    /// The first interfaces.
    pub interfaces: Vec<CaptureInterface>,
    /// Interfaces in all.
    pub interfaces_total: u64,
    /// Packets in all.
    pub packets: u64,
    /// Their captured bytes.
    pub packet_bytes: u64,
    /// The earliest time, in nanoseconds since 1970; `None` if no packet has one.
    pub first: Option<i64>,
    /// The latest time.
    pub last: Option<i64>,
    /// What is odd about times.
    pub clock: CaptureClock,
    /// What the capture says was dropped.
    pub drops: CaptureDrops,
    /// What it lacks.
    pub gaps: CaptureGaps,
    /// All traffic; its name is empty.
    pub all: CaptureTraffic,
    /// Connections whose start was not seen.
    pub without_start: u64,
    /// Protocols from the outside in (`tls/http2`, `udp/dns`), the most bytes first.
    pub protocols: Vec<CaptureTraffic>,
    /// Protocols in all.
    pub protocols_total: u64,
    /// Servers, the most bytes first.
    pub hosts: Vec<CaptureTraffic>,
    /// Servers in all that were counted by name.
    pub hosts_total: u64,
    /// Traffic of servers that were not counted by name, for there were too many.
    pub hosts_beyond: CaptureTraffic,
    /// Comments in the file.
    pub comments: u64,
    /// Where it was joined with others of its ring: its number in order of time, from 1, and how many they are.
    pub ring: Option<(u64, u64)>,
}
