//! What `inspect` says of a packet capture, as rows of text and as JSON.

use coldcase_model::{
    CaptureClock, CaptureGaps, CaptureSummary, CaptureTraffic, Precision, TimeSource, Timestamp,
};
use serde_json::{Value, json};

/// Rows of a name and a value each.
pub(super) fn as_rows(summary: &CaptureSummary) -> Vec<(&'static str, String)> {
    let CaptureSummary { variant, sections, interfaces_total, packets, packet_bytes, .. } = summary;
    let mut rows = vec![
        (
            "capture",
            format!(
                "{variant}; {}, {}, {}",
                count(u64::from(*sections), "section"),
                count(*interfaces_total, "interface"),
                count(summary.comments, "comment")
            ),
        ),
        ("packets", format!("{packets}, {packet_bytes} bytes")),
    ];
    if let Some((number, of)) = summary.ring {
        rows.push(("ring", format!("file {number} of {of} by time, read as one capture")));
    }
    for interface in &summary.interfaces {
        let name = interface.name.as_deref().unwrap_or("without a name");
        let filter = interface.filter.as_ref().map(|filter| format!(", filter {filter}")).unwrap_or_default();
        let packets = count(interface.packets, "packet");
        rows.push((
            "interface",
            format!("{name}: link type {}, {packets}, {} bytes{filter}", interface.link, interface.bytes),
        ));
    }
    rows.extend(more("interface", summary.interfaces_total, summary.interfaces.len()));
    rows.push(("time", range(summary)));
    rows.push(("clock", clock(&summary.clock)));
    rows.push(("dropped", drops(summary)));
    rows.push(("gaps", gaps(&summary.gaps)));
    rows.push(("connections", connections(summary)));
    for (name, all, total) in [
        ("protocol", &summary.protocols, summary.protocols_total),
        ("host", &summary.hosts, summary.hosts_total),
    ] {
        rows.extend(all.iter().map(|one| (name, format!("{}: {}", one.name, traffic(one)))));
        rows.extend(more(name, total, all.len()));
    }
    let beyond = &summary.hosts_beyond;
    if beyond.connections + beyond.datagrams > 0 {
        rows.push(("host", format!("and others that are not counted by name: {}", traffic(beyond))));
    }
    rows
}

/// The same for programs.
pub(super) fn as_json(
    summary: &CaptureSummary,
    (sessions, sessions_total): (Vec<(&str, u64)>, usize),
) -> Value {
    let session = |(name, events): &(&str, u64)| json!({ "name": name, "events": events });
    let CaptureSummary { clock, drops, gaps, .. } = summary;
    let interface = |one: &coldcase_model::CaptureInterface| {
        json!({
            "name": one.name, "link": one.link, "filter": one.filter,
            "packets": one.packets, "bytes": one.bytes,
        })
    };
    json!({
        "variant": summary.variant,
        "sections": summary.sections,
        "comments": summary.comments,
        "ring": summary.ring.map(|(number, of)| json!({ "file": number, "of": of })),
        "interfaces": summary.interfaces.iter().map(interface).collect::<Vec<_>>(),
        "interfaces_total": summary.interfaces_total,
        "packets": summary.packets,
        "packet_bytes": summary.packet_bytes,
        "first_time": summary.first.map(time),
        "last_time": summary.last.map(time),
        "clock": {
            "back": clock.back, "back_most_ns": clock.back_most,
            "jumps": clock.jumps, "jump_most_ns": clock.jump_most,
            "too_early": clock.too_early, "too_late": clock.too_late, "untimed": clock.untimed,
        },
        "drops": {
            "received": drops.received, "dropped": drops.dropped, "before_packets": drops.before_packets,
        },
        "gaps": {
            "stream_gaps": gaps.stream_gaps, "stream_bytes": gaps.stream_bytes,
            "cut_packets": gaps.cut_packets, "missing_bytes": gaps.missing_bytes,
        },
        "connections": summary.all.connections,
        "connections_without_start": summary.without_start,
        "datagrams": summary.all.datagrams,
        "to_server_bytes": summary.all.to_server,
        "to_client_bytes": summary.all.to_client,
        "protocols": summary.protocols.iter().map(traffic_json).collect::<Vec<_>>(),
        "protocols_total": summary.protocols_total,
        "hosts": summary.hosts.iter().map(traffic_json).collect::<Vec<_>>(),
        "hosts_total": summary.hosts_total,
        "hosts_beyond": traffic_json(&summary.hosts_beyond),
        "sessions": sessions.iter().map(session).collect::<Vec<_>>(),
        "sessions_total": sessions_total,
    })
}

