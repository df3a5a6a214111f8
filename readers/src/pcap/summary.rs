//! What a capture holds and says of itself, in the model's words: lists are cut, names made displayable.

use coldcase_model::{
    CaptureClock, CaptureDrops, CaptureGaps, CaptureInterface, CaptureSummary, CaptureTraffic, Excerpt,
};
use coldcase_wire::capture::{CaptureFacts, InterfaceFacts};
use coldcase_wire::{Survey, Traffic};

/// So many hosts, protocols and interfaces are named.
const NAMED: usize = 20;

/// What a file says of itself; `missing` are bytes that its packets lack.
pub(super) fn of_file(facts: &CaptureFacts, missing: u64) -> CaptureSummary {
    let all = &facts.interfaces;
    let sum = |of: &dyn Fn(&InterfaceFacts) -> u64| all.iter().map(of).fold(0, u64::saturating_add);
    let most = |of: &dyn Fn(&InterfaceFacts) -> u64| all.iter().map(of).max().unwrap_or(0);
    CaptureSummary {
        variant: facts.variant.into(),
        sections: facts.sections,
        interfaces: all.iter().take(NAMED).map(interface).collect(),
        interfaces_total: all.len() as u64,
        packets: sum(&|one| one.packets),
        packet_bytes: sum(&|one| one.bytes),
        first: all.iter().filter_map(|one| one.first).min(),
        last: all.iter().filter_map(|one| one.last).max(),
        clock: CaptureClock {
            back: sum(&|one| one.clock_back),
            back_most: most(&|one| one.clock_back_most),
            jumps: sum(&|one| one.clock_jumps),
            jump_most: most(&|one| one.clock_jump_most),
            too_early: sum(&|one| one.too_early),
            too_late: sum(&|one| one.too_late),
            untimed: sum(&|one| one.untimed),
        },
        drops: CaptureDrops {
            received: told(all, |one| one.received),
            dropped: told(all, |one| one.dropped),
            before_packets: sum(&|one| one.dropped_before),
        },
        gaps: CaptureGaps {
            cut_packets: sum(&|one| one.cut),
            missing_bytes: missing,
            ..CaptureGaps::default()
        },
        comments: facts.comments_seen,
        ..CaptureSummary::default()
    }
}

/// Adds what was found in the file by protocol and host.
pub(super) fn add_survey(summary: &mut CaptureSummary, survey: &Survey) {
    summary.gaps.stream_gaps = survey.gaps;
    summary.gaps.stream_bytes = survey.gap_bytes;
    summary.all = traffic("", &survey.all);
    summary.without_start = survey.without_start;
    summary.protocols = largest(survey.protocols.iter().map(|(name, one)| (&**name, one)));
    summary.protocols_total = survey.protocols.len() as u64;
    summary.hosts = largest(survey.hosts.iter().map(|(name, one)| (&**name, one)));
    summary.hosts_total = survey.hosts.len() as u64;
    summary.hosts_beyond = traffic("", &survey.other_hosts);
}

/// The sum of what interfaces tell; `None` if none does.
fn told(all: &[InterfaceFacts], of: impl Fn(&InterfaceFacts) -> Option<u64>) -> Option<u64> {
    all.iter().filter_map(of).reduce(u64::saturating_add)
}

fn interface(facts: &InterfaceFacts) -> CaptureInterface {
    CaptureInterface {
        name: facts.name.as_deref().map(shown),
        link: facts.link,
        filter: facts.filter.as_deref().map(shown),
        packets: facts.packets,
        bytes: facts.bytes,
    }
}

/// Those with the most bytes, in a stable order.
fn largest<'t>(all: impl Iterator<Item = (&'t str, &'t Traffic)>) -> Vec<CaptureTraffic> {
    let mut all: Vec<_> = all.collect();
    all.sort_by(|(name, one), (other_name, other)| {
        other.bytes().cmp(&one.bytes()).then_with(|| name.cmp(other_name))
    });
    all.into_iter().take(NAMED).map(|(name, one)| traffic(name, one)).collect()
}

fn traffic(name: &str, one: &Traffic) -> CaptureTraffic {
    CaptureTraffic {
        name: shown(name.as_bytes()),
        connections: one.connections,
        datagrams: one.datagrams,
        to_server: one.to_server,
        to_client: one.to_client,
    }
}

fn shown(name: &[u8]) -> String {
    Excerpt::of_name(name).as_str().to_owned()
}
