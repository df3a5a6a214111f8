//! What a capture holds by protocol and by host: counts for a person who asks what is there.
//!
//! Left out: what messages say. Of a connection the bytes that were handed on in order are counted, not those of its headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Side;

/// So many hosts of a file are counted by name; those that come later are counted together.
const MOST_HOSTS: usize = 4096;
/// The same of all files of a ring.
const MOST_HOSTS_OF_ALL: usize = 1 << 16;
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

/// A survey for each file; a connection counts where it began.
#[derive(Debug)]
pub(crate) struct Surveys {
    pub(crate) files: Vec<Survey>,
    /// Names in all of them.
    hosts: usize,
}

impl Default for Surveys {
    fn default() -> Self {
        Self { files: vec![Survey::default()], hosts: 0 }
    }
}

impl Surveys {
    /// The file that is being read.
    pub(crate) fn now(&self) -> usize {
        self.files.len() - 1
    }

    /// Counts in a file.
    pub(crate) fn add(&mut self, file: usize, protocol: &str, host: &str, traffic: Traffic) {
        let most = MOST_HOSTS_OF_ALL.saturating_sub(self.hosts);
        let Some(survey) = self.files.get_mut(file) else { return };
        let before = survey.hosts.len();
        survey.add(protocol, host, traffic, MOST_HOSTS.min(before + most));
        self.hosts += survey.hosts.len() - before;
    }

    /// Counts a connection that began in a file.
    pub(crate) fn connection(
        &mut self,
        file: usize,
        protocol: &str,
        (host, has_syn): (&str, bool),
        traffic: Traffic,
    ) {
        self.add(file, protocol, host, traffic);
        if let Some(survey) = self.files.get_mut(file) {
            survey.without_start += u64::from(!has_syn);
        }
    }

    /// Counts a hole in a stream, where it was noticed.
    pub(crate) fn gap(&mut self, bytes: u64) {
        if let Some(survey) = self.files.last_mut() {
            survey.gaps += 1;
            survey.gap_bytes = survey.gap_bytes.saturating_add(bytes);
        }
    }
}

impl Survey {
    /// Counts a connection or datagrams; the host by name if it is among the first `most`.
    fn add(&mut self, protocol: &str, host: &str, traffic: Traffic, most: usize) {
        self.all.add(traffic);
        // Protocols are a handful, nested a few deep.
        match self.protocols.get_mut(protocol) {
            Some(known) => known.add(traffic),
            None => self.protocols.entry(protocol.to_owned()).or_default().add(traffic),
        }
        let host = cut(host);
        if let Some(known) = self.hosts.get_mut(host) {
            known.add(traffic);
        } else if self.hosts.len() < most {
            self.hosts.insert(Arc::from(host), traffic);
        } else {
            self.other_hosts.add(traffic);
        }
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
        let mut surveys = Surveys::default();
        let one = Traffic { connections: 1, to_client: 5, ..Traffic::default() };
        for number in 0..MOST_HOSTS + 3 {
            surveys.add(0, "tls", &format!("{number}.example.test"), one);
        }
        surveys.add(0, "tls", "0.example.test", one);
        let survey = &surveys.files[0];
        assert_eq!((survey.hosts.len(), survey.other_hosts.connections), (MOST_HOSTS, 3));
        assert_eq!(survey.hosts["0.example.test"].connections, 2);
        assert_eq!(survey.protocols["tls"].bytes(), survey.all.bytes());
    }

    #[test]
    fn all_files_together_have_a_cap_too() {
        let mut surveys = Surveys::default();
        surveys.files.resize(20, Survey::default());
        for file in 0..20 {
            for number in 0..MOST_HOSTS {
                surveys.add(
                    file,
                    "tls",
                    &number.to_string(),
                    Traffic { connections: 1, ..Traffic::default() },
                );
            }
        }
        let named: usize = surveys.files.iter().map(|survey| survey.hosts.len()).sum();
        let others: u64 = surveys.files.iter().map(|survey| survey.other_hosts.connections).sum();
        assert_eq!((named, others), (MOST_HOSTS_OF_ALL, 4 * MOST_HOSTS as u64));
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"é".repeat(200)).len(), 254);
        assert_eq!(cut(&"a".repeat(300)).len(), 255);
    }
}
