//! What is counted, and how Prometheus reads it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use coldcase_model::Action;

/// Counts of a run.
#[derive(Debug, Default)]
pub(super) struct Counters {
    verdicts: [AtomicU64; 6],
    stopped: AtomicU64,
    failed: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) addresses_refused: AtomicU64,
    pub(super) upstream_errors: AtomicU64,
    pub(super) reloads: AtomicU64,
    pub(super) no_room: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) open: AtomicI64,
    pub(super) tunnel_bytes: AtomicU64,
}

const ACTIONS: [Action; 6] =
    [Action::Allow, Action::Warn, Action::Strip, Action::Ask, Action::Redirect, Action::Block];

impl Counters {
    pub(super) fn judged(&self, action: Action) {
        let slot = ACTIONS.iter().zip(&self.verdicts).find(|(known, _)| **known == action);
        if let Some((_, slot)) = slot {
            add(slot);
        }
    }

    pub(super) fn stopped(&self) {
        add(&self.stopped);
    }

    pub(super) fn failed(&self) {
        add(&self.failed);
    }

    /// In the text format of Prometheus, version 0.0.4.
    pub(super) fn text(&self, killed: bool) -> String {
        let mut text = String::new();
        let mut one = |name: &str, kind: &str, help: &str, values: &[(String, String)]| {
            text.push_str(&format!("# HELP coldcase_{name} {help}\n# TYPE coldcase_{name} {kind}\n"));
            for (label, value) in values {
                text.push_str(&format!("coldcase_{name}{label} {value}\n"));
            }
        };
        let plain = |value: &AtomicU64| vec![(String::new(), value.load(Ordering::Relaxed).to_string())];
        let verdicts: Vec<_> = ACTIONS
            .iter()
            .zip(&self.verdicts)
            .map(|(action, count)| {
                (format!("{{action=\"{action}\"}}"), count.load(Ordering::Relaxed).to_string())
            })
            .collect();
        one(
            "verdicts_total",
            "counter",
            "Events judged outside of JSON-RPC, by the policy's action.",
            &verdicts,
        );
        for (name, help, value) in [
            ("stopped_total", "Events judged outside of JSON-RPC that did not pass.", &self.stopped),
            ("scan_failures_total", "Scans that failed; what they were about did not pass.", &self.failed),
            ("requests_total", "Requests of clients.", &self.requests),
            (
                "addresses_refused_total",
                "Dials that the address of the server forbade.",
                &self.addresses_refused,
            ),
            ("upstream_errors_total", "Requests whose server could not be asked.", &self.upstream_errors),
            ("no_room_total", "Bodies, events and messages refused since too much was held.", &self.no_room),
            ("policy_reloads_total", "Times that the policy was read again.", &self.reloads),
            ("connections_total", "Connections of clients.", &self.connections),
            ("tunnel_bytes_total", "Bytes passed in tunnels that are not intercepted.", &self.tunnel_bytes),
        ] {
            one(name, "counter", help, &plain(value));
        }
        let open = self.open.load(Ordering::Relaxed).to_string();
        one("connections_open", "gauge", "Connections of clients now.", &[(String::new(), open)]);
        let killed = u8::from(killed).to_string();
        one("killed", "gauge", "Whether all traffic is stopped.", &[(String::new(), killed)]);
        text
    }
}

/// One more.
pub(super) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
