//! Budgets and beacons over made-up requests.

use coldcase_model::{Precision, SessionKey, SourceSpan, TimeSource, Timestamp};

use super::*;
use crate::session::observe::hash;

/// A value as by chance, of 32 hexadecimal digits.
fn chance(number: u64) -> String {
    format!("{:016x}{:016x}", crate::session::observe::mixed(number), crate::session::observe::mixed(!number))
}

struct Host {
    outflow: Outflow,
    kind: EventKind,
    brought: bool,
}

impl Host {
    fn new(kind: EventKind) -> Self {
        Self { outflow: Outflow::default(), kind, brought: false }
    }

    /// Sends a value at a second; gives the rules of what is told.
    fn send(&mut self, (place, name, value): (&str, &str, &str), second: Option<f64>) -> Vec<String> {
        let mut head = EventHead::new(self.kind, SessionKey::new("s"), SourceSpan::default());
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
        let time = |second: f64| Timestamp {
            nanos: (second * 1e9) as i64,
            precision: Precision::Nano,
            source: TimeSource::Capture,
        };
        head.time = second.map(time);
        let piece = Piece::new((name.as_bytes(), value.as_bytes()), Surface::Query, SourceSpan::default());
        let pieces = Pieces { destination: hash(place.as_bytes()), all: vec![piece] };
        let (mut findings, brought) = (Vec::new(), self.brought);
        self.outflow.fold(&head, (pieces.destination, Some(&pieces)), |_| brought, &mut findings);
        findings.iter().map(|finding| finding.rule.id.to_string()).collect()
    }
}

/// At which of so many requests something is told.
fn told(host: &mut Host, count: u64, value: impl Fn(u64) -> (&'static str, String)) -> Vec<u64> {
    let sends = |number: &u64| {
        let (name, value) = value(*number);
        !host.send(("a.example", name, &value), None).is_empty()
    };
    (0..count).filter(sends).collect()
}

#[test]
fn chance_that_leaves_bit_by_bit_is_told_over_the_budget_and_at_each_doubling() {
    let all = |number| ("d", chance(number));
    // 128 bits each.
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 300, all), [128, 260]);
    assert_eq!(told(&mut Host::new(EventKind::Dns), 40, all), [16, 34]);
}

#[test]
fn signatures_and_what_came_from_outside_count_less_and_words_nothing() {
    let signed = |number| ("X-Amz-Signature", chance(number));
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 500, signed), []);
    let mut host = Host::new(EventKind::HttpRequest);
    host.brought = true;
    // At a quarter it takes four times as many; a few do not look like chance by chance.
    assert_eq!(told(&mut host, 600, |number| ("id", chance(number))), [517]);
    let same = |number: u64| ("key", chance(number % 4));
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 2000, same), []);
    let words = |number: u64| ("q", format!("weather-in-town-{number}"));
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 2000, words), []);
    assert_eq!([bits(b"1772366400123"), bits(b"2026-03-01T10:00Z"), bits(b"getUserByName")], [0; 3]);
    assert_eq!(bits(b"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), 128);
}

#[test]
fn even_intervals_are_a_beacon_and_those_of_people_are_not() {
    let ping = |gap: &dyn Fn(u32) -> f64| {
        let mut host = Host::new(EventKind::HttpRequest);
        let mut now = 1000.0;
        let mut all = Vec::new();
        for number in 0..60 {
            now += gap(number);
            all.extend(host.send(("a.example", "", "on"), Some(now)));
        }
        all
    };
    assert_eq!(ping(&|number| 60.0 + f64::from(number % 3)), ["exfil.beacon"]);
    assert_eq!(ping(&|number| 10.0 + f64::from(number * 7 % 23)), Vec::<String>::new());
    assert_eq!(ping(&|_| 0.2).len(), 0, "one load of a page");
    // A clock that goes back is a new start.
    assert_eq!(ping(&|number| if number % 15 == 14 { -500.0 } else { 60.0 }), Vec::<String>::new());
}

#[test]
fn a_session_counts_so_many_hosts_and_forgets_those_that_got_nothing() {
    let mut host = Host::new(EventKind::Dns);
    for number in 0..10 {
        assert_eq!(host.send(("evil.example", "d", &chance(number)), None), Vec::<String>::new());
    }
    for number in 0..1000 {
        host.send((&format!("h{number}.example"), "d", "on"), None);
    }
    assert_eq!((host.outflow.places.len(), host.outflow.lost), (MOST_PLACES, 1000 - 15));
    let more = (10..20).flat_map(|number| host.send(("evil.example", "d", &chance(number)), None));
    assert_eq!(more.count(), 1, "what was sent there before still counts");
}