fn traffic_json(one: &CaptureTraffic) -> Value {
    json!({
        "name": one.name, "connections": one.connections, "datagrams": one.datagrams,
        "to_server_bytes": one.to_server, "to_client_bytes": one.to_client,
    })
}

/// How many there are, in words.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A row that says how many are not named.
fn more(name: &'static str, total: u64, shown: usize) -> Option<(&'static str, String)> {
    let left = total.saturating_sub(shown as u64);
    (left > 0).then(|| (name, format!("and {left} more")))
}

/// RFC 3339 in UTC.
fn time(nanos: i64) -> String {
    Timestamp { nanos, precision: Precision::Nano, source: TimeSource::Capture }.to_string()
}

fn range(summary: &CaptureSummary) -> String {
    match (summary.first, summary.last) {
        (Some(first), Some(last)) => {
            format!("{} to {}, {}", time(first), time(last), seconds(first.abs_diff(last)))
        }
        _ => "no packet has one".to_owned(),
    }
}

/// A stretch of time.
fn seconds(nanos: u64) -> String {
    format!("{}.{:06} s", nanos / 1_000_000_000, nanos / 1_000 % 1_000_000)
}

fn clock(clock: &CaptureClock) -> String {
    let mut odd = Vec::new();
    if clock.back > 0 {
        let back = count(clock.back, "packet");
        odd.push(format!("{back} earlier than the one before, by up to {}", seconds(clock.back_most)));
    }
    if clock.jumps > 0 {
        let jumps = count(clock.jumps, "jump");
        odd.push(format!("{jumps} of over an hour, by up to {}", seconds(clock.jump_most)));
    }
    for (packets, what) in [
        (clock.too_early, "from before 1990"),
        (clock.too_late, "from 2100 or later"),
        (clock.untimed, "without a time"),
    ] {
        if packets > 0 {
            odd.push(format!("{} {what}", count(packets, "packet")));
        }
    }
    if odd.is_empty() { "nothing odd".to_owned() } else { odd.join("; ") }
}

fn drops(summary: &CaptureSummary) -> String {
    let drops = summary.drops;
    let mut said = Vec::new();
    match (drops.dropped, drops.received) {
        (Some(dropped), Some(received)) => said.push(format!("{dropped} of {received} received")),
        (Some(dropped), None) => said.push(dropped.to_string()),
        (None, Some(received)) => said.push(format!("unknown of {received} received")),
        (None, None) => {}
    }
    if drops.before_packets > 0 {
        said.push(format!("{} by the records of packets", drops.before_packets));
    }
    if said.is_empty() { "the capture does not say".to_owned() } else { said.join(", ") }
}

fn gaps(gaps: &CaptureGaps) -> String {
    let mut odd = Vec::new();
    if gaps.stream_gaps > 0 {
        odd.push(format!("{} in connections, {} bytes", gaps.stream_gaps, gaps.stream_bytes));
    }
    if gaps.cut_packets > 0 {
        odd.push(format!("{} cut by the snap length", count(gaps.cut_packets, "packet")));
    }
    if gaps.missing_bytes > 0 {
        odd.push(format!("{} bytes of payload not in their packets", gaps.missing_bytes));
    }
    if odd.is_empty() { "none".to_owned() } else { odd.join("; ") }
}

fn connections(summary: &CaptureSummary) -> String {
    let start = match summary.without_start {
        0 => String::new(),
        without => format!(" ({without} without its start)"),
    };
    let CaptureTraffic { connections, datagrams, to_server, to_client, .. } = &summary.all;
    format!(
        "{connections}{start}; {}; {to_server} bytes to servers, {to_client} to clients",
        count(*datagrams, "datagram")
    )
}

fn traffic(one: &CaptureTraffic) -> String {
    let mut parts = Vec::new();
    if one.connections > 0 {
        parts.push(count(one.connections, "connection"));
    }
    if one.datagrams > 0 {
        parts.push(count(one.datagrams, "datagram"));
    }
    parts.push(format!("{} bytes to the server, {} back", one.to_server, one.to_client));
    parts.join(", ")
}
