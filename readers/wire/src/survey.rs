//! What a capture holds by protocol and by host: counts for a person who asks what is there.
//!
//! Left out: what messages say. Of a connection the bytes that were handed on in order are counted, not those of its headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Side;

/// So many hosts are counted by name; those that come later are counted together.
const MOST_HOSTS: usize = 4096;
/// Names of hosts are at most this long (RFC 1035, section 2.3.4); longer ones are cut.
const LONGEST_HOST: usize = 255;

/// Connections and datagrams that have something in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// TCP connections.
    pub connections: u64,
    /// Datagrams.
    pub datagrams: u64,
    /// Payload that clients sent. Units: bytes.
    pub to_server: u64,
    /// Payload that servers sent. Units: bytes.
    pub to_client: u64,
}

impl Traffic {
    /// Both directions.
    pub fn bytes(&self) -> u64 {
        self.to_server.saturating_add(self.to_client)
    }

    pub(crate) fn carry(&mut self, side: Side, bytes: u64) {
        let count = match side {
            Side::Client => &mut self.to_server,
            Side::Server => &mut self.to_client,
        };
        *count = count.saturating_add(bytes);
    }

    fn add(&mut self, other: Self) {
        self.connections += other.connections;
        self.datagrams += other.datagrams;
        self.to_server = self.to_server.saturating_add(other.to_server);
        self.to_client = self.to_client.saturating_add(other.to_client);
    }
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Everything together.
    pub all: Traffic,
    /// Connections whose start was not seen.
    pub without_start: u64,
    /// By protocol, from the outside in: `tls/http2`, `udp/dns`. A connection without payload is `none`.
    pub protocols: BTreeMap<String, Traffic>,
    /// By server: the name that the client asked for, else the address.
    pub hosts: BTreeMap<Arc<str>, Traffic>,
    /// Of the hosts beyond the 4,096 that are counted by name.
    pub other_hosts: Traffic,
    /// Holes in streams of connections.
    pub gaps: u64,
    /// Their bytes.
    pub gap_bytes: u64,
}

impl Survey {
    /// Counts a connection or datagrams.
    pub(crate) fn add(&mut self, protocol: &str, host: &str, traffic: Traffic) {
        self.all.add(traffic);
        // Protocols are a handful, nested a few deep.
        match self.protocols.get_mut(protocol) {
            Some(known) => known.add(traffic),
            None => self.protocols.entry(protocol.to_owned()).or_default().add(traffic),
        }
        let host = cut(host);
        if let Some(known) = self.hosts.get_mut(host) {
            known.add(traffic);
        } else if self.hosts.len() < MOST_HOSTS {
            self.hosts.insert(Arc::from(host), traffic);
        } else {
            self.other_hosts.add(traffic);
        }
    }

    /// Counts a hole in a stream.
    pub(crate) fn gap(&mut self, bytes: u64) {
        self.gaps += 1;
        self.gap_bytes = self.gap_bytes.saturating_add(bytes);
    }
}

fn cut(host: &str) -> &str {
    let end = (0..=LONGEST_HOST).rev().find(|end| host.is_char_boundary(*end)).unwrap_or(0);
    host.get(..end.min(host.len())).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_beyond_the_cap_are_counted_together() {
        let mut survey = Survey::default();
        let one = Traffic { connections: 1, to_client: 5, ..Traffic::default() };
        for number in 0..MOST_HOSTS + 3 {
            survey.add("tls", &format!("{number}.example.test"), one);
        }
        survey.add("tls", "0.example.test", one);
        assert_eq!((survey.hosts.len(), survey.other_hosts.connections), (MOST_HOSTS, 3));
        assert_eq!(survey.hosts["0.example.test"].connections, 2);
        assert_eq!(survey.protocols["tls"].bytes(), survey.all.bytes());
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"é".repeat(200)).len(), 254);
        assert_eq!(cut(&"a".repeat(300)).len(), 255);
    }
}
