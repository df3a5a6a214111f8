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
        let surface = if self.kind == EventKind::Dns { Surface::DnsName } else { Surface::Query };
        let piece = Piece::new((name.as_bytes(), value.as_bytes()), surface, SourceSpan::default());
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
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 300, all), [128, 258]);
    assert_eq!(told(&mut Host::new(EventKind::Dns), 40, all), [16, 34]);
}

#[test]
fn a_byte_with_each_name_is_told_and_the_names_of_a_site_are_not() {
    let byte = |number| ("", format!("{:02x}", crate::session::observe::mixed(number) % 256));
    let first = told(&mut Host::new(EventKind::Dns), 90, byte);
    // A few are the same as one of the eight before.
    assert!(first.len() == 1 && (64..75).contains(&first[0]), "{first:?}");
    let letter = |number: u64| {
        ("", char::from(b'a' + (crate::session::observe::mixed(number) % 26) as u8).to_string())
    };
    assert_eq!(told(&mut Host::new(EventKind::Dns), 140, letter).len(), 1);
    let numbered =
        |number: u64| ("", format!("{number}-{:02x}", crate::session::observe::mixed(number) % 256));
    assert_eq!(told(&mut Host::new(EventKind::Dns), 120, numbered), [68]);
    let site = |number: u64| {
        (
            "",
            ["www", "api", "cdn2", "img", "static", "eu-west", "m3", "login"]
                [usize::try_from(number % 8).unwrap()]
            .to_owned(),
        )
    };
    assert_eq!(told(&mut Host::new(EventKind::Dns), 5000, site), []);
}

#[test]
fn twenty_bytes_with_each_request_are_told_however_they_are_written() {
    let words = ["the ", "plant ", "north ", "closes ", "in ", "May ", "board ", "nobody ", "knows ", "of "];
    let word = |number: u64| words[usize::try_from(crate::session::observe::mixed(number) % 10).unwrap()];
    let hex = |number: u64| {
        let text: String = (0..10).map(|at| word(number * 16 + at)).collect();
        ("d", text.bytes().take(20).map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    let bytes = |number: u64| ("d", chance(number) + chance(number + 1000).split_at(8).0);
    for told in [
        told(&mut Host::new(EventKind::HttpRequest), 200, hex),
        told(&mut Host::new(EventKind::HttpRequest), 200, bytes),
    ] {
        assert!(told.first().is_some_and(|first| *first < 200), "{told:?}");
    }
}

#[test]
fn signatures_and_what_came_from_outside_count_less_and_words_nothing() {
    let signed = |number| ("X-Amz-Signature", chance(number));
    assert_eq!(told(&mut Host::new(EventKind::HttpRequest), 500, signed), []);
    let mut host = Host::new(EventKind::HttpRequest);
    host.brought = true;
    // At a quarter it takes four times as many; a few do not look like chance by chance.
    assert_eq!(told(&mut host, 600, |number| ("id", chance(number))), [515]);
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
    // A minute give or take five seconds, at which a request is due or after the one before.
    #[expect(clippy::cast_precision_loss, reason = "below 101")]
    let off = |number: u32| (crate::session::observe::mixed(u64::from(number)) % 101) as f64 / 10.0 - 5.0;
    assert_eq!(ping(&|number| 60.0 + off(number)), ["exfil.beacon"]);
    assert_eq!(ping(&|number| 60.0 + off(number + 1) - off(number)), ["exfil.beacon"]);
    // One that starts after the host was used in other ways, and of which some requests are lost.
    let late = |number| if number < 15 { f64::from(number * number) } else { 60.0 };
    assert_eq!(ping(&late), ["exfil.beacon"]);
    assert_eq!(ping(&|number| if number % 8 == 7 { 120.0 } else { 60.0 }), ["exfil.beacon"]);
    assert_eq!(ping(&|number| if number % 4 == 3 { 20.0 } else { 60.0 }), Vec::<String>::new());
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
